"""The table of docs/composition.md is what happens: each way and each estimator of it, tried in a few cells."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from made_adversarial import undiagnosed  # noqa: F401

ROOT = Path(__file__).parent.parent
pytest.importorskip("polars")
SPEC = importlib.util.spec_from_file_location("composition", ROOT / "tools" / "composition.py")
assert SPEC is not None and SPEC.loader is not None
composition = importlib.util.module_from_spec(SPEC)
sys.modules["composition"] = composition
SPEC.loader.exec_module(composition)


def of_the_page(text):
    """Marks by estimator and way: yes, limit or fails."""
    marks, names = {}, []
    for line in text.replace("<wbr>", "").splitlines():
        if line.startswith("| | "):
            names = line.strip("| ").split(" | ")
        elif line.startswith("| "):
            way, *row = [part.strip() for part in line.strip().removeprefix("|").removesuffix("|").split("|")]
            marks.update({(name, way): mark.split(" ")[0] for name, mark in zip(names, row, strict=True) if mark})
    return marks


MARKS = of_the_page(composition.PAGE.read_text())


def named(cells):
    return [pytest.param(*cell, id=":".join(cell)) for cell in cells]


def agrees(name, way):
    found = composition.outcome(name, way)
    assert (found if found == composition.YES else composition.mark(found)) == MARKS[name, way], (
        f"{name}:{way}: {found}. Run tools/composition.py, and look why it has changed."
    )


def test_the_page_has_each_cell_and_its_words():
    assert set(MARKS) == set(composition.cells())
    page = composition.PAGE.read_text()
    numbers = {int(number) for number in re.findall(r"(?:limit|fails) (\d+)", page)}
    assert {int(number) for number in re.findall(r"^- \*\*(\d+)\*\*", page, re.M)} == numbers


@pytest.mark.parametrize(("name", "way"), named(composition.sampled()))
def test_a_cell_of_each_way_and_each_estimator_is_what_the_page_says(name, way):
    agrees(name, way)


def test_the_sample_holds_each_way_and_each_estimator():
    sample = composition.sampled()
    assert {name for name, _ in sample} == set(composition.SUBJECTS)
    assert {way for _, way in sample} == set(composition.WAYS)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("name", "way"), named(cell for cell in composition.cells() if cell not in composition.sampled())
)
def test_every_other_cell_is_what_the_page_says(name, way):
    agrees(name, way)


def test_one_cell_is_run_by_name(capsys):
    assert composition.run_one("PseudoLabelClassifier:RFE") == 0
    assert "limit: " in capsys.readouterr().out.splitlines()[-1]
    assert composition.run_one("LabeledOnlyClassifier:flight") == 2
    assert "no cell 'LabeledOnlyClassifier:flight'" in capsys.readouterr().out
