"""The first labels, before any model is there to ask for more."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from skal.data import RowView
from skal.outputs import embedding
from skal.query import k_center_initialization
from skal.selection import k_center
from skal.targets import TargetKind, kind_of

Initial = Literal["random", "k_center", "vae_k_center", "stratified", "class_balanced"]
INITIAL = ("random", "k_center", "vae_k_center", "stratified", "class_balanced")


def initial_pool(
    X: Any,
    y: Any,
    n_initial: int,
    initial: Initial = "random",
    random_state: int | None = None,
    candidates: Any = None,
    kind: TargetKind | None = None,
) -> NDArray[np.intp]:
    """Choose the rows that are labelled first.

    Parameters
    ----------
    X : container of n rows
        All rows.
    y : array-like of shape (n,) or (n, L), or masks
        Their labels, looked at after a row is chosen: rows are added until two classes are seen, since
        most classifiers cannot be fitted to one; of several labels a row, until each is seen both ways. "stratified"
        and "class_balanced" look before. Masks and numbers are not looked at.
    n_initial : int
        Rows to choose; all candidates if there are fewer.
    initial : {"random", "k_center", "vae_k_center", "stratified", "class_balanced"}, default="random"
        "k_center": rows that cover the raw features; "vae_k_center": rows that cover the features of a VAE, which
        is fitted to all candidates (`skal.query.k_center_initialization`); "stratified": the shares of the
        classes, at least one row of each where there is room; "class_balanced": as many rows of each class, as far
        as there are, and of which classes one more is drawn. These two use labels nobody has paid for: they are for
        controlled comparisons.
    random_state : int or None, default=None
        Draws the rows.
    candidates : array-like of int, default=None
        Rows that may be chosen; None: all. `skal.annotation.biased_pool` gives those of some classes.
    kind : TargetKind, default=None
        Of the labels; None: as `skal.targets.kind_of` finds it.

    Returns
    -------
    ndarray of intp
        Distinct rows of `X`, in the order of the choice; more than `n_initial` only where `y` needs them.
    """
    kind = kind_of(y) if kind is None else kind
    if initial in kind.refused:
        raise ValueError(f"{kind.refused[initial].format(way=initial)}.")
    y = kind.as_array(y)
    rows = np.arange(len(y)) if candidates is None else np.asarray(candidates, dtype=np.intp)
    rng = np.random.RandomState(random_state)
    order = rows[rng.permutation(len(rows))]
    n_initial = min(n_initial, len(rows))
    if initial == "k_center":
        chosen = rows[k_center(embedding(None, RowView(X, rows)), n_initial, random_state=rng)[0]]
    elif initial == "vae_k_center":
        chosen = rows[k_center_initialization(RowView(X, rows), n_initial, random_state=rng)]
    elif initial in ("stratified", "class_balanced"):
        chosen = kind.in_turns(y, order, n_initial, by_share=initial == "stratified")
    elif initial == "random":
        chosen = order[:n_initial]
    else:
        raise ValueError(f"initial must be one of {INITIAL}, got {initial!r}.")
    return kind.completed(chosen, order, y)
