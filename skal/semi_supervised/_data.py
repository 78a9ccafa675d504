"""Labelled and unlabelled rows, each in batches of their own size, without end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils.data import Dataset

from skal.training import Labeled, Rows, Stream


class Batch(NamedTuple):
    """One step's rows.

    Attributes
    ----------
    labeled : Tensor of shape (b, ...) or WeightedRows
        Rows, as they are kept; beside their weights where they have some.
    targets : Tensor of int64 of shape (b,)
        Their classes.
    unlabeled : Tensor of shape (m, ...) or None
        Rows without a label; None where there are none.
    rows : Tensor of int64 of shape (m,) or None
        Their positions.
    """

    labeled: Any
    targets: Tensor
    unlabeled: Tensor | None
    rows: Tensor | None


class PartlyLabeled(Dataset[Tensor]):
    """Labelled rows with their classes, and rows without.

    Parameters
    ----------
    labeled : Labeled
        At least one row.
    unlabeled : Rows or None
        None: there are none.
    """

    def __init__(self, labeled: Labeled, unlabeled: Rows | None) -> None:
        self.labeled = labeled
        self.unlabeled = unlabeled

    def __len__(self) -> int:
        return len(self.labeled)


class PartlyLabeledBatches:
    """So many steps an epoch; both streams go on over epochs.

    Parameters
    ----------
    data : PartlyLabeled
        What is read.
    batch_size, unlabeled_batch_size : int
        Rows a step of either kind; where there are fewer, some stand in a batch twice.
    generator : torch.Generator
        Shuffles.
    """

    def __init__(
        self, data: PartlyLabeled, batch_size: int, unlabeled_batch_size: int, generator: torch.Generator
    ) -> None:
        self.data = data
        self.n_steps = 0
        self._labeled = Stream(len(data.labeled), batch_size, generator)
        n_unlabeled = 0 if data.unlabeled is None else len(data.unlabeled)
        self._unlabeled = Stream(n_unlabeled, unlabeled_batch_size, generator) if n_unlabeled else None

    def __len__(self) -> int:
        return self.n_steps

    def __iter__(self) -> Iterator[Batch]:
        for _ in range(self.n_steps):
            labeled = self.data.labeled.batch(next(self._labeled))
            if self._unlabeled is None or self.data.unlabeled is None:
                yield Batch(*labeled, None, None)
            else:
                rows = next(self._unlabeled)
                yield Batch(*labeled, self.data.unlabeled.batch(rows), rows)
