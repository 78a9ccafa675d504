"""Losses of consistency training on logits: guesses, how far the net is from them, and which labels still count."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

Annealing = Literal["linear", "exp", "log"]
ANNEALINGS = ("linear", "exp", "log")
_STEEPNESS = 5.0  # of the schedules "exp" and "log" (Xie et al. 2020, section 3.2)


class Guess(NamedTuple):
    """What a teacher makes of unlabelled rows; without gradient.

    Attributes
    ----------
    target : Tensor of shape (b, C)
        Distribution that the student is to give.
    confidence : Tensor of shape (b,)
        Largest probability, before any sharpening.
    label : Tensor of int64 of shape (b,)
        Most probable class.
    """

    target: Tensor
    confidence: Tensor
    label: Tensor


def guess(logits: Tensor, temperature: float) -> Guess:
    """Read a teacher's logits.

    Parameters
    ----------
    logits : Tensor of shape (b, C)
        Of the teacher; its gradient is cut.
    temperature : float
        Not negative. Below 1 the target is sharper than the prediction; 0 makes it one class.
    """
    logits = logits.detach().float()
    confidence, label = torch.softmax(logits, dim=1).max(dim=1)
    if temperature == 0:
        target = F.one_hot(label, logits.shape[1]).to(logits.dtype)
    else:
        target = torch.softmax(logits / temperature, dim=1)
    return Guess(target, confidence, label)


def consistency_loss(student: Tensor, target: Tensor, trusted: Tensor) -> Tensor:
    """Mean divergence of the student from the targets of the rows that are trusted; the mean is over all rows.

    Parameters
    ----------
    student : Tensor of shape (b, C)
        Logits.
    target : Tensor of shape (b, C)
        Distributions, without gradient.
    trusted : Tensor of bool of shape (b,)
        Rows that count. The others count as zeros, so that few trusted rows are a small loss.
    """
    divergence = F.kl_div(torch.log_softmax(student.float(), dim=1), target, reduction="none").sum(dim=1)
    return (divergence * trusted).mean()


def labels_that_count(logits: Tensor, targets: Tensor, threshold: float) -> Tensor:
    """Tell which labelled rows are not known too well yet: true class of at most that probability, (b,) bool."""
    P = torch.softmax(logits.detach().float(), dim=1)
    return P.gather(1, targets[:, None])[:, 0] <= threshold


def labeled_loss(logits: Tensor, targets: Tensor, threshold: float = 1.0, weights: Tensor | None = None) -> Tensor:
    """Mean cross-entropy of labelled rows; those whose true class has more than `threshold` are left out.

    Parameters
    ----------
    logits : Tensor of shape (b, C)
        Of labelled rows.
    targets : Tensor of int64 of shape (b,)
        Their classes.
    threshold : float, default=1.0
        1 leaves none out. With none left the loss is 0.
    weights : Tensor of shape (b,) or None, default=None
        What the loss of each row counts; None: 1.
    """
    losses = F.cross_entropy(logits.float(), targets, reduction="none")
    losses = losses if weights is None else losses * weights
    if threshold >= 1.0:
        return losses.mean()
    counts = labels_that_count(logits, targets, threshold)
    return (losses * counts).sum() / counts.sum().clamp(min=1)


def annealed_threshold(schedule: Annealing | None, share: float, n_classes: int) -> float:
    """Probability above which a label has been learnt enough, at a share of the training.

    Parameters
    ----------
    schedule : {"linear", "exp", "log"} or None
        None: 1 throughout.
    share : float
        Of the training that is over, in [0, 1].
    n_classes : int
        At the start the threshold is chance, ``1 / n_classes``.

    Returns
    -------
    float
        At the end 1 (linear, exp), or ``1 - exp(-5)`` of the way from chance to it (log).

    References
    ----------
    .. [1] Xie et al., "Unsupervised data augmentation for consistency training", NeurIPS 2020, section 3.2.
    """
    if schedule is None:
        return 1.0
    grown = {
        "linear": share,
        "exp": math.exp(_STEEPNESS * (share - 1.0)),
        "log": 1.0 - math.exp(-_STEEPNESS * share),
    }[schedule]
    chance = 1.0 / n_classes
    return grown * (1.0 - chance) + chance
