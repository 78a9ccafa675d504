"""A project that searches for rare rows: what it asks, what it finds, and what it may say of the rest."""

import pytest
from made_label_page import made_desk

from skal.cli import app
from skal.labeling import Project, ProjectError, exported, opened_or_made
from skal.statistics import anytime_total
from skal.stopping import Observation, RecallReached, read_stop

RARE = {f"r{n}" for n in range(0, 240, 24)}


def table(folder, labels=None):
    """240 rows; the ten rare ones lie together, far from the others."""
    lines = ["id,a,b,label"]
    for n in range(240):
        a, b = (40 + n % 5, 40 + n % 7) if f"r{n}" in RARE else (n % 11, n % 13)
        lines.append(f"r{n},{a},{b},{(labels or {}).get(f'r{n}', '')}")
    path = folder / "t.csv"
    path.write_text("\n".join(lines))
    return path


def made(folder, labels=None, **settings):
    settings = {"find": ["fraud"], "batch": 20, "id": "id", "estimator": "logistic", "random_share": 0.25, **settings}
    return Project.create(folder / "t.skal", table(folder, labels), **settings)


def label_of(row):
    return "fraud" if row in RARE else "ok"


def answer(project, n_rounds, **asking):
    for _ in range(n_rounds):
        asked = project.ask(**asking)
        project.tell(asked.ids, [label_of(row) for row in asked])


def draws_by_hand(project):
    """Random rows in their order, counted from the events alone, where every question is answered."""
    batches = {}
    for event in project.events():
        if event.kind == "ask":
            batches.setdefault(event.batch, []).append(event)
    hits, left, known, gone = [], [], [], set()
    for asked in batches.values():
        drawn = [ask for ask in asked if ask.why["by"] in ("random", "audit")]
        picked = {ask.row for ask in asked if ask not in drawn}
        out = gone | picked if asked[0].round is None or drawn[0].why["by"] == "audit" else set(gone)
        for ask in drawn:
            hits.append(int(ask.row in RARE))
            left.append(240 - len(out))
            known.append(len(out & RARE))
            out.add(ask.row)
        gone |= {ask.row for ask in asked}
    return hits, left, known


@pytest.mark.parametrize("shares", [{"random_share": 0.25}, {"random_share": None, "audit": 0.25}])
def test_it_finds_them_all_and_says_how_many_more_there_can_be(tmp_path, shares):
    with made(tmp_path, {"r24": "fraud", "r1": "ok"}, **shares) as project:
        assert project.settings.strategy == "find_sampling"
        answer(project, 2)
        search, draws = project.search(), draws_by_hand(project)
        assert len(draws[0]) == search.n_draws == 10
        assert set(search.found) == RARE
        assert search.n_labels == search.curve[-1][0] == 42 and search.curve[-1][1] == 10
        # The rows with labels in the data were never among those that were left.
        left, known = [n - 2 for n in draws[1]], [n + ("r24" in RARE) for n in draws[2]]
        asked = {row for row in project.answers() if row not in ("r24", "r1")}
        assert "r24" not in asked and left[0] in (238, 238 - 15)
        total = anytime_total(draws[0], left, known, 240, n_found=10, n_unseen=198)
        assert (search.low, search.high) == (total.low, total.high) == (10, total.high)
        assert search.recall == (10 / total.high, 1.0) and total.high < 208
        assert search.labels_per_found == 4.2


def test_status_says_what_was_found_and_what_is_not_known(tmp_path):
    with made(tmp_path) as project:
        assert "No row is labelled 'fraud' yet" in " ".join(project.notes)
        said = str(project.status())
        assert "Sought: fraud. None is found among 0 labels." in said
        assert "no row was drawn at random yet" in said
        answer(project, 6)
        status = project.status(stop="recall:target=0.9")
        said, search = str(status), project.search()
        assert f"{len(search.found)} found among 120 labels, one in {120 / len(search.found):.1f}" in said
        assert f"{search.n_since} labels since the last" in said and "120: 10" in said
        assert f"{search.low} to {search.high} are sought" in said
        assert f"about {search.n_sure:,} random rows" in said
        assert "go on: at least" in status.stopping and "below 90 %" in status.stopping
        assert "stop: at least" in project.status(stop="recall:target=0.01").stopping


