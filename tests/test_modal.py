"""skal's strategies inside modAL's own learners, in both living versions of modAL, and the mend for its teach.

One process can import one modAL, so each version is watched in processes of its own: this file, run as a script,
prints what it saw there as JSON, and the tests below judge it.
"""

from __future__ import annotations

import functools
import importlib.metadata
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import sklearn
from sklearn.datasets import make_blobs
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.utils.fixes import parse_version

import skal.scores
from skal import ActiveLearner
from skal.compat import patch_modal
from skal.query import (
    consensus_entropy_sampling,
    core_set,
    entropy_sampling,
    margin_sampling,
    select,
    uncertainty_sampling,
)

VERSIONS = ["0.4.1", "0.4.2.1"]
FOLDER_0421 = Path(__file__).parents[1] / "build" / "modal-0.4.2.1"  # not installed: its pin breaks skorch

X, y = make_blobs(n_samples=70, centers=3, n_features=4, cluster_std=3.0, random_state=0)
X0, y0, POOL = X[:30], y[:30], X[30:]
COUNTS = [1, 2, 3, len(POOL)]
MULTILABEL = ["avg_confidence", "avg_score", "max_loss", "max_score", "mean_max_loss", "min_confidence"]
SINGLE = {"uncertainty": uncertainty_sampling, "margin": margin_sampling, "entropy": entropy_sampling}

broken_modal = pytest.mark.skipif(
    parse_version(sklearn.__version__) < parse_version("1.8"), reason="modAL needs no mending before scikit-learn 1.8"
)


# --- In the process of one modAL: what is to be seen there.


class Counted:
    """A strategy that counts its evaluations and keeps nothing else from modAL."""

    def __init__(self, strategy):
        self.strategy = strategy
        self.calls = 0

    def __call__(self, *args, **kwargs):
        self.calls += 1
        return self.strategy(*args, **kwargs)


def plain(learner, X_pool, n_instances=1):
    """What a strategy looks like that knows nothing of modAL's versions."""
    return np.argsort(learner.predict_proba(X_pool).max(axis=1))[:n_instances]


def modal_learner(kind, strategy):
    from modAL.models import ActiveLearner, Committee

    if kind == "ActiveLearner":
        return ActiveLearner(LogisticRegression(), strategy, X_training=X0, y_training=y0)
    parts = [ActiveLearner(LogisticRegression(C=C), X_training=X0, y_training=y0) for C in (0.01, 1.0)]
    return Committee(parts, strategy)


def watched(strategy, kind, *args, **kwargs):
    """One query: what came, how often the strategy ran, and what was said."""
    counted = Counted(strategy)
    learner = modal_learner(kind, counted)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        answer = learner.query(POOL, *args, **kwargs)
    return {
        "calls": counted.calls,
        "answer": [np.asarray(part).tolist() for part in answer],
        "said": [str(warning.message) for warning in said],
    }


def expected(strategy, kind, n_instances):
    pair = select(strategy, modal_learner(kind, strategy), POOL, n_instances, random_state=0)
    return [part.tolist() for part in pair]


def see_queries():
    score = {"ActiveLearner": entropy_sampling, "Committee": consensus_entropy_sampling}
    out = {}
    for kind in score:
        for name, strategy in (("score", score[kind]), ("pair", core_set)):
            for n in COUNTS:
                seen = watched(strategy, kind, n_instances=n, random_state=0)
                partial = watched(functools.partial(strategy, random_state=0), kind, n_instances=n)
                whole = {"seen": seen, "partial": partial, "expected": expected(strategy, kind, n)}
                out[f"{kind} {name} {n}"] = whole
    return out


def see_positional():
    strategy = functools.partial(consensus_entropy_sampling, random_state=0)
    return {
        "ActiveLearner": watched(functools.partial(core_set, random_state=0), "ActiveLearner", 3),
        "Committee": watched(strategy, "Committee", 3),
    }


def see_metrics():
    options = {"n_instances": 3, "random_state": 0, "return_metrics": True}
    return {
        "ActiveLearner": watched(entropy_sampling, "ActiveLearner", **options),
        "Committee": watched(core_set, "Committee", **options),
    }


