"""Files of labelling: written whole or not at all, in an encoding that is read, each line of its own row."""

import codecs
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from made_labeling import lines, numbers, skal, tickets

from skal.datasets import load_table
from skal.labeling import Project, ProjectError, exported, opened_or_made, write_export, write_sheet


def files():
    """All that lies in the present folder, but for the journal, which is open."""
    return {path: path.read_bytes() for path in Path.cwd().rglob("*") if path.is_file() and "sqlite" not in path.name}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A table of 60 rows, 20 of them labelled, in the present folder."""
    monkeypatch.chdir(tmp_path)
    return numbers("n.csv", 60, 20)


@pytest.fixture
def breaking_down(monkeypatch):
    """From its call on every file breaks off after its first letters, as on a disk that is full."""

    def begin():
        def to_csv(frame, path, **options):
            Path(path).write_bytes(b"half a")
            raise OSError(28, "No space left on device")

        def write_text(path, text, *more, **options):
            path.write_bytes(b"half a")
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(pd.DataFrame, "to_csv", to_csv)
        monkeypatch.setattr(pd.DataFrame, "to_parquet", to_csv)
        monkeypatch.setattr(Path, "write_text", write_text)

    return begin


class TestWholeOrNotAtAll:
    @pytest.mark.parametrize("name", ["sheet", "labeled.csv", "labeled.parquet", "settings"])
    def test_a_file_that_breaks_off_leaves_the_one_before(self, here, breaking_down, name):
        project = Project.create("n.skal", "n.csv")
        questions = project.ask(5)
        frame, _ = exported(project, predict=False)
        write = {
            "sheet": lambda: write_sheet(project, questions, "sheet.csv"),
            "labeled.csv": lambda: write_export(frame, "labeled.csv"),
            "labeled.parquet": lambda: write_export(frame, "labeled.parquet"),
            "settings": lambda: project.change(batch=7 if project.settings.batch == 6 else 9),
        }[name]
        write()
        before = files()
        assert any(name in str(path) for path in before) or name == "settings"
        breaking_down()
        with pytest.raises(ProjectError, match="cannot be written: No space left on device"):
            write()
        assert files() == before, "the old content, and nothing half written beside it"


class TestEncodings:
    def test_what_spreadsheets_open_says_that_it_is_utf_8(self, here):
        """Without the mark Excel reads é as two letters, and gives them back so."""
        skal("next", "n.csv", "-n", 3, "--out", "sheet.csv")
        skal("export", "n.csv", "--out", "all.csv", "--no-predict")
        pd.read_csv("sheet.csv").assign(label="sideways").to_csv("answers.csv", index=False)
        skal("take", "n.csv", "answers.csv", code=1)
        for path in ("sheet.csv", "all.csv", "answers.refused.csv"):
            assert Path(path).read_bytes().startswith(codecs.BOM_UTF8)

    def test_a_sheet_in_another_encoding_is_taken_if_it_is_said(self, here):
        skal("next", "n.csv", "-n", 3, "--out", "sheet.csv")
        pd.read_csv("sheet.csv").assign(label="höher").to_csv("sheet.csv", index=False, encoding="latin-1")
        options = ("take", "n.csv", "sheet.csv", "--new-class", "höher", "--annotator", "anna")
        assert "skal take --encoding latin-1" in skal(*options, code=2)
        skal(*options, "--encoding", "latin-1")
        with Project.open("n.skal") as project:
            assert project.status().by_class["höher"] == 3 and project.status().by_annotator["anna"] == 3

    def test_cells_that_look_like_formulas_are_kept_if_it_is_said(self, here):
        frame = pd.read_csv("n.csv").assign(remark=["=1+1", *map(str, range(59))])
        frame.to_csv("n.csv", index=False)
        skal("next", "n.csv", "-n", 1)
        assert "--raw leaves them" in skal("export", "n.csv", "--out", "safe.csv", "--no-predict")
        assert "--raw" not in skal("export", "n.csv", "--out", "raw.csv", "--no-predict", "--raw")
        assert [lines(path)[0]["remark"] for path in ("safe.csv", "raw.csv")] == ["'=1+1", "=1+1"]


class TestAsData:
    def test_what_an_export_says_of_labels_is_no_feature(self, here):
        skal("next", "n.csv", "-n", 3)
        columns = list(pd.read_csv("n.csv").columns)
        skal("export", "n.csv", "--out", "all.csv")
        added = set(pd.read_csv("all.csv").columns) - set(columns)
        assert {"labeled_by", "state", "predicted", "probability"} <= added
        data = load_table("all.csv", target="label")
        assert set(data.X.columns) == set(columns) - {"label"}
        assert any("is an export of a labelling project" in note for note in data.notes)
        skal("next", "all.csv", "-n", 3)
        with Project.open("all.skal") as project:
            assert all(project.settings.columns[name] in ("drop", "id") for name in added)

    def test_columns_of_these_names_in_other_tables_are_features(self, here):
        frame = pd.read_csv("n.csv")
        frame.assign(state=["Ohio", "Iowa"] * (len(frame) // 2), labeled_by="anna").to_csv("s.csv", index=False)
        assert {"state", "labeled_by"} <= set(load_table("s.csv", target="label").X.columns)


class TestLines:
    def test_refused_lines_of_several_people_are_those_that_were_refused(self, here):
        skal("next", "n.csv", "-n", 6, "--out", "sheet.csv")
        ids = [line["row_id"] for line in lines("sheet.csv")]
        labels = ["up", "left", "down", "up", "right", "up"]
        people = ["anna", "bert", "anna", "bert", "anna", "bert"]
        pd.read_csv("sheet.csv").assign(label=labels, annotator=people).to_csv("sheet.csv", index=False)
        assert f"{ids[1]}: 'left' is not a class" in skal("take", "n.csv", "sheet.csv")
        refused = lines("sheet.refused.csv")
        assert [(line["row_id"], line["label"], line["annotator"]) for line in refused] == [
            (ids[1], "left", "bert"),
            (ids[4], "right", "anna"),
        ]
        assert ["'left'" in refused[0]["reason"], "'right'" in refused[1]["reason"]] == [True, True]
        with Project.open("n.skal") as project:
            assert project.status().by_annotator == {"(data)": 20, "anna": 2, "bert": 2}


def test_a_table_without_rows_is_named_as_such(tmp_path):
    (tmp_path / "rows.csv").write_text("id,text,label\n")
    said = skal("next", tmp_path / "rows.csv", "--target", "label", "-n", "3", "--out", tmp_path / "q.csv", code=2)
    assert "rows.csv holds no rows." in said and "--column" not in said
    assert not (tmp_path / "rows.skal").exists()


def test_data_that_are_not_there_are_named(tmp_path):
    for command in (("next", "-n", 3), ("status",)):
        said = skal(command[0], tmp_path / "nothere.csv", *command[1:], code=2)
        assert "There is no file or folder" in said and "nothere.csv" in said and "project.toml" not in said
    numbers(tmp_path / "team.csv", 60, 20)
    Project.create(tmp_path / "team.skal", tmp_path / "team.csv").close()
    (tmp_path / "team.csv").rename(tmp_path / "moved.csv")
    with pytest.raises(
        ProjectError, match=r"team\.csv'\. Put them back.* the entry data of .*team\.skal.project\.toml"
    ):
        Project.open(tmp_path / "team.skal")
    settings = tmp_path / "team.skal/project.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("team.csv", "moved.csv"), encoding="utf-8")
    with Project.open(tmp_path / "team.skal") as project:
        assert project.status().n_labeled == 20


def test_a_table_of_one_row_is_too_few(tmp_path):
    (tmp_path / "one.csv").write_text("id,text,label\n1,hello there,\n")
    said = skal("next", tmp_path / "one.csv", code=2)
    assert "one.csv holds one row, which is too few: at least two are needed." in said and "--column" not in said


def test_status_counts_what_waits_with_what_is_left(tmp_path):
    numbers(tmp_path / "n.csv", 60, 20)
    with Project.create(tmp_path / "n.skal", tmp_path / "n.csv") as project:
        assert str(project.status()).startswith("20 of 60 rows are labelled, 40 may still be asked.")
        project.ask(40)
        said = "20 of 60 rows are labelled, 40 wait for an answer, 0 more may be asked."
        assert str(project.status()).startswith(said)


@pytest.mark.parametrize(("n", "batch"), [(28, 5), (60, 6), (499, 49), (500, 50), (900, 50)])
def test_a_round_is_a_tenth_of_the_rows_where_nobody_says_its_size(tmp_path, n, batch):
    data = tmp_path / "n.csv"
    numbers(data, n, 4)
    with Project.create(tmp_path / "n.skal", data) as project:
        assert project.settings.batch == batch == len(project.ask())
        assert f"Questions a round: {batch} (batch in project.toml), for {n} rows." in project.notes
    assert tomllib.loads((tmp_path / "n.skal/project.toml").read_text(encoding="utf-8"))["batch"] == batch
    with Project.create(tmp_path / "said.skal", data, batch=50) as project:
        assert project.settings.batch == 50 and not any("a round" in note for note in project.notes)


def test_every_option_of_next_arrives_in_the_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame({"key": range(40), "x": ["ä", "b"] * 20, "z": [0.1 * k for k in range(40)], "kind": ""})
    frame.to_csv("t.csv", index=False, sep=";", encoding="latin-1")
    said = {
        **{"--target": "kind", "--id": "key", "--classes": "yes,no", "--column": "x=text", "--estimator": "forest"},
        **{"--strategy": "margin_sampling", "--random-share": 0.5, "--seed": 7, "--encoding": "latin-1"},
        **{"--separator": ";", "-n": 4, "--annotator": "anna", "--out": "ask.csv", "--project": "mine"},
    }
    skal("next", "t.csv", "--new-classes", *(part for pair in said.items() for part in pair))
    entries = tomllib.loads(Path("mine/project.toml").read_text(encoding="utf-8"))
    expected = {
        **{"target": "kind", "id": "key", "classes": ["yes", "no"], "new_classes": True, "estimator": "forest"},
        **{"strategy": "margin_sampling", "random_share": 0.5, "seed": 7},
        **{"options": {"encoding": "latin-1", "separator": ";"}},
    }
    assert {name: entries[name] for name in expected} == expected
    assert entries["columns"]["x"] == "text"
    with Project.open("mine") as project:
        questions = project.ask(again=True, annotator="anna")
        assert [line["key"] for line in lines("ask.csv")] == questions.ids and len(questions) == 4
        assert {event.annotator for event in questions.events} == {"anna"}
        assert sum(event.why["by"] == "random" for event in questions.events) == 2


def test_classes_named_later_are_added_and_none_vanishes(tmp_path):
    tickets(tmp_path / "t.csv", 40, n_labeled=12)
    project = Project.create(tmp_path / "t.skal", tmp_path / "t.csv", classes=["refund", "bug", "question"])
    project.close()
    with opened_or_made(tmp_path / "t.csv", None, {"classes": ["praise", "bug"]}) as opened:
        assert opened.classes == opened.settings.classes == ["refund", "bug", "question", "praise"]
        assert "kept: refund, question." in opened.notes[-1] and "project.toml" in opened.notes[-1]
    with opened_or_made(tmp_path / "t.csv", None, {"classes": opened.settings.classes}) as again:
        assert not any("classes" in note for note in again.notes)
