"""A trial of a project's strategy: whose turn it is, who learns what, what is compared, and what comes of it."""

import csv

import numpy as np
import pytest
from made_labeling import numbers, skal
from sklearn.base import clone

from skal.labeling import Project, ProjectError, TrialResult
from skal.statistics import anytime_difference

FAST = {"estimator": "logistic", "strategy": "margin_sampling", "classes": ["down", "up"], "id": "row_id"}
OTHER = {"up": "down", "down": "up"}


def made(folder, n=400, **given):
    """A project of made numbers with a trial, and the label of each row."""
    truth = numbers(folder / "n.csv", n)
    return Project.create(
        folder / "p.skal", folder / "n.csv", **{**FAST, "audit": 0.2, "trial": True, **given}
    ), truth


def answer(project, truth, *batches, liar=lambda event: False):
    """Answer batches of questions; of some questions the person says the other class."""
    for n in batches:
        questions = project.ask(n)
        said = [OTHER[truth[event.row]] if liar(event) else truth[event.row] for event in questions.events]
        project.tell(questions.ids, said)


def asked(project, **why):
    """Questions whose reason says this."""
    questions = [event for event in project.events() if event.kind == "ask"]
    return [event for event in questions if all((event.why or {}).get(name) == value for name, value in why.items())]


def half_of(event):
    return (event.why or {}).get("half")


def lies_for(half):
    return lambda event: half_of(event) == half


def lies_in_the_first_random_round(event):
    return half_of(event) == "random" and "pair" not in event.why


def test_rounds_take_turns_and_each_half_learns_its_own_rows_and_what_came_before(tmp_path):
    project, truth = made(tmp_path)
    answer(project, truth, 20, 20, 20, 20, 20)
    rounds = [{half_of(event) for event in asked(project) if event.batch == k} - {None} for k in range(1, 6)]
    assert rounds == [set(), {"strategy"}, {"random"}, {"strategy"}, {"random"}]
    of = {half: {event.row for event in asked(project, half=half)} for half in ("strategy", "random")}
    start = {event.row for event in asked(project, by="typical")}
    audited = {event.row for event in asked(project, by="audit")}
    assert not (of["strategy"] & of["random"]) and not audited & (of["strategy"] | of["random"]) and start
    assert {event.why["by"] for event in asked(project, half="random")} == {"random"}
    assert {event.why["strategy"] for event in asked(project, half="strategy")} == {"margin_sampling"}
    released = {event.row for event in project.events() if event.kind == "release"}
    for half in ("strategy", "random"):
        questions = project.ask(20)
        learned, mine = set(project.learner_of(questions)[1]), of[half] | start
        assert mine <= learned <= mine | released
        assert {half_of(event) for event in questions.events} <= {half, None}
    everything = set(project.labels()["id"]) - audited | released
    known = project.ids.index(next(iter(of["random"]))), project.ids.index(next(iter(of["strategy"])))
    assert everything >= {project.ids[place] for place in known}, "the project's own model learns from both halves"
    assert project.trial().n_random == len(of["random"])


