"""Two values of every setting of the estimators that are no nets, and of augmentations."""

import threading
from functools import partial

import joblib
import numpy as np
import pandas as pd
import torch
from made_effects import Case, Other
from sklearn.datasets import make_blobs
from sklearn.decomposition import PCA
from sklearn.linear_model import ARDRegression, BayesianRidge, LogisticRegression, Ridge, SGDClassifier, SGDRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from skal.annotation import NoisyOracle
from skal.augment import (
    AutoAugment,
    Chain,
    Crop,
    Cutout,
    Flip,
    GaussianNoise,
    RandAugment,
    ResizedCrop,
    Strong,
    SwapFeatures,
    Weak,
)
from skal.encoding import EncodedClassifier
from skal.estimators.linear_svm import CalibratedLinearSVC
from skal.estimators.pixel_forest import PixelForest
from skal.features import ImageEncoder, TableEncoder
from skal.labels import LabeledOnlyClassifier
from skal.learners import ActiveLearner, BayesianOptimizer, Committee, CommitteeRegressor
from skal.loop import ActiveLearningClassifier, ActiveLearningRegressor
from skal.metrics import OneAgainstRest, WithAllClasses
from skal.neural import EnsembleClassifier
from skal.query import core_set, max_disagreement_sampling, random_sampling
from skal.recipes.pretrained import FrozenFeaturesClassifier
from skal.semi_supervised import PseudoLabelClassifier

X, y = make_blobs(n_samples=60, centers=3, n_features=3, cluster_std=4.0, random_state=0)
X[:, 1] *= 100.0  # distances of rows and of standardised rows differ
FIRST, MORE, POOL = slice(0, 12), slice(12, 18), slice(18, 60)
THIRD = np.where(np.arange(60) % 3 == 2, -1, y)
VALUES = X[:, 0] - 1e-6 * X[:, 1] ** 2
NUMBERS = X @ [1.0, 0.01, -1.0] + 0.25
NUMBERS_PARTLY = np.where(np.arange(60) < 24, NUMBERS, -1)
PARTLY = np.where(np.arange(60) < 24, y, -1)
TREE = DecisionTreeClassifier(max_features=1)  # draws
LEARNT = GaussianNB().fit(X, y)
LEARNT_TWO = GaussianNB().fit(X[y < 2], y[y < 2])


class Threaded(GaussianNB):
    """Says in which thread it was fitted."""

    def fit(self, X, y):
        self.in_main_thread_ = threading.current_thread() is threading.main_thread()
        return super().fit(X, y)


def said(model):
    """What a fitted classifier says of the pool."""
    return [getattr(model, method)(X[POOL]) for method in ("predict_proba", "transform") if hasattr(model, method)]


def seen_of_classifier(model, labels=y, rows=slice(None)):
    model.fit(X[rows], labels[rows])
    return said(model), model.classes_


def seen_of_segmenter(model):
    masks = np.indices((16, 16)).sum(axis=0)[None] // 4 % 3 + np.zeros((len(IMAGES), 1, 1), dtype=int)
    return model.fit(IMAGES, masks).predict_proba(IMAGES)


def seen_of_ensemble(model):
    with joblib.parallel_config(backend="threading"):
        found = seen_of_classifier(model, PARTLY)
    return found, [getattr(member, "in_main_thread_", None) for member in model.members_]


def seen_of_pseudo_labels(model):
    return seen_of_classifier(model, PARTLY), model.n_iter_, model.n_pseudo_labeled_


def seen_of_loop(model, labels=y):
    return seen_of_classifier(model, labels), [round_["picked"] for round_ in model.history_]


def seen_of_regressor(model, labels=NUMBERS):
    model.fit(X, labels)
    return model.predict(X), [round_["picked"] for round_ in model.history_]


def twice(y, **more):
    return lambda rows: 2.0 * y[rows]


