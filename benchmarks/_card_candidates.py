"""What was tried for `auto_sampling` on the design half, each a strategy that the card can run by name."""

import numpy as np

from skal import scores
from skal.data import to_numpy
from skal.outputs import embedding as read_embedding
from skal.outputs import proba
from skal.query import margin_sampling, power_sampling, query_strategy
from skal.selection import herding, kmeans_medoids, nearest_pair, top_k, unit_rows
from skal.selection.typiclust import typiclust as typical


def _labels_a_class(y):
    y = to_numpy(y)
    return len(y) / max(2, len(np.unique(y)))


def _two(Z, centers, margins, n, n_typical, rng):
    """Some typical rows, and the least certain ones of the others."""
    first = np.empty(0, dtype=np.intp)
    if n_typical:
        first = typical(Z, n_typical, centers, rng)[0]
    rest = np.setdiff1d(np.arange(len(Z)), first)
    if n > n_typical:
        first = np.concatenate([first, rest[top_k(margins[rest], n - n_typical, rng)[0]]])
    return first, np.arange(n, 0, -1) / n


def _vectors(learner, X_pool, X_labeled):
    return unit_rows(read_embedding(learner, X_pool)), unit_rows(read_embedding(learner, X_labeled))


@query_strategy(reads=("proba", "embedding"))
def half_random(learner, X_pool, n_instances, *, random_state=None):
    """Half by margin, half at random."""
    margins = proba(learner, X_pool, then=scores.margin)
    n = n_instances // 2
    first = top_k(margins, n_instances - n, random_state)[0]
    rest = np.setdiff1d(np.arange(len(margins)), first)
    return np.concatenate([first, random_state.permutation(rest)[:n]]), np.arange(n_instances, 0, -1) / n_instances


