"""Annotators and first labels as axes of a comparison: paired, recorded, and no word of them where there are none."""

import contextlib
import json
import sqlite3
from functools import partial

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from typer.testing import CliRunner

from skal import cli
from skal.annotation import NoisyOracle, Oracle
from skal.estimators.presets import told_classes
from skal.loop import initial_pool
from skal.query import margin_sampling, random_sampling, score_strategy
from skal.study import Store, StudyError, compare, load_comparison
from skal.study.conditions import conditions
from skal.study.oracles import describe_oracle, read_oracle
from skal.study.protocol import Protocol
from skal.study.store import FILE

SETTINGS = {"n_initial": 12, "n_instances": 6, "n_rounds": 2, "n_trials": 3, "seed": 4}
GROUPS = [[0, 1, 2], [3, 4, 5, 6], [7, 8, 9]]


class Knowing(ClassifierMixin, BaseEstimator):
    """Predicts the truth, column 0, whatever it is taught; column 1 is the row. Keeps what it was taught."""

    taught = None

    def __init__(self, classes=None):
        self.classes = classes

    def fit(self, X, y):
        type(self).taught.append((X[:, 1].astype(int).tolist(), np.array(y), self.classes))
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return X[:, 0].astype(int)


@score_strategy
def by_row(learner, X_pool):
    return np.asarray(X_pool)[:, 1]


@pytest.fixture
def numbered(monkeypatch):
    """Labels and rows as columns, a fresh log of fits, and every strategy."""
    monkeypatch.setattr(Knowing, "taught", [])
    y = np.random.RandomState(0).randint(10, size=300)
    return np.column_stack([y, np.arange(300)]).astype(float), y


def compare_numbered(numbered, **choices):
    settings = {**SETTINGS, **choices}
    return compare(*numbered, settings.pop("estimator", Knowing()), {"by_row": by_row}, **settings)


def findings(folder):
    store = Store(folder)
    try:
        return [(r.strategy, r.trial, r.round, r.metrics, r.picked, r.picked_classes) for r in store.rows()]
    finally:
        store.close()


def taught_by_fit():
    """Fits in the order of trials, strategies, rounds."""
    n_points = SETTINGS["n_rounds"] + 1
    fits = Knowing.taught
    return [fits[k : k + n_points] for k in range(0, len(fits), n_points)]


