"""Kinds of targets: what each answers, and that nobody else looks at targets to tell what they are."""

import ast
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import f1_score, r2_score
from sklearn.multioutput import MultiOutputClassifier

import skal
from skal.labels import labeled_part, partly_labeled, unlabeled_mask
from skal.loop import initial_pool
from skal.report import write_report
from skal.targets import Classes, LabelSets, Masks, Numbers, kind_of, targets_of

rng = np.random.default_rng(0)
X = rng.normal(size=(120, 3))
NUMBERS = X @ [1.0, 2.0, 0.0] + 0.1 * rng.normal(size=120)
X_SETS, Y_SETS = make_multilabel_classification(200, n_features=6, n_classes=4, random_state=0)[:2]
SETS = (X_SETS, Y_SETS)
SMALL = {"n_initial": 20, "n_instances": 10, "n_rounds": 1, "n_trials": 2}
MANY = MultiOutputClassifier(LogisticRegression(max_iter=500))

KINDS = {
    "classes": [["a", "b"], [0, 1, 2], [1.0, 2.0, np.nan], [True, False], [None, None], [], pd.Series(["a", None])],
    "numbers": [
        [0.5, 1.0],
        np.array([0.5, np.nan, 2.0]),
        pd.Series([1.5, 2.5]),
        [None, 0.25],
        np.array([0.1], np.float32),
    ],
    "label_sets": [
        np.eye(3),
        [[0, 1], [1, 1]],
        pd.DataFrame({"red": [0, 1], "round": [1, 1]}),
        [[0, 1], None],
        [[True, False]],
    ],
    "masks": [np.zeros((3, 2, 2), int), [None, np.zeros((2, 2), int)], [np.zeros((2, 2)), np.zeros((3, 2))]],
}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_is_recognised_with_labels_missing(name):
    for y in KINDS[name]:
        assert kind_of(y).name == name, y


def test_whole_numbers_are_classes_unless_a_regressor_learns_them():
    assert isinstance(kind_of([1, 2, 3], LogisticRegression()), Classes)
    assert isinstance(kind_of([1, 2, 3], Ridge()), Numbers)
    assert isinstance(kind_of(["a", "b"], Ridge()), Classes)
    assert isinstance(kind_of([[0, 1], [1, 0]], RandomForestClassifier()), LabelSets)


def test_labels_that_are_missing_go_and_come_back():
    """`partly_labeled` then `labeled_part` gives the labels again, whatever their kind."""
    for y in (np.array(["a", "b"]), np.array([3, 4]), np.array([0.5, 2.0]), np.array([[0, 1], [1, 1]])):
        partly = partly_labeled(y, 3)
        assert unlabeled_mask(partly).tolist() == [False, False, True, True, True]
        rows, labels = labeled_part(partly)
        assert rows.tolist() == [0, 1] and np.array_equal(labels, y)


def test_counts_of_numbers_are_those_of_the_quarters():
    targets = targets_of(np.arange(40) + 0.5)
    assert targets.names == ("up to 10.25", "10.25 to 20", "20 to 29.75", "above 29.75")
    assert targets.counts(np.arange(40)) == [10, 10, 10, 10] and targets.counts(np.array([0, 1, 39])) == [2, 0, 0, 1]
    assert targets.strata is None and targets.classes.size == 0
    same = targets_of(np.full(8, 0.5))
    assert same.names == ("all",) and same.counts(np.arange(3)) == [3]


@pytest.mark.parametrize("seed", range(4))
def test_a_number_on_the_border_of_two_quarters_is_in_the_lower_one(seed):
    """As the names of the quarters say; with few different numbers the borders are numbers that occur."""
    y = np.random.RandomState(seed).randint(0, 9, 50) / 2
    targets = targets_of(y)
    ends = [-np.inf, *np.unique(np.quantile(y, [0.25, 0.5, 0.75, 1.0]))]
    expected = [int(((y > low) & (y <= high)).sum()) for low, high in pairwise(ends)]
    assert targets.counts(np.arange(50)) == expected and sum(expected) == 50
    assert targets.counts_in([y.max() + 9, y.min() - 9]) == [1, *[0] * (len(expected) - 2), 1]


