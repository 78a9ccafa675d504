"""Compare on partly labelled targets, and on tables as they are read."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from skal import compare
from skal.datasets import load_table
from skal.study import Protocol, compare_recipes, make_estimator

FEW = {"n_initial": 12, "n_instances": 6, "n_rounds": 1, "n_trials": 2}
X, Y = load_breast_cancer(return_X_y=True)
S = np.where(Y, "benign", "malign")
H = np.arange(len(Y)) % 3 == 0  # without a label
K = np.flatnonzero(~H)
NONE = np.full(len(Y), None)

FORMS = {
    "nan": (np.where(H, np.nan, Y), ["0", "1"]),
    "none": (np.where(H, NONE, S), ["benign", "malign"]),
    "list": (np.where(H, NONE, S).tolist(), ["benign", "malign"]),
    "ints": (np.where(H, NONE, Y), ["0", "1"]),
    "category": (pd.Series(np.where(H, NONE, S), dtype="category"), ["benign", "malign"]),
    "string": (pd.Series(np.where(H, NONE, S), dtype="string"), ["benign", "malign"]),
    "nullable": (pd.Series(np.where(H, NONE, Y), dtype="Int64"), ["0", "1"]),
    "objects": (pd.Series(np.where(H, pd.NA, S), dtype=object), ["benign", "malign"]),
}


def quiet(y, **options):
    with pytest.warns(UserWarning, match="compare: 190 of 569 rows have no label and were left out"):
        return compare(X, y, RandomForestClassifier(5), ["margin_sampling"], **{**FEW, **options})


@pytest.fixture(scope="module")
def expected():
    return compare(X[K], S[K], RandomForestClassifier(5), ["margin_sampling"], **FEW)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_a_comparison_of_the_labelled_rows(form, expected):
    y, classes = FORMS[form]
    found = quiet(y)
    assert found.classes == classes and found.protocol["n_unlabeled"] == 190
    assert "Data: 190 rows have no label, and were left out." in found.conditions
    if classes == expected.classes:
        for name, curve in found.scores.items():
            assert (curve == expected.scores[name]).all()
        assert found.pool_classes.tolist() == expected.pool_classes.tolist()


def test_minus_one_is_a_class_unless_it_is_named():
    y = np.where(H, -1, Y)
    with pytest.warns(UserWarning, match="-1, which is treated as a class; pass missing_label=-1"):
        found = compare(X, y, RandomForestClassifier(5), ["margin_sampling"], **FEW)
    assert found.classes == ["-1", "0", "1"] and "n_unlabeled" not in found.protocol
    assert quiet(y, missing_label=-1).classes == ["0", "1"]


def test_no_label_at_all_and_all_of_them():
    with pytest.raises(ValueError, match="compare: none of 569 rows has a label, .* skal next"):
        compare(X, [None] * 569, RandomForestClassifier(5), ["margin_sampling"], **FEW)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compare(
            X, pd.Series(S, dtype="string"), LogisticRegression(max_iter=5000), ["margin_sampling"], **FEW
        )
    assert found.classes == ["benign", "malign"] and found.conditions == []


def test_rows_to_test_on():
    y_test = np.where(np.arange(100) < 40, None, S[:100])
    with pytest.warns(UserWarning, match="190 of 569 rows .* 40 rows to test on have none either"):
        found = compare(
            X,
            FORMS["none"][0],
            RandomForestClassifier(5),
            ["margin_sampling"],
            test=(X[:100], y_test),
            initial="stratified",
            **FEW,
        )
    assert found.protocol["n_unlabeled"] == 230


def test_recipes_are_told_once():
    model = LogisticRegression(max_iter=5000)
    with pytest.warns(UserWarning) as told:
        found = compare_recipes(X, FORMS["nan"][0], model, ["margin_sampling"], ["pseudo_label"], **FEW)
    assert sum("compare_recipes: 190 of 569 rows" in str(one.message) for one in told) == 1
    assert "Data: 190 rows have no label, and were left out." in found.conditions


def test_images_without_a_mask_are_left_out():
    from skal.study.missing import labeled_rows

    masks = np.empty(4, dtype=object)
    masks[:] = [np.zeros((2, 2), int), None, np.ones((2, 2), int), None]
    with pytest.warns(UserWarning, match="2 of 4 rows"):
        rows, found, _, n = labeled_rows(np.arange(8).reshape(4, 2), masks, None, "auto", "compare")
    assert rows.tolist() == [[0, 1], [4, 5]] and n == 2 and len(found) == 2


def test_a_study_without_missing_labels_has_the_protocol_that_it_had():
    fields = dict(data="a", fingerprint="f", estimator="e", strategies={}, n_initial=1, n_instances=1, n_rounds=1)
    protocol = Protocol(**fields, n_trials=1, initial="random", test_size=0.5, metrics=("accuracy",), seed=0)
    assert "n_unlabeled" not in protocol.to_dict()


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_tables_go_through_a_comparison_as_they_are_read(tmp_path, ending):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 120)
    frame = pd.DataFrame(
        {
            "text": [f"{'good' if one else 'bad'} {rng.integers(9)} word{rng.integers(40)}" for one in y],
            "n": np.where(rng.random(120) < 0.2, np.nan, rng.normal(size=120)),
            "kind": np.where(np.arange(120) % 4 == 0, None, np.array(["u", "v"])[y]),
        }
    )
    path = tmp_path / f"t.{ending}"
    save = {"csv": frame.to_csv, "jsonl": frame.to_json, "parquet": frame.to_parquet}[ending]
    save(path, **{"csv": {"index": False}, "jsonl": {"orient": "records", "lines": True}}.get(ending, {}))
    data = load_table(path, "kind")
    assert len(data.y) == 90 and data.n_unlabeled == 30
    found = compare(
        data.X, data.y, make_estimator("logistic"), ["margin_sampling"], n_unlabeled=data.n_unlabeled, **FEW
    )
    assert found.protocol["n_unlabeled"] == 30 and np.isfinite(found.scores["margin_sampling"]).all()


def test_a_request_keeps_the_options_of_its_data(tmp_path):
    """What the protocol calls the data loads them again, target and all."""
    from skal.datasets import load_dataset
    from skal.study.request import Request

    path = tmp_path / "t.csv"
    rows = [f"{k % 7};{'' if k % 5 == 0 else 'ab'[k % 2]}" for k in range(100)]
    path.write_text("\n".join(["n;kind", *rows]))
    given = {"data": f"{path}?separator=;", "target": "kind", "strategies": ["margin_sampling"], **FEW}
    found = Request.of(None, given).run()
    assert found.protocol["data"] == f"{path}?separator=;&target=kind" and found.protocol["n_unlabeled"] == 20
    assert load_dataset(found.protocol["data"]).fingerprint() == found.protocol["fingerprint"]
