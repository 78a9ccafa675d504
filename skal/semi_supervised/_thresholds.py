"""What is confident enough: one threshold for all classes, or lower ones for classes that are learnt slowly."""

from __future__ import annotations

import torch
from torch import Tensor

from skal.semi_supervised._losses import Guess


class FixedThreshold:
    """Trust a guess above one probability.

    Parameters
    ----------
    threshold : float
        In [0, 1).
    """

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold

    def trusted(self, found: Guess, rows: Tensor) -> Tensor:
        """Tell which guesses are above the threshold, (b,) bool; equal to it is not enough."""
        return found.confidence > self.threshold


class ClassThresholds:
    """Trust a guess above a probability that falls for classes which few rows have been given to so far.

    Parameters
    ----------
    threshold : float
        Of the class that is given to most rows.
    n_rows, n_classes : int
        Unlabelled rows, and classes.
    device : torch.device
        Where the rows' last guesses are kept, 8 bytes a row.

    References
    ----------
    .. [1] Zhang et al., "FlexMatch: boosting semi-supervised learning with curriculum pseudo labeling", NeurIPS 2021,
       equations 5 to 7, with the warm-up of equation 11 and the convex mapping ``x / (2 - x)``.
    """

    def __init__(self, threshold: float, n_rows: int, n_classes: int, device: torch.device) -> None:
        self.threshold = threshold
        self.n_classes = n_classes
        # The last class a row was given with confidence; n_classes: none so far.
        self._given = torch.full((n_rows,), n_classes, dtype=torch.int64, device=device)

    def of_classes(self) -> Tensor:
        """Thresholds of the classes, (C,)."""
        counts = torch.bincount(self._given, minlength=self.n_classes + 1).float()
        learnt = counts[: self.n_classes] / counts.max().clamp(min=1)  # rows given to no class count in the maximum
        return self.threshold * learnt / (2.0 - learnt)

    def trusted(self, found: Guess, rows: Tensor) -> Tensor:
        """Tell which guesses are above the threshold of their class, and remember the confident ones.

        Parameters
        ----------
        found : Guess
            Of a batch.
        rows : Tensor of int64 of shape (b,)
            Positions of its rows among the unlabelled ones.
        """
        rows = rows.to(self._given.device)
        sure = found.confidence > self.of_classes()[found.label]
        very_sure = found.confidence > self.threshold
        self._given[rows[very_sure]] = found.label[very_sure]
        return sure
