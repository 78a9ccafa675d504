"""
Tuning a strategy
=================

`skal.ActiveLearningClassifier` is a whole active learning loop as one estimator: ``fit(X, y)`` uses ``y`` as
the annotator, asks for a fixed number of labels, and trains on these alone. So the tools of scikit-learn
measure and tune a query strategy as they do any other parameter.

Run it as a script with a file name to keep the picture: ``python plot_tune_strategy.py scores.png``.
"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold, StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skal import ActiveLearningClassifier
from skal.query import core_set, entropy_sampling, margin_sampling, random_sampling
from skal.statistics import paired_difference

X, y = load_digits(return_X_y=True)

# %%
# A loop inside a Pipeline
# ------------------------
# The scaler sees all rows, since it needs no labels. The classifier behind it may look at 120 labels, 20 to
# start with and 20 a round, and chooses which.

loop = ActiveLearningClassifier(
    LogisticRegression(max_iter=1000),
    query_strategy=margin_sampling,
    n_initial=20,
    n_instances=20,
    budget=120,
    random_state=0,
)
pipeline = Pipeline([("scale", StandardScaler()), ("learn", loop)])

pipeline.fit(X, y)
history = pipeline["learn"].history_
print(f"{len(history)} fits, with {[entry['n_labels'] for entry in history]} labels")
print(f"asked for in the first round: rows {history[1]['picked'][:5]} and {len(history[1]['picked']) - 5} more")

# %%
# What a score means
# ------------------
# ``cross_val_score`` plays the loop once in each training part, and tests the model at its end on the part
# that was left out. So the number is the accuracy after 120 labels of about 1440 rows. It says nothing about
# the way there: for whole curves there is `skal.compare`.

folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
scores = cross_val_score(pipeline, X, y, cv=folds)
print(f"accuracy after 120 labels, in 5 folds: {scores.round(3)}, mean {scores.mean():.3f}")

with_all_labels = Pipeline([("scale", StandardScaler()), ("learn", LogisticRegression(max_iter=1000))])
print(f"the same model with all labels: {cross_val_score(with_all_labels, X, y, cv=folds).mean():.3f}")

# %%
# A grid of strategies
# --------------------
# The strategy is a parameter, and so is the number of labels to start with. The budget stays the same for
# all: a label that is drawn at random at the start cannot be asked for later. Random sampling belongs in
# every such grid, since it costs nothing. Two splits into four parts give eight scores for each candidate.

strategies = [random_sampling, entropy_sampling, margin_sampling, core_set]
sizes = [10, 20, 40, 80]
grid = {"learn__query_strategy": strategies, "learn__n_initial": sizes}
folds = RepeatedStratifiedKFold(n_splits=4, n_repeats=2, random_state=0)
search = GridSearchCV(pipeline, grid, cv=folds).fit(X, y)

# %%
# The table: strategies by rows, first labels by columns. Behind each mean stands the standard deviation over
# the eight scores.

by_fold = np.column_stack([search.cv_results_[f"split{fold}_test_score"] for fold in range(search.n_splits_)])
candidates = [
    (params["learn__query_strategy"].__name__, params["learn__n_initial"]) for params in search.cv_results_["params"]
]
accuracy = dict(zip(candidates, by_fold, strict=True))  # eight scores by strategy and first labels
names = [strategy.__name__ for strategy in strategies]

print("n_initial".ljust(18) + "".join(f"{size:>16}" for size in sizes))
for name in names:
    cells = [accuracy[name, size] for size in sizes]
    print(name.ljust(18) + "".join(f"{cell.mean():>8.3f} ± {cell.std(ddof=1):.3f}" for cell in cells))

# %%
# The picture
# -----------

figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
for name in names:
    means = [accuracy[name, size].mean() for size in sizes]
    axes.plot(sizes, means, "o--" if name == "random_sampling" else "o-", label=name)
axes.set(xlabel="first labels, drawn at random", ylabel="accuracy after 120 labels", title="Digits, mean of 8 folds")
axes.set_xticks(sizes)
axes.grid(color="0.9")
axes.legend(frameon=False)
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=120)

# %%
# What came out
# -------------
# The best candidate is the best of sixteen, so its score is a little too good: some of it is luck. What can
# be said is how it stands against random sampling with as many first labels, fold by fold. Even this is a
# hint and no test, since the training parts of the folds share rows. And in real work nobody has the labels
# to run this grid: tune on data that are labelled already and like yours, and take the winner along.

best = (search.best_params_["learn__query_strategy"].__name__, search.best_params_["learn__n_initial"])
print(f"Best: {best[0]} from {best[1]} first labels, accuracy {search.best_score_:.3f} after 120 labels.")
if best[0] == "random_sampling":
    print("No strategy did better than drawing rows at random.")
else:
    found = paired_difference(accuracy[best], accuracy["random_sampling", best[1]])
    print(f"Against random, fold by fold: {found.mean:+.3f}, 95 % interval [{found.low:+.3f}, {found.high:+.3f}].")
