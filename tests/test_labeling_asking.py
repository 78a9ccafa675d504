"""Requests that come twice, rows that a person or a check chooses, a reserve that changes no pick, labels in bulk."""

import sqlite3
import threading

import pytest
from made_labeling import numbers, tickets
from sklearn.dummy import DummyClassifier

from skal.labeling import Project, ProjectError, RefusedAnswers


@pytest.fixture
def job(tmp_path):
    truth = tickets(tmp_path / "t.csv", 60, 20)
    return Project.create(tmp_path / "t.skal", tmp_path / "t.csv"), truth


def n_events(project):
    return project.read_answers().last


class TestRequests:
    def test_a_request_that_comes_again_does_what_it_did_and_not_more(self, job):
        project, truth = job
        row, other = project.ask(2).ids
        assert project.tell([row], ["bug"], "anna", request="first").new == 1
        project.tell([row], ["refund"], "anna", request="second")
        late = project.tell([row], ["bug"], "anna", request="first")
        assert (late.new, late.changed, late.repeated) == (0, 0, 1)
        assert project.answers()[row] == {"anna": "refund"}, "a late copy of an older answer does not win"
        calls = [
            lambda: project.skip(other, "anna", "blurred", request="third"),
            lambda: project.correct(row, "question", "anna", request="fourth"),
            lambda: project.note(row, "ask the boss", "anna", request="fifth"),
            lambda: project.undo("anna", request="sixth"),
        ]
        for call in calls:
            event, n = call(), n_events(project)
            assert call() == event and n_events(project) == n
        assert project.answers()[row] == {"anna": "refund"}, "one undo, not two"

    def test_a_request_that_changed_nothing_is_known_too(self, job):
        project, _ = job
        row = project.ask(1).ids[0]
        project.tell([row], ["bug"], "anna")
        assert project.tell([row], ["bug"], "anna", request="double click").repeated == 1
        project.correct(row, "refund", "anna")
        project.tell([row], ["bug"], "anna", request="double click")
        assert project.answers()[row] == {"anna": "refund"}

    def test_a_refused_request_may_come_again(self, job):
        project, _ = job
        row = project.ask(1).ids[0]
        with pytest.raises(RefusedAnswers):
            project.tell([row], ["bgu"], request="r")
        assert project.tell([row], ["bug"], request="r").new == 1

    def test_one_name_for_two_calls_is_refused(self, job):
        project, _ = job
        rows = project.ask(2).ids
        project.tell(rows[:1], ["bug"], "anna", request="r")
        for call in (
            lambda: project.tell(rows[1:], ["bug"], "anna", request="r"),
            lambda: project.tell(rows[:1], ["bug"], "ben", request="r"),
            lambda: project.undo("anna", request="r"),
        ):
            with pytest.raises(ProjectError, match=f"request 'r' was a label of 'anna' for {rows[0]}"):
                call()
        with pytest.raises(ValueError, match="request must be a text of 1 to 200 letters"):
            project.undo("anna", request="")

    def test_copies_of_a_request_at_one_moment_are_one_answer(self, job):
        project, _ = job
        row = project.ask(1).ids[0]
        start, found = threading.Barrier(4), []

        def send():
            with Project.open(project.folder) as mine:
                start.wait()
                found.append(mine.tell([row], ["bug"], "anna", request="same"))

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted((taken.new, taken.repeated) for taken in found) == [(0, 1)] * 3 + [(1, 0)]
        assert [event.kind for event in project.history(row)].count("label") == 1


class TestJournalsOfBefore:
    @pytest.fixture
    def old(self, job):
        """A journal as skal wrote it before there were requests."""
        project, _ = job
        row = project.ask(1).ids[0]
        project.close()
        file = sqlite3.connect(project.folder / "journal.sqlite")
        file.executescript("DROP TABLE requests; DROP INDEX events_of_row; PRAGMA user_version = 1;")
        file.close()
        return project.folder, row

    def test_they_learn_of_requests_when_they_are_first_written(self, old):
        folder, row = old
        with Project.open(folder) as project:
            assert len(project.waiting()) == 1 and self.version(folder) == 1
            assert project.tell([row], ["bug"], request="r").new == 1
            assert project.tell([row], ["bug"], request="r").repeated == 1 and self.version(folder) == 2
        with Project.open(folder) as project:
            assert project.tell([row], ["refund"], request="r").repeated == 1
            assert project.answers()[row] == {"": "bug"}

    def test_a_request_is_told_apart_before_the_first_write(self, old):
        folder, row = old
        with Project.open(folder) as project:
            with pytest.raises(RefusedAnswers):
                project.tell([row], ["nonsense"], request="r")
            assert self.version(folder) == 1

    def version(self, folder):
        file = sqlite3.connect(folder / "journal.sqlite")
        found = file.execute("PRAGMA user_version").fetchone()[0]
        file.close()
        return found


