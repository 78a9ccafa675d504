"""What benchmarks/strategies.py compares: budgets, families of strategies and the model that serves them, pages."""

import itertools
from dataclasses import dataclass
from functools import partial

import numpy as np
from _studies import BASELINE
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skal.features import TableEncoder
from skal.neural import EnsembleClassifier, NeuralClassifier
from skal.query import strategies
from skal.study import make_estimator

N_POOL = 4000
N_TRIALS = 5
N_PASSES = 100
BAIT_ROWS = 1000  # of letter's pool at the large budget, where 26 classes make a query of the whole take a minute
TITLES = {"letter": "letter", "fashion_mnist_vae": "Fashion-MNIST embeddings"}  # of the data


@dataclass(frozen=True)
class Budget:
    """Labels to start with, labels a round, rounds."""

    n_instances: int
    n_rounds: int
    n_initial: int | None = None  # as many as there are classes

    def settings(self, y):
        n_initial = len(np.unique(y)) if self.n_initial is None else self.n_initial
        return {"n_initial": n_initial, "n_instances": self.n_instances, "n_rounds": self.n_rounds}

    def in_words(self, y):
        n_initial, n_instances, n_rounds = self.settings(y).values()
        return f"{n_initial} labels, then {n_instances} a round, up to {n_initial + n_instances * n_rounds}"


BUDGETS = {"low": Budget(20, 6), "large": Budget(250, 4, n_initial=500)}


@dataclass(frozen=True)
class Study:
    """One data set, one budget, and one family: a model and the strategies that it serves."""

    data: str
    budget: str
    family: str

    @property
    def name(self):
        return f"{self.data}-{self.budget}-{self.family}"


# Families: a model, and what is asked of it.


def mlp():
    return make_estimator("mlp")


def ensemble():
    """Five nets of the preset "mlp"; the ensemble is the last step, so that it is a committee."""
    return make_pipeline(TableEncoder(kind="dense"), EnsembleClassifier(NeuralClassifier("MLP"), 5))


def reading_one_net():
    """All that one net with dropout serves; what would train a net for every candidate is left out."""
    other = {"committee", "multilabel", "predicted_loss", "discriminator_score"}
    return {
        name: strategy
        for name, strategy in strategies().items()
        if not other & set(strategy.info.reads) and name not in (BASELINE, "expected_error_reduction")
    }


def on_rows():
    """Strategies that read features and nothing else, on the columns of the rows in the place of the net's."""
    features, own_nets = {"embedding", "labels"}, {"vaal_query", "vae_core_set", "core_set_robust"}
    return {
        f"{name}, on rows": partial(strategy, embedding=FunctionTransformer())
        for name, strategy in strategies().items()
        if "embedding" in strategy.info.reads and set(strategy.info.reads) <= features and name not in own_nets
    }


def with_more_passes():
    """Mutual informations of ten passes are estimated too high: the same of as many passes as in their papers."""
    return {
        f"{name}, {N_PASSES} passes": partial(strategies()[name], n_samples=N_PASSES)
        for name in ("bald", "batch_bald", "epig")
    }


def reading_a_committee():
    """Strategies for committees; margin sampling of the same ensemble for comparison."""
    found = {name: s for name, s in strategies().items() if "committee" in s.info.reads}
    return {"margin_sampling": strategies()["margin_sampling"], **found}


def reading_losses():
    return {name: strategies()[name] for name in ("learning_loss_sampling", "margin_sampling")}


FAMILIES = {
    "mlp": (mlp, reading_one_net),
    "rows": (mlp, on_rows),
    "passes": (mlp, with_more_passes),
    "ensemble": (ensemble, reading_a_committee),
    "loss_net": (partial(make_estimator, "loss_net"), reading_losses),
}
FAMILY_TITLES = {
    "mlp": "One net",
    "rows": "One net, features of the rows",
    "passes": "One net, more passes with dropout",
    "ensemble": "Five nets",
    "loss_net": "A net that predicts its losses",
}
STUDIES = [
    Study(data, budget, family)
    for budget, family, data in itertools.product(BUDGETS, FAMILIES, TITLES)  # low budgets first
]
PAGES = {"one_net": ("mlp", "rows"), "other_models": ("passes", "ensemble", "loss_net")}  # of which families