class TestOracle:
    def test_a_row_has_one_label_a_trial_for_every_strategy_and_round(self, numbered):
        compare_numbered(numbered, oracle={"rate": 0.5})
        arms = taught_by_fit()
        assert len(arms) == 3 * 2
        answers = []
        for trial in range(3):
            label_of = {}
            for rows, labels, _ in (fit for arm in arms[2 * trial : 2 * trial + 2] for fit in arm):
                for row, label in zip(rows, labels, strict=True):
                    assert label_of.setdefault(row, label) == label
            answers.append(label_of)
        y = numbered[1]
        wrong = [{row for row, label in found.items() if label != y[row]} for found in answers]
        shared = set.intersection(*map(set, answers))
        assert len({frozenset(w & shared) for w in wrong}) == 3, "each trial has mistakes of its own"
        assert all(wrong)

    def test_the_rate_is_exact_in_the_pool_and_test_labels_are_right(self, numbered):
        """75 rows are tested on; 225 are labelled to the last, 45 of them wrongly."""
        found = compare_numbered(numbered, oracle="noisy:rate=0.2", n_initial=25, n_instances=100, n_trials=1)
        rows, labels, _ = Knowing.taught[2]
        assert len(rows) == 225 and (labels != numbered[1][rows]).sum() == 45
        assert all((curve == 1.0).all() for curve in found.scores.values()), "a model that knows the truth is right"

    def test_given_test_rows_are_right_too(self, numbered):
        X, y = numbered
        found = compare_numbered((X[:200], y[:200]), oracle={"rate": 0.9}, test=(X[200:], y[200:]))
        assert all((curve == 1.0).all() for curve in found.scores.values())

    def test_initial_labels_are_wrong_too_unless_they_are_to_be_right(self, numbered):
        for noisy in (True, False):
            Knowing.taught.clear()
            compare_numbered(numbered, oracle={"rate": 0.5, "noisy_initial": noisy})
            wrong = [(labels != numbered[1][rows]).sum() for arm in taught_by_fit() for rows, labels, _ in arm]
            assert all(w > 0 for w in wrong[::3]) if noisy else not any(wrong[::3])
            assert all(wrong[2::3])

    def test_mistakes_stay_in_their_group(self, numbered):
        group_of = np.repeat([0, 1, 2], [3, 4, 3])
        compare_numbered(numbered, oracle={"rate": 1.0, "groups": GROUPS})
        assert [len(rows) for rows, _, _ in Knowing.taught] == [12, 18, 24] * 3 * 2  # trials, strategies
        for rows, labels, _ in Knowing.taught:
            y = numbered[1][rows]
            assert (labels != y).all() and (group_of[labels] == group_of[y]).all()

    def test_rate_zero_is_no_oracle_and_pairs_with_it(self, table):
        """Splits, initial rows and random picks are those of the study without noise; so is all else at rate 0."""
        plain, quiet, noisy = (
            compare(*table, LogisticRegression(), [margin_sampling], oracle=oracle, **SETTINGS)
            for oracle in (None, {"rate": 0}, {"rate": 0.4})
        )
        for name in plain.scores:
            assert (plain.scores[name] == quiet.scores[name]).all()
            assert (plain.scores[name] != noisy.scores[name]).any()
        for trial, same in zip(plain.picks["random_sampling"], noisy.picks["random_sampling"], strict=True):
            assert np.concatenate(trial).tolist() == np.concatenate(same).tolist()

    def test_strategies_see_the_answers_and_never_the_truth(self, table):
        X, y = table
        wrong = []

        @score_strategy
        def nosy(learner, X_pool, *, X_labeled=None, y_labeled=None):
            true = [y[np.flatnonzero((X == row).all(axis=1))[0]] for row in np.asarray(X_labeled)]
            wrong.append((np.asarray(true) != y_labeled).sum())
            return np.zeros(len(X_pool))

        compare(X, y, LogisticRegression(), {"nosy": nosy}, oracle={"rate": 0.5}, **{**SETTINGS, "n_trials": 2})
        assert len(wrong) == 4 and all(wrong)

    def test_picks_are_counted_by_their_true_classes(self, numbered):
        found = compare_numbered(numbered, oracle={"rate": 1.0})
        assert [len(np.concatenate(trial)) for trial in found.picks["by_row"]] == [24] * 3
        for trial, counts in zip(found.picks["by_row"], found.picked_classes["by_row"], strict=True):
            for rows, n in zip(trial, counts, strict=True):
                assert np.bincount(numbered[1][rows], minlength=10).tolist() == n.tolist()

    def test_text_dict_and_partial_are_one(self, numbered):
        forms = ("noisy:rate=0.3,groups=[[0,1,2],[3,4,5,6],[7,8,9]]", {"rate": 0.3, "groups": GROUPS},
                 partial(NoisyOracle, rate=0.3, groups={c: k for k, g in enumerate(GROUPS) for c in np.array(g)}),
                 partial(partial(NoisyOracle, rate=0.9), rate=0.3, groups=GROUPS))  # fmt: skip
        protocols, taught = [], []
        for oracle in forms:
            Knowing.taught.clear()
            protocols.append(compare_numbered(numbered, oracle=oracle).protocol["oracle"])
            taught.append([labels.tolist() for _, labels, _ in Knowing.taught])
        assert protocols[0] == {"oracle": "noisy", "rate": 0.3, "groups": GROUPS}
        assert (
            protocols[0] == protocols[1] == protocols[2] == protocols[3]
            and taught[0] == taught[1] == taught[2] == taught[3]
        )
        assert json.loads(json.dumps(protocols)) == protocols
        assert describe_oracle(read_oracle(protocols[0])) == protocols[0]

    def test_anything_that_makes_an_annotator_will_do(self, numbered):
        seen = []

        def careless(y, *, candidates, initial, classes, random_state):
            seen.append((len(candidates), len(initial), classes.tolist(), random_state))
            return Oracle((y + 1) % 10)

        found = compare_numbered(numbered, oracle=careless)
        for rows, labels, _ in Knowing.taught:
            assert (labels == (numbered[1][rows] + 1) % 10).all()
        assert {part[:2] for part in seen} == {(225, 12)} and len({part[3] for part in seen}) == 3
        assert found.protocol["oracle"] == {"oracle": f"{__name__}.careless"}
        assert "given by" in found.conditions[0]

    @pytest.mark.parametrize(
        ("oracle", "error", "says"),
        [
            ("noisi:rate=0.1", ValueError, "no oracle 'noisi'; there is noisy"),
            ({"rat": 0.1}, ValueError, "no option rat; it has rate, groups, confusion, noisy_initial"),
            ({"rate": 0.1, "random_state": 3}, ValueError, "no option random_state"),
            ({"rate": 0.1, "groups": "birds"}, ValueError, "no group of classes 'birds'; there is cifar100"),
            ({"rate": 3}, ValueError, "NoisyOracle: rate must be a number"),
            ("noisy:rate=much", ValueError, "got 'much'"),
            ({}, ValueError, "either rate or confusion"),
            (0.2, TypeError, "oracle must be None, a text"),
            (NoisyOracle([0, 1], 0.5), TypeError, "make an annotator for each trial"),
        ],
    )
    def test_mistakes_are_told_before_any_work(self, oracle, error, says, numbered):
        with pytest.raises(error, match=says):
            compare_numbered(numbered, oracle=oracle)
        assert not Knowing.taught

    def test_initial_answers_of_one_class_are_told_before_any_work(self, numbered):
        to_one = np.eye(10)[np.zeros(10, dtype=int)]
        with pytest.raises(ValueError, match="trial 1, as the oracle gives them, hold a single class"):
            compare_numbered(numbered, oracle={"confusion": to_one})
        assert not Knowing.taught

    def test_a_superclass_by_name(self):
        described = describe_oracle(read_oracle("noisy:rate=0.2,groups=cifar100"))
        assert len(described["groups"]) == 20 and described["groups"][0][0] == "beaver"


