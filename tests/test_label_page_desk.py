"""The desk: whose turn it is, what comes back, and that an answer is one answer."""

import contextlib
import json
import sqlite3
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_label_page import CLASSES, Clock, made_desk, made_project, request, rows
from made_labeling import numbers

import skal
from skal.label_page import DeskOptions, Fields, Problem
from skal.labeling import Project, ProjectError
from skal.study import Store, make_estimator

resource = pytest.importorskip("resource", reason="limits on files are those of Unix")

PEOPLE = ["first", "second", "third"]


@pytest.fixture
def project(tmp_path):
    return made_project(tmp_path)[0]


def test_a_person_has_the_question_on_the_screen_and_the_next(project):
    desk = made_desk(project)
    project.ask(5)
    waiting = [ask.row for ask in project.waiting()]
    assert rows(desk.next("")) == waiting[:2]
    found = desk.answer("", request(), waiting[0], "bug", seconds=2.5)
    assert found["taken"] == {"label": "bug", "kind": "new"} and rows(found) == waiting[1:3]
    assert found["state"] == "asking" and found["progress"]["total"] == 1
    assert [event.seconds for event in project.history(waiting[0]) if event.kind == "label"] == [2.5]


def test_an_audit_row_is_a_random_one_to_the_person_who_answers_it(tmp_path):
    project, _ = made_project(tmp_path, audit=0.9)
    project.ask(10)
    audited = set(project.read_answers().audit)
    desk = made_desk(project)
    assert {question["by"] for question in desk.next("")["questions"] if question["row"] in audited} == {"random"}
    assert "audit" in desk.marks(list(audited))[1]


def test_a_reload_and_a_restart_show_the_same_questions(project):
    desk = made_desk(project)
    project.ask(6)
    first = rows(desk.next(""))
    desk.answer("", request(), first[0], "bug")
    now = rows(desk.next(""))
    assert rows(desk.next("")) == now
    with Project.open(project.folder) as again:
        assert rows(made_desk(again).next("")) == now


def test_a_replayed_request_and_a_second_tab_give_one_answer(project):
    desk = made_desk(project)
    project.ask(5)
    row = rows(desk.next(""))[0]
    name = request()
    assert desk.answer("", name, row, "bug")["taken"]["kind"] == "new"
    assert desk.answer("", name, row, "bug")["taken"] == {"label": "bug", "kind": "repeated"}
    assert desk.answer("", name, row, "refund")["taken"] == {"label": "bug", "kind": "repeated"}  # the same request
    assert desk.answer("", request(), row, "bug")["taken"]["kind"] == "repeated"  # the other tab
    assert desk.answer("", request(), row, "refund")["taken"] == {"label": "refund", "kind": "changed"}
    assert [event.label for event in project.history(row) if event.label] == ["bug", "refund"]


def test_undo_goes_back_to_the_first_answer_and_shows_the_row_again(project):
    desk = made_desk(project)
    project.ask(5)
    shown = [ask.row for ask in project.waiting()]
    for row, label in zip(shown[:3], CLASSES, strict=True):
        desk.answer("", request(), row, label)
    desk.correct("", request(), shown[0], "refund")
    found = desk.undo("", request())
    assert found["undone"] == {"rows": [shown[0]], "label": "refund"} and rows(found)[0] == shown[0]
    assert found["questions"][0]["earlier"] == "refund" and project.answers()[shown[0]] == {"": "bug"}
    for row in shown[2::-1]:
        name = request()
        found = desk.undo("", name)
        assert found["undone"]["rows"] == [row] and rows(found)[0] == row
        assert desk.undo("", name)["undone"]["rows"] == [row]  # replayed: nothing more is undone
    assert project.answers() == {} and found["progress"]["total"] == 0
    with pytest.raises(Problem, match="no answer") as caught:
        desk.undo("", request())
    assert caught.value.code == "nothing"


def test_what_is_not_answered_comes_back_after_the_lease(project):
    clock = Clock()
    desk = made_desk(project, PEOPLE[:2], clock, lease=100, wait_for_model=True)
    project.ask(2)
    held = rows(desk.next("first"))
    clock.now += 99
    found = desk.next("second")
    assert found["questions"] == [] and found["state"] == "training" and "others" in found["message"]
    desk.progress("first")  # the page is open
    clock.now += 99
    assert rows(desk.next("second")) == []
    clock.now += 2
    assert rows(desk.next("second")) == held
    # An answer that comes late is kept all the same: a person gave it.
    assert desk.answer("first", request(), held[0], "bug")["taken"]["kind"] == "new"
    assert rows(desk.next("second")) == held[1:]


