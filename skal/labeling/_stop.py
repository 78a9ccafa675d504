"""May one stop? What a project knows of its rounds, for the criteria of `skal.stopping`, and what they say."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skal.labeling._answers import Answers
from skal.labeling._errors import ProjectError
from skal.labeling._status import Accuracy, MeanError
from skal.labeling.kinds import AnswerKind

if TYPE_CHECKING:
    from skal.labeling._auditing import Measured
    from skal.labeling.searching import Search
    from skal.stopping import Forecast, Observation

__all__ = ["rounds_known", "rounds_seen", "stopping_advice"]


def rounds_seen(answers: Answers, kind: AnswerKind, n_left: int) -> list[Observation]:
    """Return the rounds whose model has guessed random rows that are labelled by now.

    Parameters
    ----------
    answers : Answers
        Of the project.
    kind : AnswerKind
        Says how right a guess was.
    n_left : int
        Rows that may still be asked now.

    Returns
    -------
    list of Observation
        Labels that a round's model had learned from at most (those given before its first random row was asked), and
        how right it was about its random rows, which it did not know. There is no interval that holds whenever one
        looks, so criteria that need one refuse these rounds.
    """
    from skal.stopping import Observation

    given = sorted(min(event.seq for event in found.values()) for found in answers.by_row.values())
    pairs: dict[int, list[tuple[str, str]]] = defaultdict(list)
    begun: dict[int, int] = {}
    for row, guess in answers.guesses.items():
        ask, verdict = answers.asked[row][0], answers.verdict(row)
        if guess is None or ask.round is None or verdict is None or verdict.label is None:
            continue
        pairs[ask.round].append((guess, verdict.label))
        begun[ask.round] = min(begun.get(ask.round, ask.seq), ask.seq)
    found: list[Observation] = []
    for number in sorted(pairs):
        n_labels = sum(seq < begun[number] for seq in given)
        score = _score(kind.accuracy(pairs[number]))
        if score and n_labels > 0:
            left = n_left + len(given) - n_labels
            found.append(Observation(n_labels, n_left=left, n_audit=len(pairs[number]), **score))
    return found


def rounds_known(
    answers: Answers, kind: AnswerKind, n_left: int, on_audit: Measured | None, with_intervals: bool
) -> list[Observation]:
    """Return the rounds of a project: measured on its audit rows, or else on the random rows of each.

    Parameters
    ----------
    answers, kind, n_left
        As for `rounds_seen`.
    on_audit : Measured or None
        What audit rows say of the present model, where there are some that are answered.
    with_intervals : bool
        Whether intervals that hold for all looks together are wanted. Only audit rows give them.
    """
    if on_audit:
        from skal.labeling._audit_looks import rounds_audited

        return rounds_audited(on_audit, answers, kind, n_left, with_intervals)
    return [] if with_intervals else rounds_seen(answers, kind, n_left)


def stopping_advice(
    answers: Answers,
    kind: AnswerKind,
    n_left: int,
    stop: Any,
    on_audit: Measured | None = None,
    has_audit: bool = False,
    search: Search | None = None,
) -> Forecast | str:
    """Say what a criterion says, and what the next labels are expected to bring.

    Parameters
    ----------
    answers, kind, n_left, on_audit
        As for `rounds_known`.
    stop : str, dict, Criterion or None
        None: the expected gain, once six rounds are known; before, nothing is said.
    has_audit : bool, default=False
        Whether audit rows take the place of random ones.
    search : Search or None, default=None
        What is known of a search; criteria of its recall are then allowed.

    Returns
    -------
    Forecast or str
        Both are a sentence as text; where there is no forecast, it says why, or nothing.
    """
    from skal.stopping import ExpectedGain, Observation, forecast, read_stop

    criterion = ExpectedGain() if stop is None else read_stop(stop)
    kept = ("score", "low") if on_audit or has_audit else ("score",)
    if search is not None and set(criterion.needs) == {"recall_low"}:
        seen = Observation(max(search.n_labels, 1), n_left=n_left, recall_low=search.recall[0])
        return forecast([seen], criterion)
    if unknown := [name for name in criterion.needs if name not in kept]:
        raise ProjectError(
            f"status: {type(criterion).__name__} reads {', '.join(unknown)}, which a project does not keep of each "
            "round. It keeps scores and counts: take gain, value, convergence or budget"
            f"{', or target' if 'low' in kept else ', or target with audit rows'}."
        )
    if not criterion.needs:  # labels are counted as they are now
        return forecast([Observation(max(len(answers.labeled()), 1), n_left=n_left)], criterion)
    rounds = rounds_known(answers, kind, n_left, on_audit, "low" in criterion.needs)
    if len({one.n_labels for one in rounds}) < 6 and (stop is None or not rounds):
        if stop is None:
            return ""
        reason = "no guesses of random rows are known yet"
        if answers.released and not answers.audit:
            reason = "the audit rows were given to the training"
        elif has_audit:
            reason = "no audit row is answered yet, or no model can be fitted"
        return (
            f"{type(criterion).__name__} cannot say anything: it reads how good the models of earlier rounds were, "
            f"and {reason}. A budget can be asked for: --stop budget:n_labels=500."
        )
    rounds[-1] = replace(rounds[-1], labels_now=len(answers.labeled()))
    return forecast(rounds, criterion)


def _score(found: Any) -> dict[str, Any]:
    if isinstance(found, Accuracy):
        return {"score": found.n_right / found.n}
    if isinstance(found, MeanError):
        return {"score": -found.error, "unit": "minus the mean absolute error"}
    return {}