@query_strategy(reads=("proba", "embedding"))
def half_typical(learner, X_pool, n_instances, *, X_labeled=None, random_state=None):
    """Half typical rows, half by margin."""
    Z, centers = _vectors(learner, X_pool, X_labeled)
    margins = proba(learner, X_pool, then=scores.margin)
    return _two(Z, centers, margins, n_instances, n_instances // 2, random_state)


@query_strategy(reads=("proba", "embedding"))
def tcm(learner, X_pool, n_instances, *, X_labeled=None, y_labeled=None, until=5.0, random_state=None):
    """Typical rows until so many labels a class, then margin."""
    Z, centers = _vectors(learner, X_pool, X_labeled)
    margins = proba(learner, X_pool, then=scores.margin)
    few = _labels_a_class(y_labeled) < until
    return _two(Z, centers, margins, n_instances, n_instances if few else 0, random_state)


@query_strategy(reads=("proba", "embedding"))
def soft_switch(learner, X_pool, n_instances, *, X_labeled=None, y_labeled=None, half_at=10.0, random_state=None):
    """Typical rows and margin, the share of the first falling as labels come."""
    Z, centers = _vectors(learner, X_pool, X_labeled)
    margins = proba(learner, X_pool, then=scores.margin)
    share = half_at / (half_at + _labels_a_class(y_labeled))
    return _two(Z, centers, margins, n_instances, round(share * n_instances), random_state)


@query_strategy(reads=("proba", "embedding"))
def switch(learner, X_pool, n_instances, *, X_labeled=None, y_labeled=None, low=3.0, high=30.0, random_state=None):
    """Typical rows, then uncertainty herding, then margin, by labels a class."""
    Z, centers = _vectors(learner, X_pool, X_labeled)
    margins = proba(learner, X_pool, then=scores.margin)
    labels = _labels_a_class(y_labeled)
    if low <= labels < high:
        return herding(Z, n_instances, centers, margins, random_state, width=nearest_pair(centers) or 1.0)
    return _two(Z, centers, margins, n_instances, n_instances if labels < low else 0, random_state)


@query_strategy(reads=("proba", "embedding"))
def spread_margin(learner, X_pool, n_instances, *, factor=5.0, random_state=None):
    """The rows of the smallest margins, `factor` for each pick, clustered; the medoids, weighed by uncertainty."""
    Z = unit_rows(read_embedding(learner, X_pool))
    return _spread(Z, proba(learner, X_pool, then=scores.margin), n_instances, factor, random_state)


def _spread(Z, margins, n, factor, rng):
    some = top_k(margins, min(len(Z), int(factor * n)), rng)[0]
    picks, found = kmeans_medoids(Z[some], n, random_state=rng)
    return some[picks], found


def _own_accuracy(centers, y):
    """Share of labelled rows whose nearest other labelled row is of their class."""
    if len(y) < 2:
        return 0.0
    near = centers @ centers.T
    np.fill_diagonal(near, -np.inf)
    return float((y[near.argmax(axis=1)] == y).mean())


def _tempered(P, target):
    """Probabilities at the temperature at which the mean of the highest is what is given."""
    target = min(max(target, 1.05 / P.shape[1]), 0.999)
    logits = np.log(np.maximum(P, 1e-12))
    low, high = 0.01, 100.0
    for _ in range(30):
        middle = np.sqrt(low * high)
        Q = np.exp(logits / middle - (logits / middle).max(axis=1, keepdims=True))
        sure = (1.0 / Q.sum(axis=1)).mean()  # the highest is one before it is divided
        low, high = (middle, high) if sure > target else (low, middle)
    return Q / Q.sum(axis=1, keepdims=True)


def _uncertainty(learner, X_pool, centers, y, floor=0.0):
    """Margin uncertainty of tempered probabilities, and how far the nearest labelled row is better than guessing."""
    own, guess = _own_accuracy(centers, y), np.unique(y, return_counts=True)[1].max() / len(y)
    P = proba(learner, X_pool, then=lambda P: P)
    skill = min(max((own - guess) / max(1 - guess, 1e-9), 0.0), 1.0)
    return scores.margin(_tempered(P, own)), skill


@query_strategy(reads=("proba", "embedding"))
def tempered_herding(learner, X_pool, n_instances, *, X_labeled=None, y_labeled=None, random_state=None):
    """Uncertainty herding whose confidence is tempered to what the nearest labelled row gets right."""
    Z, centers = _vectors(learner, X_pool, X_labeled)
    weights, _ = _uncertainty(learner, X_pool, centers, to_numpy(y_labeled))
    return herding(Z, n_instances, centers, weights, random_state, width=nearest_pair(centers) or 1.0)


@query_strategy(reads=("proba", "embedding"))
def typical_then_tempered(learner, X_pool, n_instances, *, X_labeled=None, y_labeled=None, until=4.0,
                          random_state=None):  # fmt: skip
    """Typical rows until so many labels a class, then tempered herding."""
    Z, centers = _vectors(learner, X_pool, X_labeled)
    if _labels_a_class(y_labeled) < until:
        return typical(Z, n_instances, centers, random_state)
    weights, _ = _uncertainty(learner, X_pool, centers, to_numpy(y_labeled))
    return herding(Z, n_instances, centers, weights, random_state, width=nearest_pair(centers) or 1.0)


@query_strategy(reads=("proba", "embedding"))
def skilled_herding(learner, X_pool, n_instances, *, X_labeled=None, y_labeled=None, random_state=None):
    """Herding of all rows alike while the labels tell no more than guessing, of uncertain ones the more they do."""
    Z, centers = _vectors(learner, X_pool, X_labeled)
    weights, skill = _uncertainty(learner, X_pool, centers, to_numpy(y_labeled))
    weights = (1 - skill) + skill * weights
    return herding(Z, n_instances, centers, weights, random_state, width=nearest_pair(centers) or 1.0)


@query_strategy(reads=("proba", "embedding"))
def soft_tempered(learner, X_pool, n_instances, *, X_labeled=None, y_labeled=None, half_at=4.0, random_state=None):
    """Typical rows and tempered herding, the share of the first falling as labels come."""
    Z, centers = _vectors(learner, X_pool, X_labeled)
    weights, _ = _uncertainty(learner, X_pool, centers, to_numpy(y_labeled))
    n = round(n_instances * half_at / (half_at + _labels_a_class(y_labeled)))
    first = typical(Z, n, centers, random_state)[0] if n else np.empty(0, dtype=np.intp)
    if n < n_instances:
        rest = np.setdiff1d(np.arange(len(Z)), first)
        known = np.concatenate([centers, Z[first]])
        more = herding(Z, n_instances - n, known, weights, random_state, width=nearest_pair(centers) or 1.0,
                       candidates=rest)[0]  # fmt: skip
        first = np.concatenate([first, more])
    return first, np.arange(n_instances, 0, -1) / n_instances


@query_strategy(reads=("proba", "embedding"))
def by_skill(learner, X_pool, n_instances, *, X_labeled=None, y_labeled=None, few=4.0, many=50.0, power=0.5,
             random_state=None):  # fmt: skip
    """Typical rows, then herding by skill to a power, then margin where labels are many and tell enough."""
    Z, centers = _vectors(learner, X_pool, X_labeled)
    weights, skill = _uncertainty(learner, X_pool, centers, to_numpy(y_labeled))
    each = _labels_a_class(y_labeled)
    if each < few:
        return typical(Z, n_instances, centers, random_state)
    if each >= many and skill >= 0.5:
        return top_k(proba(learner, X_pool, then=scores.margin), n_instances, random_state)
    trust = skill**power
    weights = (1 - trust) + trust * weights
    return herding(Z, n_instances, centers, weights, random_state, width=nearest_pair(centers) or 1.0)


@query_strategy(reads=("proba", "embedding"))
def by_skill_and_labels(learner, X_pool, n_instances, *, X_labeled=None, y_labeled=None, random_state=None):
    """As `by_skill`, with a trust that rises with the labels a class too, and margin from fifty on."""
    Z, centers = _vectors(learner, X_pool, X_labeled)
    weights, skill = _uncertainty(learner, X_pool, centers, to_numpy(y_labeled))
    each = _labels_a_class(y_labeled)
    if each < 4.0:
        return typical(Z, n_instances, centers, random_state)
    if each >= 50.0:
        return top_k(proba(learner, X_pool, then=scores.margin), n_instances, random_state)
    trust = max(skill, each / (each + 10.0))
    weights = (1 - trust) + trust * weights
    return herding(Z, n_instances, centers, weights, random_state, width=nearest_pair(centers) or 1.0)


CANDIDATES = {
    "half_random": half_random,
    "half_typical": half_typical,
    "tcm": tcm,
    "soft_switch": soft_switch,
    "switch": switch,
    "spread_margin": spread_margin,
    "tempered": tempered_herding,
    "typical_then_tempered": typical_then_tempered,
    "skilled_herding": skilled_herding,
    "soft_tempered": soft_tempered,
    "by_skill": by_skill,
    "by_skill_and_labels": by_skill_and_labels,
    "power_margin": power_sampling(margin_sampling),
}
