"""The engine of a study: what is missing is run, arm by arm, and committed round by round."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from joblib import Parallel, delayed, effective_n_jobs, parallel

from skal.loop import fitted_to_pool
from skal.study.arm import Arm
from skal.study.asked import Asked, Progress
from skal.study.comparison import Comparison
from skal.study.growth import Plan, grown
from skal.study.new_metrics import measured_again
from skal.study.notes import disagreement
from skal.study.outcomes import Outcome, commit, outcomes_of_arm, run_arm
from skal.study.prepared import Prepared
from skal.study.rows import ArmKey, Row, StudyError, rounds_in_words
from skal.study.shared import Shared
from skal.study.stopping import stopped_arms
from skal.study.store import Store
from skal.study.stored import comparison_of
from skal.warning import warn

# Backends whose workers are on this machine and can commit their rounds as they come.
_LOCAL = ("SequentialBackend", "LokyBackend", "ThreadingBackend", "MultiprocessingBackend")
_BATCH = 4  # arms a worker, where rows come back in batches


def run_study(prepared: Prepared, asked: Asked, who: str) -> dict[str, Comparison]:
    """Run what is missing of a study, and read what it found.

    Parameters
    ----------
    prepared : Prepared
        What was checked and drawn.
    asked : Asked
        Where to keep it, and with how many workers.
    who : str
        What warnings call the caller.

    Returns
    -------
    dict of str to Comparison
        By recipe, of what was asked for, beside the strategies that the folder holds of the same trials and rounds.

    Raises
    ------
    StudyError
        If the folder holds another study or is held by another process, if a metric is not finite, or if the disk is
        full.
    """
    shared = prepared.shared
    with Store.held(asked.out) as store:
        plan = prepared.plan
        if store.meta("protocol", None) is not None:
            plan = grown(Plan(store.protocol, store.meta("code", {})), plan, store.folder)
        rows, damaged = store.read()  # a file that cannot be read is left as it is
        if rows and store.meta("protocol", None) is None:
            raise StudyError(
                f"{store.folder} holds {rounds_in_words(len(rows))}, and not the settings they were run with: the "
                "entry 'protocol' is missing. They cannot be told from those of another study. Take another folder."
            )
        rounds = sorted({*store.meta("asked_rounds", []), asked.n_rounds})
        entries = {"protocol": plan.protocol, "code": plan.code, "classes": prepared.classes, "asked_rounds": rounds}
        store.enter(entries, prepared.pools)
        told = _Told(store, who, asked.progress, several=len(shared.models) > 1)
        _forget(damaged, len(rows), store, told)
        for row in rows:
            told.progress(row)
        rows = [measured_again(store, row, prepared) for row in rows]
        arms = [arm for arm in _arms(prepared, rows) if arm.lacks(shared.n_rounds)]
        kept = _kept(rows, arms, shared.n_rounds) if rows else ""
        shared = replace(shared, fitted_to_pools=_fitted_to_pools(arms, prepared))
        _run(arms, shared, store, asked.n_jobs, told)
        numbers = list(prepared.trials)
        metrics, names = list(prepared.shared.metrics), list(prepared.strategies)
        return {
            recipe: replace(
                comparison_of(store, numbers, recipe, asked.n_rounds, metrics, names, others=len(shared.models) == 1),
                kept=kept,
                stored=_stored(store),
                stopping=stopped_arms(store, prepared, recipe, asked.n_rounds, asked.stop),
            )
            for recipe in shared.models
        }


@dataclass
class _Told:
    """What is said while a study runs: to the progress of the caller, as warnings, and in the notes of the store."""

    store: Store
    who: str
    on_round: Progress | None
    several: bool  # recipes
    first: dict[tuple[str, int], Row] = field(default_factory=dict)
    apart: set[tuple[str, int]] = field(default_factory=set)

    def progress(self, row: Row) -> None:
        """Tell the caller of a round, and whether it agrees with what other strategies began with."""
        if row.round == 0:
            self._compare(row)
        if self.on_round is not None:
            self.on_round(f"{row.recipe}: {row.strategy}" if self.several else row.strategy, row.trial, row.round)

    def say(self, sentence: str) -> None:
        """Warn, and write it down."""
        notes = self.store.meta("notes", [])
        if sentence not in notes:
            self.store.enter({"notes": [*notes, sentence]}, {})
        warn(f"{self.who}: {sentence}")

    def _compare(self, row: Row) -> None:
        place = (row.recipe, row.trial)
        first = self.first.setdefault(place, row)
        if place not in self.apart and (sentence := disagreement(first, row)):
            self.apart.add(place)
            warn(f"{self.who}: {sentence}")


def _forget(damaged: list[Row], n_intact: int, store: Store, told: _Told) -> None:
    """Remove the rows that are not what was written, and say so: they are run again."""
    if damaged:
        shown = ", ".join(row.shown() for row in damaged[:3]) + (" and others" if len(damaged) > 3 else "")
        n = n_intact + len(damaged)
        told.say(f"{len(damaged)} of {n} stored rounds are damaged ({shown}) and run again; the others are intact.")
        for row in damaged:
            store.forget(row)


def _arms(prepared: Prepared, rows: Iterable[Row]) -> list[Arm]:
    """All arms that are asked for, trial by trial, each with the rounds that are there."""
    stored: dict[ArmKey, dict[int, Row]] = {}
    for row in rows:
        stored.setdefault(row.key, {})[row.round] = row
    arms = []
    for recipe in prepared.shared.models:
        for number, trial in prepared.trials.items():
            for name, strategy in prepared.strategies.items():
                there = stored.get((recipe, name, number), {})
                lacking = tuple(
                    k
                    for k, row in sorted(there.items())
                    if k <= prepared.shared.n_rounds and not prepared.shared.metrics.keys() <= row.metrics.keys()
                )
                arms.append(Arm(recipe, name, strategy, number, trial, there, lacking))
    return arms


def _kept(rows: list[Row], arms: list[Arm], n_rounds: int) -> str:
    """Say what a study already had, and what is run now."""
    n_left = sum(sum(k not in arm.stored for k in range(n_rounds + 1)) for arm in arms)
    n_refits = sum(len(arm.unmeasured) for arm in arms)
    names = list(dict.fromkeys(row.strategy for row in rows))
    trials = sorted({row.trial + 1 for row in rows})
    span = f"trial {trials[0]}" if len(trials) == 1 else f"trials {_spans(trials)}"
    parts = [f"Kept: {rounds_in_words(len(rows))} of {', '.join(names)} ({span})"]
    if n_left:
        parts.append(
            f"run now: {rounds_in_words(n_left)} of {', '.join(dict.fromkeys(arm.strategy_name for arm in arms))}"
        )
    if n_refits:
        parts.append(f"fitted again for new metrics, since predictions were not kept: {rounds_in_words(n_refits)}")
    return f"{'; '.join(parts)}." if len(parts) > 1 else f"{parts[0]}; nothing was left to run."


def _stored(store: Store) -> str:
    """Say where the rows are, and how large the predictions."""
    if store.folder is None:
        return ""
    n_bytes = store.bytes_of_predictions()
    amount = f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e6 else f"{n_bytes / 1e3:.0f} kB"
    size = f"test predictions take {amount} (predictions=False, or --no-predictions, leaves them out)"
    return f"Stored in {store.folder}: {rounds_in_words(store.n_rows)}; {size if n_bytes else 'no test predictions'}."


def _spans(numbers: list[int]) -> str:
    """Write rising numbers as 1-3,5."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in spans)


