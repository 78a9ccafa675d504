"""The benchmarks of labelling projects at tiny sizes: what comes out, never how long it takes."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from skal.cli import app

SCRIPTS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture(autouse=True)
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))


@pytest.fixture
def in_process(monkeypatch):
    """Commands in this process: starting Python costs seconds each time."""

    def command(folder, *words, threads=None):
        monkeypatch.chdir(folder)
        done = CliRunner().invoke(app, list(map(str, words)), env={"COLUMNS": "200"})
        assert done.exit_code == 0, done.output
        return SimpleNamespace(text=done.output, wall=0.1, cpu=0.1, peak=10**8)

    return command


def test_tickets_have_what_makes_real_ones_hard():
    from _labeling_data import tickets

    table, truth = tickets(600, 0)
    assert truth.value_counts().index[0] == "bug" and truth.nunique() == 6
    bodies = table["body"]
    assert bodies.str.startswith("=").any() and bodies.str.contains("\n").any() and bodies.str.contains('"').any()
    assert table["wait_minutes"].isna().any() and table["ticket_id"].is_unique
    again, _ = tickets(600, 0)
    pd.testing.assert_frame_equal(table, again)


def test_photos_are_mixed(tmp_path):
    from _labeling_data import write_photos
    from PIL import Image

    truth = write_photos(tmp_path, 30, 0)
    images = [Image.open(tmp_path / name) for name in truth.index]
    assert {"L", "RGB"} <= {image.mode for image in images} and len({image.size for image in images}) > 20
    assert {image.format for image in images} == {"JPEG", "PNG"}
    assert sum(image.getexif().get(0x0112) == 6 for image in images) == 1
    assert (tmp_path / "cell_broken.jpg").exists() and "cell_broken.jpg" not in truth


@pytest.mark.parametrize(("label", "mistyped"), [("bug", "bgu"), ("success", "succses"), ("all", "lal")])
def test_mistyped_labels_have_two_letters_swapped(label, mistyped):
    from labeling_jobs import _mistyped

    assert _mistyped(label) == mistyped


def test_a_tiny_job_on_tickets(tmp_path, monkeypatch, in_process):
    import labeling_jobs

    monkeypatch.setattr(labeling_jobs, "command", in_process)
    sizes = {"n": 150, "n_labeled": 30, "n_later": 50, "rounds": 2, "batch": 20, "overlap": 4}
    record = labeling_jobs.run("tickets", 0, None, sizes)
    for arm in labeling_jobs.ARMS:
        found = record[arm]
        # Conflicts come again in the second round, so that rows are fewer than questions.
        assert found["asked"] == 40 and found["answers"] + found["blank"] == 48 and found["blank"] == 8
        assert found["refused"] == 4 and 30 < found["labels"] <= 70
        assert all(0 <= found[name] <= 1 for name in ("later", "neither asked", "not labelled"))
    lines = labeling_jobs.table([record]).splitlines()
    assert len(lines) == 5 and lines[-1].startswith("| tickets | 1 | difference")
    assert len(labeling_jobs.books([record]).splitlines()) == 4


@pytest.mark.nightly  # the same script on a table, above, is run each time
def test_a_tiny_job_on_photos(tmp_path, monkeypatch, in_process):
    import labeling_jobs

    monkeypatch.setattr(labeling_jobs, "command", in_process)
    record = labeling_jobs.run("photos", 0, None, {"n": 40, "n_sorted": 12, "n_later": 10, "batch": 6})
    for arm in labeling_jobs.ARMS:
        assert record[arm]["asked"] == 12 and record[arm]["labels"] == 12 + 12 - 4
        assert record[arm]["unreadable"] == 1 and record[arm]["refused"] == 2


def test_an_export_that_differs_from_what_was_said_ends_the_run():
    from labeling_jobs import _checked

    found = pd.DataFrame({"label": ["a", ""], "state": ["labelled", "conflict"]}, index=["1", "2"])
    said = {"1": {"x": "a"}, "2": {"x": "a", "y": "b"}}
    assert _checked(found, said, {}) == {"labels": 1, "conflicts": 1}
    with pytest.raises(SystemExit, match="in 1 rows such as"):
        _checked(found, {**said, "1": {"x": "b"}}, {})
    with pytest.raises(SystemExit, match="conflicts"):
        _checked(found.assign(state="labelled"), said, {})


def test_banking77_is_left_out_where_it_is_missing(tmp_path, capsys):
    import labeling_jobs

    labeling_jobs.main(["banking77", "--banking77", str(tmp_path / "train.csv"), str(tmp_path / "test.csv")])
    assert "left out" in capsys.readouterr().err


@pytest.mark.nightly
def test_few_kills_lose_nothing(tmp_path):
    import labeling_kills

    result = labeling_kills.run(tmp_path, n_kills=2, n_rows=60, minutes=2.0, people=["first"])
    counts = np.array(list(result["lines"].values()))
    assert (counts[:, 2:] == 0).all() and result["journal"] == "ok"
    assert sum(result["kills"].values()) == 2
    assert len(labeling_kills.as_table(result).splitlines()) == 6


def test_lost_and_doubled_answers_are_counted(tmp_path, monkeypatch):
    import sqlite3

    import labeling_kills

    (tmp_path / "table.skal").mkdir()
    journal = sqlite3.connect(tmp_path / "table.skal" / "journal.sqlite")
    journal.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, kind, row, annotator, label)")
    events = [("ask", "1", "first", None), ("label", "1", "first", "a"), ("label", "1", "first", "a")]
    journal.executemany("INSERT INTO events (kind, row, annotator, label) VALUES (?, ?, ?, ?)", events)
    journal.commit()
    journal.close()
    (tmp_path / "labeled.csv").write_text("key,labeled_by\n1,first\n2,\n")
    monkeypatch.setattr(labeling_kills, "command", lambda *_: None)
    worker = labeling_kills.Worker("first", tmp_path, {}, None, 0)
    worker.asked = [["1", "2"], ["1"]]
    worker._acknowledged("take", {"1": "a", "2": "b"})
    killer = SimpleNamespace(killed={}, aimed={})
    lines = labeling_kills.counted(tmp_path, [worker], killer)["lines"]
    assert lines["take"] == [2, 1, 1, 1] and lines["tell"] == [0, 0, 0, 0]
    assert lines["next"] == [3, 2, 1, 1]


def test_costs_of_a_tiny_table(tmp_path, monkeypatch, capsys, in_process):
    import labeling

    monkeypatch.setattr(labeling, "command", in_process)
    labeling.main(["--rows", "300", "--repetitions", "1", "--json", str(tmp_path / "cost.json")])
    (repetition,) = json.loads((tmp_path / "cost.json").read_text())["repetitions"]["2"]
    assert list(repetition) == ["next, first", "take of 50", "next, second", "status", "export"]
    shown = capsys.readouterr().out
    assert "60 s met, 500 MB met" in shown and "300 rows" in shown


def test_a_process_is_killed_at_the_moment_that_was_chosen():
    from _labeling_commands import process

    done = process([sys.executable, "-c", "import time; time.sleep(60)"], ".", until=lambda child: None)
    assert done.code == -9 and done.wall < 30
    done = process([sys.executable, "-c", "print('out')"], ".")
    assert (done.code, done.text.strip()) == (0, "out") and done.peak > 10**6