def test_both_models_are_asked_about_each_random_row_before_it_is_answered(tmp_path):
    project, truth = made(tmp_path)
    answer(project, truth, 20, 20, 20, 30, 30)
    order = [project.ids[place] for place in project.data_rows.audit_order]
    assert order
    pairs = [event for event in asked(project) if "pair" in (event.why or {})]
    assert {event.why["by"] for event in pairs} == {"random", "audit"}
    assert len(pairs) == sum(event.why["by"] in ("random", "audit") for event in asked(project) if event.batch > 3)
    places = {row: place for place, row in enumerate(project.ids)}
    for batch in (4, 5):
        events = [event for event in pairs if event.batch == batch]
        before = [event.row for event in asked(project) if event.batch < batch and event.why["by"] != "audit"]
        halves = {event.row: half_of(event) for event in asked(project) if half_of(event)}
        n = min(sum(halves.get(row) == half for row in before) for half in ("strategy", "random"))
        for k, half in enumerate(("strategy", "random")):
            mine = [row for row in before if halves.get(row) == half][:n]
            rows = [row for row in before if row not in halves] + mine
            model = clone(project.model()).fit(
                project.data.iloc[[places[row] for row in rows]], [truth[row] for row in rows]
            )
            said = model.predict(project.data.iloc[[places[event.row] for event in events]])
            agree = np.mean(said == np.array([event.why["pair"][k] for event in events]))
            assert agree > 0.95, "as many labels each: those that were asked first"
    found = project.trial()
    d = [(pair[0] == truth[e.row]) - (pair[1] == truth[e.row]) for e in pairs for pair in [e.why["pair"]]]
    assert found.n == len(pairs) and found.estimate == pytest.approx(np.mean(d))
    assert (found.low, found.high) == pytest.approx(
        [getattr(anytime_difference(d, level=0.975), end) for end in ("low", "high")]
    )


def test_a_strategy_whose_models_are_worse_is_found_out_and_random_rows_are_asked(tmp_path):
    project, truth = made(tmp_path, strategy="random_sampling")
    answer(project, truth, 20, *[40] * 4, liar=lies_for("strategy"))
    said = project.trial()
    assert said.verdict == "worse" and said.high < 0 and not said.is_over
    assert "The next round ends the trial" in str(project.status())
    questions = project.ask(20)
    assert any("random_sampling against random rows" in note for note in questions.notes)
    assert {event.why["by"] for event in questions.events} == {"random", "audit"}
    assert any(
        note.startswith("Random rows are asked: a trial found random_sampling worse") for note in questions.notes
    )
    found = Project.open(project.folder).trial()
    assert found.is_over and found.ended == "decided" and (found.n, found.low) == (said.n, said.low)
    assert TrialResult.from_json(found.as_json()) == found
    learned = set(project.learner_of(questions)[1])
    assert {event.row for event in asked(project, half="strategy")} <= learned, "all labels serve one model"
    assert "Random rows are asked instead of random_sampling" in str(project.status())
    project.tell(questions.ids, [truth[row] for row in questions.ids])
    project.change(strategy="entropy_sampling")
    answer(project, truth, 20)
    assert project.trial().strategy == "entropy_sampling" and not project.trial().is_over, "another one is tried"


def test_a_strategy_whose_models_are_better_is_found_out_and_goes_on(tmp_path):
    project, truth = made(tmp_path)
    answer(project, truth, 20, *[40] * 4, liar=lies_in_the_first_random_round)
    assert project.trial().verdict == "better" and project.trial().low > 0
    questions = project.ask(20)
    assert {event.why["by"] for event in questions.events} == {"strategy", "audit"}
    assert not any("half" in event.why or "trial" in event.why for event in questions.events)
    assert len(set(project.learner_of(questions)[1])) > 120, "of both halves"
    assert "Rows are asked by margin_sampling" in str(project.status())
    with pytest.raises(ProjectError, match="No trial is going on"):
        project.end_trial()


def test_what_is_taken_back_corrected_or_skipped_counts_as_it_is_now(tmp_path):
    project, truth = made(tmp_path)
    answer(project, truth, 20, 20, 20, 20)
    questions = project.ask(20, "ann")
    before = project.trial()
    project.tell(questions.ids, [truth[row] for row in questions.ids], "ann")
    full = project.trial()
    assert full.n == before.n + sum("pair" in event.why for event in questions.events)
    pair = next(event for event in questions.events if "pair" in event.why)
    both = next((event for event in questions.events if len(set(event.why.get("pair", ""))) == 2), None)
    project.skip(pair.row, "ann")
    assert project.trial().n == full.n - 1
    project.undo("ann")
    assert project.trial().n == full.n and project.trial().estimate == full.estimate
    if both is not None:
        project.correct(both.row, OTHER[truth[both.row]], "ann")
        assert abs(project.trial().estimate - full.estimate) == pytest.approx(2 / full.n)
        project.correct(both.row, truth[both.row], "ann")
    project.tell([pair.row], [OTHER[truth[pair.row]]], "bob")
    assert project.trial().n == full.n - 1, "people disagree"
    with Project.open(project.folder) as again:
        now, there = project.trial(), again.trial()
        assert (now.n, now.estimate, now.low, now.n_strategy) == (
            there.n,
            there.estimate,
            there.low,
            there.n_strategy,
        )


