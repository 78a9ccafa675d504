"""
Label a street scene, by clicks
===============================

Where pixels are labelled, an annotator draws polygons, and pays with clicks: a street full of things costs many times
what an empty one does. This page labels street scenes with a small net, asks for the images of which it is least
sure, and gives it and random drawing the same money.

The scenes are made up; with the folder of CamVid in the variable CAMVID its images are taken. Run it as a script with
a file name to keep the picture: ``python plot_label_a_street_scene.py scenes.png``.
"""

import os
import sys

import matplotlib.pyplot as plt
import numpy as np

from skal import ActiveLearner
from skal.annotation import Budget, ClickCost, approximate_mask
from skal.data import RowView
from skal.datasets import fetch_camvid
from skal.neural import NeuralSegmenter
from skal.outputs import proba
from skal.query import entropy_sampling, random_sampling
from skal.scores import entropy

# %%
# The scenes
# ----------
# Sky over road, and boxes that stand on it: none in some images, up to ten in others. A mask has the class of every
# pixel. 48 of 64 scenes are the pool, the others are for testing.


def made_scenes(n, height=32, width=48, seed=0):
    """Return images (n, 3, height, width) of bytes, and their masks of the classes 0 to 3."""
    rng = np.random.default_rng(seed)
    masks = np.zeros((n, height, width), dtype=np.uint8)
    for mask in masks:
        mask[rng.integers(10, 20) :] = 1
        for _ in range(rng.integers(0, 11)):
            top, left, side = rng.integers(8, height - 6), rng.integers(0, width - 8), rng.integers(4, 9)
            mask[top : top + side, left : left + side] = rng.integers(2, 4)
    colors = np.array([[90, 140, 210], [110, 110, 110], [180, 70, 60], [150, 120, 70]])
    X = colors[masks].transpose(0, 3, 1, 2) + rng.normal(0, 30, (n, 3, height, width))
    return X.clip(0, 255).astype(np.uint8), masks


if "CAMVID" in os.environ:
    data = fetch_camvid(os.environ["CAMVID"], resize=(45, 60))
    X, y, X_test, y_test = data.X[::6], data.y[::6], data.X_test[::12], data.y_test[::12]
else:
    X, y = made_scenes(64)
    X, y, X_test, y_test = X[:48], y[:48], X[48:], y[48:]

# %%
# What a mask costs
# -----------------
# `ClickCost` counts the corners of the polygons around all that is in a mask. They may be off by a pixel here; on
# images ten times the size it would be ten.

cost = ClickCost(tolerance=1)
prices = [cost(mask) for mask in y]
print(f"{len(X)} images in the pool: {min(prices):.0f} to {max(prices):.0f} clicks, {np.mean(prices):.0f} on average")

# %%
# Rounds of equal money
# ---------------------
# Every round has the money of four average images. The strategy ranks what remains, without a look at prices; images
# are labelled from the top of its list until the money is spent. The learner is taught what the clicks give: masks of
# polygons. Entropy is summed up by counting the pixels above half a nat.

budget = Budget(4 * float(np.mean(prices)))
first = np.random.default_rng(0).choice(len(X), 4, replace=False)


def segmenter():
    """A U-Net that learns such scenes in a second or two."""
    return NeuralSegmenter(module__width=8, module__depth=2, module__stride=1, max_epochs=25, batch_size=4, lr=2e-2)


def labelled(rows):
    """Return what the annotator's polygons give."""
    return np.stack([approximate_mask(y[row], tolerance=1) for row in rows])


def curve(strategy, n_rounds=3, **options):
    """Return clicks spent and mean IoU, before the first round and after each, and the learner."""
    learner = ActiveLearner(segmenter(), strategy, X[first], labelled(first), random_state=0)
    left = np.setdiff1d(np.arange(len(X)), first)
    clicks, quality, carried = [sum(prices[row] for row in first)], [learner.score(X_test, y_test)], 0.0
    for _ in range(n_rounds):
        ranked = left[learner.query(RowView(X, left), n_instances=len(left), **options)[0]]
        paid = budget.spend((cost(y[row]) for row in ranked), carried)
        learner.teach(X[ranked[: paid.n_paid]], labelled(ranked[: paid.n_paid]))
        left, carried = np.sort(ranked[paid.n_paid :]), paid.left
        clicks.append(clicks[-1] + paid.spent)
        quality.append(learner.score(X_test, y_test))
    return np.array(clicks), np.array(quality), learner


curves = {
    "entropy": curve(entropy_sampling, reduction="count_above:0.5"),
    "random": curve(random_sampling),
}
for name, (clicks, quality, learner) in curves.items():
    steps = ", ".join(f"{q:.3f} at {c:.0f} clicks" for c, q in zip(clicks, quality, strict=True))
    print(f"{name}: mean IoU {steps}; {len(learner.y_training)} images")

# %%
# The picture
# -----------
# An image, what is in it, what the net sees, and where it is unsure.

learner = curves["entropy"][2]
P = proba(learner, X_test[:1])[0]  # (classes, height, width)
unsure = entropy(P.reshape(len(P), -1).T).reshape(P.shape[1:])
figure, axes = plt.subplots(1, 5, figsize=(15, 3), layout="constrained")
maps = (X_test[0].transpose(1, 2, 0), y_test[0], learner.predict(X_test[:1])[0], unsure)
for axis, values, title in zip(axes, maps, ("image", "truth", "prediction", "entropy"), strict=False):
    axis.imshow(values)
    axis.set(title=title, xticks=[], yticks=[])
for name, (clicks, quality, _) in curves.items():
    axes[4].plot(clicks, quality, marker="o", label=name)
axes[4].set(xlabel="clicks", ylabel="mean IoU", title="one run")
axes[4].legend(frameon=False)
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=120)
print("One run is a hint, and no proof.")
