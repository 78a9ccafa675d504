"""Labelling projects: questions, answers, identities, conflicts; nothing is lost, nothing is on another row."""

import csv
import sqlite3

import pandas as pd
import pytest
from made_labeling import numbers, tickets

from skal.labeling import Project, ProjectError, RefusedAnswers
from skal.labeling._cleaning import cleaned


@pytest.fixture
def job(tmp_path):
    """A project of 120 tickets, 30 of them labelled, and who knows all labels."""
    truth = tickets(tmp_path / "tickets.csv", 120, 30)
    project = Project.create(tmp_path / "tickets.skal", tmp_path / "tickets.csv", random_share=0.0)
    return project, truth


def answer(project, truth, n, annotator="", **options):
    questions = project.ask(n, annotator, **options)
    project.tell(questions.ids, [truth[row] for row in questions.ids], annotator)
    return questions


class TestQuestions:
    def test_rows_are_asked_once_and_shown_whole(self, job):
        project, truth = job
        seen = []
        for _ in range(4):
            questions = project.ask(20)
            assert list(questions.rows.columns) == ["ticket_id", "body", "minutes", "label"]
            assert questions.rows["ticket_id"].tolist() == questions.ids
            assert questions.rows["label"].isna().all()
            seen += questions.ids
        labeled = set(project.labels()["id"])
        assert len(set(seen)) == 80 and not labeled & set(seen)
        assert len(project.ask(20)) == 10, "no more rows are there"
        with pytest.raises(ProjectError, match="90 questions wait"):
            project.ask(1)

    def test_open_questions_come_again_when_asked_for(self, job):
        project, truth = job
        first = project.ask(5)
        project.tell(first.ids[:2], [truth[row] for row in first.ids[:2]])
        assert project.ask(again=True).ids == first.ids[2:]

    def test_a_batch_that_was_never_handed_out_comes_again(self, job):
        project, _ = job
        lost = project.ask(5, "anna", deliver=False)
        assert project.ask(9, "anna").ids == lost.ids
        assert not set(project.ask(9, "anna").ids) & set(lost.ids)

    def test_without_labels_typical_rows_are_asked(self, tmp_path):
        truth = tickets(tmp_path / "t.csv", 60)
        project = Project.create(tmp_path / "t.skal", tmp_path / "t.csv", random_share=0.25)
        questions = project.ask(8)
        assert "no label yet" in questions.notes[0]
        assert sorted(event.why["by"] for event in questions.events) == ["random"] * 2 + ["typical"] * 6
        assert all(event.round is None for event in questions.events)
        project.tell(questions.ids, ["bug"] * 8)
        more = project.ask(6)
        assert "All 8 labels so far are 'bug'" in more.notes[0]
        project.tell(more.ids, [truth[row] for row in more.ids], allow=["refund", "question"])
        assert project.ask(4).events[0].round == 0

    def test_random_rows_measure_the_accuracy(self, tmp_path):
        truth = numbers(tmp_path / "n.csv", 120, 40)
        project = Project.create(tmp_path / "n.skal", tmp_path / "n.csv", random_share=0.5)
        assert project.status().accuracy is None
        questions = answer(project, truth, 20)
        random = [event for event in questions.events if event.why["by"] == "random"]
        assert len(random) == 10
        right = sum(event.why["guess"] == truth[event.row] for event in random)
        accuracy = project.status().accuracy
        assert (accuracy.n, accuracy.n_right) == (10, right) and accuracy.low < right / 10 <= accuracy.high

    def test_models_depend_on_journal_and_round_alone(self, job):
        project, truth = job
        answer(project, truth, 10)
        same = Project.open(project.folder)
        assert (project.model().predict_proba(project.data) == same.model().predict_proba(same.data)).all()


