"""What the documentation shows is run: code blocks, commands, examples, the benchmark at a tiny size."""

import csv
import os
import re
import runpy
import shlex
import subprocess
import sys
import textwrap
import unittest
from pathlib import Path

import numpy as np
import pytest
import typer
from made_labeling import tickets
from PIL import Image
from typer.testing import CliRunner

from skal.cli import app
from skal.labeling import Project

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
OF_NETS = ("README.md", "deep.md")  # their code trains nets, and asserts nothing of how well
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.M | re.S)


def blocks(page, language):
    return [textwrap.dedent(text) for _, kind, text in BLOCK.findall(page.read_text()) if kind == language]


def shortened(text):
    """Code or a command whose trainings end after a few steps; how well they learn is tested elsewhere."""
    for name, most in (("max_steps", 5), ("judge_steps", 5), ("max_epochs", 2)):
        text = re.sub(rf"\b{name}=\d+", f"{name}={most}", text)
    return text


def shortened_code(text):
    """The same of Python, where a game by its defaults is as short."""
    text = shortened(text)
    text = text.replace("query_strategy=sraal_query", "query_strategy=SRAAL(max_steps=5)")
    text = re.sub(r"\bmax_steps=5\b(?!, judge)", "max_steps=5, judge_steps=5", text)
    return text.replace("import sraal_query", "import sraal_query; from skal.adversarial import SRAAL")