def test_rows_that_a_person_chose_and_the_reserve_serve_both_halves(tmp_path):
    project, truth = made(tmp_path)
    answer(project, truth, 20, 20, 20)
    mine = [row for row in project.ids if row not in {event.row for event in asked(project)}][:3]
    project.ask_rows(mine, "ann")
    questions = project.ask(20, reserve=5)
    reserve = [event for event in questions.events if event.why.get("reserve")]
    assert len(reserve) == 5 and not any("half" in event.why for event in reserve)
    assert all("pair" in event.why for event in reserve), "they are as random as the others"
    project.tell([*mine, *questions.ids], [truth[row] for row in [*mine, *questions.ids]])
    for _ in range(2):
        questions = project.ask(10)
        assert {*mine, *(event.row for event in reserve)} <= set(project.learner_of(questions)[1])
        project.tell(questions.ids, [truth[row] for row in questions.ids])
    assert project.trial().n_questions == len(asked(project, trial="margin_sampling")) - 5


@pytest.mark.parametrize("how", ["budget", "said", "changed", "released", "off"])
def test_a_trial_ends_without_a_verdict(tmp_path, how):
    project, truth = made(tmp_path, trial_budget=5 if how == "budget" else 0)
    answer(project, truth, 20, 10)
    assert not project.trial().is_over
    do = {
        "said": project.end_trial,
        "changed": lambda: project.change(strategy="entropy_sampling"),
        "released": project.release,
        "off": lambda: project.change(trial=False),
    }
    do.get(how, lambda: None)()
    questions = project.ask(10)
    end = next(event for event in project.events() if event.kind == "trial")
    assert end.why["result"]["ended"] == {"off": "said"}.get(how, how)
    assert end.why["result"]["verdict"] == "undecided" and end.why["result"]["n_questions"] == 10
    begins_anew = how == "changed"
    assert any("trial" in event.why for event in questions.events) == begins_anew
    assert project.trial().is_over != begins_anew
    tried = {event.row for event in asked(project, half="strategy")} - set(questions.ids)
    assert tried and tried <= set(project.learner_of(questions)[1])
    if how == "released":
        assert not project.settings.trial and not project.settings.audit
    project.tell(questions.ids, [truth[row] for row in questions.ids])
    assert "Trial of" in str(project.status())


def test_what_cannot_be_tried_is_refused(tmp_path):
    for given, words in (
        ({"audit": 0.0}, "needs audit rows. Say what share of the questions they are"),
        ({"trial": False, "trial_budget": 50}, "trial_budget=50 says after how many questions"),
        (
            {"answer": "mask", "estimator": "pixel_forest"},
            "classes, sets of labels or numbers that models predict, got answer='mask'",
        ),
        ({"trial": "yes"}, "trial must be true or false, got 'yes'"),
        ({"trial_budget": -1}, "trial_budget must be a whole number >= 0"),
    ):
        with pytest.raises(ProjectError, match=words):
            made(tmp_path, **given)
    project, truth = made(tmp_path, trial=False)
    assert project.trial() is None and "Trial" not in str(project.status())
    with pytest.raises(ProjectError, match="No trial is going on"):
        project.end_trial()
    project.change(trial=True)
    assert project.trial().n == 0 and "Nothing has been compared yet" in str(project.trial())
    project.end_trial()
    answer(project, truth, 20, 20)
    assert not asked(project, trial="margin_sampling"), "the same strategy is not tried twice"
    with pytest.raises(ProjectError, match="needs audit rows"):
        project.change(audit=0.0)


