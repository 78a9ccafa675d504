"""DeepFool: the smallest change of a row that changes its class, for a batch of rows at once.

Moosavi-Dezfooli, Fawzi & Frossard, "DeepFool: a simple and accurate method to fool deep neural networks", CVPR 2016,
algorithm 2. As a query strategy: Ducoffe & Precioso, "Adversarial active learning for deep networks: a margin based
approach", 2018.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable

import torch
from torch import Tensor


def deepfool_distances(
    logits_fn: Callable[[Tensor], Tensor],
    x: Tensor,
    *,
    max_iter: int = 50,
    overshoot: float = 0.02,
    n_classes: int | None = 10,
    norm: float = 2,
) -> Tensor:
    """Measure how far rows are from the decision boundary.

    Parameters
    ----------
    logits_fn : callable
        From rows (n, ...) to logits (n, C), each row by itself: in evaluation mode.
    x : Tensor of shape (n, ...)
        Floats; left as it is.
    max_iter : int, default=50
        Steps, at least 1.
    overshoot : float, default=0.02
        Share of the change, at least 0, that is added when it is tried. It is not part of the distance.
    n_classes : int or None, default=10
        Only the classes of the largest logits of a row are tried, its own among them; None: all.
    norm : {2, inf}, default=2
        In which changes are measured.

    Returns
    -------
    Tensor of shape (n,)
        Norms of the changes, 0 on the boundary; infinite where the class did not change in `max_iter` steps, or no
        other class has a gradient of its own. For a linear classifier the distance is exact.

    Raises
    ------
    ValueError
        If an option is out of range.

    Notes
    -----
    A step takes one forward pass and as many backward passes as classes are tried, over the rows that are not done;
    memory of four batches of rows beside the graph of one pass. Weights get no gradients.
    """
    _check_options(max_iter, overshoot, n_classes, norm)
    x = x.detach()
    distances = x.new_full((len(x),), math.inf)
    if len(x) == 0:
        return distances
    with torch.no_grad():
        logits = logits_fn(x)  # (n, C)
    tried = logits.shape[1] if n_classes is None else min(n_classes, logits.shape[1])
    if tried < 2:
        return distances
    classes = logits.topk(tried, dim=1).indices  # (n, K), the predicted class first
    change = torch.zeros_like(x)
    rows = torch.arange(len(x), device=x.device)  # those that are not done
    for step in range(max_iter + 1):
        moved = x[rows] + (1.0 + overshoot) * change[rows]
        with torch.enable_grad():
            moved.requires_grad_(True)
            logits = logits_fn(moved)
            crossed = logits.argmax(dim=1) != classes[rows, 0]
            if step == max_iter:
                done = crossed
            else:
                delta, gap = _step_to_boundary(logits, moved, classes[rows], norm)
                precision = 4 * torch.finfo(logits.dtype).eps * logits.detach().abs().amax(dim=1)
                done = crossed | (gap <= precision)  # a tie, as far as these numbers can tell
        distances[rows[done]] = _norms(change[rows[done]], norm)
        if step == max_iter:
            break
        go_on = ~done & torch.isfinite(gap)
        change[rows[go_on]] += delta[go_on]
        rows = rows[go_on]
        if len(rows) == 0:
            break
    return distances


def _step_to_boundary(logits: Tensor, x: Tensor, classes: Tensor, norm: float) -> tuple[Tensor, Tensor]:
    """Change to the nearest boundary of the linearised classifier, and the gap of logits there (inf: no boundary)."""
    picked = logits.gather(1, classes)  # (n, K)
    own = _gradient(picked[:, 0], x)
    nearest = torch.full_like(picked[:, 0], math.inf)
    gap, best = nearest.clone(), torch.zeros_like(x)
    for k in range(1, classes.shape[1]):
        w = _gradient(picked[:, k], x) - own  # (n, ...)
        k_gap = (picked[:, 0] - picked[:, k]).detach().clamp_min(0)
        # The dual norm: 2 for 2, 1 for infinity.
        slope = _norms(w, 2 if norm == 2 else 1)
        distance = torch.where(slope > 0, k_gap / slope, math.inf)
        nearer = distance < nearest
        direction = w / _along(slope, w) if norm == 2 else w.sign()
        best = torch.where(_along(nearer, w), direction * _along(distance, w), best)
        gap = torch.where(nearer, k_gap, gap)
        nearest = torch.minimum(nearest, distance)
    return best, gap


def _gradient(of: Tensor, x: Tensor) -> Tensor:
    """Gradient of each row's number by that row: rows do not know of each other, so the sum has it."""
    (gradient,) = torch.autograd.grad(of.sum(), x, retain_graph=True)
    return gradient


def _norms(rows: Tensor, norm: float) -> Tensor:
    return torch.linalg.vector_norm(rows.flatten(1), ord=norm, dim=1)


def _along(values: Tensor, rows: Tensor) -> Tensor:
    """Values (n,) as (n, 1, ...), to go with rows."""
    return values.reshape(-1, *[1] * (rows.ndim - 1))


def _check_options(max_iter: int, overshoot: float, n_classes: int | None, norm: float) -> None:
    if isinstance(max_iter, bool) or not isinstance(max_iter, numbers.Integral) or max_iter < 1:
        raise ValueError(f"boundary_distance: max_iter must be an int >= 1, got {max_iter!r}.")
    if not 0 <= overshoot < math.inf:
        raise ValueError(f"boundary_distance: overshoot must be at least 0, got {overshoot!r}.")
    if n_classes is not None and (not isinstance(n_classes, numbers.Integral) or n_classes < 2):
        raise ValueError(f"boundary_distance: n_classes must be None or an int >= 2, got {n_classes!r}.")
    if norm not in (2, math.inf):
        raise ValueError(f"boundary_distance: norm must be 2 or infinity, got {norm!r}.")