class TestAnswers:
    def test_labels_are_cleaned_visibly(self, job):
        project, _ = job
        rows = project.ask(4).ids
        taken = project.tell(rows[:3], [" BUG", "Refund", "bug"])
        assert taken.mapped == {(" BUG", "bug"): 1, ("Refund", "refund"): 1}
        assert project.history(rows[0])[-1].note == "written as ' BUG'"
        with pytest.raises(RefusedAnswers, match="'bgu' is not a class; 'bug' is one"):
            project.tell(rows[3:], ["bgu"])
        with pytest.raises(RefusedAnswers, match="'praise' is not a class; the classes are bug, question, refund"):
            project.tell(rows[3:], ["praise"])
        assert project.tell(rows[3:], ["praise"], allow=["praise"]).new_classes == ["praise"]
        assert "praise" in project.classes

    def test_good_answers_are_taken_and_bad_ones_come_back(self, job):
        project, truth = job
        rows = project.ask(4).ids
        labels = [truth[row] for row in rows]
        before = project.read_answers().last
        with pytest.raises(RefusedAnswers) as caught:
            project.tell([*rows, "T9999"], [*labels, "bug"])
        assert project.read_answers().last == before, "nothing was taken"
        assert caught.value.taken.refused[0].id == "T9999"
        taken = project.tell([*rows, "T9999"], [*labels, "bug"], on_refused="return")
        assert (taken.new, len(taken.refused)) == (4, 1)

    def test_two_answers_to_a_row_in_one_call_are_refused(self, job):
        project, _ = job
        row = project.ask(1).ids[0]
        taken = project.tell([row, row], ["bug", "refund"], on_refused="return")
        assert taken.new == 0 and "answered twice, as bug and refund" in taken.refused[0].reason

    def test_the_same_answers_again_change_nothing(self, job):
        project, truth = job
        rows = answer(project, truth, 5).ids
        before = project.read_answers().last
        assert project.tell(rows, [truth[row] for row in rows]).repeated == 5
        assert project.read_answers().last == before

    def test_undo_goes_back_answer_by_answer(self, job):
        project, _ = job
        first, second = project.ask(2).ids
        project.tell([first], ["bug"], "anna")
        project.tell([first], ["refund"], "anna")
        project.tell([second], ["bug"], "ben")
        assert project.undo("anna").label == "refund"
        assert project.answers()[first] == {"anna": "bug"}
        assert project.undo("anna").label == "bug"
        assert first not in project.answers() and first in project.ask(again=True).ids
        with pytest.raises(ProjectError, match="'anna' has given no answer"):
            project.undo("anna")
        assert project.answers()[second] == {"ben": "bug"}
        assert [event.kind for event in project.history(first)] == ["ask", "label", "correct", "undo", "undo"]

    @pytest.mark.parametrize(
        "written, known",
        [
            ("1.0", ["1", "2"]),
            ("2.50", ["2.5", "3"]),
            ("A\u0308pfel", ["Äpfel", "Birnen"]),
            ("two  words", ["two words", "x"]),
        ],
    )
    def test_labels_that_mean_a_class(self, written, known):
        assert cleaned([written], known).labels == [known[0]]

    @pytest.mark.parametrize(
        "written, known",
        [("7", ["007", "8"]), ("type1", ["type2", "x"]), ("cat", ["hat", "x"]), ("bugg", ["bug", "x"])],
    )
    def test_labels_that_mean_no_class(self, written, known):
        assert cleaned([written], known).labels == [None]

    def test_one_name_in_two_forms_is_one_person(self, job):
        project, _ = job
        rows = project.ask(2).ids
        project.tell(rows[:1], ["bug"], "Jörg")
        project.tell(rows[1:], ["bug"], "Jo\u0308rg")
        assert project.status().by_annotator["Jörg"] == 2

    def test_a_correction_needs_an_answer(self, job):
        project, _ = job
        row = project.ask(1).ids[0]
        with pytest.raises(ProjectError, match="nothing to correct"):
            project.correct(row, "bug", "anna")
        project.tell([row], ["bug"], "anna")
        project.correct(row, "Refund ", "anna")
        assert project.answers()[row] == {"anna": "refund"}

    def test_skipped_rows_are_not_asked_of_the_same_person_again(self, job):
        project, truth = job
        row = project.ask(1, "anna").ids[0]
        project.skip(row, "anna", "unreadable")
        project.note(row, "looks like Dutch", "anna")
        asked = set()
        while len(project._data.ids) - 30 - len(asked) > 1:
            asked |= set(answer(project, truth, 30, "anna").ids)
        assert row not in asked
        assert project.status().skipped == {row: ["anna"]}
        assert project.ask(5, "ben").ids == [row]

    def test_conflicts_are_kept_out_and_asked_again(self, job):
        project, _ = job
        row, other = project.ask(2).ids
        project.tell([row, other], ["bug", "bug"], "anna")
        project.tell([row, other], ["refund", "bug"], "ben")
        status = project.status()
        assert status.conflicts == {row: {"anna": "bug", "ben": "refund"}} and status.n_agreements == 1
        assert row not in set(project.labels()["id"]) and other in set(project.labels()["id"])
        assert row not in project.ask(3, "anna").ids, "anna has answered it"
        questions = project.ask(3, "carl")
        assert questions.ids[0] == row and questions.why[0] == "annotators disagree"
        project.tell([row], ["bug"], "carl")
        labels = project.labels().set_index("id")
        assert labels.loc[row, "label"] == "bug" and labels.loc[row, "annotators"] == "anna, carl"

    def test_overlap_measures_agreement(self, job):
        project, truth = job
        mine = answer(project, truth, 12, "anna").ids
        questions = project.ask(10, "ben", overlap=4)
        shared = [event.row for event in questions.events if event.why["by"] == "overlap"]
        assert len(shared) == 4 and set(shared) <= {*mine, *project.labels()["id"]}
        assert not set(questions.ids[4:]) & set(mine)


