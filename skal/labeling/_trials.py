"""A trial of the strategy: whose turn it is, what the models of both halves say of a random row, and when it ends."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from skal.data import take
from skal.labeling._answers import Answers
from skal.labeling._data import ProjectData
from skal.labeling._events import AUDIT, RANDOM
from skal.labeling._settings import Settings
from skal.labeling._trial_rows import RANDOM_HALF, STRATEGY_HALF
from skal.labeling.kinds import AnswerKind
from skal.labeling.trial import TrialResult

if TYPE_CHECKING:
    from skal.labeling._asking import Chooser, Chosen

_LEVEL = 0.975  # half of the 5 % is kept for the luck of the rows that either half was given
_MEASURES = {"class": "accuracy", "labels": "jaccard", "number": "absolute error"}


def half_due(settings: Settings, answers: Answers, n: int) -> str | None:
    """Return the half whose rows are asked in the next round of n questions; None: no trial is going on.

    Halves take turns, unless one is behind by half a round or more.
    """
    if not settings.trial or settings.strategy in answers.trial.over:
        return None
    asked = answers.trial.n_of
    return STRATEGY_HALF if asked[STRATEGY_HALF] - asked[RANDOM_HALF] < n / 2 else RANDOM_HALF


def asks_random_rows(settings: Settings, answers: Answers) -> bool:
    """Whether a trial has found that the strategy is worse than random rows."""
    end = answers.trial.over.get(settings.strategy)
    return end is not None and (end.why or {})["result"]["verdict"] == "worse"


def marked(data: ProjectData, answers: Answers, chooser: Chooser, chosen: Chosen, half: str) -> list[dict[str, Any]]:
    """Return the reasons of a round's questions with their half, and with what both models say of random rows.

    Parameters
    ----------
    data, answers
        Of the project.
    chooser : Chooser
        Fits the models.
    chosen : Chosen
        The round.
    half : str
        Whose turn it was.
    """
    strategy = data.settings.strategy
    whys = [{**why, "trial": strategy, **_half(why, half)} for why in chosen.whys]
    compared = [
        k
        for k, why in enumerate(whys)
        if why["by"] in (RANDOM, AUDIT) and not answers.is_touched(data.ids[chosen.rows[k]])
    ]
    models = _models(data, answers, chooser, chosen.round) if compared else None
    if models is None:
        return whys
    X = take(data.rows.X, chosen.rows[compared])
    said = [chooser.kind.predicted(model, X, chooser.classes)[0] for model in models]
    scale = _scale(answers, chooser.kind)
    for k, *pair in zip(compared, *said, strict=True):
        whys[k] |= {"pair": pair, **({} if scale is None else {"scale": scale})}
    return whys


def present_result(settings: Settings, answers: Answers, kind: AnswerKind, ended: str = "") -> TrialResult:
    """Return what the trial that is going on, or is about to begin, says now.

    Parameters
    ----------
    settings, answers, kind
        Of the project.
    ended : str, default=""
        Why it is over, if it is.
    """
    from skal.statistics import anytime_difference

    rows = answers.trial
    scale = _scale(answers, kind) if rows.pairs else None
    found = anytime_difference(differences(answers, kind, scale), level=_LEVEL)
    held = [rows.halves.get(row) for row in answers.learned()]
    times = 1.0 if scale is None else scale
    return TrialResult(
        strategy=rows.strategy or settings.strategy,
        measure=_MEASURES[kind.name],
        verdict="better" if found.low > 0 else "worse" if found.high < 0 else "undecided",
        estimate=found.estimate * times if found.n else None,
        low=found.low * times,
        high=found.high * times,
        n=found.n,
        n_strategy=held.count(STRATEGY_HALF),
        n_random=held.count(RANDOM_HALF),
        n_questions=rows.n_asked,
        budget=settings.trial_budget,
        scale=scale,
        ended=ended,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def reason_to_end(settings: Settings, answers: Answers, kind: AnswerKind) -> str:
    """Return why the trial that is going on ends before the next round; empty: it goes on."""
    rows = answers.trial
    if rows.strategy is None:
        return ""
    if not settings.trial:
        return "said"
    if settings.strategy != rows.strategy:
        return "changed"
    if present_result(settings, answers, kind).verdict != "undecided":
        return "decided"
    return "budget" if 0 < settings.trial_budget <= rows.n_asked else ""


def differences(answers: Answers, kind: AnswerKind, scale: float | None) -> list[float]:
    """By how much the strategy's model was better about each random row that has a label, from -1 to 1."""
    found = []
    for row, ask in answers.trial.pairs.items():
        verdict = answers.verdict(row)
        if verdict is None or verdict.label is None:
            continue
        by_strategy, by_random = (kind.right(guess, verdict.label) for guess in (ask.why or {})["pair"])
        if scale is None:
            found.append(by_strategy - by_random)
        else:  # of a number it is an error
            found.append(min(max((by_random - by_strategy) / scale, -1.0), 1.0))
    return found


def _half(why: dict[str, Any], half: str) -> dict[str, str]:
    """Audit rows serve no model, and those of the reserve, which are asked while a model is trained, serve both."""
    return {} if why["by"] == AUDIT or why.get("reserve") else {"half": half}


def _models(data: ProjectData, answers: Answers, chooser: Chooser, number: int | None) -> list[Any] | None:
    """Models of both halves, from as many labels each, those that were asked first; None while a half has none."""
    learned = [(row, label) for row, label in answers.learned().items() if row in data.places]
    halves = answers.trial.halves
    counts = [sum(halves.get(row) == half for row, _ in learned) for half in (STRATEGY_HALF, RANDOM_HALF)]
    if number is None or not (n := min(counts)):
        return None
    models = []
    for half in (STRATEGY_HALF, RANDOM_HALF):
        rows, labels = _first(learned, halves, half, n)
        if not chooser.kind.can_be_learned(chooser.kind.values(labels, chooser.classes)):
            return None
        places = np.array([data.places[row] for row in rows], dtype=np.intp)
        models.append(chooser.fitted(places, labels, number).estimator)
    return models


def _first(
    learned: Sequence[tuple[str, str]], halves: dict[str, str], half: str, n: int
) -> tuple[list[str], list[str]]:
    """The rows of both halves in common, and the first n of one; and their labels."""
    left = n
    kept = []
    for row, label in learned:
        mine = halves.get(row, half) == half
        if mine and row in halves:
            left -= 1
        if mine and (row not in halves or left >= 0):
            kept.append((row, label))
    return [row for row, _ in kept], [label for _, label in kept]


def _scale(answers: Answers, kind: AnswerKind) -> float | None:
    """The largest difference of errors that counts: the labels' standard deviation when the first pair was asked."""
    if kind.name != "number":
        return None
    for ask in answers.trial.pairs.values():
        return float((ask.why or {})["scale"])
    return statistics.pstdev([float(label) for label in answers.learned().values()]) or 1.0