def test_rows_of_several_labels_are_rows_and_not_cells():
    Y = pd.DataFrame({"red": [1, 1, 0], "round": [0, 1, 0]})
    targets = targets_of(Y)
    assert targets.names == ("red", "round") and targets.counts(np.arange(3)) == [2, 1]
    assert targets.counts(np.array([2])) == [0, 0] and targets.kind.shown([1, 0, 1]) == "0, 2"
    assert targets_of(Y.to_numpy()).names == ("label 0", "label 1")


def test_masks_count_pixels():
    targets = targets_of(np.array([[[0, 0], [2, 255]], [[2, 2], [2, 2]]]))
    assert targets.classes.tolist() == [0, 2] and targets.counts(np.array([0, 1])) == [2, 5]
    assert targets.unit == "images" and targets.counts_in([[[2, 255]]]) == [0, 1]


def test_first_rows_of_label_sets_show_each_label_both_ways():
    Y = np.zeros((60, 3), int)
    Y[:30, 0], Y[7, 1], Y[50:, 2] = 1, 1, 1  # label 1 applies to a single row
    for seed in range(20):
        first = initial_pool(np.zeros((60, 1)), Y, 4, random_state=seed)
        assert 0 < Y[first].sum(axis=0).min() and Y[first].sum(axis=0).max() < len(first)
        assert 7 in first and len(set(first.tolist())) == len(first)
        chosen = initial_pool(np.zeros((60, 1)), Y, 6, "stratified", random_state=seed)
        assert len(chosen) == 6 and 7 in chosen and 0 < Y[chosen].sum(axis=0).min()
    constant = np.column_stack([Y, np.ones(60, int)])  # nobody can show what does not occur
    assert len(initial_pool(np.zeros((60, 1)), constant, 40, random_state=0)) >= 40


def test_a_study_of_numbers_scores_them_and_splits_at_random():
    found = skal.compare(X, NUMBERS, Ridge(), ["core_set", "typiclust", "max_herding"], **SMALL)
    assert (
        list(found.metrics) == ["r2", "rmse", "mae", "worst_decile"]
        and found.protocol["kind"] == "numbers"
        and found.unit == "labels"
    )
    rows = np.concatenate(found.picks["core_set"][0])
    counts = found.picked_classes["core_set"][0].sum(axis=0)
    assert counts.tolist() == targets_of(NUMBERS).counts(rows) and counts.sum() == 30
    # The number is that of a model fitted to the same rows; the test rows are those never in a pool.
    pool_free = skal.compare(X, NUMBERS, Ridge(), ["core_set"], test=(X[:30], NUMBERS[:30]), **SMALL)
    model = Ridge().fit(X[rows_ := np.concatenate(pool_free.picks["core_set"][1])], NUMBERS[rows_])
    assert pool_free.scores["core_set"][1, -1] == pytest.approx(r2_score(NUMBERS[:30], model.predict(X[:30])))


def test_whole_numbers_are_predicted_too():
    counts = np.rint(10 * NUMBERS).astype(int)  # many values are there once: no split by class could be made
    found = skal.compare(X, counts, Ridge(), ["core_set"], scoring=["r2", "neg_mean_absolute_error"], **SMALL)
    assert found.protocol["kind"] == "numbers" and found.scores["core_set"].min() > 0.5
    assert (found.metrics["neg_mean_absolute_error"]["core_set"] <= 0).all()


def test_a_study_of_several_labels_counts_rows_and_scores_f1():
    X_sets, Y = SETS
    found = skal.compare(X_sets, Y, MANY, ["core_set", "avg_confidence", "max_loss"], **SMALL)
    assert found.classes == ["label 0", "label 1", "label 2", "label 3"]
    assert list(found.metrics) == ["f1_macro", "f1_micro", "hamming_loss", "subset_accuracy"]
    for trial in range(2):
        for number, rows in enumerate(found.picks["core_set"][trial]):
            assert found.picked_classes["core_set"][trial][number].tolist() == Y[rows].sum(axis=0).tolist()
    apart = skal.compare(X_sets, Y, MANY, ["core_set"], test=(X_sets[:40], Y[:40]), **SMALL)
    rows = np.concatenate(apart.picks["core_set"][0])
    model = MultiOutputClassifier(LogisticRegression(max_iter=500)).fit(X_sets[rows], Y[rows])
    expected = f1_score(Y[:40], model.predict(X_sets[:40]), average="macro")
    assert apart.scores["core_set"][0, -1] == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["numbers", "label_sets"])