class TestBiasedStart:
    def test_so_many_classes_are_missing_at_first_and_come_later(self, numbered):
        found = compare_numbered(numbered, initial_left_out=4, n_initial=40, n_instances=60)
        counts = found.picked_classes["random_sampling"]  # (trials, rounds, classes)
        missing = [frozenset(np.flatnonzero(n == 0)) for n in counts[:, 0]]
        assert [len(m) for m in missing] == [4, 4, 4] and len(set(missing)) > 1
        assert (counts.sum(axis=1) > 0).all() and (found.pool_classes > 0).all()
        assert (found.picked_classes["by_row"][:, 0] == counts[:, 0]).all(), "the same for every strategy"
        assert (found.scores["by_row"] == 1).all(), "all classes are tested on"

    def test_a_model_that_can_be_told_is_told_all_classes(self, numbered):
        compare_numbered(numbered, initial_left_out=4)
        assert {tuple(classes) for *_, classes in Knowing.taught} == {tuple(range(10))}
        Knowing.taught.clear()
        compare_numbered(numbered)
        assert {classes for *_, classes in Knowing.taught} == {None}, "studies without are as they were"

    def test_where_classes_are_looked_for(self):
        three = np.array(["a", "b", "c"])
        inner = Knowing()
        pipeline = make_pipeline(StandardScaler(), inner)
        told = told_classes(pipeline, three)
        assert told[-1].classes == ["a", "b", "c"] and inner.classes is None and told is not pipeline
        assert told_classes(Knowing(["x"]), three).classes == ["x"], "what the user said stays"
        logistic = LogisticRegression()
        assert told_classes(logistic, three) is logistic

    def test_a_net_has_an_output_for_every_class(self, digits):
        from skal.neural import EnsembleClassifier, NeuralClassifier

        X, y = digits
        few = np.flatnonzero(y < 6)[:60]
        net = NeuralClassifier("MLP", max_epochs=1, random_state=0)
        for model in (net, make_pipeline(StandardScaler(), net), EnsembleClassifier(net, 2, random_state=0)):
            told = told_classes(model, np.unique(y)).fit(X[few], y[few])
            assert told.predict_proba(X[:7]).shape == (7, 10)

    @pytest.mark.parametrize(
        ("choices", "says"),
        [
            ({"initial_left_out": 9}, r"in \[0, 8\], so that two of 10 classes"),
            ({"initial_left_out": -1}, "got -1"),
            ({"initial_left_out": 8, "n_initial": 200, "n_rounds": 1}, "n_initial must be at most .* not left out"),
        ],
    )
    def test_what_cannot_be_is_told_before_any_work(self, choices, says, numbered):
        with pytest.raises(ValueError, match=says):
            compare_numbered(numbered, **choices)
        assert not Knowing.taught

    def test_class_balanced_first_labels(self, numbered):
        found = compare_numbered(numbered, initial="class_balanced", n_initial=30)
        assert (found.picked_classes["by_row"][:, 0] == 3).all()