def see_agreement():
    import modAL.multilabel
    import modAL.uncertainty
    import skal.query

    def picks(answer):  # a pair in 0.4.2, and in no order
        return sorted(np.asarray(answer[0] if isinstance(answer, tuple) else answer).tolist())

    model = LogisticRegression().fit(X0, y0)
    out = {}
    for name, strategy in SINGLE.items():
        theirs = getattr(modAL.uncertainty, f"{name}_sampling")
        out[name] = [[picks(theirs(model, POOL, n_instances=n)), picks(strategy(model, POOL, n))] for n in (1, 2, 7)]
    labels = np.column_stack([y0 == 0, y0 == 1, X0[:, 0] > 0, X0[:, 1] > X0[:, 2]]).astype(int)
    model = OneVsRestClassifier(LogisticRegression()).fit(X0, labels)
    P = model.predict_proba(POOL)
    for name in MULTILABEL:
        # The losses are whole numbers: only cuts between two different ones have one right answer.
        falling = np.sort(getattr(skal.scores, name)(P))[::-1]
        cuts = np.flatnonzero(np.diff(falling) < -1e-9)[:5] + 1
        theirs, ours = getattr(modAL.multilabel, name), getattr(skal.query, name)
        options = {"random_tie_break": False}
        out[name] = [
            [picks(theirs(model, POOL, n_instances=n, **options)), picks(ours(model, POOL, n))] for n in cuts.tolist()
        ]
    return out


def see_teaching():
    """Every way of teaching: the number of rows known afterwards, or the error."""
    out = {}
    for kind in ("ActiveLearner", "Committee"):
        for name, options in (
            ("teach", {}),
            ("teach", {"only_new": True}),
            ("teach", {"bootstrap": True}),
            ("fit", {}),
        ):
            learner = modal_learner(kind, entropy_sampling)
            try:
                getattr(learner, name)(POOL[:9], y[30:39], **options)
                one = learner if kind == "ActiveLearner" else learner.learner_list[-1]
                out[f"{kind}.{name} {options}"] = len(one.X_training)
            except TypeError as error:
                out[f"{kind}.{name} {options}"] = str(error)
    return out


def see_warnings():
    """What two queries each of skal's and of modAL's learners say."""
    out = {}
    for name, make in (
        ("skal", lambda: ActiveLearner(LogisticRegression(), entropy_sampling, X0, y0)),
        ("modAL", lambda: modal_learner("ActiveLearner", entropy_sampling)),
    ):
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            for n in (1, 2):
                make().query(POOL, n_instances=n)
        out[name] = [f"{warning.category.__name__}: {warning.message}" for warning in said]
    return out


def see_raw():
    return {
        "warnings": see_warnings(),  # first: the one on modAL comes once in a process
        "queries": see_queries(),
        "positional": see_positional(),
        "plain": {n: watched(plain, "ActiveLearner", n_instances=n) for n in (1, 2, 3)},
        "agreement": see_agreement(),
        "teaching": see_teaching(),
        "metrics": see_metrics() if not importlib.metadata.version("modAL-python").startswith("0.4.1") else None,
    }


def see_patched():
    original = sklearn.utils.check_X_y
    return {
        "patched": [patch_modal(), patch_modal()],
        "sklearn untouched": sklearn.utils.check_X_y is original,
        "teaching": see_teaching(),
        "warnings": see_warnings(),
    }


# --- In the test process: what ought to be seen.


@functools.cache
def saw(version, what):
    """Run this file with one modAL and return what it saw."""
    path = os.environ.get("PYTHONPATH", "")
    if version == "0.4.2.1":
        folder = Path(os.environ.get("SKAL_MODAL_0421", FOLDER_0421))
        if not folder.is_dir():
            pytest.skip(f"{folder} is not there: pip install --no-deps --target {folder} modAL-python==0.4.2.1")
        path = os.pathsep.join(filter(None, [str(folder), path]))
    else:
        pytest.importorskip("modAL", reason="modAL-python is not installed")
        installed = importlib.metadata.version("modAL-python")
        if installed != version:
            pytest.skip(f"modAL-python {installed} is installed, not {version}")
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, __file__, what], env=environment, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout.splitlines()[-1])
    assert seen["version"] == version
    return seen


@pytest.mark.parametrize("n_instances", COUNTS)
@pytest.mark.parametrize("strategy", ["score", "pair"])
@pytest.mark.parametrize("kind", ["ActiveLearner", "Committee"])
@pytest.mark.parametrize("form", ["seen", "partial"])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_query_evaluates_skals_strategy_once_and_gets_the_right_rows(version, form, kind, strategy, n_instances):
    case = saw(version, "raw")["queries"][f"{kind} {strategy} {n_instances}"]
    indices, rows = case[form]["answer"]
    assert case[form]["calls"] == 1
    assert indices == case["expected"][0] and len(set(indices)) == n_instances
    np.testing.assert_array_equal(rows, POOL[indices])
    assert case[form]["said"] == []  # 0.4.1 deprecates pairs, so it must not get one


