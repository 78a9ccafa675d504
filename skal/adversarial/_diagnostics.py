"""Whether the scores of a trained discriminator say anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from skal.data import n_rows, take
from skal.warning import warn

_SAMPLE = 1000  # rows of either state that are looked at
_FOLDS = 4
_ALIKE = 0.02


@dataclass(frozen=True)
class Diagnostics:
    """What can be said of the scores after training.

    Attributes
    ----------
    auc : float
        Probability that an unlabelled row's latent looks less labelled than a labelled row's to a classifier that
        was trained on neither: 0.5 is chance. NaN with fewer than four rows of a state.
    chance : float
        What `auc` stays below, 19 times in 20, where labelled and unlabelled rows are alike.
    spread : float
        Standard deviation of the scores of unlabelled rows.
    labeled_mean, unlabeled_mean : float
        Mean scores, of rows that were trained on.

    Notes
    -----
    The scores of labelled rows themselves do not tell: a discriminator learns them by heart, and puts them below all
    others where there is nothing to be found.

    References
    ----------
    .. [1] Lopez-Paz & Oquab, "Revisiting classifier two-sample tests", ICLR 2017.
    """

    auc: float
    chance: float
    spread: float
    labeled_mean: float
    unlabeled_mean: float


def diagnose(estimator: Any, X_labeled: Any, X_unlabeled: Any, generator: torch.Generator) -> Diagnostics:
    """Score some rows of either state, and warn where the scores are noise."""
    rows = [_some(X, generator) for X in (X_labeled, X_unlabeled)]
    labeled, unlabeled = (estimator.score_samples(X) for X in rows)
    latents = [estimator.transform(X) for X in rows]
    auc, chance = two_sample_auc(latents[0], latents[1], generator.initial_seed())
    means = {"labeled_mean": float(labeled.mean()), "unlabeled_mean": float(unlabeled.mean())}
    found = Diagnostics(auc, chance, spread=float(unlabeled.std()), **means)
    _warn_of_noise(found, type(estimator).__name__, len(unlabeled))
    return found


def two_sample_auc(labeled: NDArray[Any], unlabeled: NDArray[Any], seed: int) -> tuple[float, float]:
    """Tell two samples of latents apart by cross-validation.

    Parameters
    ----------
    labeled, unlabeled : ndarray of shape (n, d) and (m, d)
        Latents.
    seed : int
        Seeds folds and classifier.

    Returns
    -------
    auc : float
        Of held-out rows; NaN with fewer rows than folds.
    chance : float
        The 95th percentile of the statistic for equal samples, by its normal approximation (Mann & Whitney).
    """
    n, m = len(labeled), len(unlabeled)
    chance = 0.5 + 1.645 * float(np.sqrt((n + m + 1) / (12 * n * m)))
    if min(n, m) < _FOLDS:
        return float("nan"), chance
    states = np.repeat([0, 1], [n, m])
    # One seed for folds and trees: nothing global is drawn from.
    seed = seed % 2**32
    classifier = ExtraTreesClassifier(50, min_samples_leaf=3, class_weight="balanced", random_state=seed)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    rows = np.concatenate([labeled, unlabeled])
    # Under metadata routing scikit-learn 1.6 takes no None for params.
    P = cross_val_predict(classifier, rows, states, cv=folds, method="predict_proba", params={})
    return float(roc_auc_score(states, P[:, 1])), chance


def _warn_of_noise(found: Diagnostics, who: str, n_unlabeled: int) -> None:
    if found.auc < found.chance:
        what = (
            f"the discriminator is at chance: labelled and unlabelled latents cannot be told apart (AUC "
            f"{found.auc:.2f}, chance goes up to {found.chance:.2f}). The picks are close to random. The pool may be "
            "like the labelled rows; else lower adversarial_weight, or train longer"
        )
    elif n_unlabeled > 1 and found.spread < _ALIKE:
        state = "undecided" if 0.05 < found.unlabeled_mean < 0.95 else "saturated"
        what = (
            f"the discriminator is {state}: unlabelled rows score {found.unlabeled_mean:.3f}, all alike. The order "
            "of the picks may say little: lower adversarial_weight, or train longer"
        )
    else:
        return
    warn(f"{who}: {what}. See diagnostics_ and history_.", ConvergenceWarning)


def _some(X: Any, generator: torch.Generator) -> Any:
    n = n_rows(X)
    if n <= _SAMPLE:
        return X
    return take(X, np.sort(torch.randperm(n, generator=generator)[:_SAMPLE].numpy()))
