"""What audit rows say over the rounds: the same rows for every model, the rise, advice, all looks, strata."""

import csv
import functools

import numpy as np
import pytest
from made_labeling import numbers, skal
from made_segmentation import scenes

from skal.labeling import Project, ProjectError
from skal.masks import Confusion
from skal.statistics import anytime_interval, hypergeometric_interval
from skal.stopping import ExpectedGain, ScoreConvergence, TargetReached, forecast

SETTINGS = {"id": "row_id", "classes": ["down", "up"], "estimator": "logistic", "strategy": "margin_sampling"}
N_ROUNDS = 6


def said_by(person, row, label):
    """What a person says of a row: the same at every question."""
    other = {"up": "down", "down": "up"}
    rng = np.random.default_rng([int(row[1:]), 9])
    wrong = {"truth": 0.0, "errs in 10 %": 0.1, "errs in 30 %": 0.3, "at random": 0.5}[person]
    return other[label] if rng.random() < wrong else label


def answer(project, truth, person="truth", n=12):
    questions = project.ask(n)
    project.tell(questions.ids, [said_by(person, row, truth[row]) for row in questions.ids])


def in_order(project):
    answers = project.read_answers()
    return [row for row in (project.ids[k] for k in project.data_rows.audit_order) if row in answers.audit]


def right(model, project, labels, rows):
    places = [project.ids.index(row) for row in rows]
    return (model.predict(project.data.iloc[places]) == [labels[row] for row in rows]).astype(float)


@functools.cache
def course(folder):
    """A project of six rounds, the model of each, and the labels that there were then."""
    truth = numbers(folder / "n.csv", 300)
    project = Project.create(folder / "n.skal", folder / "n.csv", audit=0.3, seed=2, **SETTINGS)
    models, labeled = [], []
    answer(project, truth, n=14)
    for _ in range(N_ROUNDS):
        models.append(project.model())
        labeled.append(len(project.read_answers().labeled()))
        answer(project, truth, n=14)
    return project, truth, models, labeled


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    project, *rest = course(tmp_path_factory.mktemp("rounds"))
    yield project, *rest
    project.close()


def test_every_round_is_measured_on_the_audit_rows_of_now(known):
    project, truth, models, labeled = known
    rows, seen = in_order(project), project.observations()
    assert len(rows) > 20 and [one.n_labels for one in seen] == [*labeled, len(project.read_answers().labeled())]
    for one, model in zip(seen, [*models, project.model()], strict=True):
        np.testing.assert_array_equal(one.audit_right, right(model, project, truth, rows) == 1)
        assert one.score == pytest.approx(one.audit_right.mean()) and one.n_audit == len(rows)


def test_the_status_says_what_the_next_labels_bring_and_other_criteria_may_decide(known):
    project, _, _, _ = known
    seen = project.observations()
    assert project.status().stopping == str(forecast(seen, ExpectedGain()))
    assert project.status().stopping.startswith("About ") and "the criterion says" in project.status().stopping
    assert project.status(stop="convergence:window=3").stopping == str(forecast(seen, ScoreConvergence(3)))
    target = project.status(stop="target:target=0.99").stopping
    assert target == str(forecast(seen, TargetReached(0.99))) and "its interval begins at" in target
    with pytest.raises(ProjectError, match="take gain, value, convergence or budget, or target"):
        project.status(stop="kappa")


def test_the_interval_of_all_looks_is_one_set_of_numbers(known):
    project, truth, _, _ = known
    found, rows = project.audit(), in_order(project)
    k = found.look
    assert k == N_ROUNDS + 1 == project.read_answers().n_rounds + 1
    n_right = int(right(project.model(), project, truth, rows).sum())
    exact = hypergeometric_interval(n_right, len(rows), found.anytime.population, level=1 - 0.05 / (k * (k + 1)))
    assert (found.all_looks.low, found.all_looks.high) == (exact.low, exact.high)
    last = project.observations()[-1]
    assert (last.low, last.high) == (exact.low, exact.high), "stopping reads what the status says"
    assert f"number {k}: {100 * exact.low:.1f} to {100 * exact.high:.1f} %" in str(project.status())