class TestIdentity:
    def rewrite(self, project, change):
        path = project.folder.parent / "tickets.csv"
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        change(frame).to_csv(path, index=False)
        project.close()
        return Project.open(project.folder)

    def test_a_file_in_another_order_grown_and_shrunk_goes_on(self, job):
        project, truth = job
        rows = answer(project, truth, 10).ids
        gone = rows[0]

        def change(frame):
            new = pd.DataFrame({"ticket_id": ["N1", "N2"], "body": ["a crash", "my money"], "minutes": ["3", "x"]})
            return pd.concat([frame[frame.ticket_id != gone].iloc[::-1], new.assign(label="")])

        before = project.settings.fingerprint
        again = self.rewrite(project, change)
        assert again.settings.fingerprint != before != ""
        said = " ".join(again.notes)
        assert "new rows: 2, rows that are gone: 1, the rows are in another order" in said
        labels = dict(zip(again.labels()["id"], again.labels()["label"], strict=True))
        assert all(labels[row] == truth[row] for row in rows)
        assert again.status().gone == [gone]
        assert {"N1", "N2"} <= set(again.ids)
        questions = again.ask(5)
        assert all(
            again.data.iloc[again.ids.index(row)]["body"] == text
            for row, text in zip(questions.ids, questions.rows["body"], strict=True)
        )

    def test_a_row_whose_content_changed_under_its_id_is_marked(self, job):
        project, truth = job
        row = answer(project, truth, 3).ids[0]

        def change(frame):
            frame.loc[frame.ticket_id == row, "body"] = "another text altogether"
            return frame

        again = self.rewrite(project, change)
        assert "rows whose content has changed: 1" in " ".join(again.notes)
        assert again.status().changed == [row]

    def test_columns_that_come_and_go_are_told_and_lose_nothing(self, job):
        project, truth = job
        rows = answer(project, truth, 5).ids

        def change(frame):
            return frame.drop(columns="minutes").assign(channel="mail")

        again = self.rewrite(project, change)
        said = " ".join(again.notes)
        assert "has lost the columns minutes" in said and "has the new columns channel" in said
        assert set(rows) <= set(again.labels()["id"])
        assert len(again.ask(3)) == 3 and list(again.data.columns) == ["ticket_id", "body"]

    def test_new_columns_do_not_change_rows_that_are_known_by_content(self, tmp_path):
        path = tmp_path / "plain.csv"
        frame = pd.DataFrame({"text": [f"text number {i} of many" for i in range(30)], "label": ""})
        frame.to_csv(path, index=False)
        project = Project.create(tmp_path / "plain.skal", path)
        project.tell(project.ids[:10], list("ab" * 5))
        frame.assign(extra=range(30))[["extra", "label", "text"]].to_csv(path, index=False)
        again = Project.open(project.folder)
        assert again.status().n_labeled == 10 and again.ids == project.ids

    def test_labels_that_come_into_the_file_are_taken_over(self, job):
        project, truth = job
        rows = project.ask(4).ids

        def change(frame):
            frame.loc[frame.ticket_id.isin(rows), "label"] = [truth[row] for row in frame.ticket_id if row in rows]
            return frame

        again = self.rewrite(project, change)
        assert "Labels taken over from tickets.csv: 4." in again.notes
        assert set(rows) <= set(again.labels()["id"])

    def test_without_ids_rows_are_known_by_their_content(self, tmp_path):
        path = tmp_path / "plain.csv"
        lines = [[f"text number {i} of many", i % 7, ""] for i in range(30)] + [["the same text", 1, ""]] * 2
        frame = pd.DataFrame(lines, columns=["text", "n", "label"])
        frame.to_csv(path, index=False)
        project = Project.create(tmp_path / "plain.skal", path)
        assert "digest of their content" in " ".join(project.notes) and len(set(project.ids)) == 32
        shown = project._data.rows.shown["text"]
        label = {row: "odd" if i % 2 else "even" for i, row in enumerate(project.ids)}
        text = dict(zip(project.ids, shown, strict=True))
        project.tell(project.ids[:10], [label[row] for row in project.ids[:10]])
        frame.iloc[::-1].to_csv(path, index=False)
        again = Project.open(project.folder)
        now = dict(zip(again.ids, again._data.rows.shown["text"], strict=True))
        assert all(now[row] == text[row] for row in project.ids)

    @pytest.mark.parametrize(
        "ids, message", [(["a", "a", "b"], "more than once"), (["a", "", "b"], "is empty in data row 2")]
    )
    def test_ids_that_cannot_tell_rows_apart_are_refused(self, tmp_path, ids, message):
        pd.DataFrame({"key": ids, "x": [1, 2, 3], "label": ""}).to_csv(tmp_path / "t.csv", index=False)
        with pytest.raises(ProjectError, match=message):
            Project.create(tmp_path / "t.skal", tmp_path / "t.csv", id="key")
        assert not (tmp_path / "t.skal").exists()

    def test_a_target_that_is_written_wrong_is_told(self, tmp_path):
        tickets(tmp_path / "t.csv", 10, target="intent")
        with pytest.raises(ProjectError, match="Did you mean 'intent'"):
            Project.create(tmp_path / "t.skal", tmp_path / "t.csv", target="intend")

    def test_numbers_as_labels_stay_as_they_are_written(self, tmp_path):
        rows = [{"x": 0.37 * i, "label": ("007" if i % 2 else "7") if i < 20 else ""} for i in range(40)]
        pd.DataFrame(rows).to_csv(tmp_path / "t.csv", index=False)
        project = Project.create(tmp_path / "t.skal", tmp_path / "t.csv")
        assert project.status().by_class == {"7": 10, "007": 10}
        assert set(project.model().classes_) == {"7", "007"}


