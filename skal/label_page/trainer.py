"""The process that fits models and chooses rows, started by the server and told what to do by lines of JSON.

It shares nothing with the server but the project's folder: what it chooses it appends to the journal. So it may fail,
hang, or be killed at any moment, and be started again. It ends when the process ends that started it, also one that
was killed. Its lines on standard output are: ``open``, ``chosen``, ``nothing_left``, ``map``, ``failed``, and
``beat`` once a second.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from skal.label_page._last_training import keep_training
from skal.label_page._trouble import MEMORY

_BEAT = 1.0  # seconds
_LONGEST = 800  # letters of a message


def main() -> None:
    """Do what the lines of standard input say, until it ends."""
    parent = _end_with_parent()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # what libraries print is no message
    lock = threading.Lock()
    threading.Thread(target=_beat, args=(out, lock, parent), daemon=True).start()
    worker = _Worker(out, lock)
    _load()
    for line in sys.stdin:
        worker.do(json.loads(line))
    os._exit(0)


class _Worker:
    def __init__(self, out: TextIO, lock: Any) -> None:
        self._out = out
        self._lock = lock
        self._project: Any = None
        self._map: Any = None
        self._is_nice = False

    def do(self, task: dict[str, Any]) -> None:
        started, what = time.monotonic(), task.pop("do")
        if what != "open" and not self._is_nice:  # somebody waits for the opening, and nobody for a model
            self._is_nice = True
            with contextlib.suppress(OSError, AttributeError):
                os.nice(10)
        try:
            tasks: dict[str, Callable[..., dict[str, Any]]] = {
                "open": self._open,
                "choose": self._choose,
                "map": self._mapped,
            }
            answer = tasks[what](**task)
        except Exception as error:
            answer = {"said": "failed", **_in_words(error)}
        took = round(time.monotonic() - started, 3)
        if answer["said"] == "chosen":
            keep_training(self._project.folder, took, answer["accuracy"])
        _say(self._out, self._lock, {**answer, "took": took})

    def _open(self, data: str, folder: str | None, given: dict[str, Any] | None, cache: bool) -> dict[str, Any]:
        from skal.label_page._shown_rows import cached_rows, write_rows
        from skal.labeling import opened_or_made

        self._project = project = opened_or_made(Path(data), None if folder is None else Path(folder), given)
        stamp = project.data_rows.stamp
        if cache and cached_rows(project.folder, stamp) is None:
            write_rows(project.folder, stamp, project.data_rows.rows.shown, project.settings.target)
        return {"said": "open", "folder": str(project.folder), "notes": list(project.notes)}

    def _choose(self, n: int, reserve: int) -> dict[str, Any]:
        from skal.labeling import NothingLeft

        try:
            questions = self._project.ask(n, reserve=reserve)
        except NothingLeft:
            return {"said": "nothing_left"}
        return {"said": "chosen", "n": len(questions), "notes": list(questions.notes), "accuracy": self._accuracy()}

    def _accuracy(self) -> dict[str, Any] | None:
        from skal.labeling import Accuracy, AuditEstimate

        outlook = self._project.outlook()
        found = outlook.accuracy
        if found is None:
            return None
        about = {**self._trial(), **_next_labels(outlook)}
        said = {"text": str(found), "n": found.n, "at": round(time.time()), **about}
        if isinstance(found, Accuracy):
            return {**said, "share": round(found.n_right / found.n, 4), "low": found.low, "high": found.high}
        if isinstance(found, AuditEstimate):
            one = found.anytime
            estimate = one.estimate if one.estimate == one.estimate else None  # NaN before a row counts
            numbers = {"estimate": estimate, "low": one.low, "high": one.high, "population": one.population}
            about = {"measure": found.measure.replace(" ", "_"), **numbers, **_looks(found)}
            return {**said, "share": None, "audit": about}
        names = ("error", "mean", "low", "high")  # of numbers the mean error, of masks the mean overlap
        return {**said, "share": None, **{name: getattr(found, name, None) for name in names}}

    def _trial(self) -> dict[str, Any]:
        """What the page says of a trial, where there is one."""
        found = self._project.trial()
        if found is None:
            return {}
        names = ("strategy", "measure", "verdict", "estimate", "low", "high", "n", "is_over")
        said = {name: getattr(found, name) for name in names}
        return {"trial": {**said, "measure": found.measure.replace(" ", "_")}}

    def _mapped(self) -> dict[str, Any]:
        from skal.label_page._map import PoolMap

        if self._map is None:
            self._map = PoolMap(self._project)
        return {"said": "map", "map": self._map.drawn()}


def _looks(found: Any) -> dict[str, Any]:
    """What the page says of an audit besides: all looks together, and the rise over the last rounds."""
    said: dict[str, Any] = {}
    if found.all_looks is not None:
        said["looks"] = {"low": found.all_looks.low, "high": found.all_looks.high, "look": found.look}
    if (rise := found.rise) is not None and rise.estimate == rise.estimate:
        since = {"labels": found.rise_from, "rounds": found.rise_rounds}
        said["rise"] = {"estimate": rise.estimate, "low": rise.low, "high": rise.high, **since}
    return said


def _next_labels(outlook: Any) -> dict[str, Any]:
    """What the page says of the next labels; nothing where that is not known."""
    forecast = outlook.forecast
    if forecast is None or forecast.gain is None:
        return {}
    gain, stop = forecast.gain, bool(forecast.verdict)
    numbers = {"n_more": gain.n_more, "expected": gain.expected, "low": gain.low, "high": gain.high}
    return {"next": {**numbers, "points": forecast.unit == "accuracy", "stop": stop}}


def _load() -> None:
    """Load what opens a project, before there is one to open; what cannot be loaded is told of by the task."""
    gc.disable()  # what is loaded stays, and looking through it takes an eighth of the time
    with contextlib.suppress(ImportError):
        import pandas  # noqa: F401

        from skal.labeling import opened_or_made  # noqa: F401
    gc.freeze()
    gc.enable()


def _say(out: TextIO, lock: Any, message: dict[str, Any]) -> None:
    with lock:
        try:
            out.write(json.dumps(message) + "\n")
            out.flush()
        except (OSError, ValueError):  # nobody listens any more
            os._exit(0)


def _beat(out: TextIO, lock: Any, parent: int) -> None:
    while True:
        time.sleep(_BEAT)
        if os.getppid() != parent:
            os._exit(0)
        _say(out, lock, {"said": "beat"})


def _in_words(error: Exception) -> dict[str, str]:
    from skal.labeling import ProjectError

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError):
            return {"error": MEMORY.text, "reason": MEMORY.reason}
        cause = cause.__cause__
    text = str(error) if isinstance(error, (ProjectError, ValueError)) else f"{type(error).__name__}: {error}"
    return {"error": text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."}


def _end_with_parent() -> int:
    """Linux ends this process when its parent ends, whatever it is doing; elsewhere the beat notices.

    Returns the parent.
    """
    parent = os.getppid()
    if sys.platform != "linux":
        return parent
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, 9)  # PR_SET_PDEATHSIG, SIGKILL
    if os.getppid() != parent:
        os._exit(0)
    return parent


if __name__ == "__main__":
    main()
