"""Numbers to predict, from the file to the verdict: how they are read, measured, and told from classes."""

import io

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import BayesianRidge, LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import mean_absolute_error, root_mean_squared_error
from typer.testing import CliRunner

import skal
from skal.cli import app
from skal.datasets import load_archive, load_array, load_dataset, load_table
from skal.estimators import make_estimator
from skal.metrics import make_metrics, measure, metric_in_words
from skal.report import write_report
from skal.study.number_pictures import numbers_picture
from skal.targets import targets_of

rng = np.random.default_rng(0)
X = rng.normal(size=(90, 3))
y = X @ [1.0, 2.0, 0.0] + 0.1 * rng.normal(size=90)
SMALL = {"n_initial": 10, "n_instances": 5, "n_rounds": 1, "n_trials": 2, "random_state": 0}


def archive(folder, **keys):
    np.savez(folder / "data.npz", **keys)
    return folder / "data.npz"


# Files


def test_fractions_are_numbers_and_whole_numbers_are_classes_unless_somebody_says(tmp_path):
    (tmp_path / "a.csv").write_text("x,price\n1,0.5\n2,\n3,7\n")
    found = load_table(tmp_path / "a.csv", "price")
    assert found.y.tolist() == [0.5, 7.0] and found.classes == () and found.n_unlabeled == 1
    (tmp_path / "b.csv").write_text("x,price\n1,3\n2,4\n3,3\n")
    assert load_table(tmp_path / "b.csv", "price").classes == ("3", "4")
    numbers = load_dataset(f"{tmp_path}/b.csv?target=price&numbers=true")
    assert numbers.y.tolist() == [3.0, 4.0, 3.0] and numbers.y.dtype == np.float64 and numbers.classes == ()
    with pytest.raises(ValueError, match="column 'price' holds fractions, .* pass numbers=True, and a regressor"):
        load_table(tmp_path / "a.csv", "price", numbers=False)
    (tmp_path / "c.csv").write_text("x,price\n1,low\n2,4\n")
    with pytest.raises(ValueError, match="must hold numbers to predict, got 'low' and 1 such"):
        load_table(tmp_path / "c.csv", "price", numbers=True)
    (tmp_path / "d.csv").write_text("x,price\n1,inf\n2,4\n")
    with pytest.raises(ValueError, match="must hold finite numbers, got inf"):
        load_table(tmp_path / "d.csv", "price", numbers=True)
    with pytest.raises(ValueError, match="numbers must be true or false, got 'yes'"):
        load_dataset(f"{tmp_path}/b.csv?target=price&numbers=yes")


def test_many_different_whole_numbers_are_taken_for_classes_with_a_note(tmp_path):
    rows = "\n".join(f"{k},{k % 40}" for k in range(100))
    (tmp_path / "a.csv").write_text(f"x,price\n{rows}\n")
    (note,) = [note for note in load_table(tmp_path / "a.csv", "price").notes if "whole numbers" in note]
    assert "40 different whole numbers, which were taken for classes" in note and "forest_regressor" in note
    assert load_table(tmp_path / "a.csv", "price", numbers=True).notes == ()
    assert load_table(tmp_path / "a.csv", "price", numbers=False).notes == ()


def test_archives_and_arrays_hold_numbers(tmp_path):
    gap = np.where(np.arange(90) == 4, np.nan, y)
    path = archive(tmp_path, X_train=X, y_train=gap, X_test=X[:5], y_test=y[:5])
    found = load_archive(path)
    assert found.classes == () and found.n_unlabeled == 1
    np.testing.assert_array_equal(found.y, np.delete(y, 4))
    np.testing.assert_array_equal(found.y_test, y[:5])
    whole = archive(tmp_path, X_train=X, y_train=np.arange(90.0))
    with pytest.raises(
        ValueError, match="no key 'classes'.*y_train holds whole numbers: if they are numbers to pred"
    ):
        load_archive(whole)
    assert load_archive(whole, numbers=True).y.tolist() == list(range(90))
    with pytest.raises(ValueError, match=r"y_train must hold one number for each of 90 rows, got shape \(90, 1\)"):
        load_archive(archive(tmp_path, X_train=X, y_train=y[:, None]), numbers=True)
    np.save(tmp_path / "X.npy", X), np.save(tmp_path / "y.npy", y)
    np.testing.assert_array_equal(load_array(tmp_path / "X.npy", "y.npy").y, y)