def seen_of_learner(learner, again=False, rows=None):
    """Ask, teach, say; `again`: what is known already is taught once more."""
    found = [said(learner)]
    picks, _ = learner.query(X[POOL], n_instances=4)
    new, labels = (X[FIRST], y[FIRST]) if again else (X[MORE] if rows is None else rows, y[MORE])
    learner.teach(new, labels)
    return found, picks, said(learner), learner.X_training, learner.y_training


def seen_of_optimizer(optimizer, **how):
    before = optimizer.predict(X[POOL])
    return before, seen_of_learner(optimizer, **how), optimizer.predict(X[POOL]), optimizer.get_max()


def seen_of_committee(committee, labels=None):
    if labels is not None:
        committee.teach(X[MORE], labels)
    say = getattr(committee, "predict_proba", committee.predict)
    return committee.query(X[POOL], n_instances=4)[0], say(X[POOL])


def of_committee_of_numbers(learner_list, **settings):
    """A committee of regressors that are taught."""
    members = [ActiveLearner(one, X_training=X[FIRST], y_training=VALUES[FIRST]) for one in learner_list]
    return CommitteeRegressor(members, **settings)


def of_committee(learner_list, **settings):
    """A committee of classifiers that are taught."""
    members = [ActiveLearner(one, X_training=X[FIRST], y_training=y[FIRST]) for one in learner_list]
    return Committee(members, **settings)


def seen_of_encoder(encoder, rows):
    return encoder.fit(rows).transform(rows), getattr(encoder, "uses_", None)


def seen_of_table_encoder(encoder):
    found, uses = seen_of_encoder(encoder, TABLE)
    return np.asarray(found.todense() if hasattr(found, "todense") else found), uses


def seen_of_augmentation(augmentation, rows):
    return augmentation(torch.from_numpy(rows), torch.Generator().manual_seed(0)).numpy()


_rng = np.random.default_rng(0)
IMAGES = _rng.random((8, 3, 16, 16), dtype=np.float32)
ROWS = _rng.random((8, 4), dtype=np.float32)
_WORDS = ["crash", "refund", "invoice", "guide", "error", "charge", "where", "broken", "today", "please"]
TABLE = pd.DataFrame(
    {
        "text": [" ".join(_rng.choice(_WORDS, 6)) for _ in range(40)],
        "plan": _rng.choice(["free", "team", "firm"], 40, p=[0.6, 0.3, 0.1]),
        "seats": _rng.integers(0, 50, 40) / 7,
    }
)
_OF_IMAGES, _OF_ROWS = partial(seen_of_augmentation, rows=IMAGES), partial(seen_of_augmentation, rows=ROWS)
_DENSE = {"kind": "dense", "n_components": 2}