class TestJournal:
    def test_events_are_never_changed(self, job):
        project, truth = job
        answer(project, truth, 3)
        file = sqlite3.connect(project.folder / "journal.sqlite")
        for statement in ("UPDATE events SET label = 'bug'", "DELETE FROM events"):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                file.execute(statement)

    def test_answers_are_there_when_tell_returns(self, job):
        project, truth = job
        rows = answer(project, truth, 5).ids
        assert set(rows) <= set(Project.open(project.folder).labels()["id"])

    def test_a_full_disk_is_told_and_loses_nothing(self, job):
        project, truth = job
        rows = answer(project, truth, 5).ids
        pages = project._journal._connection.execute("PRAGMA page_count").fetchone()[0]
        project._journal._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(ProjectError, match="the disk is full"):
            for number in range(1000):
                project.note(rows[0], f"{number} " * 100)
        assert set(rows) <= set(Project.open(project.folder).labels()["id"])

    def test_a_damaged_journal_is_told(self, job):
        project, truth = job
        answer(project, truth, 5)
        project.close()
        (project.folder / "journal.sqlite").write_bytes(b"nonsense" * 1000)
        for name in ("-wal", "-shm"):
            (project.folder / f"journal.sqlite{name}").unlink(missing_ok=True)
        with pytest.raises(ProjectError, match="the journal is damaged"):
            Project.open(project.folder)

    def test_a_journal_of_a_newer_version_is_left_alone(self, job):
        project, _ = job
        file = sqlite3.connect(project.folder / "journal.sqlite")
        file.execute("PRAGMA user_version = 99")
        file.commit()
        with pytest.raises(ProjectError, match="newer version of skal"):
            Project.open(project.folder)

    def test_while_one_process_chooses_another_waits_and_is_told(self, job, monkeypatch):
        from filelock import FileLock

        project, _ = job
        monkeypatch.setattr("skal.labeling._opened._PATIENCE", 0.1)
        with FileLock(project.folder / "asking.lock"), pytest.raises(ProjectError, match="Another process"):
            project.ask(1)


