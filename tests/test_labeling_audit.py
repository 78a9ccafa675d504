"""Audit rows of a labelling project: drawn without regard to anything, not learned from, and what is said of them."""

import csv

import numpy as np
import pytest
from made_labeling import numbers, skal
from scipy import stats

from skal.labeling import NothingLeft, Project, ProjectError, suspicious_labels
from skal.statistics import anytime_interval

FAST = {"estimator": "logistic", "strategy": "margin_sampling", "classes": ["down", "up"], "id": "row_id"}


def made(folder, n=200, name="p", **given):
    """A project of made numbers, and the label of each row."""
    truth = numbers(folder / "n.csv", n)
    return Project.create(folder / f"{name}.skal", folder / "n.csv", **{**FAST, "audit": 0.2, **given}), truth


def answer(project, truth, *batches):
    for n in batches:
        questions = project.ask(n)
        project.tell(questions.ids, [truth[row] for row in questions.ids])


def audited(project):
    return list(project.read_answers().audit)


def right(project, truth, rows):
    places = [project.ids.index(row) for row in rows]
    return (project.model().predict(project.data.iloc[places]) == [truth[row] for row in rows]).astype(float)


def test_every_fifth_question_is_the_next_row_of_the_order(tmp_path):
    project, truth = made(tmp_path)
    answer(project, truth, 7, 1, 1, 1, 10)
    assert len(audited(project)) == 4
    asked = [event for event in project.events() if event.kind == "ask"]
    others = {event.row for event in asked if event.why["by"] != "audit"}
    in_order = [project.ids[place] for place in project.data_rows.audit_order]
    ends = max(in_order.index(row) for row in audited(project)) + 1
    assert [row for row in in_order[:ends] if row not in others] == sorted(audited(project), key=in_order.index)
    assert "drawn at random" in {why for questions in [project.ask(5)] for why in questions.why}


def test_no_model_learns_from_them_until_they_are_released(tmp_path):
    project, truth = made(tmp_path)
    answer(project, truth, 20, 20)
    rows, before = audited(project), project.model().predict_proba(project.data)
    learned = set(project.learner_of(project.ask(5))[1])
    assert len(rows) == 8 and not learned & set(rows) and len(learned) == 32
    assert set(project.labels()["id"]) >= set(rows), "their labels are kept, and exported"
    for row in rows:
        project.correct(row, "up")
    np.testing.assert_array_equal(project.model().predict_proba(project.data), before)
    frozen = project.release()
    assert not audited(project) and project.settings.audit == 0
    assert not np.array_equal(project.model().predict_proba(project.data), before)
    answer(project, truth, 20)
    assert project.audit() == frozen and frozen.is_frozen
    assert f"model of {frozen.time[:10]}" in str(Project.open(project.folder).status())
    with pytest.raises(ProjectError, match="no audit rows that could be given"):
        project.release()


def test_the_strategy_does_not_know_of_them_and_what_it_picks_is_learned_from(tmp_path):
    project, truth = made(tmp_path, 60, audit=0.4)
    answer(project, truth, 20)
    first, questions = audited(project), project.ask(10)
    assert first and {project.ids.index(row) for row in first} <= set(project.learner_of(questions)[2])
    project.tell(questions.ids, [truth[row] for row in questions.ids])
    with pytest.raises(NothingLeft):
        while True:
            questions = project.ask(10)
            project.tell(questions.ids, [truth[row] for row in questions.ids])
    asked = [event.row for event in project.events() if event.kind == "ask"]
    assert len(asked) == len(set(asked)) == 60, "each row is asked once"
    released = {event.row for event in project.events() if event.kind == "release"}
    assert released and not released & set(audited(project)), "the strategy picked rows that were asked already"


def test_the_estimate_is_the_interval_of_the_present_models_answers(tmp_path):
    project, truth = made(tmp_path)
    answer(project, truth, 20, 20, 20)
    in_order = [project.ids[place] for place in project.data_rows.audit_order]
    rows = sorted(audited(project), key=in_order.index)
    found = project.audit(recall=["up"])
    assert found.anytime_plain == anytime_interval(right(project, truth, rows), found.anytime.population, level=0.975)
    chosen = {event.row for event in project.events() if event.kind == "ask"} - set(rows)
    assert found.anytime.population == 200 - len(chosen) and found.n == len(rows) > 5
    rest = [row for row in project.ids if row not in chosen]
    assert found.anytime.low <= right(project, truth, rest).mean() <= found.anytime.high
    is_up = [row for row in rest if truth[row] == "up"]
    assert found.recall["up"].low <= right(project, truth, is_up).mean() <= found.recall["up"].high
    assert found.macro_f1.width < 1 and found.fixed is None
    said = str(project.status(recall=["up"]))
    assert f"of the {len(rest)} rows that nobody chose to learn from (95 % interval" in said
    assert "valid whenever you look" in said and "Recall of up" in said and "fixed beforehand" not in said


