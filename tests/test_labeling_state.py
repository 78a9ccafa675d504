"""The state of a project, kept up event by event, is that of all events; replays and undone calls leave no trace."""

import shutil
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_labeling import tickets

from skal.labeling import Project, ProjectError

ROWS = [f"T{i:04d}" for i in range(5)]
LABELS = ["bug", "refund"]
PEOPLE = ["", "anna", "ben"]


@pytest.fixture(scope="module")
def template():
    with TemporaryDirectory() as folder:
        tickets(Path(folder, "t.csv"), len(ROWS))
        project = Project.create(Path(folder, "t.skal"), Path(folder, "t.csv"), classes=["bug", "refund", "question"])
        project.close()
        yield Path(folder)


@pytest.fixture
def job(template, tmp_path):
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    return Project.open(tmp_path / "t.skal")


def events_of(project):
    return sorted((event for row in project.ids for event in project.history(row)), key=lambda event: event.seq)


def by_hand(events):
    """What holds, told from all events at once: independent of how a project keeps it up."""
    undone = {event.undoes for event in events if event.kind == "undo"}
    answers = [e for e in events if e.kind in ("label", "correct", "skip", "import") and e.seq not in undone]
    asks = [e for e in events if e.kind == "ask"]
    present, first = {}, {}
    for event in events:
        if event in asks or event in answers:
            first.setdefault(event.row, event.seq)
    for event in answers:
        present.setdefault(event.row, {})[event.annotator] = event
    labeled, conflicts = {}, set()
    for row in sorted(present, key=first.get):
        votes = {who: e for who, e in present[row].items() if e.label is not None}
        checks = [ask.seq for ask in asks if ask.row == row and ask.why["by"] == "check"]
        checked = [seq for seq in checks if any(e.seq > seq for e in votes.values())]
        counts = Counter(e.label for e in votes.values() if e.seq > max(checked, default=0)).most_common()
        if len(counts) > 1 and counts[0][1] == counts[1][1]:
            conflicts.add(row)
        elif counts:
            labeled[row] = counts[0][0]
    waiting = []
    for ask in asks:
        given_to = present.get(ask.row, {})
        if ask.annotator:
            mine = given_to.get(ask.annotator)
            waits = mine is None or (mine.seq < ask.seq and ask.why["by"] in ("check", "person"))
        else:
            waits = all(e.seq < ask.seq for e in given_to.values())
        later = any(o.row == ask.row and o.annotator == ask.annotator and o.seq > ask.seq for o in asks)
        if waits and not later:
            waiting.append(ask.seq)
    held = {}
    for event in events:
        before = [ask for ask in asks if ask.row == event.row and ask.seq in waiting and ask.seq < event.seq]
        if event.kind == "deliver" and any(ask.annotator in ("", event.annotator) for ask in before):
            held[event.row] = event.seq
    skipped = {row for row, found in present.items() if all(e.label is None for e in found.values())}
    labels = {row: {who: e.label for who, e in found.items()} for row, found in present.items()}
    return {
        **{"answers": labels, "labeled": list(labeled.items()), "conflicts": conflicts, "skipped": skipped},
        **{"waiting": waiting, "held": held},
    }


def kept(project):
    """The same, as the project says it."""
    state = project.read_answers()
    return {
        "answers": project.answers(),
        "labeled": list(state.labeled().items()),
        "conflicts": set(state.conflicts()),
        "skipped": set(state.skipped()),
        "waiting": [event.seq for event in project.waiting()],
        "held": {row: event.seq for row, event in project.held().items()},
    }


row, label, who = st.sampled_from(ROWS), st.sampled_from(LABELS), st.sampled_from(PEOPLE)
some = st.lists(row, min_size=1, max_size=3, unique=True)
ANSWERS = st.one_of(
    st.tuples(st.just("tell"), st.tuples(some, label, who)),
    st.tuples(st.just("bulk"), st.tuples(some, label, who)),
    st.tuples(st.just("skip"), st.tuples(row, who)),
    st.tuples(st.just("correct"), st.tuples(row, label, who)),
)
CALLS = st.one_of(
    ANSWERS,
    st.tuples(st.just("undo"), st.tuples(who)),
    st.tuples(st.just("ask_rows"), st.tuples(some, who, st.sampled_from(["person", "check", "overlap"]))),
    st.tuples(st.just("random_rows"), st.tuples(st.integers(1, 2), who)),
    st.tuples(st.just("hand"), st.tuples(some, who)),
    st.tuples(st.just("note"), st.tuples(row, st.just("see above"), who)),
)


def run(project, name, arguments, request=None):
    """Carry out a call; what cannot be done is told and changes nothing."""
    more = {"request": request} if name not in ("ask_rows", "random_rows", "hand") else {}
    if name in ("tell", "bulk"):
        rows, given, annotator = arguments
        more["bulk"] = "area" if name == "bulk" else None
        return project.tell(rows, [given] * len(rows), annotator, **more)
    try:
        return getattr(project, name)(*arguments, **more)
    except (ProjectError, ValueError) as error:
        return str(error)


@given(calls=st.lists(st.tuples(CALLS, st.booleans(), st.booleans()), max_size=14))
def test_any_calls_of_two_processes_leave_the_state_of_their_events(template, calls):
    with TemporaryDirectory() as folder:
        shutil.copytree(template, folder, dirs_exist_ok=True)
        two = [Project.open(Path(folder, "t.skal")) for _ in range(2)]
        for number, ((name, arguments), other, again) in enumerate(calls):
            project = two[other]
            done = run(project, name, arguments, f"request-{number}")
            if again and not isinstance(done, (str, list)):  # the page did not hear the answer, and sends it again
                last = project.read_answers().last
                repeated = run(two[not other], name, arguments, f"request-{number}")
                assert two[not other].read_answers().last == last, "a replay appends nothing"
                if name in ("tell", "bulk"):
                    assert (repeated.repeated, repeated.new, repeated.changed) == (len(arguments[0]), 0, 0)
                else:
                    assert repeated == done
        fresh = Project.open(Path(folder, "t.skal"))
        assert two[0].read_answers() == two[1].read_answers() == fresh.read_answers()
        assert kept(two[0]) == by_hand(events_of(fresh))
        for project in (*two, fresh):
            project.close()


@given(calls=st.lists(CALLS, max_size=8), call=ANSWERS)
def test_undo_restores_what_was_before_the_call(template, calls, call):
    with TemporaryDirectory() as folder:
        shutil.copytree(template, folder, dirs_exist_ok=True)
        with Project.open(Path(folder, "t.skal")) as project:
            for name, arguments in calls:
                run(project, name, arguments)
            before, last = kept(project), project.read_answers().last
            run(project, *call)
            n = project.read_answers().last - last
            for _ in range(min(n, 1) if call[0] == "bulk" else n):
                run(project, "undo", call[1][-1:])
            assert kept(project) == before
