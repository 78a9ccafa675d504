"""Query strategies: plain functions ``strategy(learner, X_pool, n_instances=1, *, random_state=None, ...)``.

A new strategy is one decorated function plus its name in ``__all__``: it is then in the conformance tests,
the documentation's table, the command line and the comparison.
"""

from __future__ import annotations

import difflib
from typing import Any

from skal.query._access import StrategyInfo, info, pool_scores, select
from skal.query._checks import StrategyError, checked_picks
from skal.query._contract import query_strategy, score_strategy
from skal.query._estimator import as_strategy, is_query_estimator
from skal.query.adversarial import sraal_query, vaal_query
from skal.query.against_labeled import contrastive_active_learning, discriminative_active_learning
from skal.query.badge import badge
from skal.query.bait import bait
from skal.query.baseline import random_sampling
from skal.query.batch_bald import batch_bald
from skal.query.boundary import adversarial_deepfool
from skal.query.cdal import cdal
from skal.query.clustered import clue, cluster_margin
from skal.query.compose import combine
from skal.query.coverage import prob_cover
from skal.query.covering import core_set_robust, vae_core_set
from skal.query.density import information_density_sampling, uncertainty_batch_sampling
from skal.query.disagreement import (
    consensus_entropy_sampling,
    ensemble_entropy,
    ensemble_variation_ratio,
    max_disagreement_sampling,
    qbc,
    variation_ratio_sampling,
    vote_entropy_sampling,
)
from skal.query.diversity import core_set, kmeans_sampling, medal
from skal.query.drop_query import drop_query
from skal.query.dropout import bald, mc_dropout_entropy, mc_dropout_mean_std, mc_dropout_variation_ratio
from skal.query.epig import epig
from skal.query.expected_error import expected_error_reduction
from skal.query.galaxy import galaxy
from skal.query.gradient_length import expected_gradient_length
from skal.query.herding import facility_location, max_herding, uncertainty_herding
from skal.query.initial import k_center_initialization
from skal.query.multilabel import avg_confidence, avg_score, max_loss, max_score, mean_max_loss, min_confidence
from skal.query.own_loss import discriminator_score_sampling, learning_loss_sampling
from skal.query.power import falcun, power_bald, power_sampling
from skal.query.regions import pick_regions, region_query
from skal.query.suggestive import suggestive_annotation
from skal.query.typical import typiclust
from skal.query.uncertainty import entropy_sampling, margin_sampling, uncertainty_sampling
from skal.query.wrappers import class_balanced_sampling, subsample

__all__ = [
    "StrategyError",
    "StrategyInfo",
    "adversarial_deepfool",
    "as_strategy",
    "avg_confidence",
    "avg_score",
    "badge",
    "bait",
    "bald",
    "batch_bald",
    "cdal",
    "checked_picks",
    "class_balanced_sampling",
    "clue",
    "cluster_margin",
    "combine",
    "consensus_entropy_sampling",
    "contrastive_active_learning",
    "core_set",
    "core_set_robust",
    "discriminative_active_learning",
    "discriminator_score_sampling",
    "drop_query",
    "ensemble_entropy",
    "ensemble_variation_ratio",
    "entropy_sampling",
    "epig",
    "expected_error_reduction",
    "expected_gradient_length",
    "facility_location",
    "falcun",
    "find_strategy",
    "galaxy",
    "info",
    "information_density_sampling",
    "is_query_estimator",
    "k_center_initialization",
    "kmeans_sampling",
    "learning_loss_sampling",
    "margin_sampling",
    "max_disagreement_sampling",
    "max_herding",
    "max_loss",
    "max_score",
    "mc_dropout_entropy",
    "mc_dropout_mean_std",
    "mc_dropout_variation_ratio",
    "mean_max_loss",
    "medal",
    "min_confidence",
    "pick_regions",
    "pool_scores",
    "power_bald",
    "power_sampling",
    "prob_cover",
    "qbc",
    "query_strategy",
    "random_sampling",
    "region_query",
    "score_strategy",
    "select",
    "sraal_query",
    "strategies",
    "subsample",
    "suggestive_annotation",
    "typiclust",
    "uncertainty_batch_sampling",
    "uncertainty_herding",
    "uncertainty_sampling",
    "vaal_query",
    "vae_core_set",
    "variation_ratio_sampling",
    "vote_entropy_sampling",
]


def strategies() -> dict[str, Any]:
    """Return every strategy of this module by name, in the order of the alphabet."""
    return {name: globals()[name] for name in __all__ if hasattr(globals()[name], "score_pool")}


def find_strategy(name: str) -> Any:
    """Return a strategy by name.

    Raises
    ------
    ValueError
        If there is none; the message names the near ones.
    """
    known = strategies()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=3)
    near += [other for other in known if name and name in other and other not in near]
    hint = f" Did you mean {' or '.join(near[:3])}?" if near else " `skal strategies` lists them."
    raise ValueError(f"There is no strategy {name!r}.{hint}")