def test_the_rise_is_paired_on_the_same_rows(known):
    project, truth, models, labeled = known
    found, rows = project.audit(), in_order(project)
    d = right(project.model(), project, truth, rows) - right(models[-5], project, truth, rows)
    want = anytime_interval((d + 1) / 2, found.anytime.population, level=0.975)
    assert (found.rise.low, found.rise.high) == (2 * want.low - 1, 2 * want.high - 1)
    assert (found.rise_from, found.rise_rounds) == (labeled[-5], 5) and found.rise.estimate == pytest.approx(d.mean())
    assert f"Since {labeled[-5]} labels, 5 rounds ago, it has changed by" in str(project.status())


def test_guesses_are_kept_of_rows_that_are_audited_later_and_shown_to_nobody(known):
    project, *_ = known
    looks = [event for event in project.events() if event.kind == "look"]
    assert len(looks) == N_ROUNDS and {len(look.why["guesses"]) for look in looks} == {200}
    assert set(in_order(project)) <= set(looks[0].why["guesses"])


@pytest.mark.parametrize("person", ["errs in 10 %", "errs in 30 %", "at random"])
def test_what_is_said_of_people_who_err_is_true(tmp_path, person):
    """The truth is the agreement with what this person would answer, of this model and of the one before."""
    truth = numbers(tmp_path / "n.csv", 240)
    project = Project.create(tmp_path / "n.skal", tmp_path / "n.csv", audit=0.4, seed=5, **SETTINGS)
    said = {row: said_by(person, row, label) for row, label in truth.items()}
    models = []
    for _ in range(2):
        answer(project, truth, person, 40)
        models.append(project.model())
        answers, found = project.read_answers(), project.audit()
        rest = [row for row in project.ids if row in answers.audit or not answers.is_touched(row)]
        now = right(models[-1], project, said, rest).mean()
        assert found.anytime.low <= now <= found.anytime.high and found.all_looks.low <= now <= found.all_looks.high
        if found.rise is not None:
            assert found.rise.low <= now - right(models[0], project, said, rest).mean() <= found.rise.high
    if person == "at random":
        stop = project.status(stop="target:target=0.9").stopping
        assert "go on" in stop and found.all_looks.high < 0.9, "no model can be shown to agree with a coin"


def test_somebody_who_leaves_after_20_answers_has_shown_next_to_nothing(tmp_path):
    truth = numbers(tmp_path / "n.csv", 240)
    project = Project.create(tmp_path / "n.skal", tmp_path / "n.csv", audit=0.15, **SETTINGS)
    answer(project, truth, n=20)
    found = project.audit()
    assert found.n == 3 and found.anytime.width > 0.6 and found.all_looks.width > 0.6 and found.rise is None
    assert "wait for an answer" not in str(found) and project.status().stopping == ""
    assert "a learning curve needs 6 rounds" in project.status(stop="gain").stopping
    assert "go on" in project.status(stop="target:target=0.8").stopping


def test_a_recall_that_is_asked_for_after_the_release_is_what_was_kept_or_said_to_be_unknown(tmp_path):
    truth = numbers(tmp_path / "n.csv", 160)
    project = Project.create(tmp_path / "n.skal", tmp_path / "n.csv", audit=0.4, new_classes=True, **SETTINGS)
    answer(project, truth, n=40)
    before = project.audit(recall=["up"])
    project.release()
    after = project.audit(recall=["up"])
    assert after.recall == before.recall and "Recall of up: " in str(after) and not project.audit().recall
    project.tell([project.ask(1).ids[0]], ["sideways"])
    assert "Recall of sideways: not known; there was no such class" in str(project.status(recall=["sideways"]))
    assert "the audit rows were given to the training" in project.status(stop="gain").stopping
    project.close()
    assert "Recall of up: " in skal("status", tmp_path / "n.csv", "--recall", "up")