def _fitted_to_pools(arms: list[Arm], prepared: Prepared) -> dict[tuple[str, int], Any]:
    """Fit what learns from the pool without labels, once a recipe and trial that has something to run."""
    shared = prepared.shared
    begun = dict.fromkeys((arm.recipe, arm.number) for arm in arms)
    return {
        (recipe, number): fitted_to_pool(
            shared.models[recipe], shared.X, prepared.trials[number].pool, prepared.trials[number].seed
        )
        for recipe, number in begun
    }


def _run(arms: list[Arm], shared: Shared, store: Store, n_jobs: int | None, told: _Told) -> None:
    """Run what is left of every arm, and commit round by round."""
    if not arms:
        return
    n_workers = effective_n_jobs(n_jobs)
    if n_workers == 1:
        for arm in arms:
            for outcome in outcomes_of_arm(arm, shared):
                _commit(outcome, store, told)
        return
    backend, _ = parallel.get_active_backend()
    local = type(backend).__name__ in _LOCAL
    streams = getattr(backend, "supports_return_generator", False)
    where = (store.path, store.id) if local and store.path is not None else (None, "")
    # Rows that come back only when all is done, and from elsewhere (Ray), are lost by a kill: few at a time.
    size = len(arms) if streams or local else _BATCH * n_workers
    with Parallel(n_jobs=n_jobs, return_as="generator_unordered" if streams else "list") as pool:
        for first in range(0, len(arms), size):
            for outcomes in pool(delayed(run_arm)(arm, shared, *where) for arm in arms[first : first + size]):
                for outcome in outcomes:
                    _commit(outcome, store, told)


def _commit(outcome: Outcome, store: Store, told: _Told) -> None:
    commit(store, outcome)
    if outcome.values is None:
        told.progress(outcome.row)
    if outcome.said:
        told.say(outcome.said)