class TestChosenRows:
    def test_a_check_asks_again_and_its_answer_counts(self, job):
        project, _ = job
        row = next(iter(project.labels()["id"]))
        before = project.answers()[row]["(data)"]
        other = next(name for name in ("bug", "refund") if name != before)
        assert [event.why for event in project.ask_rows([row], by="check")] == [{"by": "check"}]
        assert [event.row for event in project.waiting()] == [row]
        assert project.labels().set_index("id")["label"][row] == before, (
            "until there is an answer the earlier one holds"
        )
        project.tell([row], [other], "anna")
        assert not project.waiting() and not project.status().conflicts
        assert project.labels().set_index("id")["label"][row] == other
        assert project.answers()[row] == {"(data)": before, "anna": other}, "and the earlier one is not lost"
        project.undo("anna")
        assert [event.row for event in project.waiting()] == [row]
        assert project.labels().set_index("id")["label"][row] == before

    def test_the_same_label_again_answers_a_check(self, job):
        project, _ = job
        row = project.ask(1).ids[0]
        project.tell([row], ["bug"], "anna")
        project.ask_rows([row], "anna", by="check")
        assert project.tell([row], ["bug"], "anna").repeated == 1
        assert not project.waiting()
        n = n_events(project)
        assert project.tell([row], ["bug"], "anna").repeated == 1 and n_events(project) == n

    def test_rows_to_check_go_out_with_the_next_sheet(self, job):
        project, _ = job
        rows = list(project.labels()["id"][:3])
        project.ask_rows(rows, by="check", deliver=False)
        assert project.ask(10, "anna").ids == rows
        assert not set(project.ask(10, "anna").ids) & set(rows)

    def test_rows_of_a_person(self, job):
        project, truth = job
        labeled = next(iter(project.labels()["id"]))
        free = [row for row in truth if row not in project.answers()][:2]
        assert [event.row for event in project.ask_rows([labeled, *free, free[0]])] == free
        assert project.waiting()[0].batch == 1 and not set(project.ask(30).ids) & set(free)
        assert project.ask_rows(free)[0].batch == 3
        assert len(project.waiting()) == 32, "a row that is asked twice waits once"
        project.tell(free[:1], ["bug"])
        assert len(project.waiting()) == 31, "and one answer closes both"
        with pytest.raises(ProjectError, match="no row 'T9999'"):
            project.ask_rows([free[1], "T9999"])
        with pytest.raises(ValueError, match="by must be one of person, check, overlap, got 'whim'"):
            project.ask_rows(free, by="whim")

    def test_an_overlap_is_asked_of_those_who_have_not_answered(self, job):
        project, _ = job
        rows = project.ask(2).ids
        project.tell(rows, ["bug", "bug"], "anna")
        project.tell(rows[:1], ["bug"], "ben")
        assert [event.row for event in project.ask_rows(rows, "ben", by="overlap")] == rows[1:]
        project.skip(rows[1], "ben")
        assert not project.waiting()

    def test_what_is_before_whom(self, job):
        project, _ = job
        first, second, third = project.ask(3).ids
        answered = next(iter(project.labels()["id"]))
        assert [event.row for event in project.hand([first, second, answered], "anna")] == [first, second]
        project.hand([second, third], "ben")
        assert {row: event.annotator for row, event in project.held().items()} == {
            **{first: "anna", second: "ben", third: "ben"}
        }
        assert set(project.held("anna")) == {first, second}
        project.tell([first, third], ["bug", "bug"], "cleo")
        assert set(project.held()) == {second}
        project.undo("cleo")
        assert set(project.held()) == {second, third}
        project.tell([second], ["bug"], "ben")
        project.ask_rows([second], by="check")
        assert second in {event.row for event in project.waiting()}
        assert set(project.held()) == {third}, "who had the row before has not got the new question yet"


