"""The commands next, take, status and export as a person runs them: processes of their own, and what they cost."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version

_PACKAGES = ("numpy", "scipy", "scikit-learn", "pandas", "pyarrow")


@dataclass(frozen=True)
class Finished:
    """A process that has ended.

    ``code`` is negative where a signal ended it; ``cpu`` and ``wall`` are seconds, ``peak`` bytes of memory.
    """

    code: int
    text: str
    wall: float
    cpu: float
    peak: int


def command(folder, *words, threads=None):
    """Run ``skal WORDS`` in a folder, and stop this script with its output if it fails."""
    done = process([sys.executable, "-m", "skal.cli", *map(str, words)], folder, threads)
    if done.code:
        raise SystemExit(f"skal {' '.join(map(str, words))} ended with {done.code}:\n{done.text}")
    return done


def process(words, folder, threads=None, until=None):
    """Run a process in a folder; `until` is called with it, to wait for a moment, after which it is killed."""
    environment = dict(os.environ, COLUMNS="200", TERM="dumb")
    if threads:
        environment.update({name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")})
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        # A session of its own: a kill reaches whatever the command has started.
        child = subprocess.Popen(
            words, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
        if until is not None:
            until(child)
            kill(child)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        out.seek(0)
        text = out.read().decode(errors="replace")
    unit = 1 if sys.platform == "darwin" else 1024
    return Finished(child.returncode, text, wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit)


def kill(child):
    """SIGKILL, if it has not ended: no process can catch that."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def versions():
    """Return what the figures depend on, in one line."""
    said = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in _PACKAGES)]
    return f"{', '.join(said)}; {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
