"""Kinds of answers: several labels a row, numbers, yes or no; in sheets, in the journal, in models and in reports."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_labeling import lines, skal
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from skal.datasets import load_table
from skal.labeling import Project, ProjectError, RefusedAnswers, exported
from skal.labeling.kinds import SetAnswers, answer_kind, answer_names
from skal.loop import Labels, ask_round, fit_round, fitted_to_pool
from skal.study import loop_seed, parse_strategy


def write(path, target="", n=120, seed=0):
    """Write rows of two numbers; return which labels apply to each row, and a number for each."""
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n, 2))
    sets, values = {}, {}
    with open(path, "w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(["row_id", "a", "b", *([target] if target else [])])
        for i, (a, b) in enumerate(X):
            row = f"r{i}"
            sheet.writerow([row, repr(float(a)), repr(float(b)), *([""] if target else [])])
            sets[row] = [name for name, applies in {"big": a > 0, "red": b > 0, "odd": a * b > 1}.items() if applies]
            values[row] = round(2 * a - b, 2)
    return sets, values


@pytest.fixture
def sets(tmp_path):
    truth, _ = write(tmp_path / "t.csv")
    options = {"answer": "labels", "classes": ["red", "big", "odd"], "columns": {"row_id": "id"}}
    return Project.create(tmp_path / "t.skal", tmp_path / "t.csv", **options), truth


@pytest.fixture
def rating(tmp_path):
    _, truth = write(tmp_path / "t.csv")
    options = {"answer": "number", "range": (-10, 10), "columns": {"row_id": "id"}}
    return Project.create(tmp_path / "t.skal", tmp_path / "t.csv", **options), truth


def label_of(project, row):
    return project.labels().set_index("id")["label"][row]


class TestSets:
    def test_names_come_in_any_order_and_form_and_are_kept_in_one(self, sets):
        project, _ = sets
        rows = project.ask(7).ids
        given = ["big; red", ["odd", "big"], " RED ;big;", [], "(none)", "none", None]
        taken = project.tell(rows, given, "anna")
        assert (taken.new, taken.blank) == (6, 1)
        kept = [project.answers().get(row, {}).get("anna") for row in rows]
        assert kept == ["red; big", "big; odd", "red; big", "(none)", "(none)", "(none)", None]
        assert taken.mapped == {("RED; big", "red; big"): 1}
        assert project.tell(rows[:1], [["big", "red"]], "anna").repeated == 1
        assert project.status().by_class == {"red": 2, "big": 3, "odd": 1}

    @pytest.mark.parametrize(
        "answer, said",
        [
            (["big", "gigantic"], "'gigantic' is not a class; the classes are red, big, odd"),
            ("red; bigg", "'bigg' is not a class; 'big' is one"),
            (["red;big"], "must not hold ';'"),
            (["red", "(none)"], "stands alone"),
            ("red; (none)", "stands alone"),
            (";", "names no label"),
        ],
    )
    def test_one_bad_name_refuses_the_answer(self, sets, answer, said):
        project, _ = sets
        rows = project.ask(2).ids
        taken = project.tell(rows, [answer, "big"], on_refused="return")
        assert taken.new == 1 and taken.refused[0].position == 0 and said in taken.refused[0].reason
        assert project.classes == ["red", "big", "odd"]

    def test_new_labels(self, sets):
        project, _ = sets
        row = project.ask(1).ids[0]
        assert project.tell([row], [["huge", "red"]], allow=["huge"]).new_classes == ["huge"]
        assert project.classes == ["red", "big", "odd", "huge"] and project.answers()[row][""] == "red; huge"

    @pytest.mark.parametrize(
        "votes, holds",
        [
            (["red; big", "big"], None),
            (["red; big", "big", "big; odd"], "big"),
            (["red; big", "red; big", "big; odd"], "red; big"),
            (["red", "big", "odd"], "(none)"),
            (["(none)", "(none)", "big"], "(none)"),
            (["big; odd", "odd; red"], None),
        ],
    )
    def test_each_label_has_a_majority_of_its_own(self, sets, votes, holds):
        project, _ = sets
        row = project.ask(1).ids[0]
        for number, text in enumerate(votes):
            project.tell([row], [text], f"annotator {number}")
        if holds is None:
            assert list(project.status().conflicts) == [row] and not len(project.labels())
        else:
            assert label_of(project, row) == holds

    def test_a_model_of_one_classifier_a_label_asks_and_guesses(self, sets):
        project, truth = sets
        project.change(estimator="logistic", random_share=0.5)
        first = project.ask(16)
        assert "a model needs two labels" in first.notes[0]
        project.tell(first.ids, [truth[row] for row in first.ids])
        asked = project.ask(20)
        assert asked.events[0].round == 0 and project.settings.strategy == SetAnswers.default_strategy
        project.tell(asked.ids, [truth[row] for row in asked.ids])
        model = project.model()
        assert isinstance(model[-1], OneVsRestClassifier) and isinstance(model[-1].estimator, LogisticRegression)
        drawn = [event for event in asked.events if event.why["by"] == "random"]
        pairs = [(set(event.why["guess"].split("; ")) - {"(none)"}, set(truth[event.row])) for event in drawn]
        jaccard = [len(one & other) / len(one | other) if one | other else 1.0 for one, other in pairs]
        found = project.status().accuracy
        assert (found.n, found.n_right) == (10, sum(one == other for one, other in pairs))
        assert found.jaccard == pytest.approx(sum(jaccard) / 10) and "Jaccard" in str(found)
        frame, _ = exported(project)
        given = frame[frame["label"].notna()]
        assert all(
            set(cell.split("; ")) - {"(none)"} == set(truth[row])
            for row, cell in zip(given["row_id"], given["label"], strict=True)
        )
        rest = frame[frame["label"].isna()]
        right = [
            set(cell.split("; ")) - {"(none)"} == set(truth[row])
            for row, cell in zip(rest["row_id"], rest["predicted"], strict=True)
        ]
        assert np.mean(right) > 0.6, "two of three labels are linear in the columns"
        assert rest["probability"].between(0.5, 1).all()

    @pytest.mark.parametrize("strategy", ["cvirs", "adaptive_multilabel:n_weights=3", "multilabel_badge"])
    def test_it_asks_by_a_strategy_for_several_labels_and_exports_what_a_comparison_reads(self, sets, strategy):
        project, truth = sets
        project.change(estimator="logistic", strategy=strategy, random_share=0.0)
        rows = project.ids[:20]
        project.tell(rows, [truth[row] for row in rows])
        asked = project.ask(6)
        assert {event.why["strategy"] for event in asked.events} == {strategy} and not set(asked.ids) & set(rows)
        project.tell(asked.ids, [truth[row] for row in asked.ids])
        table = project.folder / "labels.csv"
        exported(project, predict=False)[0].to_csv(table, index=False)
        data = load_table(table, "label", label_separator=";")
        assert data.classes == ("big", "odd", "red") and len(data.y) == 26
        assert [set(np.array(data.classes)[row == 1]) for row in data.y[:20]] == [set(truth[row]) for row in rows]

    def test_semicolons_and_single_labels_are_refused_at_the_door(self, tmp_path):
        write(tmp_path / "t.csv")
        for classes, said in ((["a;b", "c"], "must not hold ';'"), (["a"], "two labels or more, got 'a' alone")):
            with pytest.raises(ProjectError, match=said):
                Project.create(tmp_path / "t.skal", tmp_path / "t.csv", answer="labels", classes=classes)


NAMES = st.lists(st.sampled_from(["red", "big", "odd"]), unique=True)


@given(names=NAMES, order=st.randoms(use_true_random=False), votes=st.lists(NAMES, min_size=1, max_size=5))
def test_sets_are_read_whatever_their_order_and_decided_label_by_label(kind_of_sets, names, order, votes):
    classes = ["red", "big", "odd"]
    shuffled = order.sample(names, len(names))
    (one,) = kind_of_sets.read([names], classes).labels
    assert kind_of_sets.read([shuffled, "; ".join(shuffled) or "(none)", one], classes).labels == [one] * 3
    assert sorted(kind_of_sets.parts(one)) == sorted(names)
    texts = kind_of_sets.read(votes, classes).labels
    found = kind_of_sets.verdict({str(k): text for k, text in enumerate(texts)})
    counts = {name: sum(name in vote for vote in votes) for name in classes}
    if any(2 * count == len(votes) for count in counts.values()):
        assert found is None
    else:
        assert kind_of_sets.parts(found) == [name for name in classes if 2 * counts[name] > len(votes)]


@pytest.fixture(scope="module")
def kind_of_sets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sets")
    write(folder / "t.csv")
    with Project.create(
        folder / "t.skal", folder / "t.csv", answer="labels", classes=["red", "big", "odd"]
    ) as project:
        return project.kind


class TestNumbers:
    def test_numbers_are_kept_in_one_form(self, rating):
        project, _ = rating
        rows = project.ask(7).ids
        taken = project.tell(rows, ["1.50", 1.5, " 2 ", "3.0", "-0.0", "1e-3", math.nan], "anna")
        assert (taken.new, taken.blank, taken.mapped) == (6, 1, {})
        assert [project.answers()[row]["anna"] for row in rows[:6]] == ["1.5", "1.5", "2", "3", "0", "0.001"]
        assert project.tell(rows[:1], ["1.5"], "anna").repeated == 1
        assert project.status().by_class == {} and project.classes == []
        assert "Numbers: 6, from 0 to 3, median 1.5, mean 1.333." in str(project.status())

    @pytest.mark.parametrize(
        "answer", ["11", "-10.01", "inf", "nan?", "1,5", "1,500", "-2,000,000", "3 cm", "1_0", "", "0x1"]
    )
    def test_what_is_no_number_or_out_of_range_is_refused(self, rating, answer):
        project, _ = rating
        row = project.ask(1).ids[0]
        if not answer:
            assert project.tell([row], [answer]).blank == 1
            return
        said = "lies outside of -10 to 10" if answer in ("11", "-10.01") else "is not a number; one is written as 1.5"
        said = "thousands or with decimals: write 1500 or 1.5" if answer in ("1,500", "-2,000,000") else said
        with pytest.raises(RefusedAnswers, match=said):
            project.tell([row], [answer])

    def test_the_median_holds(self, rating):
        project, _ = rating
        row = project.ask(1).ids[0]
        for number, (said, holds) in enumerate([("4", "4"), ("1", "2.5"), ("9", "4"), ("5", "4.5")]):
            project.tell([row], [said], f"annotator {number}")
            assert label_of(project, row) == holds
        assert not project.status().conflicts

    def test_a_regressor_asks_and_its_error_is_told(self, rating):
        project, truth = rating
        project.change(random_share=0.5)
        first = project.ask(16)
        project.tell(first.ids, [truth[row] for row in first.ids])
        asked = project.ask(20)
        assert asked.events[0].round == 0
        project.tell(asked.ids, [truth[row] for row in asked.ids])
        assert isinstance(project.model()[-1], RandomForestRegressor)
        drawn = [event for event in asked.events if event.why["by"] == "random"]
        errors = [abs(float(event.why["guess"]) - truth[event.row]) for event in drawn]
        found = project.status().accuracy
        assert found.n == 10 and found.error == pytest.approx(np.mean(errors))
        half = 2.262157 * np.std(errors, ddof=1) / math.sqrt(10)  # the quantile of t with 9 degrees of freedom
        assert (found.low, found.high) == pytest.approx((np.mean(errors) - half, np.mean(errors) + half), rel=1e-5)
        assert "mean absolute error on 10 random rows" in str(project.status())
        frame, _ = exported(project)
        rest = frame[frame["label"].isna()]
        wanted = np.array([truth[row] for row in rest["row_id"]])
        assert np.abs(rest["predicted"].astype(float) - wanted).mean() < 0.5 * np.abs(wanted).mean()

    def test_models_and_settings_that_do_not_suit_are_refused(self, rating, tmp_path):
        project, _ = rating
        with pytest.raises(ValueError, match="logistic"):
            project.change(estimator="logistic")
        with pytest.raises(ProjectError, match="range must be two numbers, the least first"):
            project.change(range=[3, 1])
        with pytest.raises(ProjectError, match="numbers have no classes"):
            project.change(classes=["a"])
        with pytest.raises(ProjectError, match="made with answer = 'number'"):
            project.change(answer="class")
        with pytest.raises(ProjectError, match="answer must be one of class, labels, number"):
            Project.create(tmp_path / "x.skal", tmp_path / "t.csv", answer="poem")
        text = (project.folder / "project.toml").read_text(encoding="utf-8")
        (project.folder / "project.toml").write_text(text.replace('"number"', '"class"'), encoding="utf-8")
        with pytest.raises(ProjectError, match="answer was 'number' when the project was made"):
            Project.open(project.folder)


@pytest.mark.parametrize("answer", ["labels", "number"])
def test_a_project_asks_for_the_rows_that_a_loop_asks_for(tmp_path, answer):
    """The steps of a loop on the same labels, estimator, strategy and seed pick the same rows."""
    sets, values = write(tmp_path / "t.csv")
    options = {"answer": answer, "seed": 3, "random_share": 0.0, "columns": {"row_id": "id"}}
    options |= {"classes": ["red", "big", "odd"]} if answer == "labels" else {}
    project = Project.create(tmp_path / "t.skal", tmp_path / "t.csv", **options)
    truth = sets if answer == "labels" else values
    rows = project.ids[:20]
    project.tell(rows, [truth[row] for row in rows])
    if answer == "labels":
        y = np.array([[name in truth[row] for name in ("red", "big", "odd")] for row in rows], dtype=int)
    else:
        y = np.array([truth[row] for row in rows])
    _, strategy = parse_strategy(project.settings.strategy)
    model = answer_kind(answer).estimator(project.settings.estimator, {"a": "number", "b": "number"})
    seed, remaining, X = loop_seed(3), np.arange(20, 120), project.data
    model = fitted_to_pool(model, X, np.arange(120), seed)
    learner = fit_round(model, X, Labels(X.iloc[:20], np.arange(20), y), remaining, strategy, seed, 0)
    picked, _ = ask_round(learner, X, remaining, 6, seed, 0)
    assert project.ask(6).ids == [project.ids[place] for place in picked]


@pytest.mark.parametrize(
    ("estimator", "strategy"),
    [
        ("gaussian_process", "max_std_sampling"),
        ("bagged_ridge", "committee_variance_sampling"),
        ("ridge", "igs"),
        ("forest", "bmdal"),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_project_of_numbers_asks_by_the_strategies_of_numbers(tmp_path, estimator, strategy):
    _, truth = write(tmp_path / "t.csv", n=60)
    options = {"answer": "number", "random_share": 0.0, "columns": {"row_id": "id"}}
    options |= {"estimator": estimator, "strategy": strategy}
    project = Project.create(tmp_path / "t.skal", tmp_path / "t.csv", **options)
    rows = project.ids[:15]
    project.tell(rows, [truth[row] for row in rows])
    asked = project.ask(3)
    assert len(set(asked.ids)) == 3 and not set(asked.ids) & set(rows)
    if estimator in ("gaussian_process", "bagged_ridge"):  # how unsure the model is, the least sure row first
        scores = {event.row: event.why["score"] for event in asked.events}
        assert list(scores.values()) == sorted(scores.values(), reverse=True) and min(scores.values()) > 0


class TestByFile:
    def test_sheets_of_sets(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        truth, _ = write("t.csv")
        said = skal("next", "t.csv", "-n", 20, "--answer", "labels", "--classes", "red,big,odd", "--out", "a.csv")
        assert "several labels with ';' between them" in said
        fill("a.csv", {row: "; ".join(names) or "(none)" for row, names in truth.items()}, bad={0: "purple"})
        said = skal("take", "t.csv", "a.csv")
        assert "19 answers taken, 1 refused" in said and "'purple' is not a class" in said
        assert "not a class" in lines("a.refused.csv")[0]["reason"]
        assert "19 of 120 rows are labelled" in skal("status", "t.csv")
        skal("next", "t.csv", "-n", 5, "--out", "b.csv")
        said = skal("explain", "t.csv", "-n", 3, "--out", "why", code=2)
        assert "a row has several labels: skal next t.csv writes the sheet" in said and not Path("why").exists()
        assert "5 of batch" in skal("status", "t.csv"), "nothing is asked where nothing can be shown"
        skal("export", "t.csv", "--out", "out.csv")
        kept = {line["row_id"]: line["label"] for line in lines("out.csv") if line["label"]}
        assert len(kept) == 19 and all(set(kept[row].split("; ")) - {"(none)"} == set(truth[row]) for row in kept)

    def test_sheets_of_numbers_and_numbers_of_the_table(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        _, truth = write("t.csv", target="score")
        text = Path("t.csv").read_text(encoding="utf-8").splitlines()
        text[1:4] = [f"{line}{value}" for line, value in zip(text[1:4], ("1.50", "99", "high"), strict=True)]
        Path("t.csv").write_text("\n".join(text), encoding="utf-8")
        options = ["--target", "score", "--answer", "number", "--range", "-10,10"]
        said = skal("next", "t.csv", "-n", 20, *options, "--out", "a.csv")
        assert "Labels taken over from t.csv: 1" in said and "Labels of the data that are not taken over: 2" in said
        assert "a number, written as 1.5" in said
        fill("a.csv", {row: str(value) for row, value in truth.items()}, target="score")
        assert "20 answers taken" in skal("take", "t.csv", "a.csv")
        assert "Numbers: 21, from" in skal("status", "t.csv")
        assert "--range is written LEAST,LARGEST" in skal("next", "t.csv", "--range", "3", code=2)

    def test_files_are_rated_on_the_sheet_beside_them(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        Path("mails").mkdir()
        for number in range(30):
            Path("mails", f"{number}.txt").write_text(" ".join(["late"] * (number % 5) + ["thanks", str(number)]))
        said = skal("next", "mails", "-n", 8, "--answer", "number", "--estimator", "ridge")
        assert "fill the column 'label' of its sheet.csv (a number, written as 1.5)" in said
        assert all(path.suffix in (".txt", ".csv") for path in Path("next").iterdir()), "and no folders of classes"
        fill("next/sheet.csv", {f"{number}.txt": number % 5 for number in range(30)}, key="id")
        assert "8 answers taken" in skal("take", "mails", "next")
        with Project.open("mails.skal") as project:
            asked = project.ask(4)
            guesses = {event.row: float(event.why["guess"]) for event in asked.events}
            assert asked.events[0].round == 0 and all(-2 < guess < 7 for guess in guesses.values())

    def test_yes_or_no_are_two_classes(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        truth, _ = write("t.csv")
        skal("next", "t.csv", "-n", 30, "--classes", "yes,no", "--out", "a.csv")
        fill("a.csv", {row: "YES" if "red" in names else "no" for row, names in truth.items()})
        skal("take", "t.csv", "a.csv")
        with Project.open("t.skal") as project:
            assert project.classes == ["yes", "no"] and set(project.labels()["label"]) == {"yes", "no"}
            assert project.settings.answer == "class" and set(answer_names()) >= {"class", "labels", "number"}
            assert project.ask(5).events[0].round == 0


def fill(path, truth, bad=None, target="label", key="row_id"):
    """Answer all questions of a sheet, some of them wrongly."""
    rows = lines(path)
    for number, line in enumerate(rows):
        line[target] = (bad or {}).get(number, truth[line[key]])
    with open(path, "w", newline="", encoding="utf-8") as file:
        sheet = csv.DictWriter(file, rows[0])
        sheet.writeheader()
        sheet.writerows(rows)
