"""Two values of every option of the query strategies."""

import functools
import inspect
from typing import Any

import numpy as np
from made_effects import Case, NoEffect, Other
from scipy.special import softmax
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestRegressor
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsRegressor

from skal import ActiveLearner
from skal.adversarial import SRAAL, VAAL
from skal.query import select, strategies

_rng = np.random.default_rng(0)
X_pool = np.repeat(_rng.normal(size=(20, 4)), 2, axis=0)  # every row twice: ties
X_known, X_other = _rng.normal(size=(12, 4)), _rng.normal(size=(12, 4))
y_known, y_other = np.arange(12) % 3, np.roll(np.arange(12) % 3, 1)
Y_known, Y_other = (np.random.default_rng(0).random((12, 3)) < share for share in (0.4, 0.7))  # several labels a row
_CLASSES, _PIXELS = 3, 2


class Model(ClassifierMixin):
    """Says all that a strategy may read, of a row or of its pixels; nothing is learnt."""

    def __init__(self, seed=0, of_pixels=False, is_multilabel=False):
        self.W = np.random.default_rng(seed).normal(size=(4, _CLASSES * _PIXELS))
        self.classes_ = np.arange(_CLASSES)
        self.of_pixels = of_pixels
        self.is_multilabel = is_multilabel

    def __sklearn_is_fitted__(self):
        return True

    def predict_proba(self, X):
        logits = (np.asarray(X) @ self.W).reshape(len(X), _CLASSES, _PIXELS)
        P = softmax(logits, axis=1)
        return P if self.of_pixels else P[..., 0]

    def predict(self, X):
        return self.predict_proba(X).argmax(axis=1)

    def sampled_proba(self, X, n_samples=10, random_state=None):
        P = self.predict_proba(X)
        shifts = np.random.RandomState(random_state).gumbel(size=(n_samples, 1, *P.shape[1:]))
        return softmax(np.log(P) + shifts, axis=2)

    def predict_loss(self, X):
        return 1.0 - self.predict_proba(X).max(axis=1)

    def discriminator_score(self, X):
        return self.predict_proba(X).max(axis=1)

    def boundary_distance(self, X, **options):
        return self.predict_proba(X).max(axis=1) + sum(options.values())


class Members:
    """A committee."""

    def __init__(self, of_pixels=False):
        self.learner_list = [Model(seed, of_pixels) for seed in range(4)]

    def __sklearn_is_fitted__(self):
        return True


class Regressor(RegressorMixin):
    """Says numbers and how sure it is of them; a copy that is fitted says the mean of what it was taught, too."""

    def __init__(self, seed=0):
        self.w = np.random.default_rng(seed).normal(size=4)
        self.mean = 0.0

    def __sklearn_clone__(self):
        return Regressor()

    def __sklearn_is_fitted__(self):
        return True

    def fit(self, X, y):
        self.mean = np.mean(y) + np.mean(X)
        return self

    def predict(self, X, return_std=False):
        f = np.asarray(X) @ self.w + self.mean
        return (f, np.abs(f)) if return_std else f


class Regressors:
    """A committee of them."""

    def __init__(self):
        self.learner_list = [Regressor(seed) for seed in range(4)]

    def __sklearn_is_fitted__(self):
        return True


class MultilabelModel(Model):
    """Every class for itself."""

    def predict_proba(self, X):
        return 1.0 / (1.0 + np.exp(-self.decision_function(X)))

    def decision_function(self, X):
        return np.asarray(X) @ self.W[:, :_CLASSES]


def picks_of_a_bandit(strategy, memory=None, random_state=0, **options):
    """Picks and scores of seven queries; the labels of each have come before the next."""
    return _queries(strategy, dict(memory or {}), random_state, **options)


def _queries(strategy, memory, seed, *, X_labeled, y_labeled, **options):
    learner, found = GaussianNB().fit(X_known, y_known), []
    for number in range(7):
        given = {"X_labeled": X_labeled, "y_labeled": y_labeled, "random_state": 7 * seed + number, **options}
        picks, scores = select(strategy, learner, X_pool, 4, memory=memory, **given)
        X_labeled = np.concatenate([X_labeled, X_pool[picks]])
        y_labeled = np.concatenate([y_labeled, (X_pool[picks, 0] > 0).astype(int)])
        found += [picks, scores]
    return found


def _memory_of_another():
    memory = {}
    _queries(strategies()["albl"], memory, 3, **_LABELED)
    return memory


def squared(X):
    return np.asarray(X) ** 2


def _distance_from_zero(model, X):
    return np.abs(X).sum(axis=1)


