"""Query strategies, called as ``strategy(learner, X_pool, n_instances=1, *, random_state=None, ...)``.

``door`` holds what is the same for all of them. The strategies are sorted by what they read from the model: a folder
or a file has the name of the reading. ``regression`` holds those for numbers to predict, ``trained`` those that train
a model of their own at each query, ``of_strategies`` those made of others. A new one is a decorated function plus its
name in ``__all__``: it is then in the conformance tests, the documentation's table, the command line and the
comparison.
"""

from __future__ import annotations

import difflib

from skal.query.committee.disagreement import (
    consensus_entropy_sampling,
    ensemble_entropy,
    ensemble_variation_ratio,
    max_disagreement_sampling,
    qbc,
    variation_ratio_sampling,
    vote_entropy_sampling,
)
from skal.query.committee.suggestive import suggestive_annotation
from skal.query.door.by_name import offer, strategy_entries
from skal.query.door.calling import info, pool_scores, remembers, select, takes_seed, unwrapped
from skal.query.door.checks import StrategyError, checked_picks
from skal.query.door.decorators import query_strategy, score_strategy
from skal.query.door.estimators import as_strategy, check_strategy, is_query_estimator
from skal.query.door.info import StrategyInfo
from skal.query.door.strategy import ScoreStrategy, Strategy
from skal.query.embedding.against_labeled import discriminative_active_learning
from skal.query.embedding.cost_embedding import cost_embedding_sampling
from skal.query.embedding.coverage import prob_cover
from skal.query.embedding.covering import core_set_robust, vae_core_set
from skal.query.embedding.diversity import core_set, kmeans_sampling, medal
from skal.query.embedding.evidence import epistemic_sampling, mcpal
from skal.query.embedding.herding import facility_location, max_herding
from skal.query.embedding.quire import quire
from skal.query.embedding.typical import typiclust
from skal.query.embedding.unlike_labeled import nearest_labeled_sampling, two_sample_sampling
from skal.query.first_rows import k_center_initialization
from skal.query.multilabel.adaptive import adaptive_multilabel
from skal.query.multilabel.gradients import multilabel_badge
from skal.query.multilabel.known_sets import cvirs, label_cardinality_inconsistency
from skal.query.multilabel.loss_reduction import mmc
from skal.query.multilabel.one_row import (
    SVM_binary_minimum,
    avg_confidence,
    avg_score,
    max_loss,
    max_margin_uncertainty,
    max_score,
    mean_max_loss,
    min_confidence,
)
from skal.query.net_outputs.boundary import adversarial_deepfool
from skal.query.net_outputs.own_loss import discriminator_score_sampling, learning_loss_sampling
from skal.query.nothing import random_sampling
from skal.query.of_strategies.albl import albl
from skal.query.of_strategies.combine import combine
from skal.query.of_strategies.power import power_sampling
from skal.query.of_strategies.wrappers import class_balanced_sampling, subsample
from skal.query.proba.cdal import cdal
from skal.query.proba.expected_cost import cost_margin_sampling, expected_cost_sampling
from skal.query.proba.expected_error import expected_error_reduction
from skal.query.proba.falcun import falcun
from skal.query.proba.galaxy import galaxy
from skal.query.proba.most_likely import most_likely_sampling
from skal.query.proba.uncertainty import entropy_sampling, margin_sampling, uncertainty_sampling
from skal.query.proba_and_embedding.auto import auto_sampling
from skal.query.proba_and_embedding.auto_choice import AutoChoice, auto_choice, reason_of
from skal.query.proba_and_embedding.badge import badge
from skal.query.proba_and_embedding.bait import bait
from skal.query.proba_and_embedding.clustered import clue, cluster_margin
from skal.query.proba_and_embedding.contrastive import contrastive_active_learning
from skal.query.proba_and_embedding.density import information_density_sampling, uncertainty_batch_sampling
from skal.query.proba_and_embedding.finding import find_sampling
from skal.query.proba_and_embedding.gradient_length import expected_gradient_length
from skal.query.proba_and_embedding.uncertainty_herding import uncertainty_herding
from skal.query.regions import pick_regions, region_query
from skal.query.regression.greedy_sampling import gsx, gsy, igs
from skal.query.regression.improvement import max_EI, max_PI, max_UCB
from skal.query.regression.kernels import black_box_bmdal, bmdal
from skal.query.regression.model_change import expected_model_change
from skal.query.regression.spread import committee_variance_sampling, max_std_sampling
from skal.query.sampled_proba.batch_bald import batch_bald
from skal.query.sampled_proba.drop_query import drop_query
from skal.query.sampled_proba.dropout import (
    bald,
    mc_dropout_entropy,
    mc_dropout_mean_std,
    mc_dropout_variation_ratio,
)
from skal.query.sampled_proba.epig import epig
from skal.query.sampled_proba.power_bald import power_bald
from skal.query.trained.adversarial import sraal_query, vaal_query

