"""
A strategy of one's own
=======================

A query strategy is a plain function of three steps: read something from the model, score or compare rows,
select. This page writes three, checks them, joins two of them, and asks whether any of them beats drawing
rows at random.

Run it as a script with a file name to keep the picture: ``python plot_own_strategy.py curves.png``.
"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import pairwise_distances_argmin_min
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skal
from skal.data import n_rows
from skal.outputs import embedding, proba
from skal.query import combine, query_strategy, score_strategy
from skal.selection import k_center, top_k
from skal.testing import check_query_strategy

# %%
# One score a row
# ---------------
# The simplest strategy gives each row a number, and the rows of the highest numbers are asked for. There is
# one direction: higher = ask first. Here the number is the ratio of the second largest probability to the
# largest: 1 where the model cannot decide, near 0 where it is sure.
#
# ``score_strategy`` does the rest: it checks what comes in and what goes out, breaks ties, and selects. The
# probabilities are read block by block, so a large pool costs the memory of one block. ``{common}`` and
# ``{picks}`` stand for the part of the documentation that all strategies share.


def runner_up_ratio(P):
    if P.shape[1] == 1:
        return np.zeros(len(P))  # a model that knows a single class never hesitates
    ranked = np.partition(P, [-2, -1], axis=1)
    ratio = ranked[:, -2] / ranked[:, -1]  # (n,), or (n, H, W) where pixels are labelled
    return ratio.reshape(len(P), -1).mean(axis=1)


@score_strategy(reads=("proba",))
def ratio_sampling(learner, X_pool):
    """Pick the rows whose second most likely class is nearly as likely as the first.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}
    """
    return proba(learner, X_pool, then=runner_up_ratio)


# %%
# A score may look at the labelled rows too. A body that names ``X_labeled`` gets them: from the learner, who
# remembers what it was taught, or from the caller. This one asks for what is unlike anything labelled.
# Distances are taken where the model takes them: behind the scaler, if the model is a Pipeline with one.


@score_strategy(reads=("embedding",))
def novelty_sampling(learner, X_pool, *, X_labeled=None):
    """Pick the rows that are farthest from the nearest labelled row.

    Parameters
    ----------
    {common}

    Returns
    -------
    {picks}
    """
    Z, labeled = embedding(learner, X_pool), embedding(learner, X_labeled)
    if len(labeled) == 0:
        return np.zeros(len(Z))  # nothing is labelled: all rows are equally new
    return pairwise_distances_argmin_min(Z, labeled)[1]


# %%
# Selecting rows together
# -----------------------
# The ten rows of the highest scores are often ten times the same question. A strategy that wants different
# questions selects rows together. It is made by ``query_strategy``, and its body ends in positions and
# scores, best first. This one makes a shortlist of uncertain rows and spreads its picks over it. Its own
# option, ``shortlist``, comes after the star.


@query_strategy(reads=("proba", "embedding"))
def spread_sampling(learner, X_pool, n_instances, *, shortlist=5, X_labeled=None, random_state=None):
    """Pick rows that are far from each other out of a shortlist of uncertain ones.

    Parameters
    ----------
    {common}
    shortlist : int, default=5
        The shortlist has so many rows for each row picked.

    Returns
    -------
    {picks}
    """
    ratio = proba(learner, X_pool, then=runner_up_ratio)
    uncertain, _ = top_k(ratio, min(shortlist * n_instances, n_rows(X_pool)), random_state)
    Z, labeled = embedding(learner, X_pool), embedding(learner, X_labeled)
    positions, distances = k_center(Z[uncertain], n_instances, labeled, random_state)
    return uncertain[positions], distances


# %%
# Are they sound?
# ---------------
# The conformance suite runs a strategy on small pools that are made to trip it: equal rows, equal scores,
# a single class, NaN, a pool of one row, sparse rows, a model that was never fitted. What fails is named.

for strategy in (ratio_sampling, novelty_sampling, spread_sampling):
    findings = check_query_strategy(strategy)
    passed = sum(found == "passed" for found in findings.values())
    print(f"{strategy.info.name}: {passed} checks passed, {len(findings) - passed} do not apply")

# %%
# Strategies that score rows one by one can be joined. The product asks for rows that are uncertain and new.

uncertain_and_new = combine("product", ratio_sampling, novelty_sampling)

# %%
# In a learner
# ------------
# The learner calls a strategy of one's own as it calls any other.

X, y = load_digits(return_X_y=True)
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
learner = skal.ActiveLearner(model, spread_sampling, X[:50], y[:50], random_state=0)
positions, rows = learner.query(X[50:], n_instances=5)
print(f"rows to label next: {50 + positions}")

# %%
# Do they pay?
# ------------
# A strategy that sounds good is not yet better than drawing rows at random, which costs nothing. ``compare``
# adds random sampling by itself. In each trial all strategies share the test rows, the first labels and the
# seeds, so that they can be compared trial by trial.

comparison = skal.compare(
    X,
    y,
    model,
    {
        "ratio": ratio_sampling,
        "novelty": novelty_sampling,
        "ratio x novelty": uncertain_and_new,
        "spread": spread_sampling,
    },
    n_initial=20,
    n_instances=20,
    n_rounds=6,
    n_trials=6,
    seed=0,
)

# %%
# The number for each strategy is the mean height of its learning curve. The difference from random comes
# with a 95 % interval over trials. The verdict is whether that interval leaves out zero.

print(f"{'strategy':<16} height  difference [95 %]         verdict")
for line in comparison.summaries():
    height = f"{line.name:<16} {line.area:6.3f}"
    if line.difference is None:
        print(f"{height}  {'':<24}  the baseline")
    else:
        found = line.difference
        print(f"{height}  {found.mean:+.3f} [{found.low:+.3f}, {found.high:+.3f}]  {found.verdict}")

# %%
# The curves show where the differences lie.

figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
for line in comparison.summaries():
    axes.plot(comparison.n_labels, line.mean, "--" if line.difference is None else "-", label=line.name)
axes.set(xlabel="labels", ylabel="accuracy on test data", title="Digits, mean of 6 trials")
axes.grid(color="0.9")
axes.legend(loc="lower right", frameon=False)
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=120)

# %%
# What came out
# -------------
# The verdict holds for these data, this model and this many labels. With four strategies, each with one
# chance in twenty of a false alarm, one verdict that leaves zero out by a hair is no discovery.

verdicts = {line.name: line.difference.verdict for line in comparison.summaries() if line.difference}
better = [name for name, verdict in verdicts.items() if verdict == "better than random"]
print(f"Better than random on digits: {', '.join(better) or 'none'}.")
print(f"Not shown to be better: {', '.join(name for name in verdicts if name not in better) or 'none'}.")