CASES = [
    Case(
        ActiveLearner,
        {"estimator": GaussianNB(), "X_training": X[FIRST], "y_training": y[FIRST], "random_state": 0},
        {
            "estimator": LogisticRegression(max_iter=1000),
            "query_strategy": random_sampling,
            "X_training": X[POOL][:12],
            "y_training": y[POOL][:12],
            "bootstrap_init": True,
            "on_transformed": Other(
                False,
                beside={
                    "estimator": make_pipeline(StandardScaler(), LogisticRegression()),
                    "query_strategy": core_set,
                },
            ),
            "force_all_finite": Other(False, how={"rows": np.full((6, 3), np.inf)}, is_refused=True),
            "retrain": Other("warm", beside={"estimator": SGDClassifier(loss="log_loss", random_state=0)}),
            "classes": Other([0, 1], is_refused=True),
            "duplicates": Other("allow", how={"again": True}, is_refused=True),
            "random_state": Other(1, beside={"query_strategy": random_sampling}),
            "missing_label": Other(-1, beside={"y_training": THIRD[FIRST]}),
            "sample_weight": np.arange(12) + 1.0,  # for the estimator's fit
        },
        seen_of_learner,
    ),
    Case(
        Committee,
        {"learner_list": [GaussianNB(), LogisticRegression(max_iter=1000)], "random_state": 0},
        {
            "learner_list": [GaussianNB(), DecisionTreeClassifier(random_state=0)],
            "query_strategy": max_disagreement_sampling,
            "on_transformed": Other(
                False,
                beside={
                    "learner_list": [make_pipeline(StandardScaler(), LogisticRegression())],
                    "query_strategy": core_set,
                },
            ),
            "missing_label": Other(-1, how={"labels": THIRD[MORE]}),
            "random_state": Other(1, beside={"query_strategy": random_sampling}),
        },
        seen_of_committee,
        of_committee,
    ),
    Case(
        CommitteeRegressor,
        {"learner_list": [BayesianRidge(), KNeighborsRegressor()], "random_state": 0},
        {
            "learner_list": [BayesianRidge(), DecisionTreeRegressor(random_state=0)],
            "query_strategy": random_sampling,
            "on_transformed": Other(
                False,
                beside={
                    "learner_list": [make_pipeline(StandardScaler(), BayesianRidge())],
                    "query_strategy": core_set,
                },
            ),
            "missing_label": Other(-1, how={"labels": THIRD[MORE] + 0.0}),
            "random_state": Other(1, beside={"query_strategy": random_sampling}),
        },
        seen_of_committee,
        of_committee_of_numbers,
    ),
    Case(
        BayesianOptimizer,
        {"estimator": BayesianRidge(), "X_training": X[FIRST], "y_training": VALUES[FIRST], "random_state": 0},
        {
            "estimator": ARDRegression(),
            "query_strategy": random_sampling,
            "X_training": X[POOL][:12],
            "y_training": VALUES[POOL][:12],
            "bootstrap_init": True,
            "on_transformed": Other(
                False,
                beside={"estimator": make_pipeline(StandardScaler(), BayesianRidge()), "query_strategy": core_set},
            ),
            "force_all_finite": Other(False, how={"rows": np.full((6, 3), np.inf)}, is_refused=True),
            "retrain": Other("warm", beside={"estimator": SGDRegressor(random_state=0), "query_strategy": core_set}),
            "duplicates": Other("allow", how={"again": True}, is_refused=True),
            "random_state": Other(1, beside={"query_strategy": random_sampling}),
            "missing_label": Other(0.0, beside={"y_training": np.where(THIRD == -1, 0.0, VALUES)[FIRST]}),
            "sample_weight": np.arange(12) + 1.0,  # for the estimator's fit
        },
        seen_of_optimizer,
    ),
    Case(
        ActiveLearningClassifier,
        {"estimator": GaussianNB(), "n_initial": 6, "n_instances": 3, "budget": 12, "random_state": 0},
        {
            "estimator": LogisticRegression(max_iter=1000),
            "query_strategy": random_sampling,
            "n_initial": 5,
            "n_instances": 2,
            "budget": 15,
            "initial": "k_center",
            "oracle": partial(NoisyOracle, rate=0.5),
            "stop": "budget:n_labels=9",
            "n_audit": 3,
            "missing_label": Other(-1, how={"labels": PARTLY}),
            "random_state": 1,
        },
        seen_of_loop,
    ),
    Case(
        ActiveLearningRegressor,
        {"estimator": BayesianRidge(), "n_initial": 6, "n_instances": 3, "budget": 12, "random_state": 0},
        {
            "estimator": Ridge(),
            "query_strategy": random_sampling,
            "n_initial": 5,
            "n_instances": 2,
            "budget": 15,
            "initial": "k_center",
            "oracle": twice,
            "stop": "budget:n_labels=9",
            "n_audit": 3,
            "missing_label": Other(-1, how={"labels": NUMBERS_PARTLY}),
            "random_state": 1,
        },
        seen_of_regressor,
    ),
    Case(
        EnsembleClassifier,
        {"estimator": TREE, "n_members": 2, "random_state": 0, "missing_label": -1},
        {
            "estimator": GaussianNB(),
            "n_members": 3,
            "bootstrap": True,
            "n_jobs": Other(2, beside={"estimator": Threaded()}),
            "random_state": 1,
            "missing_label": "auto",
        },
        seen_of_ensemble,
    ),
    Case(
        PseudoLabelClassifier,
        {"estimator": TREE, "threshold": 0.6, "max_iter": 3, "missing_label": -1, "random_state": 0},
        {
            "estimator": GaussianNB(),
            "threshold": Other(0.999, beside={"estimator": GaussianNB()}),
            "max_iter": Other(1, beside={"estimator": GaussianNB()}),
            "missing_label": "auto",
            "random_state": 1,
        },
        seen_of_pseudo_labels,
    ),
    Case(
        LabeledOnlyClassifier,
        {"estimator": GaussianNB(), "missing_label": -1},
        {"estimator": LogisticRegression(max_iter=1000), "missing_label": "auto"},
        partial(seen_of_classifier, labels=PARTLY),
    ),
    Case(
        FrozenFeaturesClassifier,
        {"encoder": PCA(2), "missing_label": -1},
        {"encoder": PCA(1), "C": 0.1, "missing_label": "auto"},
        partial(seen_of_classifier, labels=PARTLY),
    ),
    Case(
        CalibratedLinearSVC,
        {"random_state": 0},
        {"C": 0.01, "class_weight": {0: 1, 1: 2, 2: 3}, "random_state": Other(1, how={"rows": slice(2)})},
        seen_of_classifier,
    ),
    Case(
        PixelForest,
        {"n_trees": 3, "max_pixels": 200, "random_state": 0},
        {
            **{"n_trees": 4, "min_samples_leaf": 9, "max_pixels": 100, "random_state": 1, "ignore_label": 1},
            "classes": [0, 1, 2, 3, 255],
        },
        seen_of_segmenter,
    ),
    Case(EncodedClassifier, {"estimator": GaussianNB()}, {"estimator": LogisticRegression()}, seen_of_classifier),
    Case(
        WithAllClasses,
        {"model": LEARNT_TWO, "classes": np.arange(3)},
        {"model": LEARNT, "classes": np.arange(4)},
        said,
    ),
    Case(OneAgainstRest, {"model": LEARNT, "positive": 0}, {"model": LEARNT_TWO, "positive": 1}, said),
    Case(
        TableEncoder,
        {"random_state": 0},
        {
            "columns": {"seats": "drop"},
            "kind": "tree",
            "max_categories": 1,
            "n_components": Other(3, beside=_DENSE),
            "random_state": Other(1, beside=_DENSE),
        },
        seen_of_table_encoder,
    ),
    Case(ImageEncoder, {}, {"size": 32, "cell": 4}, partial(seen_of_encoder, rows=IMAGES)),
    Case(AutoAugment, {}, {"policy": "svhn", "fill": 0.0}, _OF_IMAGES),
    Case(Chain, {"steps": (Flip(1.0),)}, {"steps": (Flip(1.0), GaussianNoise())}, _OF_IMAGES),
    Case(Crop, {}, {"padding": 0.5, "fill": 0.0}, _OF_IMAGES),
    Case(Cutout, {}, {"size": 0.25, "fill": 0.0}, _OF_IMAGES),
    Case(Flip, {}, {"p": 1.0}, _OF_IMAGES),
    Case(GaussianNoise, {}, {"scale": 0.5}, _OF_ROWS),
    Case(
        RandAugment,
        {},
        {"n_ops": 3, "magnitude": 5, "p": 1.0, "drawn": False, "operations": ("rotate",), "fill": 0.0},
        _OF_IMAGES,
    ),
    Case(ResizedCrop, {}, {"size": 8, "zoom": (0.5, 0.6)}, _OF_IMAGES),
    Case(Strong, {}, {"flip": False, "padding": 0.5, "n_ops": 3, "magnitude": 5, "cutout": 0.25}, _OF_IMAGES),
    Case(SwapFeatures, {}, {"share": 0.9}, _OF_ROWS),
    Case(Weak, {}, {"flip": False, "padding": 0.5}, _OF_IMAGES),
]
