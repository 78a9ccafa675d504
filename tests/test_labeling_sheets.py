"""Sheets out and answers back: by spreadsheet, by folders, from the command line, also when it is killed."""

import csv
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_labeling import lines, skal, tickets
from PIL import Image

from skal.labeling import Project, ProjectError, read_sheet, take_sheet, write_sheet
from skal.sheet_cells import plain_cell, safe_cell


def fill(path, labels, column="label", key="ticket_id"):
    """Write labels into a sheet, as a spreadsheet would."""
    rows = lines(path)
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.DictWriter(file, list(rows[0]))
        sheet.writeheader()
        sheet.writerows({**row, column: labels.get(row[key], "")} for row in rows)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tickets("tickets.csv", 100, 20)


class TestCells:
    @pytest.mark.parametrize(
        "cell", ["=1+1", "+49 170", "-x", "@me", "\tx", "'=1", "''=", "'quoted'", "plain", "", "-"]
    )
    def test_cells_come_back_as_they_were(self, cell):
        assert plain_cell(safe_cell(cell)) == cell

    @pytest.mark.parametrize("cell", ["=cmd()", "+1+1", "-1-1", "@SUM(A1)", "\t=1", "\r=1"])
    def test_no_cell_is_a_formula(self, cell):
        assert safe_cell(cell).startswith("'")

    @pytest.mark.parametrize("cell", ["-5", "+3.5", "-1e-3", ".5", "-12%"])
    def test_numbers_stay_numbers(self, cell):
        assert safe_cell(cell) == cell