def test_a_size_that_was_fixed_ends_the_audit_and_narrows_the_interval(tmp_path):
    project, truth = made(tmp_path, audit_size=6)
    answer(project, truth, 20)
    assert project.audit().fixed is None
    answer(project, truth, 20, 20)
    found = project.audit()
    asked = [event for event in project.events() if event.kind == "ask" and event.why["by"] == "audit"]
    assert len(asked) == 6 and found.fixed.width < found.anytime.width
    assert "fixed beforehand, for one look" in str(found)


@pytest.mark.parametrize(("wrong", "batches"), [(0.1, (40,)), (0.3, (40,)), (0.5, (30, 30)), (0, (20,))])
def test_what_is_said_is_true_of_people_who_err_or_leave(tmp_path, wrong, batches):
    """The interval holds the agreement with what this person would answer: 0.5 is at random, (20,) leaves soon."""
    project, truth = made(tmp_path, seed=3)
    rng = np.random.default_rng(5)
    other = {"up": "down", "down": "up"}
    said = {row: other[label] if rng.random() < wrong else label for row, label in truth.items()}
    for n in batches:
        answer(project, said, n)
        found = project.audit()
        chosen = set(project.read_answers().asked) - set(audited(project))
        agreement = right(project, said, [row for row in project.ids if row not in chosen]).mean()
        assert found.anytime.low <= agreement <= found.anytime.high
    assert "agrees with people's answers" in str(project.status())


class TestOneAuditRow:
    @pytest.fixture
    def project(self, tmp_path):
        project, truth = made(tmp_path, 80)
        answer(project, truth, 30)
        return project

    def test_corrected_undone_or_skipped_it_counts_as_what_it_is_now(self, project):
        before, row = project.audit(), audited(project)[0]
        label = project.answers()[row][""]
        project.correct(row, {"up": "down", "down": "up"}[label])
        assert project.audit().anytime.estimate != before.anytime.estimate and project.audit().n == before.n
        project.undo()
        assert project.audit().anytime == before.anytime
        project.skip(row)
        after = project.audit()
        assert (after.n_unusable, after.anytime.estimate) != (0, before.anytime.estimate)
        assert "were skipped or are in conflict, and count for nothing: 1." in str(after)

    def test_a_conflict_counts_for_nothing_until_it_is_settled(self, project):
        row = audited(project)[0]
        label = project.answers()[row][""]
        project.tell([row], [{"up": "down", "down": "up"}[label]], "ann")
        assert row in audited(project) and project.audit().n_unusable == 1
        project.tell([row], [label], "bob")
        assert row in audited(project) and project.audit().n_unusable == 0

    def test_chosen_by_a_person_or_labelled_in_bulk_it_is_learned_from(self, project):
        one, two, three = audited(project)[:3]
        project.ask_rows([one])
        project.tell([two], [project.answers()[two][""]], bulk="area")
        assert one not in audited(project) and two not in audited(project) and three in audited(project)

    def test_a_second_opinion_leaves_it_an_audit_row(self, project):
        row = audited(project)[0]
        project.ask_rows([row], "ann", by="overlap")
        assert row in audited(project)

    def test_waiting_for_its_answer_it_is_not_counted(self, project):
        before = project.audit().n
        questions = project.ask(20)
        waits = [event.row for event in questions.events if event.why["by"] == "audit"]
        found = project.audit()
        assert waits and found.n_waiting == len(waits) and found.n <= before

    def test_labels_to_check_are_none_of_them(self, project):
        row = audited(project)[0]
        project.correct(row, {"up": "down", "down": "up"}[project.answers()[row][""]])
        assert row not in set(suspicious_labels(project).rows["id"])


