"""What was rehearsed is what is run: a project asks for the rows that the arm of a comparison asks for."""

import numpy as np
import pytest
from made_labeling import numbers, tickets

import skal
from skal.labeling import Project
from skal.study import Store, make_estimator


def arm(folder, strategy, trial=0):
    """Ids of the rows that the arm of a comparison bought, round by round."""
    rows = [row for row in Store(folder).rows() if row.strategy == strategy and row.trial == trial]
    return [row.picked for row in sorted(rows, key=lambda row: row.round)]


@pytest.mark.parametrize(
    "make, estimator, strategy",
    [
        (numbers, "logistic", "random_sampling"),
        (numbers, "logistic", "uncertainty_herding"),
        (numbers, "forest", "margin_sampling"),
        (tickets, "logistic", "uncertainty_herding"),
        (tickets, "logistic", "margin_sampling"),
    ],
)
def test_a_project_asks_for_the_rows_of_the_arm_with_the_same_seed(tmp_path, make, estimator, strategy):
    truth = make(tmp_path / "data.csv", 150)
    seed, n = 5, 7
    options = {"estimator": estimator, "strategy": strategy, "seed": seed, "random_share": 0.0}
    project = Project.create(tmp_path / "p.skal", tmp_path / "data.csv", **options)
    X, y = project.data, np.array(list(truth.values()))
    skal.compare(
        X,
        y,
        make_estimator(estimator, columns=project.settings.columns),
        [strategy],
        n_initial=12,
        n_instances=n,
        n_rounds=3,
        n_trials=1,
        test=(X, y),
        seed=seed,
        out=tmp_path / "study",
    )
    initial, *picked = arm(tmp_path / "study", strategy)
    assert [len(rows) for rows in (initial, *picked)] == [12, n, n, n]
    ids = [project.ids[row] for row in initial]
    project.tell(ids, [truth[row] for row in ids])
    for wanted in picked:
        questions = project.ask(n)
        assert questions.ids == [project.ids[row] for row in wanted]
        # Answers that come in another order, and in two lots, change nothing.
        shuffled = questions.ids[::-1]
        project.tell(shuffled[:3], [truth[row] for row in shuffled[:3]], annotator="first")
        project.tell(shuffled[3:], [truth[row] for row in shuffled[3:]], annotator="second")
