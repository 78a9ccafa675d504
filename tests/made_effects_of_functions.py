"""Two values of every option of the functions of statistics, scores and selection."""

import inspect

import numpy as np
from made_effects import Case, NoEffect, Other

from skal import scores, selection, statistics
from skal.selection import GradientEmbedding

_rng = np.random.default_rng(0)
TRIALS = _rng.normal(0.8, 0.02, (12, 6)) + np.linspace(0, 0.1, 6)
BASELINE = TRIALS + _rng.normal(-0.01, 0.01, (12, 6))
N_LABELS = np.arange(10, 70, 10)
OF_STRATEGIES = {"a": TRIALS[:, -1], "b": BASELINE[:, -1], "c": _rng.normal(0.87, 0.01, 12)}
P = _rng.dirichlet([0.3] * 3, 30)
PIXELS = np.moveaxis(_rng.dirichlet([0.3] * 3, (30, 4)), -1, 1)  # (n, C, pixels)
PASSES = np.moveaxis(_rng.dirichlet([0.3] * 3, (4, 30, 4)), -1, 2)  # (T, n, C, pixels)
MANY = np.random.default_rng(1).normal(0.003, 0.01, 30).round(3)  # too many trials to try all signs
Z = np.repeat(_rng.normal(size=(20, 3)), 2, axis=0)  # every row twice: ties
CENTERS = _rng.normal(size=(4, 3))
UNLIKE = [[0.0, 1.0, 5.0], [2.0, 0.0, 1.0], [1.0, 4.0, 0.0]]  # costs of errors
_N = {"n": 6, "random_state": 0}
_PREDICTED = {"mean": Z[:, 0], "std": np.abs(Z[:, 1]), "best": 0.5}
_REPORTS = NoEffect("reports how far a selection is; tests/test_selection_progress.py")
_TIES = {"random_state": 1, "random_tie_break": False}
_GREEDY = {"Z": Z, **_N}
_COUNTED = {"difference": 0.01, "sd": 0.01, "n_trials": 8}
_TESTED = {"test": "wilcoxon", "level": 0.8}
_CORRECTED = {**_TESTED, "correction": None}


def _case(function, settings, **others):
    return Case(function, settings, others, lambda found: found)


def _of_pixels(function, settings=(), **others):
    table = PASSES if function.__name__ in _OF_COMMITTEES else PIXELS
    return _case(function, {"P": table, **dict(settings)}, reduction="max", **others)


_OF_COMMITTEES = {
    "bald", "consensus_entropy", "max_disagreement", "mean_entropy", "mean_std", "mean_variance", "variation_ratio",
    "vote_entropy",
}  # fmt: skip

_POOL = {"values": np.tile([1.0, 1.0, 0.0, 1.0], 6), "population": 80}
_WEIGHED = {"weights": np.tile([1.0, 0.0, 1.0, 0.5], 6)}
_NO_OTHER_ALONE = NoEffect("comes with the other of proxy and pool_proxy; tests/test_statistics_of_pools.py")

