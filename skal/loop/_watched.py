"""Rounds with a criterion beside them: what it reads of each, what it says, and the end when it says stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skal.data import take
from skal.loop._round import Round
from skal.stopping import AuditRows, Criterion, Observation, Observer, draw_stop_set, read_stop, right_share


def watched(
    played: Iterator[Round],
    X: Any,
    candidates: NDArray[np.intp],
    random_state: int,
    stop: str | Mapping[str, Any] | Criterion | None,
    audit: tuple[Any, Any] | AuditRows | None,
) -> Iterator[Round]:
    """Yield the rounds with what is observed of them, up to the first after which the criterion says stop."""
    criterion = None if stop is None else read_stop(stop)
    needs = () if criterion is None else criterion.needs
    if audit is not None and not isinstance(audit, AuditRows):
        audit = AuditRows(*audit)
    if audit is None and {"score", "low"} & set(needs):
        raise ValueError(
            f"rounds: {type(criterion).__name__} reads scores on rows that are not learned from. Give audit=(X, y), "
            "random rows with labels (ActiveLearningClassifier: n_audit=), or a criterion of predictions: kappa."
        )
    return _with_verdicts(played, X, candidates, random_state, criterion, needs, audit)


def _with_verdicts(
    played: Iterator[Round],
    X: Any,
    candidates: NDArray[np.intp],
    random_state: int,
    criterion: Criterion | None,
    needs: tuple[str, ...],
    audit: AuditRows | None,
) -> Iterator[Round]:
    rows = draw_stop_set(candidates, random_state)
    observer = Observer(needs, take(X, rows), audit)
    history: list[Observation] = []
    before: Round | None = None
    for round_ in played:
        labeled = round_.labeled
        seen = observer.observe(
            round_.learner.estimator,
            round_.n_labels,
            cost=round_.cost,
            n_left=len(np.setdiff1d(candidates, labeled)),
            unlabeled=~np.isin(rows, labeled),
            asked_right=_asked_right(before, round_, X) if "asked_right" in needs else None,
        )
        history.append(seen)
        verdict = None if criterion is None else criterion.verdict(history)
        yield replace(round_, observation=seen, verdict=verdict)
        if verdict is not None and verdict.stop:
            return
        before = round_


def _asked_right(before: Round | None, now: Round, X: Any) -> float | None:
    """Share of what was asked for that the model of the round before predicted right."""
    if before is None or len(now.picked) == 0:
        return None
    return right_share(before.learner.estimator, X, now.picked, now.learner.y_training[-len(now.picked) :])
