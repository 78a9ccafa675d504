"""The ranking loss by which a net learns to predict its own losses."""

from __future__ import annotations

import torch
from torch import Tensor


def pair_loss(predicted: Tensor, true: Tensor, margin: float = 1.0, weights: Tensor | None = None) -> Tensor:
    """Compare the predicted losses of rows two by two.

    Parameters
    ----------
    predicted : Tensor of shape (n,)
        Predicted losses.
    true : Tensor of shape (n,)
        Losses. They are only compared, so no gradient flows into them.
    margin : float, default=1.0
        How far the predictions of a pair must lie apart, on the right side.
    weights : Tensor of shape (n,) or None, default=None
        Of rows; a pair counts the product of its two, as it would come more often if they were repeated. None: 1.

    Returns
    -------
    Tensor of shape ()
        Mean over pairs of ``max(0, margin - s (predicted_i - predicted_j))``, where s is 1 if row i has the larger
        loss and -1 if not, a tie included. Rows 0 and 1 are a pair, 2 and 3, and so on; a last row without a
        partner is in none. 0 where there is no pair.

    References
    ----------
    .. [1] Yoo & Kweon, "Learning loss for active learning", CVPR 2019, equation 2.

    Examples
    --------
    >>> losses = torch.tensor([2.0, 1.0])
    >>> pair_loss(torch.tensor([0.0, 0.0]), losses).item(), pair_loss(torch.tensor([2.0, 0.0]), losses).item()
    (1.0, 0.0)
    """
    n_pairs = len(true) // 2
    if n_pairs == 0:
        return predicted.sum() * 0.0
    predicted_pairs = predicted[: 2 * n_pairs].reshape(-1, 2)  # (pairs, 2)
    true_pairs = true[: 2 * n_pairs].reshape(-1, 2)
    sign = torch.where(true_pairs[:, 0] > true_pairs[:, 1], 1.0, -1.0)
    losses = (margin - sign * (predicted_pairs[:, 0] - predicted_pairs[:, 1])).clamp_min(0)
    return losses.mean() if weights is None else (losses * weights[: 2 * n_pairs].reshape(-1, 2).prod(dim=1)).mean()


__all__ = ["pair_loss"]