__all__ = [
    "AutoChoice",
    "SVM_binary_minimum",
    "ScoreStrategy",
    "Strategy",
    "StrategyError",
    "StrategyInfo",
    "adaptive_multilabel",
    "adversarial_deepfool",
    "albl",
    "as_strategy",
    "auto_choice",
    "auto_sampling",
    "avg_confidence",
    "avg_score",
    "badge",
    "bait",
    "bald",
    "batch_bald",
    "black_box_bmdal",
    "bmdal",
    "cdal",
    "check_strategy",
    "checked_picks",
    "class_balanced_sampling",
    "clue",
    "cluster_margin",
    "combine",
    "committee_variance_sampling",
    "consensus_entropy_sampling",
    "contrastive_active_learning",
    "core_set",
    "core_set_robust",
    "cost_embedding_sampling",
    "cost_margin_sampling",
    "cvirs",
    "discriminative_active_learning",
    "discriminator_score_sampling",
    "drop_query",
    "ensemble_entropy",
    "ensemble_variation_ratio",
    "entropy_sampling",
    "epig",
    "epistemic_sampling",
    "expected_cost_sampling",
    "expected_error_reduction",
    "expected_gradient_length",
    "expected_model_change",
    "facility_location",
    "falcun",
    "find_sampling",
    "find_strategy",
    "galaxy",
    "gsx",
    "gsy",
    "igs",
    "info",
    "information_density_sampling",
    "is_query_estimator",
    "k_center_initialization",
    "kmeans_sampling",
    "label_cardinality_inconsistency",
    "learning_loss_sampling",
    "margin_sampling",
    "max_EI",
    "max_PI",
    "max_UCB",
    "max_disagreement_sampling",
    "max_herding",
    "max_loss",
    "max_margin_uncertainty",
    "max_score",
    "max_std_sampling",
    "mc_dropout_entropy",
    "mc_dropout_mean_std",
    "mc_dropout_variation_ratio",
    "mcpal",
    "mean_max_loss",
    "medal",
    "min_confidence",
    "mmc",
    "most_likely_sampling",
    "multilabel_badge",
    "nearest_labeled_sampling",
    "pick_regions",
    "pool_scores",
    "power_bald",
    "power_sampling",
    "prob_cover",
    "qbc",
    "query_strategy",
    "quire",
    "random_sampling",
    "reason_of",
    "region_query",
    "remembers",
    "score_strategy",
    "select",
    "sraal_query",
    "strategies",
    "strategy_entries",
    "subsample",
    "suggestive_annotation",
    "takes_seed",
    "two_sample_sampling",
    "typiclust",
    "uncertainty_batch_sampling",
    "uncertainty_herding",
    "uncertainty_sampling",
    "unwrapped",
    "vaal_query",
    "vae_core_set",
    "variation_ratio_sampling",
    "vote_entropy_sampling",
]


def strategies() -> dict[str, Strategy]:
    """Return every strategy of this module by name, in the order of the alphabet."""
    return {name: found for name in __all__ if isinstance(found := globals()[name], Strategy)}


def find_strategy(name: str) -> Strategy:
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


offer(strategies())