class TestReserve:
    def test_it_changes_no_pick_and_is_filled_up(self, tmp_path):
        found = {}
        for reserve in (0, 6):
            truth = numbers(tmp_path / "n.csv", 120, 30)
            project = Project.create(tmp_path / f"{reserve}.skal", tmp_path / "n.csv", seed=3)
            questions = project.ask(8, reserve=reserve)
            found[reserve] = questions.events[:8]
            spare = questions.events[8:]
            assert len(questions.events) == 8 + reserve and not questions.notes
            assert all(event.why["by"] == "random" and event.why["reserve"] for event in spare)
            assert all(event.why["guess"] in ("up", "down") and event.round == 0 for event in spare)
        same = [[(event.row, event.why) for event in events] for events in found.values()]
        assert same[0] == same[1]
        project.tell([event.row for event in spare[:2]], [truth[event.row] for event in spare[:2]])
        more = project.ask(8, reserve=6).events
        assert [bool(event.why.get("reserve")) for event in more] == [False] * 8 + [True] * 2
        assert not {event.row for event in more} & {event.row for event in questions.events}
        right = sum(event.why["guess"] == truth[event.row] for event in spare[:2])
        assert (project.status().accuracy.n, project.status().accuracy.n_right) == (2, right)

    def test_all_that_is_left_may_be_the_reserve(self, job):
        project, truth = job
        questions = project.ask(35, reserve=10)
        assert [bool(event.why.get("reserve")) for event in questions.events] == [False] * 35 + [True] * 5
        with pytest.raises(ProjectError, match="40 questions wait"):
            project.ask(1, reserve=10)

    def test_random_rows_need_no_model(self, job):
        project, truth = job
        asked = set(project.ask(20).ids)
        events = project.random_rows(15)
        assert all(event.why == {"by": "random", "reserve": True} and event.round is None for event in events)
        rows = {event.row for event in events}
        assert len(rows) == 15 and not rows & asked and not rows & set(project.answers())
        assert len(project.random_rows(15)) == 5 and project.random_rows(15) == []

    def test_a_row_answered_while_rows_are_chosen_is_not_asked(self, tmp_path, monkeypatch):
        """A choice takes as long as a fit: answers come in meanwhile, and questions by others."""
        truth = numbers(tmp_path / "n.csv", 60, 20)
        folder = tmp_path / "n.skal"
        options = {"estimator": f"{__name__}:Meanwhile", "strategy": "random_sampling"}
        project = Project.create(folder, tmp_path / "n.csv", **options)
        free = [row for row in truth if row not in project.answers()]

        def answer_35():
            with Project.open(folder) as other:
                other.tell(free[:35], ["up"] * 35)
                other.ask_rows(free[35:36])

        monkeypatch.setattr(Meanwhile, "happens", staticmethod(answer_35))
        questions = project.ask(40)
        assert set(questions.ids) == set(free[36:]) and questions.batch == 2
        assert len(project.waiting()) == 5


class Meanwhile(DummyClassifier):
    """A model during whose fit something happens."""

    happens = staticmethod(int)

    def fit(self, X, y):
        self.happens()
        return super().fit(X, y)


class TestBulk:
    def test_it_is_marked_and_undone_as_one(self, job):
        project, truth = job
        free = [row for row in truth if row not in project.answers()]
        project.tell(free[:1], ["bug"], "anna")
        project.tell(free[1:4], ["refund"] * 3, "anna", bulk="area", why={"looked": 2})
        project.tell(free[4:7], ["refund"] * 3, "anna", bulk="area")
        assert project.history(free[1])[-1].why == {"looked": 2, "bulk": "area", "size": 3}
        project.correct(free[5], "bug", "anna")
        assert project.undo("anna").label == "bug"
        assert project.undo("anna").row == free[6]
        assert [row in project.answers() for row in free[:7]] == [True] * 4 + [False] * 3
        project.undo("anna")
        project.undo("anna")
        assert not set(free) & set(project.answers())
        with pytest.raises(ProjectError, match="no answer that could be undone"):
            project.undo("anna")
        with pytest.raises(ValueError, match="bulk says in words"):
            project.tell(free[:1], ["bug"], bulk="")
