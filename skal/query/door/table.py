"""Strategies whose body is one expression, "read, then score": a row of a table is all that tells them apart."""

from __future__ import annotations

import functools
import inspect
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from skal.outputs import decision_values, has_decisions_alone
from skal.query.door.docs import NORMALIZED, PASSES, REDUCTION
from skal.query.door.strategy import ScoreStrategy
from skal.query.ranges import Range, whole

_WIDTH = 112  # letters of a line of documentation


@dataclass(frozen=True)
class Option:
    """An option that several strategies of a table have.

    Attributes
    ----------
    name : str
        As it is given.
    kind : str
        Annotation, as signatures show it.
    default : object
        Where it is not given.
    says : str
        Its entry in the documentation.
    range : Range or None, default=None
        Values that it may have, where it is a number.
    """

    name: str
    kind: str
    default: Any
    says: str
    range: Range | None = None


REDUCE = Option("reduction", "Reduction", "mean", REDUCTION.strip())
NORMALIZE = Option("normalized", "bool", False, NORMALIZED.strip())
N_SAMPLES = Option("n_samples", "int", 10, PASSES.strip(), whole())


class Table:
    """Strategies that score one reading of the model.

    Parameters
    ----------
    home : str
        Module that the strategies belong to: its ``__name__``.
    reads : str
        Name of the reading, as in `query_strategy`.
    read : callable
        ``read(learner, X_pool, then=score)``, which also takes what `options` name and, if it is seeded,
        ``random_state``.
    cost : str
        What the reading costs, said of each strategy.
    options : sequence of Option, default=()
        Of the reading itself.
    seeded : bool, default=False
        Whether the reading draws.
    """

    def __init__(
        self,
        home: str,
        reads: str,
        read: Callable[..., Any],
        *,
        cost: str,
        options: Sequence[Option] = (),
        seeded: bool = False,
    ):
        self._home, self._reads, self._read, self._cost = home, reads, read, cost
        self._options, self._seeded = tuple(options), seeded

    def row(
        self,
        name: str,
        score: Callable[..., Any],
        summary: str,
        *,
        more: str = "",
        options: Sequence[Option] = (),
        notes: str = "",
        sources: Sequence[str],
        decided_by: Callable[..., Any] | None = None,
    ) -> ScoreStrategy:
        """Make the strategy of one row.

        Parameters
        ----------
        name : str
            Under which it stands in its module.
        score : callable
            ``score(P, **options)``: what is read to one score a row, higher = ask first.
        summary, more : str
            First sentence of the documentation, and what follows it.
        options : sequence of Option, default=()
            Of the score.
        notes : str, default=""
            What is to be said behind the cost.
        sources : sequence of str
            Papers.
        decided_by : callable, default=None
            Scores decision values, where a model has these and no probabilities.

        Returns
        -------
        ScoreStrategy
            The strategy.
        """
        own = tuple(option.name for option in options)
        defaults = {option.name: option.default for option in (*self._options, *options)}

        def body(learner: Any, X_pool: Any, **given: Any) -> Any:
            if decided_by is not None and has_decisions_alone(learner):
                return decision_values(learner, X_pool, then=decided_by)
            to_reading = {**defaults, **given}
            to_score = {option: to_reading.pop(option) for option in own}
            return self._read(learner, X_pool, then=functools.partial(score, **to_score), **to_reading)

        every = [*self._options, *options]
        body.__name__ = body.__qualname__ = name
        body.__module__ = self._home
        body.__doc__ = self._documentation(summary, more, every, notes, sources)
        body.__signature__ = _signature(every, self._seeded)  # type: ignore[attr-defined]
        ranges = {option.name: option.range for option in every if option.range is not None}
        return ScoreStrategy(body, reads=(self._reads,), ranges=ranges, takes_decisions=decided_by is not None)

    def _documentation(
        self, summary: str, more: str, options: Sequence[Option], notes: str, sources: Sequence[str]
    ) -> str:
        """Put a docstring together; the door fills in what all strategies share."""
        paragraphs = f"{self._cost} {notes}".strip().split("\n\n")
        cited = [
            textwrap.fill(f".. [{k}] {text}", _WIDTH, subsequent_indent=" " * 7) for k, text in enumerate(sources, 1)
        ]
        parts = [
            summary,
            *([textwrap.fill(more, _WIDTH)] if more else ()),
            "\n".join(["Parameters\n----------\n{common}", *(option.says for option in options)]),
            "Returns\n-------\n{picks}",
            "Notes\n-----\n" + "\n\n".join(textwrap.fill(paragraph, _WIDTH) for paragraph in paragraphs),
            "References\n----------\n" + "\n".join(cited),
        ]
        return "\n\n".join(parts) + "\n"


def _signature(options: Sequence[Option], seeded: bool) -> inspect.Signature:
    either, keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter(name, either, annotation="Any") for name in ("learner", "X_pool")]
    parameters += [
        inspect.Parameter(option.name, keyword, default=option.default, annotation=option.kind) for option in options
    ]
    if seeded:
        parameters.append(inspect.Parameter("random_state", keyword, default=None, annotation="Any"))
    return inspect.Signature(parameters)
