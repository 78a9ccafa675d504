"""
SRAAL on images
===============

What does a query ask for, and why? Here SRAAL is used as an estimator, with ``fit`` and ``query``, on images of
which half the kinds have no label, and its picks are shown with their scores.

Run it as a script with a file name to keep the picture: ``python plot_sraal_images.py picks.png``.
"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from skal.adversarial import SRAAL
from skal.neural import NeuralClassifier

# %%
# Images of which half the kinds are known
# ----------------------------------------
# Images are arrays (n, channels, height, width), of bytes or of floats. Twenty each of the digits 0 to 4 are
# labelled. The pool has all ten.

X, y = load_digits(return_X_y=True)
images = (X.reshape(-1, 1, 8, 8) * (255 / 16)).astype(np.uint8)
labeled = np.concatenate([np.flatnonzero(y == digit)[:20] for digit in range(5)])
pool = np.setdiff1d(np.arange(len(y)), labeled)
print(
    f"{len(labeled)} labelled images, {len(pool)} in the pool, {np.mean(y[pool] > 4):.0%} of digits without a label"
)

# %%
# Fit and ask
# -----------
# A task model is trained on the labels. Its uncertainty about an image of the pool, from 0 to 1, is the image's
# state, which a discriminator learns to predict from the latent of an autoencoder; labelled images have state 0.
# In between, autoencoder and discriminator play against each other. Few steps and a net of half the default width
# keep this page quick; the defaults take half a minute.

task = NeuralClassifier(max_epochs=30)
sraal = SRAAL(estimator=task, max_steps=100, judge_steps=100, module__width=1 / 16, random_state=0)
sraal.fit(images[labeled], y[labeled], X_unlabeled=images[pool])

picks, states = sraal.query(images[pool], n_instances=100, return_scores=True)
for count in (10, 50, 100):
    print(f"of the first {count:3d} picks {np.mean(y[pool][picks[:count]] > 4):.0%} are of digits without a label")

# %%
# The picks as pictures
# ---------------------
# Above each image stands its predicted state, below it the digit, and the uncertainty of the task model. In the last
# row are the images that look most like labelled ones: they are not worth a label.

predicted = sraal.score_samples(images[pool])
rows = {
    "asked for first": picks[:10],
    "every tenth of\n100 picks": picks[::10],
    "asked for last": np.argsort(predicted)[:10],
}
figure, axes = plt.subplots(3, 10, figsize=(10, 4.4), layout="constrained")
for line, (title, chosen) in zip(axes, rows.items(), strict=True):
    for place, row in zip(line, chosen, strict=True):
        place.imshow(images[pool[row], 0], cmap="gray_r", interpolation="nearest")
        place.set(xticks=[], yticks=[])
        place.set_title(f"{predicted[row]:.2f}", fontsize=9, pad=3)
        new = y[pool[row]] > 4
        place.set_xlabel(f"{y[pool[row]]}, u {sraal.states_[row]:.2f}", fontsize=8, color="#d55e00" if new else "0.2")
        for spine in place.spines.values():
            spine.set(color="#d55e00" if new else "0.75", linewidth=2 if new else 1)
    line[0].set_ylabel(title, fontsize=9, rotation=0, ha="right", va="center")
figure.suptitle(
    "predicted state above; digit and uncertainty below, orange: nobody has labelled this digit", fontsize=10
)
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=120)

# %%
# Whether to believe it
# ---------------------
# A discriminator always returns numbers. The diagnostics ask a second opinion: how well can held-out latents of
# labelled and unlabelled images be told apart? ``chance`` is what two equal pools would reach.

found = sraal.diagnostics_
print(f"AUC {found.auc:.2f}, chance up to {found.chance:.2f}; spread of the scores {found.spread:.2f}")

# %%
# ``history_`` has the mean of every loss for every fifty steps: first of the game, then of the judge, a fresh
# discriminator on an autoencoder that has come to rest. The scores are the judge's.

for line in sraal.history_:
    losses = {name: line[name] for name in ("reconstruction", "kl", "target", "discriminator") if name in line}
    print(f"{line['phase']:<9}  {', '.join(f'{name} {value:.2f}' for name, value in losses.items())}")

# %%
# What came out
# -------------
# The best picks need not be the best batch. Each image is chosen by its own score, so that a hundred picks may hold
# many of one kind and none of another: ask for few at a time.

kinds, counts = np.unique(y[pool][picks], return_counts=True)
print(
    "kinds among 100 picks:", ", ".join(f"{count} of digit {kind}" for kind, count in zip(kinds, counts, strict=True))
)
