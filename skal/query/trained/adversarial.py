"""Rows that look least like the labelled ones, by adversarial training."""

from __future__ import annotations

from typing import Any

from skal.query.door.decorators import score_strategy
from skal.query.door.estimators import fitted_asker
from skal.query.ranges import at_least, whole


@score_strategy(
    reads=("embedding",), ranges={"adversarial_weight": at_least(0), "max_steps": whole(), "judge_steps": whole(0)}
)
def vaal_query(
    learner: Any,
    X_pool: Any,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    vaal: Any = None,
    adversarial_weight: float | None = None,
    ablation: str | None = None,
    max_steps: int | None = None,
    judge_steps: int | None = None,
    device: str | None = None,
    random_state: Any = None,
) -> Any:
    """Pick the rows that a discriminator takes for unlabelled with the most confidence (VAAL).

    Parameters
    ----------
    {common}
    vaal : VAAL, default=None
        A fresh copy of it is fitted; None: `skal.adversarial.VAAL` with its defaults.
    adversarial_weight : float, default=None
        This and all below are settings of that VAAL to be changed; None: as it has them. 0 is the ablation without a
        game.
    ablation : {"no_vae", "frozen_vae", "wasserstein"}, default=None
        Part to be taken out.
    max_steps : int, default=None
        Steps of the game.
    judge_steps : int, default=None
        Steps of the discriminator alone.
    device : str, default=None
        Where it is trained.

    Returns
    -------
    {picks}

    Notes
    -----
    Trains an autoencoder and a discriminator on labelled rows and pool at every query, 800 steps by default, and
    reads the pool once. The task model is not used, except that rows come as it sees them, behind the transform steps
    of its Pipeline. Memory as `skal.adversarial.VAAL`.

    References
    ----------
    .. [1] Sinha, Ebrahimi & Darrell, "Variational adversarial active learning", ICCV 2019, algorithm 2.
    """
    from skal.adversarial import VAAL

    settings = {
        "adversarial_weight": adversarial_weight,
        "ablation": ablation,
        "max_steps": max_steps,
        "judge_steps": judge_steps,
        "device": device,
    }
    model = _changed(VAAL() if vaal is None else vaal, settings)
    asker, X_pool = fitted_asker(model, learner, X_pool, X_labeled, y_labeled, random_state)
    return asker.score_samples(X_pool)


@score_strategy(
    reads=("proba",), ranges={"adversarial_weight": at_least(0), "max_steps": whole(), "judge_steps": whole(0)}
)
def sraal_query(
    learner: Any,
    X_pool: Any,
    *,
    X_labeled: Any = None,
    y_labeled: Any = None,
    sraal: Any = None,
    indicator: str | None = None,
    per_pixel: bool | None = None,
    target_learner: bool | None = None,
    adversarial_weight: float | None = None,
    max_steps: int | None = None,
    judge_steps: int | None = None,
    device: str | None = None,
    random_state: Any = None,
) -> Any:
    """Pick the rows that look unlabelled and of which the model is uncertain (SRAAL).

    Parameters
    ----------
    {common}
    sraal : SRAAL, default=None
        A fresh copy of it is fitted; None: `skal.adversarial.SRAAL` with its defaults. Unless it has an ``estimator``
        of its own, the learner's model gives the uncertainty of the pool.
    indicator : {"oui", "entropy", "std"}, default=None
        This and all below are settings of that SRAAL to be changed; None: as it has them.
    per_pixel : bool, default=None
        Whether the uncertainty of an image is that of its pixels, averaged; else that of their mean distribution.
    target_learner : bool, default=None
        Whether half of the latent learns the labels; masks are learnt by none.
    adversarial_weight : float, default=None
        0 is the ablation without a game.
    max_steps : int, default=None
        Steps of the game.
    judge_steps : int, default=None
        Steps of the discriminator alone.
    device : str, default=None
        Where it is trained.

    Returns
    -------
    {picks}

    Notes
    -----
    Trains an autoencoder with a target learner and a discriminator on labelled rows and pool at every query, 800
    steps by default, reads the model's probabilities of the pool once, and the pool once more. Rows come as the model
    sees them, behind the transform steps of its Pipeline. Memory as `skal.adversarial.SRAAL`.

    References
    ----------
    .. [1] Zhang et al., "State-relabeling adversarial active learning", CVPR 2020, section 3.
    """
    from skal.adversarial import SRAAL

    settings = {
        "indicator": indicator,
        "per_pixel": per_pixel,
        "target_learner": target_learner,
        "adversarial_weight": adversarial_weight,
        "max_steps": max_steps,
        "judge_steps": judge_steps,
        "device": device,
    }
    model = _changed(SRAAL() if sraal is None else sraal, settings)
    asker, X_pool = fitted_asker(model, learner, X_pool, X_labeled, y_labeled, random_state)
    return asker.score_samples(X_pool)


def _changed(model: Any, settings: dict[str, Any]) -> Any:
    """Copy of an estimator with the settings that are given."""
    from sklearn.base import clone

    given = {name: value for name, value in settings.items() if value is not None}
    return clone(model).set_params(**given)