KINDS = ["answer", "answer", "skip", "undo", "next", "train", "restart"]
ACTIONS = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(KINDS)),
    max_size=60,
)


@pytest.mark.parametrize("overlap", [0.0, 0.5])
@settings(max_examples=12, deadline=None)
@given(actions=ACTIONS)
def test_two_people_never_have_the_same_row(tmp_path_factory, overlap, actions):
    project, truth = made_project(tmp_path_factory.mktemp("desk"), 30)
    desk = made_desk(project, PEOPLE, overlap=overlap, people_per_row=2)
    before = {name: [] for name in PEOPLE}
    seen = {name: set() for name in PEOPLE}

    for name, action in actions:
        if action == "train":
            project.ask(5, reserve=2)
            continue
        if action == "restart":
            desk = made_desk(project, PEOPLE, overlap=overlap, people_per_row=2)
            continue
        row = before[name][0] if before[name] else None
        if action == "undo":
            if not seen[name]:
                continue
            found = desk.undo(name, request())
            seen[name] -= set(found["undone"]["rows"])
        elif action == "next" or row is None:
            found = desk.next(name)
        elif action == "skip":
            found = desk.skip(name, request(), row, "unclear")
            seen[name].add(row)
        else:
            found = desk.answer(name, request(), row, truth[row])
            seen[name].add(row)
        before[name] = rows(found)
        held = Counter(row for name in PEOPLE for row in before[name])
        most = 2 if overlap else 1  # an undo may bring a shared row back to both
        assert max(held.values(), default=1) <= most, (held, name, action)
    answered = {row: len(who) for row, who in project.answers().items()}
    # Nobody is asked twice, and without overlap nobody is asked what another has answered.
    assert all(n <= (2 if overlap else 1) for n in answered.values())
    assert set(answered) == {row for name in PEOPLE for row in seen[name]}


def test_a_share_of_the_rows_is_answered_by_several(tmp_path):
    found = []
    for folder, people in (("one", PEOPLE), ("two", PEOPLE[1::-1])):
        (tmp_path / folder).mkdir()
        project, truth = made_project(tmp_path / folder, 60)
        desk = made_desk(project, people, overlap=0.3, people_per_row=2)
        project.ask(50)
        for name in people * 60:
            for row in rows(desk.next(name))[:1]:
                desk.answer(name, request(), row, truth[row])
        given = {row: len(who) for row, who in project.answers().items()}
        assert len(given) == 60 and max(given.values()) == 2
        found.append({row for row, n in given.items() if n == 2})
    # Which ones is settled by seed and id, whoever answers and whenever; 18 of 60 are expected.
    assert found[0] == found[1] and 8 <= len(found[0]) <= 28


def test_nobody_waits_for_a_model(project):
    desk = made_desk(project)
    assert desk.wants_training()
    found = desk.next("")  # the trainer has not begun yet
    assert {question["by"] for question in found["questions"]} == {"reserve"} and len(found["questions"]) == 2
    project.ask(5, reserve=5)  # two of it are on the screen
    waiting = {ask.row: ask for ask in project.waiting()}
    held = rows(found)
    order = []
    for _ in range(10):
        found = desk.answer("", request(), held[0], "bug")
        held = rows(found)
        order.append(held[0])
    by = [found_by(waiting.get(row)) for row in order]
    assert by[1:6] == ["ordinary"] * 5 and by[6:9] == ["reserve"] * 3 and by[9] is None


def found_by(ask):
    return None if ask is None else "reserve" if (ask.why or {}).get("reserve") else "ordinary"


def test_the_next_rows_are_wanted_when_few_are_left(project):
    desk = made_desk(project, ahead=3)
    project.ask(5, reserve=4)
    assert not desk.wants_training()
    for _ in range(2):
        desk.answer("", request(), rows(desk.next(""))[0], "bug")
    assert desk.wants_training()  # three of the round, and the reserve
    desk.nothing_left()
    assert not desk.wants_training()
    desk.undo("", request())
    assert made_desk(project, ahead=4).wants_training()


