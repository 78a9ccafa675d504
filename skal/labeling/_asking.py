"""Which rows are asked next: by the strategy, at random, or, without a model, typical ones.

With no random rows and no conflicts the fits and queries are those of `skal.loop`: an arm of a comparison with the
same rows, labels, estimator, strategy and seed asks for the same rows.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import RowView, take
from skal.features import ImageEncoder, TableEncoder
from skal.labeling._errors import ProjectError
from skal.labeling._events import AUDIT, RANDOM
from skal.labeling._settings import Settings
from skal.labeling._sought import told
from skal.labeling.kinds import AnswerKind
from skal.loop import Labels, ask_round, fit_round, fitted_to_pool
from skal.outputs import embedding
from skal.query import reason_of, remembers, subsample
from skal.selection import typiclust
from skal.study import RegionSampling, loop_seed, parse_strategy

Indices = NDArray[np.intp]
_TYPICAL = 0x7E11  # seeds what is drawn without a model, apart from the rounds
_RESERVE = 0x5EED  # and the rows of the reserve, apart from all others
_NONE: Indices = np.empty(0, dtype=np.intp)


@dataclass(frozen=True)
class Chosen:
    """Rows chosen in one round, best first.

    Attributes
    ----------
    rows : ndarray of intp
        Positions in the data.
    whys : list of dict
        For each row ``by``, and what is known besides.
    round : int or None
        None where there was no model.
    notes : list of str
        What to tell.
    released : list of int
        Positions of audit rows that were chosen by the strategy too.
    looked : list of str
        What the model takes the rows for that were to be followed; empty where there was no model.
    """

    rows: Indices
    whys: list[dict[str, Any]]
    round: int | None
    notes: list[str]
    released: list[int] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)


class Chooser:
    """Chooses rows of a project's data.

    Parameters
    ----------
    settings : Settings
        Of the project.
    X : container of n rows
        The data.
    kind : AnswerKind
        Of the project.

    Attributes
    ----------
    classes : list of str
        Those that are known when rows are chosen.
    """

    def __init__(self, settings: Settings, X: Any, kind: AnswerKind) -> None:
        self.settings = settings
        self.kind = kind
        self.classes: list[str] = list(settings.classes)
        self.X = X
        self.n = len(X)
        self.seed = loop_seed(settings.seed)
        self._model: Any = None

    @property
    def model(self) -> Any:
        """The estimator of the project, unfitted; what it learns from rows without labels is fitted, once."""
        if self._model is None:
            model = self.kind.estimator(self.settings.estimator, self._columns())
            self._model = fitted_to_pool(model, self.X, np.arange(self.n), self.seed)
        return self._model

    def fitted(self, rows: Indices, labels: list[str], number: int) -> Any:
        """Return a learner fitted to labels, with the seed of a round."""
        remaining = np.setdiff1d(np.arange(self.n), rows)
        known = Labels(take(self.X, rows), rows, self.kind.values(labels, self.classes))
        with warnings.catch_warnings():
            # Many classes and few labels are what the beginning of labelling is like.
            warnings.filterwarnings("ignore", "The number of unique classes is greater than 50%")
            warnings.filterwarnings("ignore", "Label .* is present in all training examples")
            try:
                return fit_round(self.model, self.X, known, remaining, self._strategy(self.n), self.seed, number)
            except Exception as error:
                said = f"{type(error).__name__}: {error}"
                raise ProjectError(f"The estimator {self.settings.estimator} cannot be fitted. {said}") from error

    def choose(
        self,
        n: int,
        rows: Indices,
        labels: list[str],
        remaining: Indices,
        number: int,
        reserve: int = 0,
        audit: Indices = _NONE,
        hidden: Indices = _NONE,
        followed: Indices = _NONE,
        only_random: bool = False,
    ) -> Chosen:
        """Choose rows.

        Parameters
        ----------
        n : int
            How many.
        rows : ndarray of intp
            Rows whose labels hold, in the order in which they came.
        labels : list of str
            Their labels.
        remaining : ndarray of intp
            Rows that may be asked, rising.
        number : int
            Of the round.
        reserve : int, default=0
            Random rows besides, which come last; with `n` at most as many as remain.
        audit : ndarray of intp, default=()
            Audit rows among the n, of those that remain. The strategy does not know of them: one that it picks is its
            own.
        hidden : ndarray of intp, default=()
            Earlier audit rows. The strategy chooses among them too: they were drawn without asking it, and if it left
            them out, the rows that nobody chose would be harder where they are audited than where they are not.
        followed : ndarray of intp, default=()
            Rows whose guesses are kept. They have no part in the choice.
        only_random : bool, default=False
            Draw all rows at random, without the strategy; a model guesses what they are all the same.
        """
        rng = np.random.RandomState(np.random.SeedSequence(self.seed, spawn_key=(number, 2)).generate_state(1)[0])
        n_random = round(self.settings.random_share * n)
        left, known = remaining, set(hidden.tolist())
        remaining = np.union1d(remaining, hidden) if known else remaining
        if not self.kind.can_be_learned(self.kind.values(labels, self.classes)):
            chosen = self._without_model(n, n_random, rows, labels, remaining, rng, audit, known)
            return self._with_reserve(chosen, left, reserve, number)
        if only_random:
            drawn = rng.permutation(np.setdiff1d(left, audit))[: n - len(audit)]
            n_random = n - len(audit)
        else:
            drawn = rng.permutation(left)[:n_random]
        remaining = np.setdiff1d(remaining, drawn)
        learner = self.fitted(rows, labels, number)
        picked, scores = np.empty(0, dtype=np.intp), np.empty(0)
        if n > n_random + len(audit):
            picked, scores = self._picked(learner, remaining, n - n_random - len(audit), number)
        name = self.settings.strategy
        whys: list[dict[str, Any]] = [
            {"by": "strategy", "strategy": name, "score": float(scores[k]) if len(scores) == len(picked) else None}
            for k in range(len(picked))
        ]
        if whys and (reason := reason_of(learner.query_strategy, learner)) is not None:
            whys = [{**why, "reason": reason} for why in whys]
        chosen = _together(picked, whys, drawn, audit, known, number, rng)
        chosen = self._with_reserve(chosen, left, reserve, number)
        if len(followed):
            looked = self.kind.predicted(learner.estimator, take(self.X, followed), self.classes)[0]
            chosen = replace(chosen, looked=looked)
        if not len(chosen.rows):  # all that was picked is asked already
            return chosen
        guesses = self._guesses(learner, chosen.rows)
        return replace(chosen, whys=[{**why, **guess} for why, guess in zip(chosen.whys, guesses, strict=True)])

    def _picked(self, learner: Any, remaining: Indices, n: int, number: int) -> tuple[Indices, NDArray[Any]]:
        """Rows that the strategy picks, best first, and their scores."""
        learner.query_strategy = self._strategy(len(remaining))
        return ask_round(learner, self.X, remaining, n, self.seed, number)

    def _with_reserve(self, chosen: Chosen, remaining: Indices, n: int, number: int) -> Chosen:
        """Add random rows that are asked when nothing else waits; their draw changes no other."""
        if n == 0:
            return chosen
        seed = np.random.SeedSequence(self.seed, spawn_key=(number, len(remaining), _RESERVE)).generate_state(1)[0]
        rows = np.random.RandomState(seed).permutation(np.setdiff1d(remaining, chosen.rows))[:n]
        whys = [*chosen.whys, *({"by": RANDOM, "reserve": True} for _ in rows)]
        return replace(chosen, rows=np.concatenate([chosen.rows, rows]), whys=whys)

    def _without_model(
        self,
        n: int,
        n_random: int,
        rows: Indices,
        labels: list[str],
        remaining: Indices,
        rng: np.random.RandomState,
        audit: Indices,
        known: set[int],
    ) -> Chosen:
        """Typical rows of clusters that hold no label."""
        only = f"All {len(labels)} labels so far are {labels[0]!r}" if labels else "There is no label yet"
        if len(set(labels)) > 1:
            only = f"The {len(labels)} labels so far do not differ enough"
        notes = [f"{only}: a model needs {self.kind.needed}. Until then typical rows are asked, and random ones."]
        n_typical = n - n_random - len(audit)
        candidates = remaining
        if len(candidates) > self.settings.candidates:
            candidates = np.sort(rng.permutation(remaining)[: max(self.settings.candidates, n_typical)])
        picked = np.empty(0, dtype=np.intp)
        if n_typical:
            Z = self._features(candidates)
            centers = self._features(rows) if len(rows) else None
            seed = np.random.SeedSequence(self.seed, spawn_key=(len(rows), _TYPICAL)).generate_state(1)[0]
            places, _ = typiclust(Z, n_typical, centers, int(seed))
            picked = candidates[places]
        drawn = rng.permutation(np.setdiff1d(remaining, [*picked, *known]))[:n_random]
        chosen = _together(picked, [{"by": "typical"}] * len(picked), drawn, audit, known, None, rng)
        return replace(chosen, notes=notes)

    def _features(self, rows: Indices) -> NDArray[Any]:
        """Vectors of rows that no label is needed for, of length one."""
        if self._encoder is None:
            encoder: Any = ImageEncoder() if np.ndim(self.X) == 4 else TableEncoder(self._columns())
            rng = np.random.RandomState(self.seed)
            some = rng.permutation(self.n)[: self.settings.candidates]
            self._encoder = encoder.fit(take(self.X, np.sort(some)))
        Z = embedding(None, RowView(self.X, rows), self._encoder)
        lengths = np.linalg.norm(Z, axis=1, keepdims=True)
        return np.asarray(Z / np.where(lengths > 0, lengths, 1.0))

    _encoder: Any = None

    def _columns(self) -> dict[str, str] | None:
        """Uses of the columns that are there."""
        names = [str(name) for name in getattr(self.X, "columns", ())]
        return {name: kind for name, kind in self.settings.columns.items() if name in names} or None

    def _strategy(self, n_remaining: int) -> Any:
        strategy = told(without_memory(self.settings.strategy), self.settings.find)
        return subsample(strategy, self.settings.candidates) if n_remaining > self.settings.candidates else strategy

    def _guesses(self, learner: Any, rows: Indices) -> list[dict[str, Any]]:
        """What the model takes the rows for: compared with the answers later, it is kept and not shown."""
        return self.kind.guesses(learner, take(self.X, rows), self.classes)


def _together(
    picked: Indices,
    whys: list[dict[str, Any]],
    drawn: Indices,
    audit: Indices,
    known: set[int],
    number: int | None,
    rng: np.random.RandomState,
) -> Chosen:
    """Picks, random rows and audit rows as one batch; what is asked already is only released."""
    new = [place not in known for place in picked.tolist()]
    audit = audit[~np.isin(audit, picked)]
    released = [place for place in picked.tolist() if place in known]
    whys = [why for why, is_new in zip(whys, new, strict=True) if is_new]
    others = [{"by": RANDOM}] * len(drawn) + [{"by": AUDIT}] * len(audit)
    mixed, whys = _mixed(picked[new], whys, np.concatenate([drawn, audit]), others, rng)
    return Chosen(mixed, whys, number, [], released)


def _mixed(
    picked: Indices,
    whys: list[dict[str, Any]],
    drawn: Indices,
    drawn_whys: list[dict[str, Any]],
    rng: np.random.RandomState,
) -> tuple[Indices, list[dict[str, Any]]]:
    """Put random rows among the others, at random places: a person should not notice which they are."""
    if len(drawn) == 0:
        return picked, whys
    n = len(picked) + len(drawn)
    is_random = np.zeros(n, dtype=bool)
    is_random[rng.permutation(n)[: len(drawn)]] = True
    rows = np.empty(n, dtype=np.intp)
    rows[is_random], rows[~is_random] = drawn, picked
    random_ones, others = iter(drawn_whys), iter(whys)
    return rows, [next(random_ones if random else others) for random in is_random]


def without_memory(text: str) -> Any:
    """Return the strategy of a project, or raise if it learns from query to query: every command fits a new model."""
    _, strategy = parse_strategy(text)
    if not isinstance(strategy, RegionSampling) and remembers(strategy):
        raise ProjectError(
            f"Project: strategy must be one that needs no memory, got {text!r}: it learns from query to query, and a "
            "project keeps none. Take one of its parts, such as margin_sampling."
        )
    return strategy