def test_rows_that_come_later_join_the_order_at_random_places(tmp_path):
    project, truth = made(tmp_path, 400)
    answer(project, truth, 20, 20)
    before, n = [project.ids[place] for place in project.data_rows.audit_order], project.audit().n
    project.close()
    with open(tmp_path / "n.csv", "a", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        for k in range(400):
            sheet.writerow([f"new{k}", *np.random.default_rng(k).normal(size=3).tolist(), ""])
    project = Project.open(project.folder)
    after = [project.ids[place] for place in project.data_rows.audit_order]
    assert [row for row in after if not row.startswith("new")] == before, "no row has moved"
    places = np.flatnonzero([row.startswith("new") for row in after])
    assert stats.kstest(places / len(after), "uniform").pvalue > 0.01
    neighbours = np.array([row.startswith("new") for row in after])
    assert abs((neighbours[1:] == neighbours[:-1]).mean() - 0.5) < 0.1, "nor do the new ones lie together"
    found = project.audit()
    assert found.n + found.n_to_ask == n and found.n_to_ask > 0
    assert "count only once rows that have joined the data since are answered" in str(found)
    truth |= {f"new{k}": "up" for k in range(400)}
    answer(project, truth, 60)
    assert project.audit().n > found.n, "the new ones of small numbers are asked first"


def test_the_order_is_another_for_another_seed_and_the_same_for_a_second_project(tmp_path):
    one, _ = made(tmp_path, 80, name="one")
    two, _ = made(tmp_path, 80, name="two")
    three, _ = made(tmp_path, 80, name="three", seed=1)
    order = one.data_rows.audit_order.tolist()
    assert order == two.data_rows.audit_order.tolist() and sorted(order) == list(range(80))
    assert order != three.data_rows.audit_order.tolist()
    with pytest.raises(ProjectError, match="holds a project already"):
        made(tmp_path, 80, name="one")


def test_a_class_that_appears_late_is_a_class_from_then_on(tmp_path):
    project, truth = made(tmp_path, new_classes=True)
    answer(project, truth, 30)
    rows = audited(project)
    project.correct(rows[0], "sideways")
    found = project.audit(recall=["sideways"])
    assert found.recall["sideways"].estimate == 0.0 and found.recall["sideways"].high > 0.5
    assert found.macro_f1.low < found.macro_f1.estimate < found.macro_f1.high


def test_numbers_are_measured_by_their_root_mean_square_error(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 2))
    y = dict(zip([f"r{i}" for i in range(120)], (X[:, 0] + 0.2 * rng.normal(size=120)).round(3), strict=True))
    with open(tmp_path / "y.csv", "w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerows([["row_id", "a", "b", "label"], *([f"r{i}", *X[i].tolist(), ""] for i in range(120))])
    given = {"id": "row_id", "answer": "number", "estimator": "ridge", "audit": 0.2}
    project = Project.create(tmp_path / "y.skal", tmp_path / "y.csv", **given)
    answer(project, y, 25, 25, 25)
    found = project.audit()
    chosen = set(project.read_answers().asked) - set(audited(project))
    places = [place for place, row in enumerate(project.ids) if row not in chosen]
    errors = project.model().predict(project.data.iloc[places]) - [y[project.ids[place]] for place in places]
    assert found.anytime.low <= np.sqrt((errors**2).mean()) <= found.anytime.high < found.largest
    assert "The root mean square error of the present model is" in str(project.status())


def test_by_commands(tmp_path):
    truth = numbers(tmp_path / "n.csv", 120)
    data, sheet = tmp_path / "n.csv", tmp_path / "next.csv"
    first = ["--id", "row_id", "--classes", "up,down", "--estimator", "logistic", "--strategy", "margin_sampling"]
    skal("next", data, "-n", 40, "--out", sheet, "--audit", 0.2, *first)
    with open(sheet, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with open(sheet, "w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows({**row, "label": truth[row["row_id"]]} for row in rows)
    skal("take", data, sheet)
    said = skal("status", data, "--recall", "up")
    assert "valid whenever you look" in said and "Recall of up:" in said
    assert "There is no class 'sideways'" in skal("status", data, "--recall", "sideways", code=2)
    assert "Models learn from the audit rows now." in skal("release", data)
    assert "when the audit rows were given to the training" in skal("status", data)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"audit": 1}, "audit must be a number from 0 .no audit rows. to below 1"),
        ({"audit": -0.1}, "audit must be a number from 0"),
        ({"audit": 0.2, "random_share": 0.1}, "audit rows take the place of random ones"),
        ({"audit": 0, "audit_size": 30}, "give their share of the questions too"),
        ({"audit_size": -1}, "audit_size must be a whole number"),
    ],
)
def test_bad_shares_are_refused(tmp_path, given, said):
    with pytest.raises(ProjectError, match=said):
        made(tmp_path, 40, **given)


def test_without_audit_rows_there_is_nothing_to_measure(tmp_path):
    project, truth = made(tmp_path, 60, audit=0)
    assert project.settings.random_share == 0.1
    for call in (project.audit, lambda: project.status(recall=["up"])):
        with pytest.raises(ProjectError, match="has no audit rows, so nothing else is measured"):
            call()
    project.change(audit=0.5)
    assert project.settings.random_share == 0 and project.audit() is None
    assert "measured on the audit rows, once they are answered" in str(project.status())
    with pytest.raises(ProjectError, match="recall is a list of classes"):
        project.audit(recall="up")