class TestSheets:
    def test_formulas_umlauts_and_line_breaks_survive_a_spreadsheet(self, tmp_path):
        bodies = [
            "=HYPERLINK(1)",
            "Größe\nzwei Zeilen",
            'a "quoted", text',
            "+49 170",
            *(f"text {i}" for i in range(16)),
        ]
        frame = pd.DataFrame({"id": ["=1+1", *(f"@{i}" for i in range(19))], "body": bodies, "label": ""})
        frame.to_csv(tmp_path / "odd.csv", index=False)
        project = Project.create(tmp_path / "odd.skal", tmp_path / "odd.csv", id="id", columns={"body": "text"})
        sheet = write_sheet(project, project.ask(20), tmp_path / "next.csv")
        assert not any(cell[:1] in ("=", "+", "@") for row in lines(sheet) for cell in row.values())
        back = read_sheet(project, sheet)
        assert sorted(back.ids) == sorted(frame["id"]) and sorted(back.frame["body"]) == sorted(bodies)
        fill(sheet, {safe_cell(row): "a" for row in frame["id"]}, key="id")
        assert take_sheet(project, sheet)[0].new == 20

    def test_a_sheet_with_semicolons_is_taken(self, here):
        skal("next", "tickets.csv", "-n", 5)
        rows = lines("next.csv")
        pd.DataFrame([{**row, "label": here[row["ticket_id"]]} for row in rows]).to_csv(
            "next.csv", sep=";", index=False
        )
        assert "5 answers taken" in skal("take", "tickets.csv", "next.csv")

    def test_bad_lines_come_back_with_the_reason_and_can_be_corrected(self, here):
        skal("next", "tickets.csv", "-n", 6)
        rows = [row["ticket_id"] for row in lines("next.csv")]
        fill("next.csv", {**here, rows[0]: "bgu", rows[1]: "praise"})
        said = skal("take", "tickets.csv", "next.csv")
        assert "4 answers taken, 2 refused" in said and "'bug' is one" in said
        refused = lines("next.refused.csv")
        assert [row["ticket_id"] for row in refused] == rows[:2] and "not a class" in refused[1]["reason"]
        fill("next.refused.csv", here)
        assert "2 answers taken" in skal("take", "tickets.csv", "next.refused.csv")
        assert "next 6" in skal("status", "tickets.csv"), "the same annotator"

    def test_answers_that_were_not_taken_are_not_written_over(self, here):
        skal("next", "tickets.csv", "-n", 5)
        fill("next.csv", here)
        assert "holds 5 answers not taken yet" in skal("next", "tickets.csv", "-n", 5, code=2)
        skal("take", "tickets.csv", "next.csv")
        first = {row["ticket_id"] for row in lines("next.csv")}
        skal("next", "tickets.csv", "-n", 5)
        assert not first & {row["ticket_id"] for row in lines("next.csv")}

    def test_who_answered(self, here):
        skal("next", "tickets.csv", "-n", 4, "--annotator", "anna", "--out", "a.csv")
        skal("next", "tickets.csv", "-n", 4, "--out", "ben.csv")
        skal("next", "tickets.csv", "-n", 4, "--out", "c.csv")
        for sheet in ("a.csv", "ben.csv", "c.csv"):
            fill(sheet, here)
        skal("take", "tickets.csv", "a.csv", "ben.csv")
        skal("take", "tickets.csv", "c.csv", "--annotator", "carl")
        assert "anna 4, ben 4, carl 4" in skal("status", "tickets.csv")

    def test_a_sheet_is_of_whom_it_was_written_for(self, here):
        # The same rows are asked of both: whom a row was asked of last does not tell whose sheet it is.
        for who in ("ben", "carl"):
            skal("next", "tickets.csv", "-n", 20, "--annotator", who, "--overlap", 20, "--out", f"{who}.csv")
        assert {row["ticket_id"] for row in lines("ben.csv")} == {row["ticket_id"] for row in lines("carl.csv")}
        fill("ben.csv", here)
        skal("take", "tickets.csv", "ben.csv")
        said = skal("status", "tickets.csv")
        assert "ben 20" in said and "carl" not in said.partition("Open questions")[0]

    def test_settings_that_answers_rest_on_stay(self, here):
        skal("next", "tickets.csv", "-n", 2, "--target", "label")
        fill("next.csv", here)
        skal("take", "tickets.csv", "next.csv")
        assert "was made with target = 'label', got 'body'" in skal("next", "tickets.csv", "--target", "body", code=2)
        assert "was made with seed = 0, got 3" in skal("next", "tickets.csv", "--seed", 3, code=2)
        skal("next", "tickets.csv", "-n", 2, "--target", "label")

    def test_other_settings_may_be_changed_and_are_told(self, here):
        skal("next", "tickets.csv", "-n", 2)
        said = skal(
            "next", "tickets.csv", "-n", 2, "--estimator", "forest", "--column", "minutes=drop", "--out", "b.csv"
        )
        assert "estimator: forest (was logistic)" in said and "Earlier questions that are still open: 2" in said
        settings = Path("tickets.skal/project.toml").read_text()
        assert 'estimator = "forest"' in settings and 'minutes = "drop"' in settings and 'body = "text"' in settings
        assert "There is no estimator 'tree'" in skal("next", "tickets.csv", "--estimator", "tree", code=2)
        assert 'estimator = "forest"' in Path("tickets.skal/project.toml").read_text()

    @pytest.mark.parametrize("command", ["next", "export", "explain"])
    def test_nothing_is_written_over_the_data(self, here, command):
        skal("next", "tickets.csv", "-n", 2)
        before = Path("tickets.csv").read_bytes()
        Path("sub").mkdir()
        for out in ("tickets.csv", "sub/../tickets.csv", "tickets.skal"):
            skal(command, "tickets.csv", "--out", out, code=2)
        assert Path("tickets.csv").read_bytes() == before

    def test_nothing_is_written_over_the_data_from_python(self, here):
        project = Project.create("tickets.skal", "tickets.csv")
        questions = project.ask(2)
        before = Path("tickets.csv").read_bytes()
        with pytest.raises(ProjectError, match="never written to"):
            write_sheet(project, questions, "tickets.csv")
        assert Path("tickets.csv").read_bytes() == before

    def test_a_file_that_is_no_sheet_is_left_alone(self, here):
        skal("next", "tickets.csv", "-n", 2)
        Path("mine.csv").write_text("ticket_id,label\nT0001,\n")
        assert "did not write it as a sheet" in skal("next", "tickets.csv", "-n", 2, "--out", "mine.csv", code=2)

    def test_the_table_and_exports_are_no_sheets(self, here):
        skal("next", "tickets.csv", "-n", 2)
        skal("export", "tickets.csv", "--out", "out.csv")
        assert "is the table itself" in skal("take", "tickets.csv", "tickets.csv", code=2)
        assert "is an export" in skal("take", "tickets.csv", "out.csv", code=2)

    def test_ids_that_a_spreadsheet_has_changed_are_taken_for_asked_rows(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        rows = [{"id": f"{i:03d}", "x": i % 2 + i * 0.01, "label": "ab"[i % 2] if i < 10 else ""} for i in range(60)]
        pd.DataFrame(rows).to_csv("t.csv", index=False)
        skal("next", "t.csv", "-n", 20)
        sheet = lines("next.csv")
        changed = [{**row, "id": str(int(row["id"])), "label": "a"} for row in sheet]
        pd.DataFrame([*changed, {"id": "3.0", "label": "a"}]).to_csv("next.csv", index=False)
        said = skal("take", "t.csv", "next.csv")
        assert "20 answers taken, 1 refused" in said and "Ids that a spreadsheet has changed" in said
        assert "'003' is one" in said, "that row was not asked"

    def test_a_sheet_of_german_excel_is_taken(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        rows = [{"key": f"k{i}", "body": f"Größe und Maß {i}", "label": "äh" if i % 2 else "öl"} for i in range(30)]
        frame = pd.DataFrame(rows)
        frame.loc[10:, "label"] = ""
        frame.to_csv("t.csv", index=False, encoding="latin-1", sep=";")
        skal("next", "t.csv", "-n", 4, "--id", "key", "--encoding", "latin-1", "--column", "body=text")
        sheet = pd.DataFrame(lines("next.csv")).assign(label="äh")
        sheet.to_csv("next.csv", index=False, sep=";", encoding="cp1252")
        assert "4 answers taken" in skal("take", "t.csv", "next.csv"), "in the encoding of the data"
        sheet.assign(label="öl").to_csv("other.csv", index=False, sep=";", encoding="utf-16")
        assert "4 answers taken" in skal("take", "t.csv", "other.csv", "--encoding", "utf-16")

    def test_a_table_that_has_moved_is_not_begun_again(self, here):
        skal("next", "tickets.csv", "-n", 2)
        os.rename("tickets.csv", "renamed.csv")
        for command in ("status", "next"):
            assert "tickets.skal has lost its data" in skal(command, "renamed.csv", code=2)

    def test_data_that_nobody_labels_yet_are_told(self, here):
        assert "There is no labelling project of tickets.csv" in skal("status", "tickets.csv", code=2)
        assert "There is no file or folder" in skal("next", "nothing.csv", code=2)


class TestExplain:
    def test_a_batch_with_reasons_is_taken_back(self, here):
        skal("explain", "tickets.csv", "-n", 5, "--out", "why")
        sheet = lines("why/query.csv")
        assert list(sheet[0])[:5] == ["ticket_id", "body", "minutes", "label", "why"]
        bodies = {row["ticket_id"]: row["body"] for row in lines("tickets.csv")}
        labels = {row["ticket_id"]: row["label"] for row in lines("tickets.csv") if row["label"]}
        for row in sheet:
            assert row["body"] == bodies[row["ticket_id"]] and float(row["entropy"]) >= 0
            assert row["nearest_label"] == labels[row["nearest_labeled"]], "a row that is labelled, by its id"
        page = Path("why/query.html").read_text()
        assert all(row["ticket_id"] in page and row["body"] in page for row in sheet)
        fill("why/query.csv", here)
        assert "5 answers taken" in skal("take", "tickets.csv", "why/query.csv")


class TestExport:
    def test_rows_keep_their_order_and_cells(self, here):
        skal("next", "tickets.csv", "-n", 10)
        fill("next.csv", here)
        skal("take", "tickets.csv", "next.csv")
        skal("export", "tickets.csv", "--out", "out.csv")
        out, before = lines("out.csv"), lines("tickets.csv")
        assert [row["body"] for row in out] == [row["body"] for row in before]
        labeled = [row for row in out if row["state"] == "labelled"]
        assert len(labeled) == 30 and all(row["label"] == here[row["ticket_id"]] for row in labeled)
        assert {row["labeled_by"] for row in labeled} == {"(data)", "next"}
        rest = [row for row in out if row["state"] != "labelled"]
        assert all(row["label"] == "" and row["predicted"] in set(here.values()) for row in rest)
        assert all(1 / 3 <= float(row["probability"]) <= 1 for row in rest)

    def test_parquet_in_and_out(self, here):
        pd.read_csv("tickets.csv", dtype=str).to_parquet("tickets.parquet")
        skal("next", "tickets.parquet", "-n", 5)
        fill("next.csv", here)
        skal("take", "tickets.parquet", "next.csv")
        skal("export", "tickets.parquet", "--out", "out.parquet")
        assert (pd.read_parquet("out.parquet")["state"] == "labelled").sum() == 25

    def test_what_is_readable_of_a_damaged_journal_is_exported(self, here):
        skal("next", "tickets.csv", "-n", 60)
        fill("next.csv", here)
        skal("take", "tickets.csv", "next.csv")
        path = Path("tickets.skal/journal.sqlite")
        content = bytearray(path.read_bytes())
        pages = [content[start : start + 4096].count(b"label") for start in range(0, len(content), 4096)]
        page = 4096 * max(range(3, len(pages)), key=pages.__getitem__)  # one full of answers
        content[page : page + 4096] = bytes(range(256)) * 16
        path.write_bytes(content)
        said = skal("export", "tickets.csv", "--out", "out.csv")
        assert "damaged" in said
        labeled = [row for row in lines("out.csv") if row["state"] == "labelled"]
        assert 0 < len(labeled) and all(row["label"] == here[row["ticket_id"]] for row in labeled)


class TestFiles:
    @pytest.fixture
    def photos(self, tmp_path, monkeypatch):
        """Forty photographs of two kinds and several sizes, eight of them sorted, one that is broken."""
        monkeypatch.chdir(tmp_path)
        rng = np.random.RandomState(0)
        kinds = {}
        for i in range(40):
            kind = ("dark", "light")[i % 2]
            folder = f"photos/{kind if i < 8 else 'unsorted'}"
            os.makedirs(folder, exist_ok=True)
            pixels = rng.randint(0, 90, (30 + i, 40, 3)) + 160 * (i % 2)
            image = Image.fromarray(pixels.astype(np.uint8))
            (image.convert("L") if i % 5 == 0 else image).save(f"{folder}/img{i:02d}.png")
            kinds[f"img{i:02d}.png"] = kind
        Path("photos/unsorted/broken.jpg").write_bytes(b"\xff\xd8\xff")
        return kinds

    def sort(self, folder, kinds):
        for name in os.listdir(folder):
            if name in kinds:
                os.makedirs(f"{folder}/{kinds[name]}", exist_ok=True)
                os.rename(f"{folder}/{name}", f"{folder}/{kinds[name]}/{name}")

    def test_a_folder_is_of_whom_it_was_made_for(self, photos):
        for who in ("ben", "carl"):
            skal("next", "photos", "-n", 8, "--annotator", who, "--overlap", 8, "--out", who)
        self.sort("ben", photos)
        skal("take", "photos", "ben")
        assert "ben 8" in skal("status", "photos")

    def test_files_are_sorted_into_folders_and_taken_back(self, photos):
        said = skal("next", "photos", "-n", 10)
        assert "broken.jpg" in said and "image_features" in said
        asked = set(os.listdir("next")) & set(photos)
        assert len(asked) == 10 and {"dark", "light", "sheet.csv"} <= set(os.listdir("next"))
        assert "broken.jpg" not in asked
        self.sort("next", photos)
        assert "holds 10 answers not taken yet" in skal("next", "photos", "-n", 3, code=2)
        assert "10 answers taken" in skal("take", "photos", "next")
        assert "of an earlier batch is now next-1" in skal("next", "photos", "-n", 5)
        assert sorted(os.listdir("."))[:2] == ["next", "next-1"]
        skal("export", "photos", "--out", "out.csv")
        out = {row["id"]: row for row in lines("out.csv")}
        assert all(out[name]["label"] == photos[name] for name in asked)
        right = [row["predicted"] == photos[row["id"]] for row in out.values() if row["predicted"]]
        assert np.mean(right) > 0.9

    def test_names_that_come_twice_later_change_no_id(self, photos):
        skal("next", "photos", "-n", 4)
        self.sort("next", photos)
        skal("take", "photos", "next")
        Path("photos/new").mkdir()
        Image.new("RGB", (20, 20)).save("photos/new/img01.png")
        said = skal("status", "photos")
        assert "new rows: 1" in said and "rows that are gone" not in said and "new ones are known by path" in said
        assert "13 of 41 rows are labelled" in said
        os.remove("photos/new/img01.png")
        assert "12 of 40 rows are labelled" in skal("status", "photos")

    def test_links_within_the_folder_are_no_rows(self, photos):
        os.symlink("../light/img01.png", "photos/unsorted/link.png")
        skal("next", "photos", "-n", 2)
        assert "of 40 rows" in skal("status", "photos")

    def test_photographs_that_are_moved_keep_their_labels(self, photos):
        skal("next", "photos", "-n", 6)
        asked = [name for name in os.listdir("next") if name in photos]
        self.sort("next", photos)
        skal("take", "photos", "next")
        os.rename(f"photos/unsorted/{asked[0]}", f"photos/{photos[asked[0]]}/{asked[0]}")
        assert "14 of 40 rows are labelled" in skal("status", "photos")


def test_texts_in_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for i in range(30):
        folder = f"mails/{('spam', 'ham')[i % 2] if i < 10 else 'unsorted'}"
        os.makedirs(folder, exist_ok=True)
        text = ("buy cheap pills", "see you at lunch")[i % 2]
        Path(folder, f"{i}.txt").write_text(f"{text} number {i}")
    skal("next", "mails", "-n", 8)
    assert len([name for name in os.listdir("next") if name.endswith(".txt")]) == 8


@pytest.mark.slow
def test_a_killed_next_loses_no_question_and_asks_none_twice(here):
    """Killed at several moments; what was handed out is never handed out again, what was lost comes first."""
    Project.create("tickets.skal", "tickets.csv", estimator="logistic").close()
    command = [sys.executable, "-m", "skal.cli", "next", "tickets.csv", "-n", "3", "--annotator", "anna"]
    handed: list[str] = []
    for number, delay in enumerate([0.9, 1.7, 2.5, np.inf]):
        out = f"sheet{number}.csv"
        process = subprocess.Popen([*command, "--out", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        end = time.monotonic() + delay
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        if process.returncode == 0:
            handed += [row["ticket_id"] for row in lines(out)]
    assert len(handed) >= 3 and len(set(handed)) == len(handed)


class TestMixUps:
    def test_the_project_of_another_file_is_not_taken(self, here):
        pd.read_csv("tickets.csv", dtype=str).to_parquet("tickets.parquet")
        skal("next", "tickets.csv", "-n", 2)
        for command in ("status", "next", "export"):
            assert "is the project of tickets.csv, not of tickets.parquet" in " ".join(
                skal(command, "tickets.parquet", code=2).split()
            )

    def test_an_empty_journal_is_damaged(self, here):
        skal("next", "tickets.csv", "-n", 2)
        for path in Path("tickets.skal").glob("journal*"):
            path.unlink()
        Path("tickets.skal/journal.sqlite").touch()
        assert "is empty, so the journal is damaged" in skal("status", "tickets.csv", code=2)

    def test_labels_are_said_to_be_of_those_who_gave_them(self, here):
        skal("next", "tickets.csv", "-n", 1)
        row = lines("next.csv")[0]["ticket_id"]
        for who, label in (("anna", "bug"), ("ben", "bug"), ("cem", "refund")):
            fill("next.csv", {row: label})
            assert "Annotator" not in skal("take", "tickets.csv", "next.csv", "--annotator", who)
        skal("export", "tickets.csv", "--out", "out.csv")
        found = next(line for line in lines("out.csv") if line["ticket_id"] == row)
        assert (found["label"], found["labeled_by"]) == ("bug", "anna, ben")

    def test_who_is_taken_for_the_annotator_is_told(self, here):
        skal("next", "tickets.csv", "-n", 2, "--annotator", "zed")
        frame = pd.DataFrame(lines("next.csv")).drop(columns="annotator").assign(label="bug")
        frame.to_csv("anna.csv", index=False)
        assert "Annotator: 'zed', of whom the rows were asked" in skal("take", "tickets.csv", "anna.csv")

    def test_an_estimator_of_ones_own(self, here):
        code = """
        from sklearn.compose import ColumnTransformer
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression, Ridge
        from sklearn.pipeline import make_pipeline

        def good():
            return make_pipeline(ColumnTransformer([("words", TfidfVectorizer(), "body")]), LogisticRegression())

        class Bad(LogisticRegression):
            def fit(self, X, y):
                raise ZeroDivisionError("in my fit")

        def bad():
            return Bad()
        """
        Path("mine.py").write_text(textwrap.dedent(code))
        skal("next", "tickets.csv", "-n", 3, "--estimator", "mine.py:good")
        fill("next.csv", here)
        skal("take", "tickets.csv", "next.csv")
        said = skal("next", "tickets.csv", "-n", 3, "--estimator", "mine.py:bad", code=2)
        assert "mine.py:bad cannot be fitted. ZeroDivisionError: in my fit" in " ".join(said.split())
        assert "No predictions: The estimator mine.py:bad" in skal("export", "tickets.csv", "--out", "out.csv")
        assert len([row for row in lines("out.csv") if row["label"]]) == 23
        assert "is not a classifier" in skal("next", "tickets.csv", "--estimator", "mine.py:Ridge", code=2)
