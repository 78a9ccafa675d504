"""
A first loop
============

A model that has seen 20 digits asks for the ones it wants to see next. This page plays that loop by hand,
step by step, and then once more with rows drawn at random, from the same 20 digits.

Run it as a script with a file name to keep the picture: ``python plot_first_loop.py curves.png``.
"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skal import ActiveLearner
from skal.data import RowView
from skal.query import margin_sampling, random_sampling

# %%
# The data
# --------
# 1797 images of 8 x 8 pixels, each one row of 64 numbers. A third of them is kept for testing and is never
# asked for. The rest is the pool. We know its labels, and hide them from the model: ``y_pool`` plays the
# annotator, who is asked for one label at a time.

X, y = load_digits(return_X_y=True)
X_pool, X_test, y_pool, y_test = train_test_split(X, y, test_size=1 / 3, stratify=y, random_state=0)
print(f"{len(X_pool)} images in the pool, {len(X_test)} for testing")

# %%
# The first labels
# ----------------
# A model has to know something before it can ask, so the first 20 rows are drawn at random. From here on
# two lists of positions say all there is to say: what is labelled, and what remains. ``classes`` names all
# labels there are: 20 digits may lack one of them, and a label outside of the list is a typing error.

rng = np.random.default_rng(0)
initial = rng.choice(len(X_pool), size=20, replace=False)
remaining = np.setdiff1d(np.arange(len(X_pool)), initial)

model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
learner = ActiveLearner(model, margin_sampling, X_pool[initial], y_pool[initial], classes=range(10), random_state=0)
print(f"accuracy with {len(initial)} labels: {learner.score(X_test, y_test):.3f}")

# %%
# One round
# ---------
# ``query`` returns positions and rows, best first. The positions count within what it was given, which is
# what remains. `RowView` shows these rows without copying them. Margin sampling asks for the rows where the
# model hesitates between two digits.

positions, rows = learner.query(RowView(X_pool, remaining), n_instances=10)
asked = remaining[positions]
for row, digit, P in zip(asked[:3], y_pool[asked], learner.predict_proba(rows), strict=False):
    first, second = np.argsort(P)[::-1][:2]
    print(f"row {row}: {first} ({P[first]:.2f}) or {second} ({P[second]:.2f})? The annotator says {digit}.")

# %%
# ``teach`` adds the labelled rows to what the learner knows, and trains it. Then these rows leave the pool:
# a label is paid for once.

learner.teach(rows, y_pool[asked])
remaining = np.delete(remaining, positions)
print(f"accuracy with {len(learner.y_training)} labels: {learner.score(X_test, y_test):.3f}")

# %%
# The whole loop
# --------------
# The same steps, 20 times, for any strategy. Both strategies start from the same 20 labels and train the
# same model, so they differ by what they ask for, and by nothing else.


def learning_curve(query_strategy, n_rounds=20, n_instances=10):
    """Return the number of labels and the test accuracy, before the first round and after each."""
    learner = ActiveLearner(
        model, query_strategy, X_pool[initial], y_pool[initial], classes=range(10), random_state=0
    )
    remaining = np.setdiff1d(np.arange(len(X_pool)), initial)
    n_labels, accuracy = [len(initial)], [learner.score(X_test, y_test)]
    for _ in range(n_rounds):
        positions, rows = learner.query(RowView(X_pool, remaining), n_instances=n_instances)
        learner.teach(rows, y_pool[remaining[positions]])
        remaining = np.delete(remaining, positions)
        n_labels.append(len(learner.y_training))
        accuracy.append(learner.score(X_test, y_test))
    return np.array(n_labels), np.array(accuracy)


n_labels, by_margin = learning_curve(margin_sampling)
_, by_chance = learning_curve(random_sampling)

print("labels  margin  random")
for count, asked_for, drawn in zip(n_labels, by_margin, by_chance, strict=True):
    print(f"{count:6d}  {asked_for:6.3f}  {drawn:6.3f}")

# %%
# The picture
# -----------

figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
axes.plot(n_labels, by_margin, color="#0072b2", label="margin sampling")
axes.plot(n_labels, by_chance, "--", color="0.35", label="random")
axes.set(xlabel="labels", ylabel="accuracy on test data", title="Digits, one run")
axes.grid(color="0.9")
axes.legend(loc="lower right", frameon=False)
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=120)

# %%
# What came out
# -------------
# How many labels does margin sampling need for the best that random reached? This is one run. Another split
# and other first labels give other numbers, so it proves nothing yet: `skal.compare` repeats it and says how
# sure one may be.

best = by_chance.max()
if by_margin.max() >= best:
    enough = {"margin": n_labels[np.argmax(by_margin >= best)], "random": n_labels[np.argmax(by_chance >= best)]}
    print(f"To an accuracy of {best:.3f}: {enough['random']} labels at random, {enough['margin']} by margin.")
else:
    print(f"Margin sampling did not reach the {best:.3f} of random sampling.")
print("One run is a hint, and no proof.")
