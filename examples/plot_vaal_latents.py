"""
What VAAL sees
==============

VAAL asks for rows whose latent looks unlabelled. This page draws the latents: pool, labelled rows and picks, in one
plane.

Run it as a script with a file name to keep the picture: ``python plot_vaal_latents.py latents.png``.
"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from skal import QueryDisplay
from skal.adversarial import VAAL

# %%
# Fit and ask
# -----------
# 800 digits as rows of 64 numbers. Twenty each of 0 to 4 are labelled. VAAL reads no labels, only which rows have
# one.

X, y = load_digits(return_X_y=True)
X, y = X[:800], y[:800]
labeled = np.concatenate([np.flatnonzero(y == digit)[:20] for digit in range(5)])
pool = np.setdiff1d(np.arange(len(y)), labeled)

vaal = VAAL(max_steps=300, judge_steps=200, random_state=0)
vaal.fit(X[labeled], y[labeled], X_unlabeled=X[pool])
picks = vaal.query(X[pool], n_instances=40)
shares = [np.mean(digits > 4) for digits in (y[pool][picks], y[pool])]
print(f"{shares[0]:.0%} of the picks are of digits without a label, and {shares[1]:.0%} of the pool")

# %%
# The plane
# ---------
# `QueryDisplay.from_estimator` takes any fitted estimator with ``transform``: VAAL and SRAAL, whose own picks it
# draws, or a `skal.neural.VariationalAutoencoder` with picks made elsewhere. t-SNE starts from the principal
# components, with a fixed perplexity and seed, and is fitted once, to all rows shown: labelled rows and pool in two
# fits would lie in two planes. The second picture is the same plane with the digits, which VAAL has not seen.

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 5.2), layout="constrained")
display = QueryDisplay.from_estimator(
    vaal, X[pool], picked=picks, X_labeled=X[labeled], method="tsne", random_state=0, ax=left
)

places = np.concatenate([display.pool, display.labeled, display.picked])
digits = np.concatenate([np.delete(y[pool], picks), y[labeled], y[pool][picks]])
new = digits > 4
right.scatter(*places[~new].T, s=10, color="#0072b2", linewidths=0, label="digits with labels")
right.scatter(*places[new].T, s=10, color="#e69f00", linewidths=0, label="digits without")
for digit in range(10):
    right.text(*np.median(places[digits == digit], axis=0), str(digit), fontsize=15, weight="bold", ha="center")
right.set_xlabel(display.axis_names[0])
right.spines[["top", "right"]].set_visible(False)
right.legend(loc="lower left", bbox_to_anchor=(0, 1.01), ncols=2, frameon=False, borderaxespad=0, handletextpad=0.3)
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=120)

# %%
# What came out
# -------------
# The picks lie where no labelled row is. They do so in the latent itself, and not only in the picture, which keeps
# neighbours and no distances. And they lie close together: each is the best by its own score, and nothing keeps
# them apart. Ask for few rows at a time, and fit again.

Z, Z_labeled = vaal.transform(X[pool]), vaal.transform(X[labeled])
nearest = np.linalg.norm(Z[:, None] - Z_labeled[None], axis=2).min(axis=1)
print(f"distance to the nearest labelled latent: picks {np.median(nearest[picks]):.2f}, all {np.median(nearest):.2f}")
kinds, counts = np.unique(y[pool][picks], return_counts=True)
print("digits among the picks:", ", ".join(f"{count} of {kind}" for kind, count in zip(kinds, counts, strict=True)))
print(f"AUC of the two pools {vaal.diagnostics_.auc:.2f}, chance up to {vaal.diagnostics_.chance:.2f}")