def test_the_command_line_takes_the_model_to_say_whether_whole_numbers_are_classes(tmp_path):
    path = archive(tmp_path, X_train=X, y_train=(10 * y).round())
    few = ["--n-initial", "10", "--n-instances", "5", "--n-rounds", "1", "--n-trials", "1"]
    ran = CliRunner().invoke(
        app,
        ["compare", "--data", str(path), "--estimator", "ridge", "--strategy", "igs", *few, "--out", f"{tmp_path}/a"],
    )
    assert ran.exit_code == 0 and "Mean R2" in ran.output, ran.output
    refused = CliRunner().invoke(app, ["compare", "--data", str(path), *few, "--out", f"{tmp_path}/b"])
    assert refused.exit_code == 2


# Metrics


def test_errors_are_in_the_units_of_the_numbers():
    model, metrics = Ridge().fit(X, y), make_metrics(None, targets_of(y))
    assert list(metrics) == ["r2", "rmse", "mae", "worst_decile"]
    predicted = model.predict(X)
    assert metrics["rmse"](model, X, y) == pytest.approx(root_mean_squared_error(y, predicted))
    assert metrics["mae"](model, X, y) == pytest.approx(mean_absolute_error(y, predicted))
    worst = metrics["worst_decile"](model, X, y)
    assert (np.abs(y - predicted) > worst).sum() == 9  # of 90
    assert metric_in_words("worst_decile") == "error at the worst decile"


def test_of_a_column_of_predictions_the_numbers_are_measured():
    """Pairs of all rows with all others, as broadcasting would make of (n, 1) and (n,), are no errors."""
    column, metrics = Ridge().fit(X, y[:, None]), make_metrics(["r2", "rmse"], targets_of(y))
    assert metrics["rmse"](column, X, y) == pytest.approx(metrics["rmse"](Ridge().fit(X, y), X, y))


@pytest.mark.parametrize("name", ["rmse", "mae", "worst_decile"])
def test_an_error_that_comes_first_is_compared_by_its_negative(name):
    """Verdicts are about the first metric, higher = better; the error itself is measured beside it."""
    metrics, model = make_metrics([name, "r2"], targets_of(y)), Ridge().fit(X, y)
    assert list(metrics) == [f"neg_{name}", name, "r2"]
    measured = measure(metrics, model, X, y)
    assert measured[f"neg_{name}"] == -measured[name] < 0
    assert metrics[f"neg_{name}"](model, X, y) == measured[f"neg_{name}"]
    assert metric_in_words(f"neg_{name}") == f"negative {metric_in_words(name)}"
    assert list(make_metrics([f"neg_{name}", name], targets_of(y))) == [f"neg_{name}", name]


def test_errors_share_one_prediction():
    asked = []

    class Counts(Ridge):
        def predict(self, X):
            asked.append(len(X))
            return super().predict(X)

    measure(make_metrics(["rmse", "mae", "worst_decile"], targets_of(y)), Counts().fit(X, y), X, y)
    assert asked == [len(X)]


def test_a_study_by_an_error_calls_the_lower_one_better(tmp_path):
    """Labels of a line's ends are worth more than those of its middle, by whatever error."""

    def ends(learner, X_pool, n_instances=1, random_state=None):
        return np.argsort(-np.abs(np.asarray(X_pool)[:, 0]))[:n_instances]

    rng = np.random.default_rng(0)
    line = rng.uniform(-1, 1, size=(200, 1))
    value = 3 * line[:, 0] + rng.normal(size=200)
    few = {"n_initial": 2, "n_instances": 4, "n_rounds": 2, "n_trials": 8, "random_state": 0}
    found = skal.compare(line, value, LinearRegression(), {"ends": ends}, scoring="rmse", out=tmp_path, **few)
    assert list(found.metrics) == ["neg_rmse", "rmse"]
    (difference,) = [one.difference for one in found.summaries() if one.difference is not None]
    assert difference.verdict == "better than random" and difference.mean > 0
    assert found.metrics["rmse"]["ends"].mean() < found.metrics["rmse"]["random_sampling"].mean()
    assert "negative RMSE" in str(found)
    again = skal.compare(line, value, LinearRegression(), {"ends": ends}, scoring="rmse", out=tmp_path, **few)
    assert "fitted again" not in again.kept


