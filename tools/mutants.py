"""Break skal on purpose, one place at a time: a test must notice each break listed in tests/mutants.

Usage, from the repository root (`make mutants` runs them all):

    python tools/mutants.py                 # all of them; a survivor is exit status 1
    python tools/mutants.py labels kl_weight  # those whose name contains one of these words
    python tools/mutants.py --jobs 1

tests/mutants holds a file for each room; an entry is a patch of one place and the tests that must catch it:

    [[mutant]]
    name = "level-of-labels-saved-ignored"
    file = "skal/statistics/label_counts.py"
    old = '''the text as it is, which must occur exactly once'''
    new = '''the text as the break leaves it'''
    tests = ["tests/test_statistics.py::test_a_higher_level_is_a_wider_interval"]

The tests run in a copy of the repository, so the working tree is never touched. First all named tests must pass on
the unbroken copy; then each mutant must make at least one of its own tests fail. An entry whose text no longer occurs
once, or whose test does not exist, is stale: it must be brought up to date, and is exit status 1 too.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[1]
CAUGHT, SURVIVED, STALE = "caught", "SURVIVED", "STALE"
TESTS_FAILED = 1  # pytest's exit status where tests ran and some failed; others are errors of usage or collection
TIME_LIMIT = 600.0  # seconds; a break may also make a loop endless
COPIED = ("skal", "tests", "benchmarks", "tools", "docs", "examples")


@dataclass(frozen=True)
class Mutant:
    """A break of one place, and the tests that must notice it."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def broken(self, text):
        """Return the text of the file with the break in it; ValueError where the place is gone or is not one."""
        found = text.count(self.old)
        if found != 1:
            raise ValueError(f"its old text occurs {found} times in {self.file}, not once")
        if self.old == self.new:
            raise ValueError("it changes nothing")
        return text.replace(self.old, self.new)


def read_mutants(folder):
    """Return the mutants of all files; ValueError for a name that comes twice and for a test that is not named."""
    entries = [
        Mutant(entry["name"], entry["file"], entry["old"], entry["new"], tuple(entry["tests"]))
        for path in sorted(folder.glob("*.toml"))
        for entry in tomllib.loads(path.read_text())["mutant"]
    ]
    names = [one.name for one in entries]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{folder}: {', '.join(sorted(twice))} come twice.")
    if bare := [one.name for one in entries if not one.tests]:
        raise ValueError(f"{folder}: {', '.join(bare)} name no test.")
    return entries


def copy_of_repository(folder):
    ignored = shutil.ignore_patterns("__pycache__", "_build", "generated", "gallery")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, folder / path.name)
    return folder


def run_tests(folder, tests):
    """Return pytest's exit status and the end of what it printed; -1 where the time limit passed."""
    settings = {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_PROFILE": "any"}
    environment = {**os.environ, **settings, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", "--durations=0"]
    try:
        done = subprocess.run(
            [*command, *tests], cwd=folder, env=environment, capture_output=True, text=True, timeout=TIME_LIMIT
        )
    except subprocess.TimeoutExpired:
        return -1, f"no end after {TIME_LIMIT:.0f} s"
    return done.returncode, "\n".join((done.stdout + done.stderr).splitlines()[-15:])


def outcome(mutant, folder):
    """Break the copy, run the mutant's tests, mend the copy; return what happened and a line on it."""
    path = folder / mutant.file
    try:
        text = path.read_text()
        path.write_text(mutant.broken(text))
    except (OSError, ValueError) as error:
        return STALE, str(error)
    try:
        status, printed = run_tests(folder, mutant.tests)
    finally:
        path.write_text(text)
    if status in (TESTS_FAILED, -1):
        return CAUGHT, ""
    return (SURVIVED, "") if status == 0 else (STALE, printed)


def main():
    parser = argparse.ArgumentParser(description="Break skal in known places; a test must notice each break.")
    parser.add_argument("words", nargs="*", help="run the mutants whose names contain one of these")
    parser.add_argument("--jobs", type=int, default=2, help="how many run at a time (default: 2)")
    parser.add_argument("--list", type=Path, default=ROOT / "tests" / "mutants", help="another folder of lists")
    own = parser.parse_args()
    mutants = [one for one in read_mutants(own.list) if not own.words or any(word in one.name for word in own.words)]
    if not mutants:
        sys.exit("No mutant has such a name.")
    with tempfile.TemporaryDirectory() as base:
        folders = SimpleQueue()
        for job in range(own.jobs):
            (Path(base) / str(job)).mkdir()
            folders.put(copy_of_repository(Path(base) / str(job)))
        first = folders.get()
        tests = sorted({test for one in mutants for test in one.tests})
        status, printed = run_tests(first, tests)
        folders.put(first)
        if status != 0:
            sys.exit(f"The named tests do not pass on the unbroken code:\n{printed}")

        def run(mutant):
            folder = folders.get()
            try:
                return mutant, *outcome(mutant, folder)
            finally:
                folders.put(folder)

        results = []
        with ThreadPoolExecutor(own.jobs) as workers:
            for mutant, found, line in workers.map(run, mutants):
                print(f"{found:9} {mutant.name}" + (f"\n{line}" if line else ""), flush=True)
                results.append(found)
    counts = {kind: results.count(kind) for kind in (CAUGHT, SURVIVED, STALE)}
    print(f"{counts[CAUGHT]} of {len(results)} caught, {counts[SURVIVED]} survived, {counts[STALE]} stale.")
    sys.exit(counts[CAUGHT] != len(results))


if __name__ == "__main__":
    main()
