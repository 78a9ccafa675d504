"""BatchBALD: rows whose labels together tell the most about the model, found lazily."""

from __future__ import annotations

import numbers
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from skal.selection._common import Floats, Indices, Progress, RandomState, checked_n, generator, tie_ranks, untold

_BLOCK_ELEMENTS = 2**19  # of a table of probabilities in float64 at a time
_TIE = 1e-10  # nats: gains that differ by less differ by rounding
_SUMMARIES = (64, 256)  # merged beliefs, with which most rows are ruled out
_TINY = np.finfo(np.float64).tiny


def batch_bald(
    P: ArrayLike,
    n: int,
    random_state: RandomState = None,
    *,
    max_exact: int = 10_000,
    n_draws: int = 1000,
    random_tie_break: bool = True,
    progress: Progress | None = None,
) -> tuple[Indices, Floats]:
    """Select n rows one by one, each adding the most to what the labels of all picks together tell of the model.

    Maximises the mutual information of the joint label ``y_S`` and the member ``w``, greedily: what a row adds is
    ``I(y; w | y_S)``, the mean of its BALD score under the posteriors of w that the labels of the picks
    may leave behind.

    Parameters
    ----------
    P : array-like of shape (T, n_pool, C)
        Probabilities of T members, the same for all rows: T passes with dropout, each with the same masks
        for every row.
    n : int
        In [1, n_pool].
    random_state : int, RandomState or None, default=None
        Draws the order of ties and, beyond `max_exact`, joint labels; None: NumPy's global generator.
    max_exact : int, default=10_000
        While the picks have at most this many joint labels (``C**picks``, or fewer where a label settles the
        member), gains are exact.
    n_draws : int, default=1000
        Joint labels that are drawn, with weights, once there are more; gains are unbiased estimates then.
    random_tie_break : bool, default=True
        False: rows of equal gain (within 1e-10 nats) are taken in row order.
    progress : callable, default=None
        ``progress(picked, n)`` after each pick. What it raises ends the selection.

    Returns
    -------
    indices : ndarray of intp of shape (n,)
        Distinct rows, in the order of the picks.
    scores : ndarray of shape (n,)
        What each adds, in nats, never rising; the first is its BALD score, and their sum the score of the batch,
        at most log T.

    Raises
    ------
    ValueError
        If `P` is not of shape (T, n_pool, C) (pixels have no joint label), is negative or not finite, or a number is
        out of range.

    Notes
    -----
    The posteriors of all joint labels are kept rather than their probabilities: a joint label after which one
    member is certain, or nearly (1e-12 nats), has nothing more to gain and is dropped, so that the table shrinks as
    the batch grows. A table that is
    still too large is thinned by Fearnhead and Clifford's resampling: labels that
    leave much open stay, of the others some are drawn and weighted by the inverse of their chance.

    Gains only fall, so old ones are upper bounds. Others come from merging joint labels of alike posteriors:
    less is conditioned on, and since labels are independent given the member, the gain can only grow. Both are exact,
    so the picks are those of a search of all rows. Once labels are drawn, the bounds hold for the estimates up to
    their noise.

    Time O(n_pool T C) for the first pick; then a row costs O(K T C) for K joint labels where bounds do
    not rule it out, and 64 / K or 256 / K of that where they do. Memory beyond `P`: T numbers a row, and 2 T
    numbers a joint label.

    References
    ----------
    .. [1] Kirsch, van Amersfoort & Gal, "BatchBALD: efficient and diverse batch acquisition for deep Bayesian
       active learning", NeurIPS 2019, equations 8 to 14 and algorithm 1.
    .. [2] Fearnhead & Clifford, "On-line inference for hidden Markov models via particle filters", JRSS B 65,
       2003, section 3.
    .. [3] Minoux, "Accelerated greedy algorithms for maximizing submodular set functions", 1978.

    Examples
    --------
    Two rows that tell the same, and one that tells something else, if less:

    >>> same = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    >>> other = [[0.9, 0.1], [0.1, 0.9], [0.9, 0.1], [0.1, 0.9]]
    >>> indices, scores = batch_bald(np.stack([same, same, other], axis=1), 2, random_state=0)
    >>> sorted(indices.tolist()) == [0, 1], scores.round(3)
    (False, array([0.693, 0.368]))
    """
    pool = _Pool(_checked(P))
    n = checked_n(n, pool.n, "batch_bald")
    limit, n_draws = _checked_count("max_exact", max_exact), _checked_count("n_draws", n_draws)
    rng = generator(random_state)
    ranks = tie_ranks(pool.n, rng, random_tie_break)
    beliefs = Beliefs(np.ones(1), np.full((1, pool.n_members), 1.0 / pool.n_members))
    bounds = pool.gains(np.arange(pool.n), beliefs)
    picks = np.empty(n, dtype=np.intp)
    scores = np.empty(n)
    for position in range(n):
        if position > 0:
            beliefs = beliefs.after(pool.row(int(picks[position - 1])))
            if len(beliefs.weights) > limit:
                limit = n_draws  # from here on
                beliefs = beliefs.thinned(limit, rng)
            _refine(bounds, pool, beliefs)
        ties = np.flatnonzero(bounds >= bounds.max() - _TIE)
        row = int(ties[np.argmin(ranks[ties])])
        picks[position], scores[position] = row, bounds[row]
        bounds[row] = -np.inf
        (progress or untold)(position + 1, n)
    return picks, np.minimum.accumulate(scores)


