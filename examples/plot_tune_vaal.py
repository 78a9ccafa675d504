"""
Tuning VAAL
===========

VAAL has settings of its own, above all how much the game between autoencoder and discriminator counts. In
`skal.ActiveLearningClassifier` a strategy is a parameter like any other, and its parameters are parameters too:
``query_strategy__adversarial_weight``.

Run it as a script with a file name to keep the picture: ``python plot_tune_vaal.py scores.png``.
"""

import sys
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skal import ActiveLearningClassifier
from skal.adversarial import VAAL
from skal.query import margin_sampling, random_sampling

# The pool is small and its first labels are drawn from it, so VAAL says at times that the two look alike.
warnings.simplefilter("ignore", ConvergenceWarning)

# %%
# A grid over a strategy's settings
# ---------------------------------
# The loop may see 30 labels of 178: ten to begin with, and ten in each of two rounds. The second part of the grid has
# one VAAL and settings that reach into it. A weight of 0 is the same without the game. Random sampling and margin
# sampling have no such settings, and belong in the grid all the same.

X, y = load_wine(return_X_y=True)
vaal = VAAL(latent_dim=4, max_steps=100, judge_steps=50)
loop = ActiveLearningClassifier(
    LogisticRegression(max_iter=1000), n_initial=10, n_instances=10, budget=30, random_state=0
)
pipeline = Pipeline([("scale", StandardScaler()), ("learn", loop)])
grid = [
    {"learn__query_strategy": [random_sampling, margin_sampling]},
    {
        "learn__query_strategy": [vaal],
        "learn__query_strategy__adversarial_weight": [0.0, 3.0],
    },
]
folds = RepeatedStratifiedKFold(n_splits=2, n_repeats=2, random_state=0)
search = GridSearchCV(pipeline, grid, cv=folds, refit=False).fit(X, y)  # the scores are all that is wanted

# %%
# The table: accuracy after 30 labels, fold by fold.


def name_of(params):
    strategy = params["learn__query_strategy"]
    if callable(strategy):
        return strategy.__name__
    return f"VAAL, adversarial_weight {params['learn__query_strategy__adversarial_weight']:g}"


by_fold = np.column_stack([search.cv_results_[f"split{fold}_test_score"] for fold in range(search.n_splits_)])
names = [name_of(params) for params in search.cv_results_["params"]]
for name, scores in zip(names, by_fold, strict=True):
    print(f"{name:<28} {'  '.join(f'{score:.3f}' for score in scores)}   mean {scores.mean():.3f}")

# %%
# The picture
# -----------

figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
order = np.argsort(by_fold.mean(axis=1))
for place, candidate in enumerate(order):
    color = "#d55e00" if names[candidate].startswith("VAAL") else "0.35"
    heights = place + np.linspace(-0.12, 0.12, by_fold.shape[1])  # equal scores stay apart
    axes.scatter(by_fold[candidate], heights, s=18, color=color, alpha=0.5, linewidths=0)
    axes.scatter(by_fold[candidate].mean(), place, s=90, marker="|", color=color, linewidths=2.5)
axes.set_yticks(range(len(order)), [names[candidate] for candidate in order])
axes.set(xlabel="accuracy after 30 labels: four folds, and their mean", title="Wine")
axes.grid(color="0.92", axis="x")
axes.spines[["top", "right"]].set_visible(False)
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=120)

# %%
# What came out
# -------------
# The best of four is a little too good, by luck, and the dots of a row lie as far apart as the rows do. Such a
# grid says which settings are worth a comparison with `skal.compare`, on more data and more trials; it is no verdict.

best = name_of(search.best_params_)
between, within = np.ptp(by_fold.mean(axis=1)), np.ptp(by_fold, axis=1).mean()
print(f"Best of the grid: {best}, {search.best_score_:.3f}; random sampling {by_fold[0].mean():.3f}.")
print(f"Means of candidates differ by {between:.3f}, folds of one candidate by {within:.3f}.")