def table(path, labels):
    """Write rows of two numbers, and return labels made of them."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(300, 2))
    with open(path, "w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(["row_id", "a", "b", "label"])
        sheet.writerows([f"r{i}", *map(repr, row), ""] for i, row in enumerate(X.tolist()))
    return {f"r{i}": labels(*row) for i, row in enumerate(X.tolist())}


def test_numbers_are_compared_by_their_errors_up_to_a_scale_that_stays(tmp_path):
    truth = table(tmp_path / "n.csv", lambda a, b: f"{3 * a + b * b:.3f}")
    more = {"id": "row_id", "answer": "number", "estimator": "ridge", "audit": 0.2, "trial": True}
    project = Project.create(tmp_path / "p.skal", tmp_path / "n.csv", **more)
    for n in (20, 20, 20, 20, 20):
        questions = project.ask(n)
        project.tell(questions.ids, [truth[row] for row in questions.ids])
    pairs = [event for event in asked(project) if "pair" in (event.why or {})]
    scale = pairs[0].why["scale"]
    errors = [[abs(float(guess) - float(truth[event.row])) for guess in event.why["pair"]] for event in pairs]
    d = [np.clip(by_random - by_strategy, -scale, scale) for by_strategy, by_random in errors]
    found = project.trial()
    assert found.estimate == pytest.approx(np.mean(d)) and {event.why["scale"] for event in pairs} == {scale}
    first = min(event.seq for event in pairs if event.batch == pairs[0].batch)
    released = {event.row for event in project.events() if event.kind == "release" and event.seq < first}
    before = [event for event in asked(project) if event.batch < pairs[0].batch]
    known = [float(truth[e.row]) for e in before if e.why["by"] != "audit" or e.row in released]
    assert scale == pytest.approx(np.std(known))
    assert found.measure == "absolute error" and f"more than {scale:.4g} count as {scale:.4g}" in str(found)


def test_sets_of_labels_are_compared_by_their_overlap(tmp_path):
    truth = table(tmp_path / "n.csv", lambda a, b: "; ".join(["x"] * (a > 0) + ["y"] * (b > a)) or "(none)")
    more = {"id": "row_id", "answer": "labels", "classes": ["x", "y"], "estimator": "logistic"}
    project = Project.create(tmp_path / "p.skal", tmp_path / "n.csv", **more, audit=0.2, trial=True)
    for n in (20, 20, 20, 20, 20):
        questions = project.ask(n)
        project.tell(questions.ids, [truth[row] for row in questions.ids])
    pairs = [event for event in asked(project) if "pair" in (event.why or {})]

    def overlap(guess, label):
        one, other = (set(text.split("; ")) - {"(none)"} for text in (guess, label))
        return len(one & other) / len(one | other) if one | other else 1.0

    d = [overlap(e.why["pair"][0], truth[e.row]) - overlap(e.why["pair"][1], truth[e.row]) for e in pairs]
    found = project.trial()
    assert len(pairs) > 15 and found.measure == "jaccard" and found.estimate == pytest.approx(np.mean(d))


def test_by_commands(tmp_path):
    numbers(tmp_path / "n.csv")
    data = tmp_path / "n.csv"
    assert "--audit" in skal("next", data, "--trial", "--id", "row_id", code=2)
    more = ("--id", "row_id", "--classes", "down,up", "--estimator", "logistic", "--strategy", "margin_sampling")
    options = (*more, "--audit", "0.2", "--trial", "--trial-budget", "90")
    skal("next", data, "-n", "20", *options, "--out", tmp_path / "next.csv")
    assert "undecided." in skal("trial", "status", data) and "of 90 at most" in skal("status", data)
    assert "ended by a person" in skal("trial", "end", data)
    assert "No trial is going on" in skal("trial", "end", data, code=2)
    assert "--trial" in skal("next", "--help") and "--trial-budget" in skal("label", "--help")