def test_what_waits_besides_suits_the_round():
    """With as many questions ahead as a round has, all would be asked before there is a model."""
    for batch, expected in {5: (1, 2), 20: (4, 8), 50: (10, 20), 200: (10, 20)}.items():
        found = DeskOptions().for_rounds_of(batch)
        assert (found.ahead, found.reserve) == expected
    assert DeskOptions(ahead=9, reserve=0).for_rounds_of(5) == DeskOptions(ahead=9, reserve=0)
    assert DeskOptions(wait_for_model=True).for_rounds_of(50) == DeskOptions(wait_for_model=True)


def test_rows_of_a_person_and_of_a_check_come_first(project):
    desk = made_desk(project)
    project.ask(5)
    labelled = rows(desk.next(""))[0]
    desk.answer("", request(), labelled, "bug")
    held = rows(desk.next(""))
    free = [row for row in project.ids if row not in project.read_answers().asked][:2]
    name = request()
    assert desk.ask_area("", name, free)["asked"] == 2
    assert desk.ask_area("", name, free)["asked"] == 2  # replayed
    project.ask_rows([labelled], by="check")
    found = desk.answer("", request(), held[0], "bug")
    found = desk.answer("", request(), rows(found)[0], "bug")
    by = {question["row"]: question["by"] for question in found["questions"]}
    assert by == {free[0]: "person", free[1]: "person"}
    for row in free:
        found = desk.answer("", request(), row, "bug")
    assert rows(found)[0] == labelled and found["questions"][0]["earlier"] is None
    desk.answer("", request(), labelled, "bug")  # the same label settles it
    assert labelled not in [ask.row for ask in project.waiting()]


def test_an_area_is_labelled_and_undone_as_one(project):
    desk = made_desk(project)
    area = project.ids[3:9]
    name = request()
    found = desk.label_area("", name, area, "refund", looked=6)
    assert found["taken"] == {"label": "refund", "kind": "new", "n": 6}
    assert desk.label_area("", name, area, "refund", looked=6)["taken"]["kind"] == "repeated"
    assert {event.why["bulk"] for row in area for event in project.history(row)} == {"area"}
    undone = desk.undo("", request())
    assert sorted(undone["undone"]["rows"]) == sorted(area) and project.answers() == {}
    assert not set(rows(undone)) & set(area)


def test_a_skip_a_note_and_a_new_class(project):
    desk = made_desk(project)
    project.ask(6)
    one, two, three = [ask.row for ask in project.waiting()][:3]
    assert desk.skip("", request(), one, "not sure")["taken"] == {"skip": "not sure", "kind": "new"}
    desk.answer("", request(), two, "bug", note="half of it")
    assert desk.own_notes("", [one, two]) == {two: "half of it"}
    assert [event.row for event in desk.own_answers("")] == [two, one]
    with pytest.raises(Problem, match="takes no new classes"):
        desk.answer("", request(), three, "praise", new_class=True)
    with pytest.raises(Problem, match="'praise' is not a class") as caught:
        desk.answer("", request(), three, "praise")
    assert caught.value.code == "refused"
    project.change(new_classes=True)
    found = desk.answer("", request(), three, "praise", new_class=True)
    assert found["classes"] == [*CLASSES, "praise"]
    assert desk.row("", three)["own"] == "praise" and desk.row("", three)["history"][-1]["kind"] == "label"


def test_a_correction_and_an_area_may_name_a_new_class(project):
    desk = made_desk(project)
    project.ask(6)
    row = rows(desk.next(""))[0]
    desk.answer("", request(), row, "bug")
    for call in (
        lambda: desk.correct("", request(), row, "praise", new_class=True),
        lambda: desk.label_area("", request(), project.ids[:2], "praise", 2, new_class=True),
    ):
        with pytest.raises(Problem, match="takes no new classes") as caught:
            call()
        assert caught.value.as_dict()["reason"] == "no_new_classes"
    project.change(new_classes=True)
    with pytest.raises(
        Problem, match="'questoin' is not a class"
    ):  # a slip of the finger, unless it is said to be new
        desk.correct("", request(), row, "questoin")
    found = desk.correct("", request(), row, "questoin", new_class=True)
    assert found["taken"] == {"label": "questoin", "kind": "changed"} and found["classes"] == [*CLASSES, "questoin"]
    assert project.answers()[row] == {"": "questoin"}
    area = [one for one in project.ids if one not in project.answers()][:2]
    found = desk.label_area("", request(), area, "refunds", 2, new_class=True)
    assert found["classes"] == [*CLASSES, "questoin", "refunds"]
    assert "classes" not in desk.correct("", request(), area[0], "questoin")  # they are as before