class TestSettings:
    def test_what_was_decided_is_written_down(self, job):
        project, _ = job
        text = (project.folder / "project.toml").read_text()
        for line in ('target = "label"', 'id = "ticket_id"', 'body = "text"', 'estimator = "logistic"', "seed = 0"):
            assert line in text
        assert "Rows are known by the column 'ticket_id'" in " ".join(project.notes)

    @pytest.mark.parametrize("name, value", [("target", "body"), ("id", ""), ("seed", 7)])
    def test_what_answers_rest_on_may_not_be_edited(self, job, name, value):
        project, _ = job
        setattr(project.settings, name, value)
        project.settings.write(project.folder)
        with pytest.raises(ProjectError, match=f"{name} was .* The answers rest on it"):
            Project.open(project.folder)

    @pytest.mark.parametrize(
        "change, message",
        [
            ("batch = 0", "batch must be a whole number >= 1, got 0"),
            ("random_share = 2", "random_share must be a number from 0 to 1"),
            ("bacth = 3", "Did you mean batch"),
            ("batch = ", "cannot be read"),
        ],
    )
    def test_a_wrong_entry_is_told(self, job, change, message):
        project, _ = job
        path = project.folder / "project.toml"
        lines = [line for line in path.read_text().splitlines() if not line.startswith(change[:6].split(" ")[0])]
        path.write_text("\n".join([change, *lines]))
        with pytest.raises(ProjectError, match=message):
            Project.open(project.folder)

    def test_a_project_is_not_made_twice(self, job, tmp_path):
        with pytest.raises(ProjectError, match="holds a project already"):
            Project.create(tmp_path / "tickets.skal", tmp_path / "tickets.csv")

    def test_what_fails_leaves_nothing_behind(self, tmp_path):
        (tmp_path / "empty.csv").write_text("a,b\n")
        with pytest.raises((ProjectError, ValueError)):
            Project.create(tmp_path / "empty.skal", tmp_path / "empty.csv")
        with pytest.raises(ProjectError, match="There is no file"):
            Project.create(tmp_path / "no.skal", tmp_path / "no.csv")
        assert [path.name for path in tmp_path.iterdir()] == ["empty.csv"]


def test_sheet_of_csv_module_reads_what_is_asked(job):
    """The file is the user's: it is never written to."""
    project, truth = job
    before = (project.folder.parent / "tickets.csv").read_bytes()
    answer(project, truth, 5)
    assert (project.folder.parent / "tickets.csv").read_bytes() == before
    assert len(list(csv.reader(before.decode().splitlines()))) == 121