@pytest.mark.parametrize("version", VERSIONS)
def test_a_learner_takes_n_instances_by_position(version):
    seen = saw(version, "raw")["positional"]["ActiveLearner"]
    indices, rows = seen["answer"]
    assert seen["calls"] == 1 and indices == saw(version, "raw")["queries"]["ActiveLearner pair 3"]["expected"][0]
    np.testing.assert_array_equal(rows, POOL[indices])


@pytest.mark.parametrize(("version", "n_picks", "n_parts"), [("0.4.1", 3, 2), ("0.4.2.1", 1, 3)])
def test_a_committee_of_0421_swallows_a_positional_n_instances(version, n_picks, n_parts):
    # Its second parameter is return_metrics: why n_instances is given by keyword above, and in the documentation.
    seen = saw(version, "raw")["positional"]["Committee"]
    assert seen["calls"] == 1
    assert len(seen["answer"]) == n_parts and len(seen["answer"][0]) == n_picks


@pytest.mark.parametrize(("kind", "strategy"), [("ActiveLearner", "score"), ("Committee", "pair")])
def test_return_metrics_of_0421_gives_the_scores_of_the_picks(kind, strategy):
    seen = saw("0.4.2.1", "raw")["metrics"][kind]
    indices, rows, scores = seen["answer"]
    assert seen["calls"] == 1
    assert [indices, scores] == saw("0.4.2.1", "raw")["queries"][f"{kind} {strategy} 3"]["expected"]
    np.testing.assert_array_equal(rows, POOL[indices])


def test_0421_loses_a_pick_or_evaluates_twice_without_skals_dispatch():
    # An array is unpacked as (indices, metrics): that works for two picks by accident, and for others it asks again.
    seen = saw("0.4.2.1", "raw")["plain"]
    assert [np.size(seen[str(n)]["answer"][0]) for n in (1, 2, 3)] == [1, 1, 3]
    assert [seen[str(n)]["calls"] for n in (1, 2, 3)] == [2, 1, 2]


def test_041_takes_an_array_as_it_is():
    seen = saw("0.4.1", "raw")["plain"]
    assert [(np.size(seen[str(n)]["answer"][0]), seen[str(n)]["calls"]) for n in (1, 2, 3)] == [
        (1, 1),
        (2, 1),
        (3, 1),
    ]


@pytest.mark.parametrize("name", [*SINGLE, *MULTILABEL])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_change_of_import_keeps_the_picks(version, name):
    pairs = saw(version, "raw")["agreement"][name]
    assert pairs
    for theirs, ours in pairs:
        assert ours == theirs


@broken_modal
@pytest.mark.parametrize("version", VERSIONS)
def test_teach_and_fit_fail_in_modal_and_work_once_it_is_patched(version):
    before, after = saw(version, "raw")["teaching"], saw(version, "patched")["teaching"]
    assert all("force_all_finite" in str(found) for case, found in before.items() if ".fit" not in case), before
    assert all("force_all_finite" in str(found) for case, found in before.items() if ".fit" in case), before
    assert [after[case] for case in after if ".fit" in case] == [9, 9]
    assert [after[case] for case in after if "{}" in case and ".teach" in case] == [39, 39]
    assert all(isinstance(found, int) for found in after.values()), after


@broken_modal
@pytest.mark.parametrize("version", VERSIONS)
def test_patching_twice_changes_nothing_more_and_leaves_scikit_learn_alone(version):
    seen = saw(version, "patched")
    assert seen["patched"] == [True, False]
    assert seen["sklearn untouched"]


@broken_modal
@pytest.mark.parametrize("version", VERSIONS)
def test_a_raw_modal_learner_is_met_with_one_warning_that_names_the_mend(version):
    said = saw(version, "raw")["warnings"]
    assert said["skal"] == []
    assert len(said["modAL"]) == 1
    assert said["modAL"][0].startswith("UserWarning") and "skal.compat.patch_modal()" in said["modAL"][0]


@broken_modal
@pytest.mark.parametrize("version", VERSIONS)
def test_a_patched_modal_learner_is_met_without_a_warning(version):
    assert saw(version, "patched")["warnings"] == {"skal": [], "modAL": []}


def test_patch_modal_says_what_to_install_where_modal_is_missing(monkeypatch):
    for name in ("modAL", "modAL.models", "modAL.models.base"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"modAL-python.*skal\[modal\]"):
        patch_modal()


if __name__ == "__main__":
    found = {"raw": see_raw, "patched": see_patched}[sys.argv[1]]()
    print(json.dumps({"version": importlib.metadata.version("modAL-python"), **found}))