def test_what_is_answered_by_file_is_seen_before_the_next_question(project):
    """Another process answers: rows on the screen, one that an undo has opened again, and one of several people."""
    desk = made_desk(project, PEOPLE, overlap=1.0, people_per_row=2)
    project.ask(12)
    with Project.open(project.folder) as elsewhere:
        held = rows(desk.next("first"))
        elsewhere.tell(held[:1], ["bug"], "second")
        elsewhere.tell(held[:1], ["bug"], "third")  # two are enough
        assert held[0] not in desk.progress("first")["held"]  # which an open page looks at now and then
        now = rows(desk.next("first"))
        assert held[0] not in now and now[0] == held[1] and len(now) == 2

        undone = now[0]
        desk.answer("first", request(), undone, "bug")
        assert rows(desk.undo("first", request()))[0] == undone
        elsewhere.tell([undone], ["refund"], "first")
        assert undone not in rows(desk.next("first"))

        before = {row for name in PEOPLE for row in rows(desk.next(name))}
        shared = next(ask.row for ask in project.waiting() if ask.row not in before)
        elsewhere.tell([shared], ["bug"], "first")
        answered = set()
        for _ in range(12):
            row = rows(desk.next("second"))[0]
            desk.answer("second", request(), row, "bug")
            answered.add(row)
        assert shared in answered

        for row in rows(desk.next("third")):
            desk.answer("third", request(), row, "bug")
        both = rows(desk.next("third"))[0]  # asked of him because another has answered it
        assert len(project.answers()[both]) == 1
        other = next(name for name in PEOPLE[:2] if name not in project.answers()[both])
        elsewhere.tell([both], ["bug"], other)
        assert both not in rows(desk.next("third"))


def test_the_last_training_is_known_after_a_restart(project):
    assert made_desk(project).progress("")["training"]["took"] is None
    accuracy = {"text": "half", "n": 8, "share": 0.5, "low": 0.2, "high": 0.8, "at": 1000}
    known = {"at": 1000.5, "took": 3.25, "accuracy": accuracy}
    kept = project.folder / "training.json"
    kept.write_text(json.dumps(known))
    progress = made_desk(project).progress("")
    assert progress["accuracy"] == accuracy
    assert progress["training"] == {"state": "idle", "since": 1000.5, "took": 3.25, "message": None}
    for broken in ("", "{", "[]", json.dumps({**known, "took": None}), json.dumps({**known, "accuracy": 3})):
        kept.write_text(broken)
        progress = made_desk(project).progress("")
        assert progress["accuracy"] is None and progress["training"]["took"] is None


def test_what_does_not_exist_is_told(project):
    desk = made_desk(project)
    for call in (
        lambda: desk.answer("", request(), "nobody", "bug"),
        lambda: desk.skip("", request(), "nobody"),
        lambda: desk.row("", "nobody"),
        lambda: desk.guess("", "nobody"),
    ):
        with pytest.raises(Problem) as caught:
            call()
        assert caught.value.code == "unknown_row"
    with pytest.raises(Problem) as caught:
        desk.next("stranger")
    assert caught.value.code == "token"
    for name, wrong in {"overlap": 1.5, "people_per_row": 1, "lease": 0, "ahead": -1, "reserve": -2}.items():
        with pytest.raises(ProjectError, match=rf"^{name} must .*, got {wrong}\.$"):
            DeskOptions(**{name: wrong})
    with pytest.raises(ProjectError, match="--show nothing: there is no such column; there are ticket_id"):
        Fields.of_project(project, ["nothing"])


def test_the_guess_is_hidden_until_it_is_asked_for(tmp_path):
    project, truth = made_project(tmp_path, 40, random_share=0)
    project.tell(project.ids[:12], [truth[row] for row in project.ids[:12]])
    project.ask(4)
    desk = made_desk(project)
    question = desk.next("")["questions"][0]
    guess = desk.guess("", question["row"])["guess"]
    assert question["guess"] is None and guess["label"] in CLASSES and 0 < guess["probability"] <= 1
    assert made_desk(project, show_guess=True).next("")["questions"][0]["guess"] == guess
    assert question["by"] == "strategy" and "uncertainty_herding" in question["why"]