def test_reports_speak_of_what_is_counted(kind, tmp_path):
    data = (X, NUMBERS, Ridge()) if kind == "numbers" else (*SETS, MANY)
    write_report(skal.compare(*data, ["core_set"], **SMALL), tmp_path)
    page = (tmp_path / "report.html").read_text()
    heading, counted = {
        "numbers": ("Picks per range", "Shares of all rows that were asked for"),
        "label_sets": ("Picks per label", "Shares of all labels that apply to the rows asked for"),
    }[kind]
    assert heading in page and counted in page and "Picks per class" not in page


def studied(X, y, model=None, strategies=("core_set",), **settings):
    return skal.compare(X, y, model or LogisticRegression(max_iter=500), list(strategies), **{**SMALL, **settings})


TWO = np.where(X[:, 0] > 0, "yes", "no")
THREE = np.arange(120) % 3
REFUSED = {
    "probabilities of numbers": (
        lambda: studied(X, NUMBERS, Ridge(), ["margin_sampling"]),
        "margin_sampling reads class probabilities, and y holds numbers. Take .*such as core_set",
    ),
    "a committee on numbers": (
        lambda: studied(X, NUMBERS, Ridge(), ["vote_entropy_sampling"]),
        "class probabilities of a committee, and y holds numbers",
    ),
    "probabilities of sets": (
        lambda: studied(*SETS, MANY, ["entropy_sampling"]),
        "entropy_sampling reads class probabilities, and y holds sets of labels. Take avg_confidence",
    ),
    "labels of classes": (
        lambda: studied(X, TWO, strategies=["max_loss"]),
        "max_loss is for multilabel models, and y holds classes",
    ),
    "a regressor of classes": (lambda: studied(X, TWO, Ridge()), "holds classes such as yes.*Ridge is a regressor"),
    "a classifier of numbers": (
        lambda: studied(X, NUMBERS),
        "120 different numbers.*is a classifier",
    ),
    "a model of one class a row": (
        lambda: studied(*SETS),
        "4 labels a row.*MultiOutputClassifier",
    ),
    "strata of numbers": (lambda: studied(X, NUMBERS, Ridge(), initial="stratified"), "is for classes.*numbers"),
    "wrong numbers": (
        lambda: studied(X, NUMBERS, Ridge(), oracle="noisy:rate=0.1"),
        "among classes.*oracle=None",
    ),
    "numbers left out": (
        lambda: studied(X, NUMBERS, Ridge(), initial_left_out=1),
        "is for classes.*numbers",
    ),
    "regions of numbers": (lambda: studied(X, NUMBERS, Ridge(), ["region_sampling"]), "y holds no masks"),
    "balanced sets": (lambda: studied(*SETS, MANY, initial="class_balanced"), "sets of labels. Take 'random'"),
    "wrong sets": (lambda: studied(*SETS, MANY, oracle="noisy:rate=0.1"), "drawn among classes.*sets of labels"),
    "too few sets": (lambda: studied(*SETS, MANY, n_initial=2), "applies to all or to none.*Raise n_initial"),
    "a label of nobody": (
        lambda: studied(SETS[0], np.column_stack([SETS[1], np.zeros(200, int)]), MANY),
        "apply to some rows and not to others, got 1.*first column 4",
    ),
    "infinity": (lambda: studied(X, np.r_[np.inf, NUMBERS[1:]], Ridge()), "must be finite, got inf in row 0"),
    "infinity alone": (lambda: studied(X, np.full(120, -np.inf), Ridge()), "must be finite, got -inf in row 0"),
    "columns of numbers": (lambda: studied(X, X[:, :2], Ridge()), r"must hold one label a row.*got shape \(120, 2\)"),
    "a column of numbers": (
        lambda: studied(X, NUMBERS[:, None], Ridge()),
        r"^compare: y must hold one number a row, \(n,\), got shape \(120, 1\). Pass y.ravel\(\)",
    ),
    "a column of whole numbers": (
        lambda: studied(X, NUMBERS[:, None].round().astype(int), Ridge()),
        r"^compare: y must hold one number a row, \(n,\), got shape \(120, 1\)",
    ),
    "a column of classes": (lambda: studied(X, TWO[:, None]), r"one label a row, \(n,\), got shape \(120, 1\). Pass"),
    "one class": (
        lambda: studied(X, np.full(120, "yes")),
        "^compare: y must hold at least two classes, got yes in all",
    ),
    "one class, own test rows": (
        lambda: studied(X, np.ones(120, int), test=(X, np.ones(120, int))),
        "^compare: y must hold at least two classes, got 1 in all 120 rows",
    ),
    "no rows": (lambda: studied(X[:0], TWO[:0]), "^compare: X and y must have rows, one label each, got y without"),
    "no rows of a list": (lambda: studied([], []), "^compare: X and y must have rows"),
    "no rows of numbers": (lambda: studied(X[:0], NUMBERS[:0], Ridge()), "^compare: X and y must have rows"),
    "no test rows": (lambda: studied(X, TWO, test=(X[:0], TWO[:0])), "^compare: test: X and y must have rows"),
    "names that are a text": (
        lambda: studied(X, TWO, class_names="ab"),
        "^compare: class_names must be a list of names, one for each class, got 'ab'",
    ),
    "names that are none": (lambda: studied(X, TWO, class_names=2), "class_names must be a list of names.* got 2"),
    "names twice": (
        lambda: studied(X, THREE, class_names=["a", "a", "b"]),
        "^compare: class_names must be different from each other, got 'a' more than once",
    ),
    "names of too few": (lambda: studied(X, TWO, class_names=["no"]), "must name the 2 classes that occur, got 1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_kind_cannot_do_is_refused_in_its_words(case):
    door, message = REFUSED[case]
    with pytest.raises(ValueError, match=message):
        door()


@pytest.mark.parametrize("y", [np.full(120, "yes"), NUMBERS[:0], NUMBERS[:, None]])
def test_labels_that_are_refused_leave_no_folder(y, tmp_path):
    with pytest.raises(ValueError, match="^compare: "):
        studied(X[: len(y)], y, Ridge() if y.dtype.kind == "f" else None, out=tmp_path / "study")
    assert list(tmp_path.iterdir()) == []


def test_an_annotator_of_ones_own_may_be_wrong_about_numbers():
    def rough(y, *, random_state, **others):
        noise = np.random.RandomState(random_state).normal(scale=0.1, size=len(y))
        return lambda rows: y[rows] + noise[rows]

    found = studied(X, NUMBERS, Ridge(), oracle=rough)
    assert found.scores["core_set"].min() > 0.8


def test_one_class_a_row_looks_like_several_labels_and_is_said():
    with pytest.warns(UserWarning, match=r"exactly one label: if these are classes, pass y.argmax"):
        studied(X, np.eye(3, dtype=int)[np.arange(120) % 3], MANY)


def test_a_learner_of_numbers_is_not_told_of_new_classes(recwarn):
    learner = skal.ActiveLearner(Ridge(), X_training=X[:5], y_training=np.arange(5))
    learner.teach(X[5:7], np.array([17, 18]))
    learner.teach(X[7:8], np.array([0.5]))
    assert len(learner.y_training) == 8 and not [w for w in recwarn if "new classes" in str(w.message)]


def questions_of_targets(path):
    """Places where a file tells kinds of targets apart by itself."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name | ast.alias) and "is_masks" in (
            getattr(node, "id", ""),
            getattr(node, "name", ""),
        ):
            yield f"{path}:{node.lineno} is_masks"
        if isinstance(node, ast.Attribute) and node.attr == "is_masks":
            yield f"{path}:{node.lineno} is_masks"
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance" and len(node.args) == 2:
            named = {getattr(part, "id", getattr(part, "attr", "")) for part in ast.walk(node.args[1])}
            about = {getattr(part, "id", getattr(part, "attr", "")) for part in ast.walk(node.args[0])}
            if named & {cls.__name__ for cls in (Classes, LabelSets, Masks, Numbers)} or "targets" in about:
                yield f"{path}:{node.lineno} isinstance"


def test_nobody_but_the_kinds_tells_kinds_apart(tmp_path):
    root = Path(skal.__file__).parent
    files = [path for path in root.rglob("*.py") if path.relative_to(root).parts[0] not in ("targets", "masks")]
    assert len(files) > 100
    assert [found for path in files for found in questions_of_targets(path)] == []
    bad = tmp_path / "bad.py"
    bad.write_text("from skal.masks import is_masks\nis_masks(y)\nm.is_masks(y)\nisinstance(t, (Masks, int))\n")
    assert len(list(questions_of_targets(bad))) == 4  # the test sees what it forbids
