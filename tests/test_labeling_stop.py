"""What the status of a project says of stopping: from guesses about random rows, and from nothing later."""

import numpy as np
import pytest
from made_labeling import numbers, skal

from skal.labeling import Project, ProjectError
from skal.stopping import ExpectedGain, Observation, ValueAgainstCost, advice

N_ROUNDS = 8


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project of eight rounds, half of whose questions are random rows, answered by the truth."""
    folder = tmp_path_factory.mktemp("stop")
    truth = numbers(folder / "n.csv", n=200, n_labeled=10)
    settings = {"random_share": 0.5, "strategy": "margin_sampling", "seed": 1}
    with Project.create(folder / "n.skal", folder / "n.csv", **settings) as project:
        said = [project.status().stopping]
        for _ in range(N_ROUNDS):
            rows = [event.row for event in project.ask(8).events]
            project.tell(rows, [truth[row] for row in rows])
            said.append(project.status().stopping)
        yield folder, project, truth, said


def rounds_by_hand(project, truth):
    """Count what the journal says: labels before each round, and right guesses about its random rows."""
    events = project.events()
    rounds = []
    for number in range(N_ROUNDS):
        asks = [e for e in events if e.kind == "ask" and e.round == number and e.why["by"] == "random"]
        known = {e.row for e in events if e.kind in ("import", "label") and e.seq < asks[0].seq}
        right = [e.why["guess"] == truth[e.row] for e in asks]
        rounds.append(
            Observation(len(known), n_left=200 - len(known), score=float(np.mean(right)), n_audit=len(right))
        )
    return rounds


def test_the_status_says_what_the_next_labels_are_expected_to_bring(made):
    _, project, truth, said = made
    assert said[:6] == [""] * 6 and all(said[6:])  # a curve needs six rounds
    rounds = rounds_by_hand(project, truth)
    assert [one.n_labels for one in rounds] == list(range(10, 74, 8))
    assert project.status().stopping == said[-1] == advice(rounds, ExpectedGain())
    assert said[6] == advice(rounds[:6], ExpectedGain())
    assert "labels more are expected to bring" in said[-1] and "the criterion says" in said[-1]
    assert said[-1] in str(project.status())


def test_another_criterion_may_decide(made):
    folder, project, truth, _ = made
    text = "value:value_per_point=200,cost_per_label=0.4"
    found = project.status(stop=text).stopping
    assert found == advice(rounds_by_hand(project, truth), ValueAgainstCost(200, 0.4))
    assert project.status(stop="budget:n_labels=500").stopping.endswith("74 of 500 labels are there.")
    joined = project.status(stop="gain | budget:n_labels=74").stopping
    assert joined.endswith("the criterion says stop: 74 of 74 labels are there."), "those after the last round count"
    assert found in skal("status", folder / "n.csv", "--project", folder / "n.skal", "--stop", text)
    with pytest.raises(ProjectError, match=r"StabilizingPredictions reads predicted, which a project does not keep"):
        project.status(stop="kappa")
    assert "Did you mean gain" in skal(
        "status", folder / "n.csv", "--project", folder / "n.skal", "--stop", "gan", code=2
    )


def test_a_project_without_a_round_says_so(tmp_path):
    numbers(tmp_path / "n.csv", n=40, n_labeled=10)
    with Project.create(tmp_path / "n.skal", tmp_path / "n.csv") as project:
        assert project.status().stopping == ""
        said = project.status(stop="gain").stopping
        assert said.startswith("ExpectedGain cannot say anything") and "no guesses of random rows are known" in said
        for wrong, message in {
            "": "must be the name of a criterion",
            "value": "needs value_per_point and cost_per",
        }.items():
            place = ("--project", tmp_path / "n.skal")
            assert message in skal("status", tmp_path / "n.csv", *place, "--stop", wrong, code=2)
    with Project.create(tmp_path / "audited.skal", tmp_path / "n.csv", audit=0.5) as project:
        said = project.status(stop="gain").stopping
        assert "no audit row is answered yet" in said and "--stop budget" in said
