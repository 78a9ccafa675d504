"""What belongs to a row of a labelling project stays with it: reason, guess, time, question, identity."""

import numpy as np
import pandas as pd
import pytest
from made_labeling import numbers

from skal.labeling import Project, ProjectError, RefusedAnswers


@pytest.fixture
def project(tmp_path):
    """120 rows of three numbers, 30 of them labelled; the strategy's score is one less the model's certainty."""
    numbers(tmp_path / "n.csv", 120, 30)
    return Project.create(
        tmp_path / "n.skal",
        tmp_path / "n.csv",
        random_share=0.4,
        strategy="uncertainty_sampling",
        estimator="logistic",
    )


def test_reason_and_guess_are_those_of_the_row(project):
    """Strategy's and random picks are mixed, and each is told why it was asked and what the model said of it."""
    for _ in range(2):
        questions = project.ask(20)
        learner, known, left = project.learner_of(questions)
        rows = [project.ids.index(row) for row in questions.ids]
        assert set(rows) <= set(left.tolist()) and not set(questions.ids) & set(known)
        P = learner.predict_proba(project.data.iloc[rows])
        guesses = learner.estimator.classes_[P.argmax(axis=1)]
        by = [event.why["by"] for event in questions.events]
        assert by.count("random") == 8 and by != sorted(by) and by != sorted(by)[::-1], "they are mixed"
        for event, row, p, guess in zip(questions.events, questions.ids, P, guesses, strict=True):
            assert event.row == row
            assert (event.why["guess"], event.why["probability"]) == (guess, pytest.approx(p.max(), abs=1e-6))
            if event.why["by"] == "strategy":
                assert event.why["score"] == pytest.approx(1 - p.max(), abs=1e-6)
        unsure = 1 - learner.predict_proba(project.data.iloc[left]).max(axis=1)
        chosen = {row for row, who in zip(rows, by, strict=True) if who == "strategy"}
        most_unsure = left[np.argsort(-unsure)].tolist()
        drawn = set(rows) - chosen
        assert chosen == {*[row for row in most_unsure if row not in drawn][: len(chosen)]}
        project.tell(questions.ids, guesses.tolist())


def test_the_model_that_chose_a_batch_knows_no_answer_to_it(project):
    """So that a batch that is explained later is explained by the model that chose it."""
    questions = project.ask(6)
    before = project.learner_of(questions)
    project.tell(questions.ids, ["up"] * 6)
    after = project.learner_of(questions)
    assert after[1] == before[1] and len(before[1]) == 30
    X = project.data
    np.testing.assert_array_equal(after[0].predict_proba(X), before[0].predict_proba(X))


def test_every_answer_keeps_its_own_time(project):
    ids = project.ask(3).ids
    project.tell(ids, ["up", "down", "up"], "anna", seconds=[1.5, 2.5, 3.5])
    assert [project.history(row)[-1].seconds for row in ids] == [1.5, 2.5, 3.5]
    project.tell(ids, ["up"] * 3, "bert", seconds=4.0)
    assert [project.history(row)[-1].seconds for row in ids] == [4.0] * 3


def test_an_answer_is_to_the_last_question_that_the_annotator_was_asked(project):
    row = project.ask(1).ids[0]  # batch 1, to nobody in particular
    project.tell([row], ["up"], "anna")
    again = project.ask(31, "bert", overlap=31)  # batch 2, rows that others have answered
    assert row in again.ids and again.batch == 2
    project.tell([row], ["down"], "bert")
    answers = {event.annotator: event for event in project.history(row) if event.label is not None}
    assert {who: event.batch for who, event in answers.items()} == {"anna": 1, "bert": 2}


def test_refused_answers_are_told_by_their_own_place(project):
    ids = project.ask(4).ids
    with pytest.raises(RefusedAnswers) as caught:
        project.tell(ids, ["up", "sideways", "down", "across"])
    assert [(one.position, one.id, one.label) for one in caught.value.taken.refused] == [
        (1, ids[1], "sideways"),
        (3, ids[3], "across"),
    ]


def test_the_nearest_id_is_looked_for_among_the_first_wrong_ones_alone(project):
    """A sheet of another project has thousands of wrong ids; each look takes a walk over the table."""
    taken = project.tell([f"r{k}x" for k in range(40)], ["up"] * 40, on_refused="return")
    assert ["is one" in one.reason for one in taken.refused] == [True] * 20 + [False] * 20
    assert all("there is no row" in one.reason for one in taken.refused)


@pytest.mark.parametrize("name", ["candidates", "batch", "seed", "random_share"])
def test_truth_values_are_no_numbers(tmp_path, name):
    numbers(tmp_path / "t.csv", 10)
    with pytest.raises(ProjectError, match=f"Project: {name} must be a .*number.*, got True"):
        Project.create(tmp_path / "t.skal", tmp_path / "t.csv", **{name: True})


@pytest.mark.parametrize("cells", [[("ab", "c"), ("a", "bc")], [("1", "11"), ("11", "1")], [("x", ""), ("", "x")]])
def test_rows_that_differ_by_where_a_cell_ends_are_different_rows(tmp_path, cells):
    """Without ids a row is known by its content: labels follow it when the file comes in another order."""
    path = tmp_path / "t.csv"
    others = [(f"{k} {k + 1}", f"{k * k} words") for k in range(8)]
    frame = pd.DataFrame([*cells, *others], columns=["first", "second"]).assign(label="")
    frame.to_csv(path, index=False)
    columns = {"first": "text", "second": "text"}
    project = Project.create(tmp_path / "t.skal", path, columns=columns, classes=["a", "b"])
    project.tell(project.ids[:2], ["a", "b"])
    project.close()
    frame.iloc[::-1].to_csv(path, index=False)
    again = Project.open(project.folder)
    labels = dict(zip(again.labels()["id"], again.labels()["label"], strict=True))
    assert [labels.get(row) for row in again.ids] == [None] * 8 + ["b", "a"]