# A study


def test_every_strategy_of_numbers_is_compared_and_stored_rounds_take_metrics_later(tmp_path):
    named = ["gsx", "gsy", "igs", "expected_model_change", "bmdal:selection=max_det", "max_std_sampling"]
    found = skal.compare(X, y, BayesianRidge(), named, scoring="r2", out=tmp_path, **SMALL)
    later = skal.compare(X, y, BayesianRidge(), named, scoring=["r2", "rmse"], out=tmp_path, **SMALL)
    assert list(later.metrics) == ["r2", "rmse"] and "fitted again" not in later.kept
    for name in found.scores:
        np.testing.assert_array_equal(found.scores[name], later.scores[name])
        assert (later.metrics["rmse"][name] > 0).all()
    forest = RandomForestRegressor(5, random_state=0)
    found = skal.compare(
        X, y, forest, ["committee_variance_sampling", "black_box_bmdal", "max_std_sampling"], **SMALL
    )
    assert len(found.scores) == 4


def pixels_of(png):
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_a_picture_has_points_on_the_line_where_all_is_right_and_the_worst_tenth_in_orange():
    true = np.arange(100.0)
    image = pixels_of(numbers_picture(true, true))
    blue, orange = ((image[..., 2] - image[..., 0] > 60), (image[..., 0] - image[..., 2] > 60))
    rows, columns = np.nonzero(blue)
    assert (
        len(rows) > 100 and np.ptp(rows + columns) <= 3 and not orange.any()
    )  # on the falling diagonal of the image
    wrong = pixels_of(numbers_picture(true, np.where(true >= 90, 1e9, true)))  # far above: at the upper edge
    rows, columns = np.nonzero(wrong[..., 0] - wrong[..., 2] > 60)
    assert len(rows) and rows.max() - rows.min() <= 1 and columns.min() > np.nonzero(blue)[1].mean()


def test_a_report_shows_what_is_predicted_against_what_is_true(tmp_path):
    found = skal.compare(X, y, Ridge(), ["igs"], **SMALL)
    assert set(found.pictures) == {"random_sampling", "igs"} and sorted(found.pictures["igs"]) == [0, 1]
    page = write_report(found, tmp_path).read_text()
    assert "Predicted against true" in page and page.count("data:image/png;base64,") == 4
    assert "What the models see" not in page


REFUSED = {
    "no standard deviation": (Ridge(), "max_std_sampling", "Ridge gives none. Use GaussianProcessRegressor"),
    "no members": (Ridge(), "committee_variance_sampling", "needs a committee: use .*RandomForestRegressor"),
    "probabilities": (Ridge(), "entropy_sampling", "reads class probabilities, and y holds numbers. Take igs"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_model_cannot_say_is_refused_before_any_work(name):
    model, strategy, said = REFUSED[name]
    with pytest.raises(ValueError, match=said):
        skal.compare(X, y, model, [strategy], **SMALL)


def test_strategies_of_numbers_are_refused_where_there_are_classes():
    with pytest.raises(ValueError, match="igs reads predicted numbers, and y holds classes. Take margin_sampling"):
        skal.compare(X, (y > 0) * 1, LogisticRegression(), ["igs"], **SMALL)


def test_many_whole_numbers_and_a_classifier_are_told_of_regressors():
    with pytest.raises(ValueError, match="These are 90 different numbers: .* pass a regressor"):
        skal.compare(X, np.arange(90), LogisticRegression(), [], **SMALL)


@pytest.mark.parametrize(
    "name", ["ridge", "bagged_ridge", "forest_regressor", "boosting_regressor", "gaussian_process"]
)
def test_regressors_by_name_learn_a_table_with_gaps_and_words(name):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"size": X[:, 0], "colour": np.where(X[:, 1] > 0, "red", "blue")})
    frame.loc[3, "size"] = np.nan
    target = np.nan_to_num(frame["size"].to_numpy()) + 3.0 * (X[:, 1] > 0) + 0.2 * np.sin(9 * X[:, 2])
    assert make_estimator(name).fit(frame, target).score(frame, target) > 0.8