class TestStrata:
    @pytest.fixture
    def made(self, tmp_path):
        """240 rows, a quarter of them of a group in which the labels are a coin's."""
        rng = np.random.default_rng(4)
        X, hard = rng.normal(size=(240, 2)), np.arange(240) % 4 == 0
        labels = np.where(np.where(hard, rng.normal(size=240), X[:, 0]) > 0, "up", "down")
        with open(tmp_path / "n.csv", "w", newline="", encoding="utf-8") as file:
            sheet = csv.writer(file)
            sheet.writerow(["row_id", "a", "b", "group", "label"])
            groups = np.where(hard, "hard", "easy")
            sheet.writerows([f"r{i}", *X[i].tolist(), groups[i], ""] for i in range(240))
        given = {**SETTINGS, "audit": 0.4, "audit_strata": "group", "columns": {"group": "drop"}}
        project = Project.create(tmp_path / "n.skal", tmp_path / "n.csv", **given)
        return (
            project,
            dict(zip(project.ids, labels, strict=True)),
            dict(zip(project.ids, hard, strict=True)),
            tmp_path,
        )

    def test_each_start_of_the_order_holds_each_stratum_in_proportion(self, made):
        project, _, hard, _ = made
        order = [hard[project.ids[place]] for place in project.data_rows.audit_order]
        for n in (4, 20, 37, 120):
            assert abs(sum(order[:n]) - n / 4) <= 1
        alike = Project.create(project.folder.with_name("alike.skal"), project.data_path, audit=0.4, **SETTINGS)
        plain = [alike.ids[place] for place in alike.data_rows.audit_order]
        mixed = [project.ids[place] for place in project.data_rows.audit_order]
        for group in (True, False):  # within a stratum nothing moves
            assert [row for row in plain if hard[row] == group] == [row for row in mixed if hard[row] == group]

    def test_the_estimate_is_weighted_and_the_interval_holds(self, made):
        project, truth, hard, _ = made
        for _ in range(3):
            questions = project.ask(30)
            project.tell(questions.ids, [truth[row] for row in questions.ids])
        found, answers, model = project.audit(), project.read_answers(), project.model()
        rest = [row for row in project.ids if row in answers.audit or not answers.is_touched(row)]
        means = [
            right(model, project, truth, [row for row in in_order(project) if hard[row] == group]).mean()
            for group in (True, False)
        ]
        share = np.mean([hard[row] for row in rest])
        assert found.anytime.estimate == pytest.approx(share * means[0] + (1 - share) * means[1])
        assert found.anytime.low <= right(model, project, truth, rest).mean() <= found.anytime.high
        assert found.macro_f1 is None and found.anytime_plain is None and "2 strata, weighted" in str(found)
        with pytest.raises(ProjectError, match="drawn from all rows alike"):
            project.audit(recall=["up"])
        project.change(audit_strata="")
        assert project.audit(recall=["up"]).n_strata == 1, "the start of the order of all rows counts"

    def test_bad_columns_are_refused(self, made):
        project, _, _, folder = made
        with pytest.raises(
            ProjectError, match=r"no column 'grup' to draw audit rows by. There are row_id, a, b, group"
        ):
            project.change(audit_strata="grup")
        with pytest.raises(ProjectError, match="240 different cells, and audit rows are drawn by at most 50"):
            project.change(audit_strata="row_id")
        with pytest.raises(ProjectError, match="give their share of the questions too"):
            project.change(audit=0)
        assert project.settings.audit_strata == "group"
        said = ["--audit", 0.3, "--audit-strata", "b", "--project", folder / "x.skal", "--id", "row_id"]
        assert "240 different cells" in skal("next", folder / "n.csv", *said, code=2)


def test_a_pool_that_grows_keeps_what_earlier_rounds_said(tmp_path):
    truth = numbers(tmp_path / "n.csv", 150)
    project = Project.create(tmp_path / "n.skal", tmp_path / "n.csv", audit=0.4, **SETTINGS)
    for _ in range(3):
        answer(project, truth, n=20)
    project.close()
    with open(tmp_path / "n.csv", "a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [f"r{k}", *np.random.default_rng(k).normal(size=3).tolist(), ""] for k in range(150, 190)
        )
    project, truth = Project.open(project.folder), truth | {f"r{k}": "up" for k in range(150, 190)}
    answer(project, truth, n=20)
    seen, rows = project.observations(), in_order(project)
    looks = [event for event in project.events() if event.kind == "look"]
    old = [row for row in rows if row in looks[0].why["guesses"]]
    assert any(int(row[1:]) >= 150 for row in rows) and len({one.n_audit for one in seen}) == 1
    assert seen[0].n_audit <= len(old) < len(rows) and project.audit().rise is not None


