"""The pool in two dimensions, computed in the process of the trainer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import RowView, take
from skal.features import ImageEncoder, TableEncoder
from skal.labeling import Project, ProjectError
from skal.outputs import embedding

MOST = 2000  # rows
_FEW = 30  # rows; with fewer neighbours mean little
_TRUNCATED = 50  # dimensions that t-SNE sees
_SEED = 0x3A9  # apart from what else is drawn with the project's seed


class PoolMap:
    """A sample of the rows with places on a plane.

    Parameters
    ----------
    project : Project
        Open.
    most : int, default=2000
        Rows, at most. Up to half of them are rows that were answered or asked, the others are drawn at random.

    Notes
    -----
    t-SNE of the first 50 principal components: 2000 rows take some ten seconds of one core; the places are kept until
    the answered rows have doubled. Fewer than 30 rows are shown by two principal components.
    """

    def __init__(self, project: Project, most: int = MOST) -> None:
        self.project = project
        self.most = most
        self._places: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._xy: NDArray[np.float64] = np.empty((0, 2))
        self._method = "pca"
        self._n_known = -1

    def drawn(self) -> dict[str, Any]:
        """Return ids, places, guesses and uncertainties; both are None where no model can be fitted."""
        known = self._known()
        if self._n_known < 0 or len(known) > max(2 * self._n_known, 20):
            self._draw(known)
        guess, uncertainty = self._guesses()
        ids = self.project.ids
        return {
            "method": self._method,
            "of": "features",
            "rows": [ids[place] for place in self._places],
            "x": [round(float(x), 4) for x in self._xy[:, 0]],
            "y": [round(float(y), 4) for y in self._xy[:, 1]],
            "guess": guess,
            "uncertainty": uncertainty,
            "n_rows": len(ids),
            "sampled": len(self._places) < len(ids),
        }

    def _known(self) -> list[int]:
        """Rows that were answered or asked."""
        answers, places = self.project.read_answers(), self.project.data_rows.places
        return [places[row] for row in dict.fromkeys([*answers.by_row, *answers.asked]) if row in places]

    def _draw(self, known: list[int]) -> None:
        n = len(self.project.ids)
        rng = np.random.RandomState(np.random.SeedSequence((self.project.settings.seed, _SEED)).generate_state(1)[0])
        some = [known[k] for k in rng.permutation(len(known))[: self.most // 2]]
        others = np.setdiff1d(np.arange(n), np.array(some, dtype=np.intp))
        drawn = rng.permutation(others)[: self.most - len(some)]
        self._places = np.sort(np.concatenate([np.array(some, dtype=np.intp), drawn]))
        self._xy, self._method = on_a_plane(self._features(), self.project.settings.seed)
        self._n_known = len(known)

    def _features(self) -> NDArray[np.float64]:
        X, columns = self.project.data, self.project.settings.columns
        used = {str(name): columns[str(name)] for name in getattr(X, "columns", ()) if str(name) in columns}
        encoder: Any = ImageEncoder() if np.ndim(X) == 4 else TableEncoder(used or None)
        encoder.fit(take(X, self._places))
        return np.asarray(embedding(None, RowView(X, self._places), encoder), dtype=float)

    def _guesses(self) -> tuple[list[str | None], list[float | None]]:
        nothing: list[Any] = [None] * len(self._places)
        kind = self.project.kind
        if kind.control in ("mask", "region"):
            return nothing, nothing  # a guess is as large as an image
        try:
            model = self.project.model()
        except ProjectError:  # too few labels
            return nothing, nothing
        X = take(self.project.data, self._places)
        guess, probability = kind.predicted(model, X, self.project.classes)
        n_classes = max(len(getattr(model, "classes_", ())), 2)
        # 0 where the model is sure, 1 where all classes are alike to it
        unsure = [
            None if p is None else round(min(max((1.0 - p) * n_classes / (n_classes - 1), 0.0), 1.0), 4)
            for p in probability
        ]
        return list(guess), unsure


def on_a_plane(Z: NDArray[np.float64], seed: int = 0) -> tuple[NDArray[np.float64], str]:
    """Return places of rows, in [0, 1], and the method.

    Parameters
    ----------
    Z : ndarray of shape (n, d)
        Features.
    seed : int, default=0
        Of t-SNE.

    Returns
    -------
    xy : ndarray of shape (n, 2)
        Scaled by the larger of the two ranges.
    method : {"tsne", "pca"}
        Which one was used.
    """
    centred = Z - Z.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    components = left[:, :_TRUNCATED] * values[:_TRUNCATED]
    components *= np.where(components[np.abs(components).argmax(axis=0), np.arange(components.shape[1])] < 0, -1, 1)
    if components.shape[1] < 2:
        components = np.hstack([components, np.zeros((len(Z), 2 - components.shape[1]))])
    xy, method = components[:, :2], "pca"
    if len(Z) >= _FEW and values[0] > 0:
        from sklearn.manifold import TSNE

        method = "tsne"
        perplexity = min(30.0, (len(Z) - 1) / 4)
        start = xy / max(float(xy[:, 0].std()), 1e-12) * 1e-4
        made = TSNE(perplexity=perplexity, init=start, max_iter=500, random_state=seed, n_jobs=1)
        xy = made.fit_transform(components)
    low, size = xy.min(axis=0), np.ptp(xy, axis=0).max()
    return np.asarray((xy - low) / (size if size > 0 else 1.0), dtype=float), method
