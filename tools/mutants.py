"""Break skal on purpose, one place at a time: a test must notice each break listed in tests/mutants.

Usage, from the repository root (`make mutants` runs them all):

    python tools/mutants.py                 # all of them; a survivor is exit status 1
    python tools/mutants.py labels kl_weight  # those whose name contains one of these words
    python tools/mutants.py --jobs 1
    python tools/mutants.py --check         # run nothing: does every entry still fit the code and the tests?

tests/mutants holds a file for each room; an entry is a patch of one place and the tests that must catch it:

    [[mutant]]
    name = "level-of-labels-saved-ignored"
    file = "skal/statistics/label_counts.py"
    old = '''the text as it is, which must occur exactly once'''
    new = '''the text as the break leaves it'''
    tests = ["tests/test_statistics.py::test_a_higher_level_is_a_wider_interval"]

The tests run in a copy of the repository, so the working tree is never touched. First all named tests must pass on
the unbroken copy; then each mutant must make at least one of its own tests fail. An entry is stale, which is exit
status 1 too, if its old text does not occur once, if the code does not compile after the break (then any test would
notice it), or if a test that it names does not exist.
"""

import argparse
import ast
import functools
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
CAUGHT, CAUGHT_NO_END, SURVIVED, STALE = "caught", "caught (no end)", "SURVIVED", "STALE"
NO_END = -1  # in place of an exit status
TESTS_FAILED = 1  # pytest's exit status where tests ran and some failed; others are errors of usage or collection
TIME_LIMIT = 600.0  # seconds of one mutant's tests; a break may also make a loop endless
COPIED = ("skal", "tests", "benchmarks", "tools", "docs", "examples")
_KEYS = {"name", "file", "old", "new", "tests"}