class TestOtherAnswers:
    def test_sets_of_labels_by_exact_match_and_macro_f1(self, tmp_path):
        rng = np.random.default_rng(0)
        X = rng.normal(size=(160, 2))
        truth = {
            f"r{i}": "; ".join(n for n, x in zip("ab", X[i], strict=True) if x > 0) or "(none)" for i in range(160)
        }
        with open(tmp_path / "y.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["row_id", "u", "v", "label"], *([f"r{i}", *X[i], ""] for i in range(160))])
        given = {"id": "row_id", "answer": "labels", "classes": ["a", "b"], "estimator": "logistic", "audit": 0.4}
        project = Project.create(tmp_path / "y.skal", tmp_path / "y.csv", **given)
        for _ in range(2):
            questions = project.ask(30)
            project.tell(questions.ids, [truth[row] for row in questions.ids])
        found, answers = project.audit(), project.read_answers()
        rest = [row for row in project.ids if row in answers.audit or not answers.is_touched(row)]

        def sets(rows):
            guess = np.asarray(project.model().predict(project.data.iloc[[project.ids.index(row) for row in rows]]))
            return guess, np.array([["a" in truth[row], "b" in truth[row]] for row in rows], dtype=int)

        guess, true = sets(rest)
        exact = (guess == true).all(axis=1).mean()
        f1 = np.mean(2 * (guess & true).sum(axis=0) / (guess.sum(axis=0) + true.sum(axis=0)))
        assert found.measure == "exact sets" and found.anytime.low <= exact <= found.anytime.high
        assert found.macro_f1.low <= f1 <= found.macro_f1.high < 1.01
        guess, true = sets(in_order(project))
        on_audit = np.mean(2 * (guess & true).sum(axis=0) / (guess.sum(axis=0) + true.sum(axis=0)))
        assert found.macro_f1.estimate == pytest.approx(on_audit)
        assert "predicts the whole set" in str(found) and "Macro F1: " in str(found)

    def test_several_annotators_leave_the_rows_audited_and_their_majority_counts(self, tmp_path):
        truth = numbers(tmp_path / "n.csv", 120)
        project = Project.create(tmp_path / "n.skal", tmp_path / "n.csv", audit=0.4, **SETTINGS)
        for who in ("ann", "bob", "cem"):
            questions = project.ask(30, who, overlap=0 if who == "ann" else 20)
            said = [truth[row] if who != "bob" else "up" for row in questions.ids]
            project.tell(questions.ids, said, who)
        answers = project.read_answers()
        shared = [row for row in answers.audit if len(answers.by_row[row]) > 1]
        assert shared, "rows that two people have answered are still audit rows"
        n_conflicts = sum(answers.verdict(row).is_conflict for row in answers.audit)
        found = project.audit()
        assert found.n_unusable == n_conflicts and found.n == len(in_order(project))

    def test_masks_by_mean_iou_as_a_ratio_of_sums_over_images(self, tmp_path):
        from PIL import Image

        images, masks = scenes(10, size=(24, 24), seed=1)
        (tmp_path / "photos").mkdir()
        for k, image in enumerate(images):
            Image.fromarray(np.moveaxis(image, 0, -1)).save(tmp_path / "photos" / f"{k}.png")
        names = ["ground", "one", "two"]
        given = {"answer": "mask", "classes": names, "audit": 0.5, "strategy": "random_sampling"}
        project = Project.create(tmp_path / "p.skal", tmp_path / "photos", **given)
        questions = project.ask(7)
        project.tell(questions.ids, [masks[int(row[:-4])] for row in questions.ids])
        found, rows = project.audit(), in_order(project)
        confusion = Confusion(classes=np.arange(3))
        for row, guess in zip(
            rows, project.model().predict(project.data[[project.ids.index(r) for r in rows]]), strict=True
        ):
            truth = masks[int(row[:-4])]
            confusion.add(truth.repeat(4, axis=0).repeat(4, axis=1), guess)  # models read 96 x 96 pixels
        assert found.mean_iou.estimate == pytest.approx(confusion.mean_iou(), abs=0.02)
        assert found.mean_iou.low < found.mean_iou.estimate < found.mean_iou.high and found.macro_f1 is None
        assert "Mean IoU over all pixels: " in str(found)
        assert "overlap" in str(found) and found.all_looks.width >= found.anytime.width

    def test_regions_are_refused_with_the_reason(self, tmp_path):
        from PIL import Image

        (tmp_path / "photos").mkdir()
        for k in range(2):
            Image.new("RGB", (24, 24), (40 * k, 9, 9)).save(tmp_path / "photos" / f"{k}.png")
        given = {"answer": "region", "classes": ["a", "b"], "strategy": "region_sampling:regions=superpixels"}
        with pytest.raises(ProjectError, match="learns from the other regions of the image"):
            Project.create(tmp_path / "p.skal", tmp_path / "photos", audit=0.2, random_share=0, **given)