# What a protocol had before annotators and first labels were axes.
BEFORE = {
    "data", "fingerprint", "estimator", "strategies", "n_initial", "n_instances", "n_rounds", "n_trials", "initial",
    "test_size", "metrics", "seed",
}  # fmt: skip


class TestRecord:
    def test_a_study_without_them_is_recorded_as_before(self, table, tmp_path):
        found = compare(*table, LogisticRegression(), [margin_sampling], out=tmp_path, **SETTINGS)
        assert set(found.protocol) == BEFORE and found.conditions == []

    def test_a_protocol_written_before_is_the_same_protocol(self):
        entries = dict.fromkeys(BEFORE, 1) | {"metrics": ("accuracy",)}
        assert Protocol(**entries).to_dict() == entries | {"metrics": ["accuracy"]}

    def test_splits_and_first_rows_are_those_of_before(self, table):
        """Drawn here from the seed alone, in the words of the first version."""
        X, y = table
        found = compare(X, y, LogisticRegression(), [random_sampling], **SETTINGS)
        for trial in range(3):
            words = np.random.SeedSequence(SETTINGS["seed"], spawn_key=(trial,)).generate_state(3)
            pool, _ = train_test_split(np.arange(300), test_size=0.25, random_state=int(words[0]), stratify=y)
            first = initial_pool(X, y, 12, "random", int(words[1]), candidates=np.sort(pool))
            assert found.picks["random_sampling"][trial][0].tolist() == first.tolist()

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"oracle": {"rate": 0.3}}, "oracle: .*0.2.* there, .*0.3.* here"),
            ({"oracle": None}, "oracle: .* there, None here"),
            ({"oracle": {"rate": 0.2, "noisy_initial": False}}, "oracle: "),
            ({"initial_left_out": 1}, "initial_left_out: None there, 1 here"),
        ],
    )
    def test_another_annotator_is_another_study(self, changes, says, table, tmp_path):
        choices = {"oracle": "noisy:rate=0.2", **SETTINGS}
        compare(*table, LogisticRegression(), [margin_sampling], out=tmp_path, **choices)
        with pytest.raises(StudyError, match=says):
            compare(*table, LogisticRegression(), [margin_sampling], out=tmp_path, **{**choices, **changes})

    def test_a_study_that_was_stopped_goes_on_with_the_same_mistakes(self, table, tmp_path):
        choices = {"oracle": {"rate": 0.3, "noisy_initial": False}, "initial_left_out": 1, **SETTINGS}
        for folder, n_jobs in (("whole", 1), ("workers", 2)):
            compare(*table, LogisticRegression(), [margin_sampling], out=tmp_path / folder, n_jobs=n_jobs, **choices)
        whole = findings(tmp_path / "whole")
        assert findings(tmp_path / "workers") == whole
        for lost in ("round = 2", "round > 0", "trial = 1"):
            with contextlib.closing(sqlite3.connect(tmp_path / "whole" / FILE)) as connection, connection:
                connection.execute(f"DELETE FROM rounds WHERE {lost}")
            compare(*table, LogisticRegression(), [margin_sampling], out=tmp_path / "whole", **choices)
            assert findings(tmp_path / "whole") == whole
        assert load_comparison(tmp_path / "whole").protocol["oracle"] == {
            "oracle": "noisy",
            "rate": 0.3,
            "noisy_initial": False,
        }

    def test_conditions_in_words(self):
        noisy = {"oracle": "noisy", "rate": 0.2}
        assert conditions({"initial": "random"}) == []
        assert conditions({"oracle": noisy}) == [
            "Labels: 20 % wrong, drawn once a trial and the same for every strategy; "
            "those of the test rows are right."
        ]
        assert (
            "2.5 % wrong, taken for a class of the same group"
            in conditions({"oracle": {**noisy, "rate": 0.025, "groups": GROUPS}})[0]
        )
        assert conditions({"oracle": {**noisy, "noisy_initial": False}})[0].endswith(
            "initial and test ones are right."
        )
        assert "by a confusion matrix" in conditions({"oracle": {"oracle": "noisy", "confusion": [[1]]}})[0]
        for way in ("stratified", "class_balanced"):
            assert conditions({"initial": way}) == [
                f"Initial labels: {way}, which looks at labels that nobody has paid for yet."
            ]
        assert "1 class left out" in conditions({"initial_left_out": 1})[0]
        assert len(conditions({"oracle": noisy, "initial": "class_balanced", "initial_left_out": 3})) == 3