def picks_of(strategy, n_instances=9, learner=None, **options):
    """Picks and scores; by a learner that fits the strategy."""
    if learner is None:
        reads = strategy.info.reads
        learner = Members() if "committee" in reads else MultilabelModel() if "multilabel" in reads else Model()
        if {"prediction", "std", "committee_prediction"} & set(reads):
            learner = Regressors() if "committee_prediction" in reads else Regressor()
    return select(strategy, learner, X_pool, n_instances, **{"random_state": 0, **options})


_LABELED = {"X_labeled": X_known, "y_labeled": y_known}
_OTHERS = {
    "random_state": 1,
    "random_tie_break": False,
    "X_labeled": X_other,
    "y_labeled": y_other,
    "embedding": squared,
    "normalized": True,
    "n_samples": 4,
    "normalize": False,
    "width": 3.0,
    "beta": 4.0,
}
_QUICK_NETS: dict[str, Any] = {
    "max_steps": 2,
    "judge_steps": 2,
    "module__hidden": (4,),
    "discriminator__hidden": 4,
    "latent_dim": 2,
}
_PIXELS_OF = {
    "committee": Members(of_pixels=True),
    "proba": Model(of_pixels=True),
    "sampled_proba": Model(of_pixels=True),
}
_ALL_DRAWN = NoEffect("rows are drawn, so that none is better placed")
_SEEN_ALONE = NoEffect("only whether a row has a label is read")
_COSTS = [[0.0, 1.0, 5.0], [2.0, 0.0, 1.0], [1.0, 4.0, 0.0]]
_IN_FOURS = np.arange(12) // 4  # `y_other` gives the same rows other names
_DEVICE = Other("cuda", beside={"device": "cpu"}, is_refused=True)
_OF_NETS = {"adversarial_weight": 5.0, "max_steps": 3, "judge_steps": 3, "device": _DEVICE}
# Of one strategy: values that suit it, or what must be there for an option to matter.
_TAUGHT = ActiveLearner(GaussianNB(), X_training=X_known, y_training=y_known)
_TAUGHT_SETS = OneVsRestClassifier(GaussianNB()).fit(X_known, Y_known)
_FEW = {"n_instances": 4}
_NOISE = Other(1.0, beside={"selection": "max_det"})
_ONE_OR_TWO = np.repeat([[True, False, False], [True, True, False]], 6, axis=0)  # labels a row
_OWN = {
    "albl": {
        "strategies": ("random_sampling", "core_set"),
        "horizon": 3,
        "p_min": 0.2,
        "delta": 0.9,
        "memory": _memory_of_another(),
        "y_labeled": _IN_FOURS,
    },
    "adaptive_multilabel": {"n_weights": 1},
    "adversarial_deepfool": {"max_iter": 3, "overshoot": 0.5, "n_classes": 2, "norm": np.inf},
    "auto_sampling": {"accuracy": 0.5, "y_labeled": np.arange(12) % 4},  # three a class: typical rows
    "badge": {"law": "origin", "random_tie_break": _ALL_DRAWN},
    "bait": {"ridge": 10.0, "max_dim": 2},
    "batch_bald": {"max_exact": Other(9, beside={"n_draws": 9}), "n_draws": Other(20, beside={"max_exact": 9})},
    "black_box_bmdal": {"selection": "max_dist", "noise": _NOISE},
    "bmdal": {"selection": "max_dist", "noise": _NOISE},
    "cdal": {"smoothing": 0.1},
    "clue": {"temperature": 5.0},
    "cluster_margin": {"candidates_per_pick": 2, "n_clusters": 2, "distance_threshold": 0.1, "max_clustered": 6},
    "contrastive_active_learning": {"n_neighbors": 1},
    "core_set": {"metric": "cosine"},
    "cost_embedding_sampling": {
        "costs": _COSTS,
        "regressor": KNeighborsRegressor(2),
        "n_components": 2,
        "metric": Other(True, beside={"costs": _COSTS}),
        "random_state": Other(1, beside={"regressor": RandomForestRegressor(3)}),
    },
    "cost_margin_sampling": {"costs": _COSTS},
    "expected_cost_sampling": {"costs": _COSTS},
    "epistemic_sampling": {
        "likelihood": "logistic",
        "gamma": 0.1,
        "C": Other(0.1, beside={"likelihood": "logistic"}),
        "y_labeled": _IN_FOURS,
    },
    "mcpal": {
        "m_max": Other(1, beside={"gamma": 0.01, "y_labeled": np.repeat([0, 1, 2], [5, 4, 3])}),
        "prior": 0.2,
        "gamma": 0.1,
    },
    "quire": {"y_labeled": _IN_FOURS, "kernel": "linear", "gamma": 0.1, "ridge": 5.0},
    "core_set_robust": {
        "outlier_share": 0.3,
        "max_candidates": 7,
        "time_limit": NoEffect("how soon a bound is proved depends on the machine"),
    },
    "discriminative_active_learning": {"n_batches": 2, "unlabeled_per_labeled": 1, "C": 0.01},
    "two_sample_sampling": {
        "n_estimators": 7,
        "min_samples_leaf": 2,
        "random_tie_break": NoEffect("out of bag hardly two rows score the same, and equal rows do not"),
    },
    "drop_query": {
        "drop_rate": 0.9,
        "candidates_per_pick": Other(2, beside=_FEW),
        "embedding": Other(squared, beside=_FEW),
    },
    "ensemble_entropy": {"entropy_of": "mean"},
    "ensemble_variation_ratio": {"entropy_ties": True},
    "epig": {"X_target": X_other, "n_target": 5},
    "expected_error_reduction": {"loss": "log", "n_candidates": 6},
    "expected_model_change": {"n_members": 3},
    "facility_location": {"metric": "rbf", "width": Other(3.0, beside={"metric": "rbf"})},
    "falcun": {"gamma": 1.0, "random_tie_break": _ALL_DRAWN},
    "find_sampling": {"find": 2, "linear": 0.0, "near": 0.0, "X_labeled": X_other},
    "gsy": {"y_labeled": y_other + 0.3},
    "information_density_sampling": {"beta": 3.0, "metric": "euclidean"},
    "learning_loss_sampling": {"subset": 10},
    "most_likely_sampling": {"find": 2, "y_labeled": np.repeat([0, 1, 2], [5, 5, 2])},
    "max_EI": {"tradeoff": 2.0, "y_labeled": y_other - 3},
    "max_PI": {"tradeoff": 2.0, "y_labeled": y_other - 3},
    "max_std_sampling": {"std": _distance_from_zero},
    "medal": {"prefilter": 12},
    "mmc": {"X_labeled": Other(X_other, beside={"y_labeled": _ONE_OR_TWO})},
    "prob_cover": {
        "radius": 0.4,
        "n_clusters": Other(2, beside={"purity": 0.5}),
        "purity": 0.3,
        "max_edges": NoEffect("beyond it neighbours are found again, not kept: the same picks in less memory"),
    },
    "multilabel_badge": {"random_tie_break": _ALL_DRAWN},
    "power_bald": {"random_tie_break": _ALL_DRAWN},
    "random_sampling": {"random_tie_break": _ALL_DRAWN},
    "sraal_query": {
        "sraal": SRAAL(**_QUICK_NETS, lr=0.1),
        "indicator": "entropy",
        "per_pixel": NoEffect("of masks; tests/test_settings_have_effects.py"),
        "target_learner": False,
        **_OF_NETS,
    },
    "suggestive_annotation": {"n_candidates": 12},
    "typiclust": {
        "max_clusters": 3,
        "n_neighbors": Other(2, beside={"max_clusters": 3}),
        "min_cluster_size": 1,
    },
    "vaal_query": {
        "vaal": VAAL(**_QUICK_NETS, lr=0.1),
        "ablation": "wasserstein",
        "y_labeled": _SEEN_ALONE,
        **_OF_NETS,
    },
    "vae_core_set": {"alpha": 0.1, "vae": PCA(3).fit(X_known)},
}
_SETTINGS = {
    "adaptive_multilabel": {"learner": _TAUGHT_SETS},
    "expected_error_reduction": {"learner": _TAUGHT},
    "sraal_query": {"sraal": SRAAL(**_QUICK_NETS)},
    "vaal_query": {"vaal": VAAL(**_QUICK_NETS)},
    "vae_core_set": {"vae": PCA(2).fit(X_known)},
}


def options_of(strategy):
    """Return the names of the options of a strategy."""
    return set(inspect.signature(strategy).parameters) - {"learner", "classifier", "X_pool", "X", "n_instances"}


def _case(name, strategy):
    options = options_of(strategy)
    others = {option: value for option, value in _OTHERS.items() if option in options}
    if "reduction" in options:
        learner = next(_PIXELS_OF[read] for read in strategy.info.reads if read in _PIXELS_OF)
        others["reduction"] = Other("max", beside={"learner": learner})
    settings = {option: value for option, value in _LABELED.items() if option in options}
    if "y_labeled" in options and "multilabel" in strategy.info.reads:
        settings["y_labeled"], others["y_labeled"] = Y_known, Y_other
    settings |= {"random_state": 0, **_SETTINGS.get(name, {})}
    return Case(
        strategy,
        settings,
        {**others, **_OWN.get(name, {})},
        lambda found: found,
        functools.partial(picks_of_a_bandit if name == "albl" else picks_of, strategy),
    )


CASES = {name: _case(name, strategy) for name, strategy in strategies().items()}
