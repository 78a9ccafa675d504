"""tools/slow.py: what tests cost, by room, against the table of CONTRIBUTING.md."""

import fnmatch
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("slow", ROOT / "tools" / "slow.py")
assert SPEC is not None and SPEC.loader is not None
slow = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(slow)

PAGE = """
| room | files | CPU s |
|---|---|--:|
| nets and more | `tests/test_nets.py` `skal/nets/*` | 20 |
| pages | `tests/*` | 5 |
"""


def test_the_budgets_of_this_repository_add_up_and_cover_every_test_file():
    rooms = slow.budgets(ROOT / "CONTRIBUTING.md")
    assert len(rooms) >= 8 and sum(limit for _, limit in rooms.values()) <= 1500
    for path in (ROOT / "tests").glob("test_*.py"):
        file = path.relative_to(ROOT).as_posix()
        named = [name for name, (patterns, _) in rooms.items() if any(fnmatch.fnmatch(file, p) for p in patterns)]
        assert len(named) == 1, f"{file} is in {named}: name it in the table of CONTRIBUTING.md, once"


def test_a_room_over_its_budget_is_named(tmp_path):
    (tmp_path / "page.md").write_text(PAGE)
    rooms = slow.budgets(tmp_path / "page.md")
    tests = {"tests/test_nets.py::a": 15.0, "skal/nets/mlp.py::b": 4.0, "tests/test_docs.py::c": 6.0}
    page, over = slow.tables({"tests": tests, "collection": 1.0, "outcomes": {"passed": 3}}, rooms, 2)
    assert over == ["pages"]
    assert "| nets and more | 2 | 19.0 | 20 |" in page and "| pages | 1 | 6.0 | 5 OVER |" in page


def test_a_page_without_a_table_is_refused(tmp_path):
    (tmp_path / "page.md").write_text("# No table\n")
    with pytest.raises(ValueError, match=r"page.md has no table of budgets"):
        slow.budgets(tmp_path / "page.md")


def test_seconds_of_processes_that_are_waited_for_count(tmp_path):
    """A made test that works for half a second in a process of its own, run by two workers."""
    (tmp_path / "test_made.py").write_text(
        "import subprocess, sys\n"
        "def test_works():\n"
        "    code = 'import time\\nwhile time.process_time() < 0.5: pass'\n"
        "    subprocess.run([sys.executable, '-c', code], check=True)\n"
        "def test_rests():\n"
        "    pass\n"
    )
    command = [
        sys.executable,
        str(ROOT / "tools" / "slow.py"),
        "-q",
        "-p",
        "xdist",
        "-n",
        "2",
        "-p",
        "no:cacheprovider",
    ]
    command += [f"--rootdir={tmp_path}", "--save", str(tmp_path / "costs.json"), str(tmp_path / "test_made.py")]
    no_others = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # to import them takes seconds
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=no_others)
    assert done.returncode == 0, done.stdout + done.stderr
    stored = json.loads((tmp_path / "costs.json").read_text())["tests"]
    works, rests = (stored[f"test_made.py::test_{name}"] for name in ("works", "rests"))
    assert works > 0.4 > rests