def test_progress_counts_what_holds(project):
    desk = made_desk(project, PEOPLE[:2])
    project.ask(20)
    for _ in range(3):
        found = desk.answer("first", request(), rows(desk.next("first"))[0], "bug")
    found = desk.answer("second", request(), rows(desk.next("second"))[0], "refund")
    progress = found["progress"]
    assert progress["by_class"] == {"bug": 3, "refund": 1} and progress["n_labeled"] == 4
    assert progress["left_in_round"] == 16 and progress["today"] == 1 and progress["pace"] is None
    assert progress["people"] == [{"name": "first", "total": 3}, {"name": "second", "total": 1}]
    assert desk.progress("first")["pace"] > 0


def test_when_all_is_answered_it_is_finished(tmp_path):
    project, truth = made_project(tmp_path, 6)
    desk = made_desk(project)
    project.ask(6)
    for _ in range(6):
        row = rows(desk.next(""))[0]
        found = desk.answer("", request(), row, truth[row])
    assert found["state"] == "training"
    desk.nothing_left()
    assert desk.next("")["state"] == "finished"
    assert rows(desk.undo("", request())) == [row]


@contextlib.contextmanager
def full_disk(folder):
    """No file of the folder may grow, as on a disk that is full."""
    size = max(path.stat().st_size for path in folder.iterdir())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_answer_that_cannot_be_written_is_not_taken(project):
    desk = made_desk(project)
    project.ask(5)
    row = rows(desk.next(""))[0]
    name = request()
    with full_disk(project.folder), pytest.raises(Problem) as caught:
        desk.answer("", name, row, "bug")
    assert caught.value.code == "not_kept" and project.answers() == {}
    assert rows(desk.next(""))[0] == row
    assert desk.answer("", name, row, "bug")["taken"] == {"label": "bug", "kind": "new"}  # sent again


def test_a_journal_that_another_holds_is_told_soon(project):
    row = project.ask(5).ids[0]
    backup = sqlite3.connect(project.folder / "journal.sqlite", isolation_level=None)
    backup.execute("BEGIN IMMEDIATE")
    with Project.open(project.folder, patience=0.05) as impatient:
        desk = made_desk(impatient)
        name = request()
        with pytest.raises(Problem, match="another process holds the journal") as caught:
            desk.answer("", name, row, "bug")
        assert caught.value.code == "not_kept"
        backup.execute("COMMIT")
        assert desk.answer("", name, row, "bug")["taken"]["kind"] == "new"


@pytest.mark.parametrize("strategy", ["random_sampling", "margin_sampling"])
def test_strict_rounds_ask_for_the_rows_of_a_comparison(tmp_path, strategy):
    truth = numbers(tmp_path / "data.csv", 120)
    said = {"estimator": "logistic", "strategy": strategy, "seed": 5, "random_share": 0.0}
    project = Project.create(tmp_path / "p.skal", tmp_path / "data.csv", **said)
    X, y = project.data, np.array(list(truth.values()))
    model = make_estimator("logistic", columns=project.settings.columns)
    sizes = {"n_initial": 12, "n_instances": 7, "n_rounds": 3, "n_trials": 1}
    skal.compare(X, y, model, [strategy], test=(X, y), seed=5, out=tmp_path / "study", **sizes)
    arm = sorted((one for one in Store(tmp_path / "study").rows() if one.trial == 0), key=lambda one: one.round)
    initial, *wanted = ([project.ids[place] for place in one.picked] for one in arm if one.strategy == strategy)
    project.tell(initial, [truth[row] for row in initial])
    desk = made_desk(project, PEOPLE, wait_for_model=True)
    asked = []
    for _ in wanted:
        assert desk.wants_training()
        project.ask(7, reserve=desk.options.reserve)
        asked.append([])
        while not desk.wants_training():  # whoever answers first
            for name in PEOPLE:
                for row in rows(desk.next(name))[:1]:
                    asked[-1].append(row)
                    desk.answer(name, request(), row, truth[row])
    assert [set(rows_) for rows_ in asked] == [set(rows_) for rows_ in wanted]
    assert [len(rows_) for rows_ in asked] == [7, 7, 7]


def test_where_no_model_can_be_trained_random_rows_are_asked(project):
    desk = made_desk(project, wait_for_model=True)
    assert desk.next("")["state"] == "training"
    desk.training = {"state": "failed", "since": 0.0, "took": None, "message": "no memory"}
    found = desk.next("")
    assert len(found["questions"]) == 2 and found["progress"]["training"]["message"] == "no memory"