@dataclass(frozen=True)
class Mutant:
    """A break of one place, and the tests that must notice it."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def broken(self, text):
        """Return the text of the file with the break in it; ValueError where it is no break of one place."""
        found = text.count(self.old)
        if found != 1:
            raise ValueError(f"its old text occurs {found} times in {self.file}, not once")
        if self.old == self.new:
            raise ValueError("it changes nothing")
        text = text.replace(self.old, self.new)
        try:
            if self.file.endswith(".py"):
                ast.parse(text)
        except SyntaxError as error:
            raise ValueError(f"{self.file} does not compile after the break: {error}") from error
        return text


def read_mutants(folder):
    """Return the mutants of all files; ValueError for an entry that is not whole, and for a name that comes twice."""
    entries = []
    for path in sorted(folder.glob("*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("mutant", []):
            if set(entry) != _KEYS:
                wrong = ", ".join(sorted(set(entry) ^ _KEYS))
                raise ValueError(
                    f"{path}: {entry.get('name', 'an entry')} must have {', '.join(_KEYS)}; see {wrong}."
                )
            entries.append(Mutant(**{**entry, "tests": tuple(entry["tests"])}))
    names = [one.name for one in entries]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{folder}: {', '.join(sorted(twice))} come twice.")
    if bare := [one.name for one in entries if not one.tests]:
        raise ValueError(f"{folder}: {', '.join(bare)} name no test.")
    return entries


def staleness(mutant, root):
    """Return why an entry does not fit the code and the tests under `root`; empty if it does. Nothing is run."""
    try:
        mutant.broken((root / mutant.file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return str(error)
    lost = [test for test in mutant.tests if not _is_there(test, root)]
    return f"there is no test {', '.join(lost)}" if lost else ""


def _is_there(test, root):
    """Whether a file holds the test that is named as pytest names it: file::Class::function[parameters]."""
    file, *names = test.partition("[")[0].split("::")
    try:
        inside = _statements(root / file)
    except OSError:
        return False
    for name in names:
        found = [
            node for node in inside if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name == name
        ] or [node for node in inside if isinstance(node, ast.Assign) and name in map(ast.unparse, node.targets)]
        if not found:
            return False
        inside = getattr(found[-1], "body", [])
    return True


@functools.cache
def _statements(path):
    return ast.parse(path.read_text(encoding="utf-8")).body


def copy_of_repository(root, folder):
    ignored = shutil.ignore_patterns("__pycache__", "_build", "generated", "gallery")
    for name in COPIED:
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name, ignore=ignored)
    for path in root.iterdir():
        if path.is_file():
            shutil.copy(path, folder / path.name)
    return folder


def run_tests(folder, tests, time_limit=None):
    """Return pytest's exit status and the end of what it printed; NO_END where the time limit passed."""
    settings = {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_PROFILE": "any"}
    settings["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # to import them takes two seconds for each mutant
    environment = {**os.environ, **settings, "PYTHONPATH": str(folder)}
    environment.pop("PYTEST_ADDOPTS", None)  # options of plugins that are not loaded would end the run
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider"]
    try:
        done = subprocess.run(
            [*command, *tests], cwd=folder, env=environment, capture_output=True, text=True, timeout=time_limit
        )
    except subprocess.TimeoutExpired:
        return NO_END, ""
    return done.returncode, "\n".join((done.stdout + done.stderr).splitlines()[-15:])


def outcome(mutant, folder):
    """Break the copy, run the mutant's tests, mend the copy; return what happened and a line on it."""
    if why := staleness(mutant, folder):
        return STALE, why
    path = folder / mutant.file
    text = path.read_text(encoding="utf-8")
    path.write_text(mutant.broken(text), encoding="utf-8")
    try:
        status, printed = run_tests(folder, mutant.tests, TIME_LIMIT)
    finally:
        path.write_text(text, encoding="utf-8")
    if status in (TESTS_FAILED, NO_END):
        return (CAUGHT if status == TESTS_FAILED else CAUGHT_NO_END), ""
    return (SURVIVED, "") if status == 0 else (STALE, printed)


def outcomes(mutants, root, jobs):
    """Yield each mutant with what happened and a line on it, in their order, from as many copies as jobs."""
    with tempfile.TemporaryDirectory() as base:
        folders = SimpleQueue()
        for job in range(jobs):
            (Path(base) / str(job)).mkdir()
            folders.put(copy_of_repository(root, Path(base) / str(job)))
        first = folders.get()
        tests = sorted({test for one in mutants if not staleness(one, first) for test in one.tests})
        status, printed = run_tests(first, tests) if tests else (0, "")
        folders.put(first)
        if status != 0:
            sys.exit(f"The named tests do not pass on the unbroken code:\n{printed}")

        def run(mutant):
            folder = folders.get()
            try:
                return mutant, *outcome(mutant, folder)
            finally:
                folders.put(folder)

        with ThreadPoolExecutor(jobs) as workers:
            yield from workers.map(run, mutants)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Break skal in known places; a test must notice each break.")
    parser.add_argument("words", nargs="*", help="run the mutants whose names contain one of these")
    parser.add_argument("--jobs", type=int, default=2, help="how many run at a time (default: 2)")
    parser.add_argument("--check", action="store_true", help="run no test: only look whether the entries are stale")
    parser.add_argument("--root", type=Path, default=ROOT, help="another repository, with tests/mutants of its own")
    own = parser.parse_args(arguments)
    try:
        mutants = read_mutants(own.root / "tests" / "mutants")
    except ValueError as error:
        sys.exit(str(error))
    mutants = [one for one in mutants if not own.words or any(word in one.name for word in own.words)]
    if not mutants:
        sys.exit("No mutant has such a name.")
    if own.check:
        stale = {one.name: why for one in mutants if (why := staleness(one, own.root))}
        for name, why in stale.items():
            print(f"{STALE:9} {name}\n{why}")
        print(f"{len(mutants) - len(stale)} of {len(mutants)} fit the code and the tests.")
        sys.exit(bool(stale))
    results = []
    for mutant, found, line in outcomes(mutants, own.root, own.jobs):
        print(f"{found:9} {mutant.name}" + (f"\n{line}" if line else ""), flush=True)
        results.append(CAUGHT if found == CAUGHT_NO_END else found)
    counts = {kind: results.count(kind) for kind in (CAUGHT, SURVIVED, STALE)}
    print(f"{counts[CAUGHT]} of {len(results)} caught, {counts[SURVIVED]} survived, {counts[STALE]} stale.")
    sys.exit(counts[CAUGHT] != len(results))


if __name__ == "__main__":
    main()
