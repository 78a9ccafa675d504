"""Times and memory of one case, in a process of its own, so that threads and memory are what was asked for."""

from __future__ import annotations

import gc
import math
import os
import statistics
import sys
import threading
import time
import warnings
from pathlib import Path

LEAST = 0.2  # seconds: a call that takes less is repeated within a turn
SHARE = 0.3  # of a run that more picks must add, before a time is extrapolated from what they add
STATUS = Path("/proc/self/status")


def synchronize(device):
    if device.startswith("cuda"):
        import torch

        torch.cuda.synchronize()


def clocked(side, picks, device):
    """Seconds of one call, and its result."""
    synchronize(device)
    start = time.perf_counter()
    result = side.run(picks)
    synchronize(device)
    return time.perf_counter() - start, result


class Turns:
    """One side: how it is run in a turn, found by a few short runs that also warm it up."""

    def __init__(self, side, picks, patience, device):
        self.side, self.device, self.picks = side, device, picks
        self.seconds, self.result, self.calls = [], None, 1
        self.some = 0  # picks from which the time of all is extrapolated
        if side.grows and picks >= 8:
            some, first = 2, clocked(side, 2, device)[0]
            while True:
                first = clocked(side, some, device)[0]
                second = clocked(side, 2 * some, device)[0]
                long_enough = second > patience / 10 and second - first > SHARE * second
                if long_enough or second > patience or 4 * some >= picks:
                    break
                some *= 2
            expected = first + max(second - first, 0.0) / some * (picks - some)
            if expected > patience:
                self.some = some
                return
        else:
            expected, self.result = clocked(side, picks, device)  # to warm up
            if expected < patience / 10:
                expected, self.result = clocked(side, picks, device)
        self.calls = max(1, min(1000, math.ceil(LEAST / max(expected, 1e-7))))

    def turn(self):
        if self.some:
            first, second = (clocked(self.side, count, self.device)[0] for count in (self.some, 2 * self.some))
            whole = first + max(second - first, 0.0) / self.some * (self.picks - self.some)
        else:
            took = []
            for _ in range(self.calls):
                seconds, self.result = clocked(self.side, self.picks, self.device)
                took.append(seconds)
            whole = sum(took) / len(took)
        self.seconds.append(whole * self.side.share)

    def told(self):
        parts = []
        if self.side.share > 1:
            parts.append(f"extrapolated from 1/{self.side.share} of the rows")
        if self.some:
            parts.append(f"extrapolated from {self.some} and {2 * self.some} picks")
        return {
            "kind": self.side.kind,
            "seconds": self.seconds,
            "median": statistics.median(self.seconds),
            "how": "; ".join(parts),
            "picks": 2 * self.some or self.picks,
        }


def why_not(side, peers):
    """Why a side is not run, or nothing."""
    if side.kind == "peer" and not peers:
        return "not asked for"
    if side.skip:
        return side.skip
    free = memory_available()
    if free and side.needs > 0.6 * free:
        return f"it needs about {side.needs / 1e9:.0f} GB"
    return ""


def time_case(case, repeats, patience, peers, device="cpu"):
    """Seconds of all sides, which take turns, and what the check says of their results."""
    found, turns = {}, {}
    for name, side in case.sides.items():
        reason = why_not(side, peers)
        if reason:
            found[name] = {"kind": side.kind, "skipped": reason}
            continue
        try:
            turns[name] = Turns(side, case.picks, patience, device)
        except Exception as error:  # a peer that is broken here is told of, with its error
            if side.kind != "peer":
                raise
            found[name] = {"kind": side.kind, "error": f"{type(error).__name__}: {str(error).splitlines()[0][:160]}"}
    for _ in range(repeats):
        for turn in turns.values():
            turn.turn()
    results = {
        name: turn.result
        for name, turn in turns.items()
        if turn.result is not None and not turn.some and turn.side.share == 1
    }
    facts = case.check(results)
    return {
        "title": case.title,
        "sides": {name: turns[name].told() if name in turns else found[name] for name in case.sides},
        "facts": facts,
    }


def memory_of(side, warm, picks):
    """MiB above what there was before: at the peak, and of what is not a page of a file.

    ``warm`` is the same side at a small size: imports, compiled code and buffers of BLAS are there afterwards.
    """
    warm()
    gc.collect()
    if not STATUS.exists():
        return None
    try:
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    except OSError:
        return None
    before = status()
    peak, stop = [before["RssAnon"]], threading.Event()

    def watch():
        while not stop.wait(0.005):
            peak.append(max(peak.pop(), status()["RssAnon"]))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    kept = side.run(picks)
    stop.set()
    watcher.join()
    after = status()
    del kept
    return {
        "mib": (after["VmHWM"] - before["VmRSS"]) / 1024,
        "mib_without_files": (peak[0] - before["RssAnon"]) / 1024,
        "picks": picks,
    }


def status():
    """Memory of this process in KiB."""
    lines = (line.split() for line in STATUS.read_text().splitlines())
    return {words[0][:-1]: int(words[1]) for words in lines if words[0].startswith(("Vm", "Rss"))}


def memory_available():
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable")), 0)


def set_threads(n):
    """Tell torch, if it is there; all else has read the variables of `environment` at import."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(n)


def environment(n_threads):
    names = ("OMP", "OPENBLAS", "MKL", "NUMBA", "VECLIB_MAXIMUM", "LOKY_MAX_CPU")
    variables = {f"{name}_NUM_THREADS": str(n_threads) for name in names}
    return os.environ | variables | {"LOKY_MAX_CPU_COUNT": str(n_threads), "TQDM_DISABLE": "1"}


def quiet():
    warnings.simplefilter("ignore")
