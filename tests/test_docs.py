"""What the documentation shows is run: code blocks, commands, examples, the benchmark at a tiny size."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.M | re.S)


def blocks(page, language):
    return [textwrap.dedent(text) for _, kind, text in BLOCK.findall(page.read_text()) if kind == language]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_blocks_run_in_order(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__"}
    for text in blocks(page, "python"):
        exec(compile(text, str(page), "exec"), namespace)


def commands(page):
    lines = "".join(blocks(page, "bash")).replace("\\\n", " ").splitlines()
    return [line.partition(" #")[0].strip() for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_run_in_order(page, tmp_path):
    """skal's own commands are run, in one folder a page; make's targets must be there; set-up is make's own."""
    for line in commands(page):
        program = line.split()[0]
        if program == "skal":
            result = run([sys.executable, "-m", "skal.cli", *line.split()[1:]], tmp_path)
            assert result.returncode == 0, f"{line}: {result.stdout}{result.stderr}"
        elif program == "make":
            assert re.search(rf"^{line.split()[1]}:", (ROOT / "Makefile").read_text(), re.M), line
        else:
            assert program in ("git", "cd", "pip", "python"), f"{page.name}: {line} is run by nobody"


@pytest.mark.slow
@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.name)
def test_examples_run(example, tmp_path):
    result = run([sys.executable, str(example)], tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip(), "an example ends in a printed conclusion"
    assert not list(tmp_path.iterdir()), "an example leaves no file behind unless it is asked to"


def test_there_are_seven_examples():
    assert len(list((ROOT / "examples").glob("*.py"))) >= 7


def test_benchmark_of_the_loop_runs_at_a_tiny_size(tmp_path):
    pytest.importorskip("modAL")
    size = ["--rows", "500", "--columns", "8", "--rounds", "3", "--repetitions", "1"]
    result = run([sys.executable, str(ROOT / "benchmarks" / "loop.py"), *size], tmp_path)
    assert result.returncode == 0, result.stderr
    assert "modAL" in result.stdout and "|" in result.stdout


def test_pictures_of_the_pages_are_there():
    for page in PAGES:
        for target in re.findall(r"!\[[^]]*\]\(([^)]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} shows {target}"


def test_links_of_the_pages_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"(?<!!)\[[^]]*\]\(([^)#]+)\)", page.read_text()):
            assert target.startswith("http") or (page.parent / target).exists(), f"{page.name} links to {target}"


def run(command, folder):
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={**os.environ, "MPLBACKEND": "Agg", "COLUMNS": "80"}
    )
