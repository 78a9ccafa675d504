"""Studies of the benchmark card: a set, a model and a budget each, grown by strategies and trials."""

import itertools
import time
import warnings

from _card_candidates import CANDIDATES
from _halves import HALVES, path_of, rows_of
from _stopping_runs import MODELS as LIGHT
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skal

POOL, TEST = 1000, 1000  # rows at most; of a smaller set a third is for test
BUDGETS = {
    "low": {"n_initial": 10, "n_instances": 8, "n_rounds": 5},
    "middle": {"n_initial": 50, "n_instances": 30, "n_rounds": 5},
    "large": {"n_initial": 200, "n_instances": 50, "n_rounds": 5},
}
MODELS = {
    "naive_bayes": LIGHT["naive_bayes"],
    "logistic": LIGHT["logistic"],
    # Behind a scaler, so that strategies of distances see columns of one unit as with the other models.
    "forest": lambda: make_pipeline(StandardScaler(), RandomForestClassifier(20, min_samples_leaf=2)),
}
STRATEGIES = (
    *("margin_sampling", "uncertainty_herding", "typiclust", "badge", "entropy_sampling", "uncertainty_sampling"),
    *("cluster_margin", "max_herding", "kmeans_sampling", "clue", "falcun", "galaxy", "core_set"),
    *("uncertainty_batch_sampling", "information_density_sampling", "facility_location", "prob_cover", "albl"),
)


def pool_of(n_rows):
    """Rows to ask for, of so many in all."""
    return min(POOL, n_rows * 2 // 3)


def fits(budget, n_rows):
    """Tell whether a budget leaves a choice: it is at most half of the pool."""
    plan = BUDGETS[budget]
    return plan["n_initial"] + plan["n_instances"] * plan["n_rounds"] <= pool_of(n_rows) // 2


def cells(archives, halves, names, models, budgets):
    """Yield (half, name, model, budget) of the sets that are there."""
    for half, model in itertools.product(halves, models):
        for name in HALVES[half]:
            if (names is None or name in names) and path_of(archives, name) is not None:
                for budget in budgets:
                    yield half, name, model, budget


def folder_of(out, name, model, budget):
    """Folder of a study."""
    return out / f"{name}-{model}-{budget}"


class Runner:
    """Grows studies one trial at a time, until the minutes are over."""

    def __init__(self, archives, out, strategies, minutes=None):
        self.archives, self.out = archives, out
        self.strategies = {name: CANDIDATES.get(name, name) for name in strategies}
        self.end = None if minutes is None else time.monotonic() + 60 * minutes
        self._rows = {}

    def run(self, cell, n_trials):
        """Run what one study lacks; False if the minutes are over."""
        if self.end is not None and time.monotonic() > self.end:
            return False
        _, name, model, budget = cell
        if name not in self._rows:
            self._rows[name] = rows_of(self.archives, name, POOL + TEST)
        X, y = self._rows[name]
        if fits(budget, len(y)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                skal.compare(
                    X,
                    y,
                    MODELS[model](),
                    self.strategies,
                    **BUDGETS[budget],
                    n_trials=n_trials,
                    initial="stratified",
                    test_size=1 - pool_of(len(y)) / len(y),
                    out=folder_of(self.out, name, model, budget),
                    data=name,
                    estimator_name=model,
                    predictions=False,
                    random_state=0,
                )
        return True