@dataclass(frozen=True)
class Beliefs:
    """What may be thought of the member once the picks are labelled: one belief for each joint label.

    Attributes
    ----------
    weights : ndarray of shape (K,)
        Probability of the joint label; where labels are drawn, over their chance.
    posteriors : ndarray of shape (K, T)
        Probability of each member given the joint label.
    """

    weights: Floats
    posteriors: Floats

    def after(self, p: Floats) -> Beliefs:
        """Label one more row, whose probabilities are p (T, C); beliefs that are certain are dropped."""
        weights, posteriors = [], []
        for likelihood in p.T:
            joint = self.posteriors * likelihood  # (K, T)
            evidence = joint.sum(axis=1)
            seen = evidence > _TINY
            belief = joint[seen] / evidence[seen, None]
            unsure = _entropies(belief) > 1e-12
            weights.append((self.weights[seen] * evidence[seen])[unsure])
            posteriors.append(belief[unsure])
        return Beliefs(np.concatenate(weights), np.concatenate(posteriors))

    def thinned(self, limit: int, rng: np.random.RandomState) -> Beliefs:
        """Keep `limit` beliefs, drawn by what they leave open, and weighted so that sums stay unbiased."""
        chance = _chances(self.weights * _entropies(self.posteriors), limit)
        drawn = chance < 1.0
        steps = np.cumsum(np.where(drawn, chance, 0.0))
        hits = np.floor(steps + rng.random_sample())  # a systematic draw: one hit for each whole number passed
        keep = ~drawn | (np.diff(hits, prepend=0.0) > 0)
        return Beliefs(self.weights[keep] / chance[keep], self.posteriors[keep])

    def merged(self, k: int) -> Beliefs:
        """Merge alike beliefs into at most k; gains under these are at least those under the beliefs themselves."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            groups = KMeans(k, init="random", n_init=1, max_iter=10, random_state=0).fit_predict(
                np.sqrt(self.posteriors), sample_weight=self.weights
            )
        weights, sums = np.zeros(k), np.zeros((k, self.posteriors.shape[1]))
        np.add.at(weights, groups, self.weights)
        np.add.at(sums, groups, self.weights[:, None] * self.posteriors)
        present = weights > 0
        return Beliefs(weights[present], sums[present] / weights[present, None])


class _Pool:
    """Probabilities (T, n, C), read in float64 a block at a time, and the gains of their rows."""

    def __init__(self, P: Floats) -> None:
        self.P = P
        self.n_members, self.n, self.n_classes = P.shape
        self.entropies = np.empty((self.n_members, self.n))
        for rows in self._blocks(np.arange(self.n), 1):
            self.entropies[:, rows] = _entropies(self._read(rows))

    def row(self, row: int) -> Floats:
        return self._read(np.array([row]))[:, 0]

    def gains(self, rows: Indices, beliefs: Beliefs) -> Floats:
        """``I(y; w | y_S)`` of the rows: mean over beliefs of the entropy of y less that given the member."""
        if len(beliefs.weights) == 0:
            return np.zeros(len(rows))
        belief = beliefs.weights @ beliefs.posteriors  # (T,), their mean
        gains = np.empty(len(rows))
        start = 0
        for block in self._blocks(rows, len(beliefs.weights)):
            p = self._read(block).reshape(self.n_members, -1)  # (T, b C)
            predicted = beliefs.posteriors @ p  # (K, b C)
            logs = np.log(np.maximum(predicted, _TINY))
            logs *= predicted
            entropy = -(beliefs.weights @ logs).reshape(len(block), -1).sum(axis=1)
            gains[start : start + len(block)] = entropy - belief @ self.entropies[:, block]
            start += len(block)
        return np.maximum(gains, 0.0)

    def _read(self, rows: Indices) -> Floats:
        p = self.P[:, rows].astype(np.float64)  # (T, b, C)
        return np.asarray(p / p.sum(axis=2, keepdims=True))

    def _blocks(self, rows: Indices, n_beliefs: int) -> list[Indices]:
        step = max(1, _BLOCK_ELEMENTS // (max(n_beliefs, self.n_members) * self.n_classes))
        return [rows[start : start + step] for start in range(0, len(rows), step)]


def _refine(bounds: Floats, pool: _Pool, beliefs: Beliefs) -> None:
    """Lower bounds in place, highest first, until the highest that is left is a gain itself."""
    exact = np.full(len(bounds), -np.inf)  # gains of the rows that were looked at

    def look(rows: Indices) -> None:
        exact[rows] = bounds[rows] = np.minimum(bounds[rows], pool.gains(rows, beliefs))

    def candidates() -> Indices:
        rows = np.flatnonzero((bounds >= exact.max() - _TIE) & (bounds > _TIE) & np.isneginf(exact))
        return rows[np.argsort(-bounds[rows], kind="stable")]

    step = max(1, _BLOCK_ELEMENTS // (max(len(beliefs.weights), 1) * pool.n_classes))
    rows = candidates()
    for n_summaries in _SUMMARIES:
        if len(beliefs.weights) > 3 * n_summaries and len(rows) > 2 * step:
            look(rows[:step])
            rows = candidates()
            bounds[rows] = np.minimum(bounds[rows], pool.gains(rows, beliefs.merged(n_summaries)))
            rows = candidates()
    while len(rows):
        look(rows[:step])
        rows = candidates()


def _chances(values: Floats, limit: int) -> Floats:
    """Chances ``min(1, value / threshold)`` that add up to `limit`; all 1 where there are no more values."""
    if len(values) <= limit:
        return np.ones(len(values))
    falling = np.sort(values)[::-1]
    rest = np.cumsum(falling[::-1])[::-1]  # of the values from each on
    left = limit - np.arange(limit)
    n_sure = min(int((falling[:limit] * left >= rest[:limit]).sum()), limit - 1)
    threshold = rest[n_sure] / left[n_sure]
    return np.asarray(np.minimum(1.0, values / threshold))


def _entropies(p: Floats) -> Floats:
    """Entropies over the last axis, in nats."""
    return np.asarray(-(p * np.log(np.maximum(p, _TINY))).sum(axis=-1))


def _checked(P: ArrayLike) -> Floats:
    array: Floats = np.asarray(P)
    if array.dtype.kind != "f":
        array = array.astype(np.float64)
    if array.ndim != 3 or 0 in (array.shape[0], array.shape[2]):
        raise ValueError(f"batch_bald: P must have shape (T, n, C), one distribution a row, got {array.shape}.")
    if array.size and not (np.isfinite(array.min()) and np.isfinite(array.max())):
        bad = np.flatnonzero(~np.isfinite(array).all(axis=(0, 2)))
        raise ValueError(
            f"batch_bald: P must be finite, got NaN or infinity in {len(bad)} of {array.shape[1]} rows, first row "
            f"{bad[0]}."
        )
    if array.size and (array.min() < 0 or not (array.sum(axis=2) > 0).all()):
        raise ValueError("batch_bald: P must hold probabilities, got a negative number or a row of zeros.")
    return array


def _checked_count(name: str, value: int) -> int:
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral) or value < 1:
        raise ValueError(f"batch_bald: {name} must be an int >= 1, got {value!r}.")
    return int(value)