STATISTICS = [
    _case(statistics.bootstrap_interval, {"values": TRIALS[:, 0], "n_resamples": 200},
          baseline=BASELINE[:, 0], level=0.8, method="percentile", n_resamples=100, random_state=1),
    _case(statistics.cohen_dz, {"values": TRIALS}, baseline=BASELINE),
    _case(statistics.hedges_gz, {"values": TRIALS}, baseline=BASELINE),
    _case(statistics.paired_t_test, {"values": TRIALS}, baseline=BASELINE),
    _case(statistics.probability_of_superiority, {"values": TRIALS}, baseline=BASELINE),
    _case(statistics.detectable_difference, {"sd": 0.01, "n_trials": 8}, power=0.9, level=0.9, n_strategies=3),
    _case(statistics.trials_needed, {"difference": 0.01, "sd": 0.01}, power=0.95, level=0.8, n_strategies=5),
    _case(statistics.paired_power, _COUNTED, level=0.9, n_strategies=3),
    _case(statistics.differences_by_round, {"values": TRIALS, "baseline": BASELINE}, **_CORRECTED),
    _case(statistics.differences_from_baseline, {"values": OF_STRATEGIES, "baseline": BASELINE[:, 0]}, **_CORRECTED),
    _case(statistics.differences_of_pairs,
          {"pairs": {name: (value, BASELINE[:, 0]) for name, value in OF_STRATEGIES.items()}}, **_CORRECTED),
    _case(statistics.anytime_interval, _POOL,
          level=0.8, proxy=_NO_OTHER_ALONE, pool_proxy=_NO_OTHER_ALONE, **_WEIGHED),
    _case(statistics.anytime_evidence, {**_POOL, "threshold": 0.6},
          proxy=_NO_OTHER_ALONE, pool_proxy=_NO_OTHER_ALONE, **_WEIGHED),
    _case(statistics.anytime_macro_interval,
          {"values": np.ones((30, 2)), "weights": np.ones((30, 2)), "population": 90}, level=0.8),
    _case(statistics.anytime_difference, {"differences": [1, 0, 1, 1, -1] * 30}, level=0.8),
    _case(statistics.stratified_interval,
          {"values": np.tile([1.0, 1.0, 0.0, 1.0], 6), "strata": np.repeat([0, 1], 12), "sizes": [50, 30]},
          level=0.8, usable=np.tile([1.0, 0.0, 1.0, 1.0], 6)),
    _case(statistics.fixed_interval, _POOL, level=0.8, proxy=_NO_OTHER_ALONE, pool_proxy=_NO_OTHER_ALONE),
    _case(statistics.hypergeometric_interval, {"n_hits": 18, "n": 24, "population": 80}, level=0.8),
    _case(statistics.anytime_total,
          {"hits": [0] * 30, "n_left": range(90, 60, -1), "n_known": [2] * 30, "population": 99, "n_found": 2,
           "n_unseen": 60}, level=0.8),
    _case(statistics.draws_needed, {"n_left": 90, "n_missed": 4}, level=0.8),
    _case(statistics.pairwise_differences, {"values": OF_STRATEGIES}, **_CORRECTED),
    _case(statistics.paired_difference, {"values": TRIALS[:, 0], "baseline": BASELINE[:, 0]}, **_TESTED),
    _case(statistics.expected_calibration_error, {"P": P, "y": np.arange(30) % 3}, bins=5),
    _case(statistics.labels_saved, {"n_labels": N_LABELS, "values": TRIALS, "baseline": BASELINE},
          target=0.85, level=0.8),
    _case(statistics.mean_interval, {"values": TRIALS}, level=0.8),
    _case(statistics.nemenyi_difference, {"n_strategies": 3, "n_sets": 9}, level=0.8),
    _case(statistics.rank_strategies, {"values": OF_STRATEGIES}, method="nemenyi", level=0.8),
    _case(statistics.sign_flip_test, {"values": MANY, "n_resamples": 199},
          baseline=0.01, n_resamples=99, random_state=1),
    _case(statistics.wilcoxon_test, {"values": MANY, "n_resamples": 199},
          baseline=0.01, n_resamples=99, random_state=1),
    _case(statistics.smallest_p_value, {"test": "sign_flip", "n_trials": 40}, n_resamples=99),
]  # fmt: skip
SCORES = [
    _of_pixels(scores.bald),
    _of_pixels(scores.consensus_entropy, normalized=True),
    _of_pixels(scores.entropy, normalized=True),
    _of_pixels(scores.least_confident),
    _of_pixels(scores.margin),
    _of_pixels(scores.max_disagreement),
    _of_pixels(scores.mean_entropy, normalized=True),
    _of_pixels(scores.mean_std),
    _of_pixels(scores.mean_variance),
    _of_pixels(scores.oui, rescale=True),
    _of_pixels(scores.std),
    _of_pixels(scores.variation_ratio, entropy_ties=True),
    _of_pixels(scores.vote_entropy),
    Case(scores.count_above, {}, {"threshold": 0.2, "fraction": True},
         lambda count: scores.entropy(PIXELS, reduction=count)),
    _case(scores.cost_embedding, {"costs": [[0, 1, 2], [4, 0, 1], [1, 3, 0]]}, n_components=2, metric=True),
    _of_pixels(scores.cost_margin, settings={"costs": UNLIKE}),
    _of_pixels(scores.least_expected_cost, settings={"costs": UNLIKE}),
    _case(scores.epistemic_of_logistic, {"Z": Z, "Z_labeled": CENTERS, "of_class": [1, 0, 0, 1]}, C=0.1),
    _case(scores.probabilistic_gain, {"K": np.abs(Z)}, m_max=1, prior=0.5),
    _case(scores.density, {"Z": Z}, metric="euclidean"),
    _case(scores.expected_improvement, _PREDICTED, tradeoff=1.0),
    _case(scores.probability_of_improvement, _PREDICTED, tradeoff=1.0),
    _case(scores.upper_confidence_bound, {"mean": Z[:, 0], "std": np.abs(Z[:, 1])}, beta=2.0),
]  # fmt: skip
SELECTION = [
    _case(selection.bait, {"P": P[:20].repeat(2, axis=0), "Z": Z, **_N},
          P_labeled=Other(P[20:24], beside={"P_labeled": P[24:28], "Z_labeled": CENTERS}),
          Z_labeled=Other(3 * CENTERS[::-1], beside={"P_labeled": P[24:28], "Z_labeled": CENTERS}),
          ridge=10.0, max_dim=2, **_TIES),
    _case(selection.batch_bald, {"P": PASSES[..., 0][:, :15].repeat(2, axis=1), **_N},
          max_exact=Other(9, beside={"n_draws": 9}), n_draws=Other(20, beside={"max_exact": 9}),
          progress=_REPORTS, **_TIES),
    _case(selection.contextual_k_center, {"P": P[:15].repeat(2, axis=0), **_N},
          centers=P[15:18], smoothing=0.1, **_TIES),
    _case(selection.facility_location, {"Z": np.abs(Z) @ np.abs(Z).T, **_N}, candidates=np.arange(20), **_TIES),
    _case(selection.greedy_product, {**_GREEDY, "f": Z[:, 0], "centers": CENTERS, "center_values": CENTERS[:, 1]},
          **_TIES),
    _case(selection.herding, _GREEDY, centers=CENTERS, weights=np.arange(40.0), kernel="cosine", width=3.0,
          candidates=np.arange(20), progress=_REPORTS, **_TIES),
    _case(selection.k_center, _GREEDY, centers=CENTERS, metric="cosine", weights=1.0 + np.arange(40) % 7,
          progress=_REPORTS, **_TIES),
    _case(selection.kmeans_medoids, _GREEDY, **_TIES),
    _case(selection.kmeans_plusplus, _GREEDY, centers=CENTERS, random_state=1, first="largest",
          origin=True, progress=_REPORTS),
    _case(selection.lcmd, _GREEDY, centers=CENTERS, **_TIES),
    _case(selection.max_det, _GREEDY, centers=CENTERS, noise=2.0, **_TIES),
    _case(selection.max_diag, _GREEDY, centers=CENTERS, noise=Other(2.0, beside={"centers": CENTERS}), **_TIES),
    _case(selection.max_mean_distance, _GREEDY, centers=CENTERS, **_TIES),
    _case(selection.power, {"scores": P[:, 0], **_N}, beta=5.0, random_state=1),
    _case(selection.prob_cover, {**_GREEDY, "radius": 1.0}, centers=CENTERS, progress=_REPORTS,
          max_edges=NoEffect("beyond it neighbours are found again, not kept: the same picks in less memory"),
          **_TIES),
    _case(selection.purity_radius, {"Z": _rng.normal(size=(60, 3)), "n_clusters": 3, "random_state": 0},
          random_state=3, purity=0.6, max_rows=10),
    _case(selection.ranked_batch, {**_GREEDY, "uncertainty": P[:20, 0].repeat(2)}, centers=CENTERS, **_TIES),
    _case(selection.robust_k_center, {**_GREEDY, "Z": Z[:20], "n": 3},
          centers=CENTERS, outlier_share=0.3, max_candidates=7,
          time_limit=NoEffect("how soon a bound is proved depends on the machine"), **_TIES),
    _case(selection.top_k, {"scores": np.round(P[:, 0], 1), **_N}, **_TIES),
    _case(selection.typiclust, _GREEDY, centers=CENTERS, max_clusters=3, n_neighbors=2, min_cluster_size=1,
          progress=_REPORTS, **_TIES),
]  # fmt: skip
ROOMS = {statistics: STATISTICS, scores: SCORES, selection: SELECTION}


def functions_with_options(room):
    """Return the functions of a room that have optional parameters, and these."""
    found = {}
    for name in room.__all__:
        function = getattr(room, name)
        if inspect.isfunction(function) or (inspect.isclass(function) and function is not GradientEmbedding):
            parameters = inspect.signature(function).parameters.values()
            options = {one.name for one in parameters if one.default is not inspect.Parameter.empty}
            if options and not getattr(function, "__dataclass_fields__", None):
                found[function] = options
    return found
