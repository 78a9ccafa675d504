"""A stored study is what was run, whatever comes between: kills, lost and damaged rounds, files cut short, growth."""

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sklearn.naive_bayes import GaussianNB

from skal.query import core_set, margin_sampling
from skal.study import Store, StudyError, compare, load_comparison
from skal.study.store import FILE

X = np.random.default_rng(0).normal(size=(48, 3))
y = (X[:, 0] + 0.5 * X[:, 1] > 0.2).astype(int) + (X[:, 2] > 0.8)
STRATEGIES = {"margin": margin_sampling, "core_set": core_set}
BASELINE = "random_sampling"
N_TRIALS, N_ROUNDS = 3, 2
FEW = {"n_initial": 8, "n_instances": 4, "seed": 1}


class Killed(BaseException):
    """Ends a study where it stands; what was not committed is lost."""


class Fits:
    """How many fits are left until the end; None: no end."""

    left = None


class Model(GaussianNB):
    """A task model in whose fit the study may end."""

    def fit(self, X, y):
        if Fits.left is not None:
            Fits.left -= 1
            if Fits.left < 0:
                raise Killed
        return super().fit(X, y)


def study(folder, names=tuple(STRATEGIES), n_trials=N_TRIALS, n_rounds=N_ROUNDS):
    strategies = {name: STRATEGIES[name] for name in names}
    return compare(X, y, Model(), strategies, out=folder, n_trials=n_trials, n_rounds=n_rounds, **FEW)


def stored(folder):
    """What is stored of each round but the wall times, by strategy, trial and round."""
    store = Store(folder)
    try:
        return {(row.strategy, row.trial, row.round): row.content() for row in store.rows()}
    finally:
        store.close()


def changed_by_hand(folder, statement, key):
    connection = sqlite3.connect(Path(folder) / FILE)
    with connection:
        connection.execute(f"{statement} WHERE strategy = ? AND trial = ? AND round = ?", key)
    connection.close()


@pytest.fixture(scope="module", autouse=True)
def at_once(tmp_path_factory):
    """The whole study, run without a break; its rounds, and the classes of its pools."""
    folder = tmp_path_factory.mktemp("at_once")
    Stored.whole = study(folder)
    Stored.rounds = stored(folder)
    return Stored.rounds


class Stored(RuleBasedStateMachine):
    """One folder, in which all happens to a study that may happen."""

    whole, rounds = None, None  # of the study that was run at once

    def __init__(self):
        super().__init__()
        self.base = Path(tempfile.mkdtemp())
        self.folder = self.base / "study"
        self.known = set()  # rounds that were committed, and that nothing has happened to

    def teardown(self):
        study(self.folder)
        assert stored(self.folder) == self.rounds
        shutil.rmtree(self.base)

    names = st.sampled_from([("margin",), ("core_set",), ("margin", "core_set")])
    trials, rounds_after = st.integers(1, N_TRIALS), st.integers(1, N_ROUNDS)

    @rule(names=names, n_trials=trials, n_rounds=rounds_after)
    def run(self, names, n_trials, n_rounds):
        found = study(self.folder, names, n_trials, n_rounds)
        for name in (BASELINE, *names):
            expected = self.whole.scores[name][:n_trials, : n_rounds + 1]
            np.testing.assert_array_equal(found.scores[name], expected)
        self.known = set(stored(self.folder))
        asked = {(name, t, r) for name in (BASELINE, *names) for t in range(n_trials) for r in range(n_rounds + 1)}
        assert asked <= self.known

    @rule(names=names, n_trials=trials, n_rounds=rounds_after, n_fits=st.integers(0, 12))
    def run_and_kill(self, names, n_trials, n_rounds, n_fits):
        Fits.left = n_fits
        try:
            study(self.folder, names, n_trials, n_rounds)
        except Killed:
            pass
        finally:
            Fits.left = None
        if (self.folder / FILE).exists():
            self.known |= set(stored(self.folder))

    @precondition(lambda self: self.known)
    @rule(
        data=st.data(),
        statement=st.sampled_from(["DELETE FROM rounds", "UPDATE rounds SET metrics = '{\"accuracy\": 2}'"]),
    )
    def lose_or_damage_a_round(self, data, statement):
        key = data.draw(st.sampled_from(sorted(self.known)))
        changed_by_hand(self.folder, statement, key)
        self.known.remove(key)

    @precondition(lambda self: self.known)
    @rule(share=st.floats(0.05, 0.95))
    def cut_the_file_short_and_put_it_back(self, share):
        """It is refused and left as it is, or what is missing held nothing; a file of no bytes is a new study."""
        path = self.folder / FILE
        content = path.read_bytes()
        path.write_bytes(content[: int(share * len(content))])
        cut = path.read_bytes()
        try:
            study(self.folder)
        except StudyError:
            assert path.read_bytes() == cut
        else:
            assert stored(self.folder) == self.rounds
        finally:
            for left in self.folder.glob(f"{FILE}-*"):
                left.unlink()
            path.write_bytes(content)

    @precondition(lambda self: self.known)
    @rule()
    def leave_what_a_killed_process_leaves(self):
        (self.folder / "study.holder").write_text("process 1 on a machine that is gone")
        (self.folder / "study.lock").touch()
        (self.folder / "something.tmp").write_text("half a fi")

    @precondition(lambda self: self.known)
    @rule()
    def read(self):
        try:
            found = load_comparison(self.folder)
        except StudyError as error:
            assert "no trial is complete" in str(error)
            return
        trials, n_points = list(found.trials), len(found.axis)
        for name, scores in found.scores.items():
            np.testing.assert_array_equal(scores, self.whole.scores[name][trials, :n_points])
        np.testing.assert_array_equal(found.pool_classes, self.whole.pool_classes[trials])

    @invariant()
    def what_was_committed_is_there_and_is_what_it_would_have_been(self):
        if not (self.folder / FILE).exists():
            assert not self.known
            return
        there = stored(self.folder)
        assert self.known <= set(there)
        assert {key: self.rounds[key] for key in there} == there


TestStored = pytest.mark.filterwarnings("ignore:.*stored rounds? (is|are) damaged")(Stored.TestCase)
# A study is run in most steps: few examples, and a failure is shown as it was found, since to make it shorter would
# run hundreds of studies.
TestStored.settings = settings(
    max_examples=settings().max_examples // 5, stateful_step_count=8, phases=(Phase.explicit, Phase.generate)
)


def test_a_store_that_cannot_be_told_from_none_is_a_new_study_of_its_own(tmp_path):
    """The file alone is the study: without it the folder is begun anew, and nothing else is taken for it."""
    study(tmp_path, n_trials=1, n_rounds=1)
    os.remove(tmp_path / FILE)
    with pytest.raises(StudyError, match="no study"):
        Store(tmp_path)
    study(tmp_path, n_trials=1, n_rounds=1)
    assert stored(tmp_path).items() <= Stored.rounds.items()


def test_classes_of_the_pools_are_those_of_the_trials_that_are_read(tmp_path):
    study(tmp_path)
    pools = {0: [16, 15, 5], 1: [17, 14, 5], 2: [18, 12, 6]}  # splits are stratified, so they would be alike
    with Store.held(tmp_path) as store:
        store.enter({}, pools)
    changed_by_hand(tmp_path, "DELETE FROM rounds", ("margin", 0, N_ROUNDS))
    found = load_comparison(tmp_path)
    assert found.trials == (1, 2)
    assert found.pool_classes.tolist() == [pools[1], pools[2]]
