"""
SRAAL on a table
================

A model that knows two kinds of wine cannot doubt a third: it has no name for it. SRAAL learns which rows look like
those that are labelled, and asks for the others. It stands in for any query strategy:
``ActiveLearner(estimator, query_strategy=sraal_query)``.

Run it as a script with a file name to keep the picture: ``python plot_sraal_table.py states.png``.
"""

import sys
from collections.abc import Callable
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skal import ActiveLearner
from skal.query import core_set, margin_sampling, pool_scores, random_sampling, sraal_query

# %%
# Two growers of three
# --------------------
# 178 wines of three growers, 13 measurements each. A third of them is for testing. Sixteen labels are there to
# begin with, eight each of two growers; nobody has labelled a wine of the third yet, and nobody knows that.

X, y = load_wine(return_X_y=True)


def begin(seed):
    """Pool and test rows, the rows of the pool that are labelled first, and the grower that is not among them."""
    X_pool, X_test, y_pool, y_test = train_test_split(X, y, test_size=1 / 3, stratify=y, random_state=seed)
    rng = np.random.default_rng(seed)
    unseen, *seen = rng.permutation(3)
    first = [rng.choice(np.flatnonzero(y_pool == grower), 8, replace=False) for grower in seen]
    return X_pool, X_test, y_pool, y_test, np.concatenate(first), unseen


X_pool, X_test, y_pool, y_test, first, unseen = begin(seed=0)
rest = np.setdiff1d(np.arange(len(X_pool)), first)
print(f"{len(first)} labels, {len(rest)} rows to ask for, {np.mean(y_pool[rest] == unseen):.0%} of grower {unseen}")

# %%
# The learner
# -----------
# The estimator is any classifier of scikit-learn, here behind a scaler. SRAAL sees the rows as it does, scaled, and
# reads its probabilities. With few rows a few steps are enough; by default it takes 500 and 300. ``classes`` says
# that there are three growers, so that the third comes as no surprise.

ask = partial(sraal_query, max_steps=150, judge_steps=100)
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
learner = ActiveLearner(model, ask, X_pool[first], y_pool[first], classes=[0, 1, 2], random_state=0)
print(f"accuracy with {len(first)} labels: {learner.score(X_test, y_test):.2f}")

states = pool_scores(ask, learner, X_pool[rest], random_state=0)
positions, rows = learner.query(X_pool[rest], n_instances=10)
print(f"growers of the ten rows asked for: {y_pool[rest][positions]}")
learner.teach(rows, y_pool[rest][positions])
print(f"accuracy with {len(learner.y_training)} labels: {learner.score(X_test, y_test):.2f}")

# %%
# The score of a row is its predicted state: near 0 like the labelled rows, near 1 unlike them. A row has a low one
# for two reasons: it looks like labelled rows, or the model is sure of it.

figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
colors = ["#0072b2", "#009e73", "#cc79a7"]
rng = np.random.default_rng(0)
growers = sorted(range(3), key=lambda grower: grower == unseen)
for place, grower in enumerate(growers):
    own = states[y_pool[rest] == grower]
    axes.scatter(own, place + rng.uniform(-0.25, 0.25, len(own)), s=22, color=colors[grower], alpha=0.7, linewidths=0)
axes.set_yticks(range(3), [f"grower {grower}" + ", never labelled" * int(grower == unseen) for grower in growers])
axes.axvline(np.sort(states)[-10], color="0.3", linestyle="--", linewidth=1)
axes.text(np.sort(states)[-10], 0, "asked for → ", va="center", ha="right", fontsize=9)
axes.set_xlabel("predicted state: 0 like the labelled rows, 1 unlike them")
axes.spines[["top", "right"]].set_visible(False)
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=120)

# %%
# Against other ways to ask
# -------------------------
# One query of ten rows, in three splits. Margin sampling asks where two known growers are hard to tell apart; where
# the third one lies between them it is found, and where it lies beside them it is not. Core-set sampling asks for
# rows far from all others. Random sampling finds the third grower too: it is no rare one.

strategies: dict[str, Callable] = {
    "random_sampling": random_sampling,
    "margin_sampling": margin_sampling,
    "core_set": core_set,
    "sraal_query": ask,
}
shares: dict[str, list[float]] = {name: [] for name in strategies}
scores: dict[str, list[float]] = {name: [] for name in strategies}
for seed in range(3):
    X_pool, X_test, y_pool, y_test, first, unseen = begin(seed)
    rest = np.setdiff1d(np.arange(len(X_pool)), first)
    for name, strategy in strategies.items():
        learner = ActiveLearner(model, strategy, X_pool[first], y_pool[first], classes=[0, 1, 2], random_state=seed)
        positions, rows = learner.query(X_pool[rest], n_instances=10)
        learner.teach(rows, y_pool[rest][positions])
        shares[name].append(np.mean(y_pool[rest][positions] == unseen))
        scores[name].append(learner.score(X_test, y_test))

print("strategy          picks of the third grower, by split    accuracy afterwards, by split")
for name in strategies:
    found = " ".join(f"{share:5.0%}" for share in shares[name])
    print(f"{name:<16}  {found:<37}  {' '.join(f'{score:.2f}' for score in scores[name])}")

# %%
# What came out
# -------------
# SRAAL looks for what is unlike the labels, and finds it. That need not be what the model lacks most: ten rows of
# the new grower and none of the others leave it less sure elsewhere. So the accuracy is what to look at, on your own
# data, with `skal.compare`.

for name in ("sraal_query", "random_sampling"):
    print(f"{name}: {np.mean(shares[name]):.0%} of the picks, accuracy {np.mean(scores[name]):.3f} on the mean.")