class TestCommandLine:
    QUICK = ("compare", "--data", "iris", "--n-initial", "9", "--n-instances", "5", "--n-rounds", "1",
             "--n-trials", "2", "--strategy", "margin_sampling")  # fmt: skip

    @staticmethod
    def run(*arguments):
        result = CliRunner().invoke(cli.app, [str(part) for part in arguments])
        return result.exit_code, " ".join(result.output.split())

    def test_by_options_in_the_report_and_again_from_the_printed_protocol(self, tmp_path):
        oracle = 'noisy:rate=0.3,groups=[["setosa","versicolor","virginica"]],noisy_initial=false'
        out, again, printed = tmp_path / "out", tmp_path / "again", tmp_path / "printed.toml"
        code, output = self.run(*self.QUICK, "--oracle", oracle, "--initial-left-out", 1, "--out", out)
        assert code == 0, output
        says = "Labels: 30 % wrong, taken for a class of the same group"
        assert says in output and "1 class left out" in output
        page = (out / "report.html").read_text()
        assert says in page and "1 class left out" in page and "noisy_initial" in page
        printed.write_text(CliRunner().invoke(cli.app, ["protocol", str(out)]).output)
        code, output = self.run("compare", "--config", printed, "--out", again)
        assert code == 0, output
        contents = [json.loads((folder / "comparison.json").read_text()) for folder in (out, again)]
        assert contents[0]["protocol"] == contents[1]["protocol"]
        assert contents[0]["protocol"]["oracle"]["groups"] == [[0, 1, 2]]
        assert [c["strategies"]["margin_sampling"]["metrics"] for c in contents[:1]] == [
            c["strategies"]["margin_sampling"]["metrics"] for c in contents[1:]
        ]

    def test_by_a_file_and_an_option_comes_before_it(self, tmp_path):
        (tmp_path / "study.toml").write_text(
            'data = "iris"\nn_initial = 9\nn_rounds = 1\nn_trials = 2\ninitial = "class_balanced"\n'
            "[oracle]\nconfusion = [[1, 0, 0], [0, 0.7, 0.3], [0, 0.3, 0.7]]\n"
        )
        code, output = self.run("compare", "--config", tmp_path / "study.toml", "--out", tmp_path / "a")
        assert code == 0 and "confusion matrix" in output and "nobody has paid for" in output
        code, output = self.run(
            "compare", "--config", tmp_path / "study.toml", "--out", tmp_path / "b", "--oracle", "noisy:rate=0.1"
        )
        assert code == 0 and "10 % wrong" in output

    @pytest.mark.parametrize(
        ("choice", "says"),
        [
            (("--oracle", "noisy:rate=2"), "rate must be a number in [0, 1]"),
            (("--oracle", "noisy:rate"), "an option is written name=value"),
            (("--oracle", "noisy:rate=0.1,groups=[[cat,dog]]"), "an option is written name=value"),
            (("--oracle", 'noisy:rate=0.1,groups=[["cat","dog"]]'), "Groups hold 'cat', 'dog', which is no class"),
            (("--initial-left-out", "2"), "so that two of 3 classes are left, got 2"),
        ],
    )
    def test_mistakes_are_answered_in_a_sentence(self, choice, says, tmp_path):
        code, output = self.run(*self.QUICK, *choice, "--out", tmp_path)
        assert code == 2 and says in output and "Traceback" not in output