@pytest.mark.filterwarnings("ignore:.*the discriminator is:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_blocks_run_in_order(page, tmp_path, monkeypatch):
    run_code_blocks(page, tmp_path, monkeypatch, shortened_code if page.name in OF_NETS else str)


@pytest.mark.nightly
@pytest.mark.parametrize("page", [page for page in PAGES if page.name in OF_NETS], ids=lambda page: page.name)
def test_code_blocks_of_nets_run_as_they_stand(page, tmp_path, monkeypatch):
    run_code_blocks(page, tmp_path, monkeypatch, str)


def run_code_blocks(page, folder, monkeypatch, change):
    monkeypatch.chdir(folder)
    if "import modAL" in page.read_text() or "from modAL" in page.read_text():
        pytest.importorskip("modAL")
    namespace = {"__name__": "__main__"}
    for text in blocks(page, "python"):
        try:
            exec(compile(change(text), str(page), "exec"), namespace)
        except unittest.SkipTest as reason:  # else pytest would skip the rest of the page
            raise AssertionError(f"{page.name} stops at a skip: {reason}") from reason


def commands(page):
    lines = "".join(blocks(page, "bash")).replace("\\\n", " ").splitlines()
    return [line.partition(" #")[0].strip() for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.filterwarnings("ignore:.*no guess on an unlabelled row")  # trainings are cut to a few steps
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_run_in_order(page, tmp_path, monkeypatch):
    """skal's own commands are run, in one folder a page; make's targets must be there; set-up is make's own."""
    more = []
    if page.name in ("worth_it.md", "error_costs.md"):
        data_of_a_reader(tmp_path)
        more = ["--n-trials", "2", "--n-rounds", "1"]  # the last of an option counts
    person = Person(tmp_path) if page.name in ("README.md", "labeling.md", "label_people.md", "proof.md") else None
    for line in commands(page):
        program, *arguments = shlex.split(line)
        if program == "skal" and arguments[0] == "label":
            is_understood(arguments)
        elif program == "skal":
            if person is not None:
                person.answers_before(arguments)
            arguments = list(map(shortened, arguments))
            arguments = [f"{text}:max_epochs=2" if text in ("mlp", "cnn") else text for text in arguments]
            arguments = [text.replace("resize=32x32", "resize=8x8") for text in arguments]
            monkeypatch.chdir(tmp_path)
            result = CliRunner().invoke(app, [*arguments, *more], env={"MPLBACKEND": "Agg", "COLUMNS": "80"})
            assert result.exit_code == 0, f"{line}: {result.output}"
        elif program == "make":
            assert re.search(rf"^{arguments[0]}:", (ROOT / "Makefile").read_text(), re.M), line
        else:
            assert program in ("git", "cd", "pip", "python"), f"{page.name}: {line} is run by nobody"


def is_understood(arguments):
    """The page would be served until somebody ends it: that its options are there is looked at, and no more."""
    label = typer.main.get_command(app).commands["label"]
    with label.make_context("label", list(arguments[1:])) as context:
        assert not context.args


def test_the_demo_ends_with_a_folder_that_can_be_labelled(tmp_path):
    recipe = re.search(r"^demo:.*?\n\n", (ROOT / "Makefile").read_text(), re.M | re.S)[0]
    tool, said = recipe.strip().splitlines()[-2:]
    script, folder = re.search(r"python (\S+) (\S+)$", tool).groups()
    command = re.search(r"\$\(BIN\)/skal (label (\S+))\"$", said)
    assert command[2] == folder
    is_understood(command[1].split())
    main = runpy.run_path(str(ROOT / script))["main"]
    main([str(tmp_path / folder), "--images", "60"])
    with Project.open(tmp_path / f"{folder}.skal") as project:
        assert "".join(project.classes) == "1234567890", "the keys of the page are 1 to 9, in this order"
        assert sorted(project.labels()["label"].dropna()) == sorted(2 * "1234567890")
        assert len(project.ids) == 60
        project.skip(project.ids[-1], "somebody")
    main([str(tmp_path / folder), "--images", "60"])  # make demo again
    with Project.open(tmp_path / f"{folder}.skal") as project:
        assert project.history(project.ids[-1]), "what was answered stays"


class Person:
    """Who has a table of tickets and a folder of photographs, and answers questions as they come."""

    def __init__(self, folder):
        self.folder = folder
        self.labels = tickets(folder / "tickets.csv", 400, 30)
        photographs(folder / "photos")

    def answers_before(self, arguments):
        """Fill in the sheets, or sort the files, that a command is about to take."""
        for path in map(self.folder.__truediv__, arguments[2:] if arguments[0] == "take" else ()):
            if path.is_dir():
                for file in path.glob("*.jpg"):
                    kind = "cat" if int(file.stem.split("_")[1]) % 2 else "dog"
                    file.rename(path / kind / file.name)
            elif path.suffix == ".csv":
                with path.open(encoding="utf-8-sig", newline="") as file:
                    rows = list(csv.DictReader(file))
                with path.open("w", encoding="utf-8-sig", newline="") as file:
                    sheet = csv.DictWriter(file, list(rows[0]))
                    sheet.writeheader()
                    sheet.writerows({**row, "label": self.labels[row["ticket_id"]]} for row in rows)


def photographs(folder):
    """Images of several sizes, of which some are sorted into folders of classes."""
    rng = np.random.RandomState(1)
    for name in ("cat", "dog", "unsorted"):
        (folder / name).mkdir(parents=True)
    for k in range(40):
        kind = "cat" if k % 2 else "dog"
        pixels = np.clip(rng.normal(60 if k % 2 else 190, 40, (30 + k % 5, 36, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / (kind if k < 10 else "unsorted") / f"IMG_{k}.jpg")


def data_of_a_reader(folder):
    """A table with categories and gaps, what its errors cost, and a folder of images of several sizes."""
    rng = np.random.RandomState(0)
    months = rng.randint(1, 60, 200)
    left = np.where(months + rng.normal(0, 10, 200) < 30, "yes", "no")
    plan = rng.choice(["basic", "full", ""], 200)
    known = ["" if k % 9 == 0 else str(month) for k, month in enumerate(months)]
    rows = map(",".join, zip(known, plan, left, strict=True))
    (folder / "customers.csv").write_text("\n".join(["months,plan,left", *rows]) + "\n")
    (folder / "costs.csv").write_text("left,yes,no\nyes,0,50\nno,1,0\n")
    for name, colour in (("cat", 60), ("dog", 190)):
        (folder / "photos" / name).mkdir(parents=True, exist_ok=True)
        for k in range(40):
            pixels = np.clip(rng.normal(colour, 40, (30 + k % 5, 36, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "photos" / name / f"{k}.jpg")


def test_the_gallery_runs_every_example():
    """`make docs` runs those whose name begins as the gallery's setting says, and stops where one fails."""
    names = [path.name for path in (ROOT / "examples").glob("*.py")]
    assert len(names) >= 7 and all(name.startswith("plot_") for name in names)
    settings = (ROOT / "docs" / "conf.py").read_text()
    for setting in ('"filename_pattern": "plot_"', '"abort_on_example_error": True', '"run_stale_examples": True'):
        assert setting in settings


@pytest.mark.nightly
@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.name)
def test_an_example_leaves_no_file_behind(example, tmp_path):
    result = run([sys.executable, str(example)], tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip(), "an example ends in a printed conclusion"
    assert not list(tmp_path.iterdir()), "an example leaves no file behind unless it is asked to"


@pytest.mark.nightly
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