def test_a_row_that_waits_or_was_skipped_is_no_evidence_that_it_is_not_sought(tmp_path):
    with made(tmp_path, {"r24": "fraud", "r1": "ok"}) as project:
        asked = project.ask()
        drawn = [event.row for event in asked.events if event.why["by"] == "random"]
        project.tell([row for row in asked if row != drawn[2]], [label_of(row) for row in asked if row != drawn[2]])
        assert project.search().n_draws == 0  # the batch is not complete
        project.skip(drawn[2])
        assert project.search().n_draws == 5


def test_once_every_row_is_seen_the_recall_is_known(tmp_path):
    with made(tmp_path, batch=240) as project:
        answer(project, 1)
        search = project.search()
        assert (search.low, search.high, search.recall, search.n_sure) == (10, 10, (1.0, 1.0), None)


def test_export_and_page_show_what_was_found(tmp_path):
    with made(tmp_path, {"r24": "fraud", "r1": "ok"}) as project:
        answer(project, 1)
        frame, _ = exported(project, predict=False)
        found = project.search().found
        assert set(frame.id[frame.sought == "yes"]) == set(found)
        seen = made_desk(project, ["anna"]).progress("anna")["search"]
        assert seen["n"] == len(found) and seen["find"] == ["fraud"] and seen["n_draws"] == 5
        assert [one["row"] for one in seen["rows"]] == found[::-1]
        assert {one["label"] for one in seen["rows"]} == {"fraud"} and seen["rows"][0]["text"]
        assert (seen["low"], seen["high"]) == project.search().recall


def test_a_search_of_several_classes_counts_both(tmp_path):
    labels = {"r24": "fraud", "r1": "ok", "r2": "odd"}
    with made(tmp_path, labels, find=["fraud", "odd"]) as project:
        assert project.search().found == ["r2", "r24"] or set(project.search().found) == {"r2", "r24"}


def test_a_project_can_begin_to_search_and_end_it(tmp_path):
    with made(tmp_path, {"r24": "fraud", "r1": "ok"}, find=[]) as project:
        assert project.search() is None and project.status().search is None
        usual = project.settings.strategy
        project.change(find=["fraud"])
        assert project.settings.strategy == "find_sampling" != usual
        assert len(project.search().found) == 1
    with opened_or_made(tmp_path / "t.csv", given={"find": ["fraud"]}) as project:
        assert project.settings.find == ["fraud"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"find": ["froud"]}, "no class 'froud' to find. Did you mean 'fraud'"),
        ({"find": ["theft"], "classes": ["fraud", "ok"]}, "no class 'theft' to find. There are fraud, ok"),
        ({"find": ["fraud", "ok"]}, "find names all classes"),
        (
            {"find": ["5"], "answer": "number", "estimator": None},
            "find names classes, such as 'fraud', and here numbers are answered",
        ),
        ({"find": ["fraud", "fraud"]}, "find must be a list of different names"),
    ],
)
def test_what_cannot_be_sought_is_refused_and_nothing_is_made(tmp_path, settings, said):
    labels = {"r24": "1", "r1": "2"} if settings.get("answer") else {"r24": "fraud", "r1": "ok"}
    with pytest.raises(ProjectError, match=said):
        made(tmp_path, labels, **settings)
    assert not (tmp_path / "t.skal").exists()


def test_a_class_that_nobody_has_named_is_allowed_and_said(tmp_path):
    with made(tmp_path, {"r24": "fraud", "r1": "ok"}, find=["stolen"]) as project:
        assert "No row is labelled 'stolen' yet" in " ".join(project.notes)
        assert "stolen" in project.classes and project.search().found == []


def test_from_the_command_line(tmp_path):
    from typer.testing import CliRunner

    path = table(tmp_path, {"r24": "fraud", "r1": "ok"})
    run = CliRunner().invoke
    out = run(app, ["next", str(path), "--find", "fraud", "-n", "8", "--out", str(tmp_path / "next.csv")])
    assert out.exit_code == 0, out.output
    assert "1 found among 2 labels" in run(app, ["status", str(path)]).output
    wrong = run(app, ["next", str(path), "--find", "fraud", "--find", "ok"])
    assert wrong.exit_code == 2 and "find names all classes" in " ".join(wrong.output.split())


def test_the_criterion_compares_the_lower_end_with_the_target():
    rule = read_stop("recall:target=0.8")
    assert rule.target == 0.8 and RecallReached().target == 0.95
    assert rule.verdict([Observation(9, recall_low=0.8)]).stop
    assert not rule.verdict([Observation(9, recall_low=0.79)]).stop
    with pytest.raises(ValueError, match="labelling projects with --find"):
        rule.verdict([Observation(9)])
    with pytest.raises(ValueError, match="target must be"):
        read_stop("recall:target=0")
