"""Whatever is asked, taught, refused, broken off and forgotten, in any order: a learner knows what it was told.

The machine keeps a plain list of the rows that should be known, and compares after every step.
"""

import pickle
import warnings
from collections import Counter
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from made_containers import dense
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin

from skal import ActiveLearner, Committee
from skal.data import take
from skal.query import random_sampling

CLASSES = ["a", "bb", "a long word"]  # a label that is cut off is another one
VALUES = np.repeat(np.arange(8), 2)  # rows 0 and 1 are equal, 2 and 3, and so on
X = np.column_stack([VALUES / 2, VALUES.astype(float) ** 2])
y = np.array(CLASSES)[VALUES % 3]
KINDS = {"array": np.array, "frame": pd.DataFrame, "sparse": sparse.csr_array, "list": np.ndarray.tolist}
some_rows = st.lists(st.integers(0, len(X) - 1), min_size=1, max_size=4)


class Teller(ClassifierMixin, BaseEstimator):
    """Keeps what it was fitted to, and fails where the test says so."""

    failing: ClassVar[set] = set()

    def __init__(self, number=0):
        self.number = number

    def fit(self, X, y, sample_weight=None):
        if self.number in Teller.failing:
            raise RuntimeError("the power is off")
        self.X_, self.y_, self.weights_ = dense(X).copy(), list(y), sample_weight
        self.classes_ = np.unique(self.y_)
        return self

    def predict(self, X):
        return np.repeat(self.classes_[:1], len(dense(X)))


class LearnerMachine(RuleBasedStateMachine):
    """One learner; the machine of committees makes another."""

    numbers: tuple[int, ...] = (0,)

    @initialize(kind=st.sampled_from(list(KINDS)))
    def begin(self, kind):
        Teller.failing = set()
        self.kind = KINDS[kind]
        members = [
            ActiveLearner(Teller(number), random_sampling, classes=CLASSES, random_state=number)
            for number in self.numbers
        ]
        self.learner = self.made_of(members)
        self.known, self.weights = [], None
        self.asked = Counter()  # values of rows that were handed out and have not been taught since
        self.trained_on = None  # rows, where these are known for certain

    def made_of(self, members):
        return members[0]

    def members(self):
        return [self.learner]

    def teardown(self):
        Teller.failing = set()

    def given(self, rows):
        return self.kind(X[rows]), y[rows].tolist() if self.kind is np.ndarray.tolist else y[rows]

    def taught(self, rows):
        """Say whether rows may be taught, and whether some of them were known although they were asked for."""
        left, values, again = self.asked.copy(), {VALUES[row] for row in self.known}, False
        for value in VALUES[rows].tolist():
            if left[value]:
                left[value] -= 1
                again |= value in {VALUES[row] for row in self.known}
            elif value in values:
                return False, again
            values.add(value)
        return True, again

    @rule(n=st.integers(1, 3))
    def query(self, n):
        indices, rows = self.learner.query(self.kind(X), n_instances=n)
        assert len(set(indices.tolist())) == n and (dense(rows) == X[indices]).all()
        self.asked.update(VALUES[indices].tolist())

    @rule(rows=some_rows, weighted=st.booleans(), how=st.sampled_from([None, None, "bootstrap", "only_new"]))
    def teach(self, rows, weighted, how):
        weights = np.array(rows) + 0.5
        allowed, again = self.taught(rows)
        arguments = {"sample_weight": weights} if weighted else {}
        arguments |= {how: True} if how else {}
        if not allowed:
            with pytest.raises(ValueError, match=r"taught before|repeated within"):
                self.learner.teach(*self.given(rows), **arguments)
            return
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.learner.teach(*self.given(rows), **arguments)
        assert ("equal rows taught before" in " ".join(str(one.message) for one in caught)) == again
        if weighted or self.weights is not None:
            before = [1.0] * len(self.known) if self.weights is None else self.weights
            self.weights = before + (weights if weighted else np.ones(len(rows))).tolist()
        self.known = self.known + rows
        self.asked -= Counter(VALUES[rows].tolist())
        self.trained_on = {None: self.known, "only_new": rows, "bootstrap": None}[how]

    @rule(values=st.lists(st.integers(0, 7), min_size=1, max_size=4, unique=True), weighted=st.booleans())
    def teach_what_is_new(self, values, weighted):
        known = VALUES[self.known].tolist()
        if rows := [2 * value for value in values if value not in known]:
            assert self.taught(rows)[0]
            self.teach(rows, weighted, None)

    @precondition(lambda self: self.asked)
    @rule()
    def teach_what_was_asked_for(self):
        rows = [2 * value for value in self.asked.elements()][:3]
        assert self.taught(rows)[0]  # never refused
        self.teach(rows, False, None)

    @precondition(lambda self: self.known)
    @rule()
    def teach_again_what_was_taught_last(self):
        self.teach(self.known[-1:], False, None)

    @rule(rows=some_rows, method=st.sampled_from(["teach", "fit"]))
    def fail(self, rows, method):
        if method == "teach" and not self.taught(rows)[0]:
            return
        Teller.failing = {self.numbers[-1]}
        with warnings.catch_warnings(), pytest.raises(RuntimeError, match="the power is off"):
            warnings.simplefilter("ignore")
            getattr(self.learner, method)(*self.given(rows))
        Teller.failing = set()

    @rule(rows=some_rows, weighted=st.booleans(), again=st.booleans())
    def forget(self, rows, weighted, again):
        before = self.known
        weights = (np.array(rows) + 0.5).tolist() if weighted else None
        self.learner.fit(*self.given(rows), **({"sample_weight": weights} if weighted else {}))
        self.known, self.weights, self.trained_on = rows, weights, rows
        forgotten = sorted(set(VALUES[before].tolist()) - set(VALUES[rows].tolist()))
        if again and forgotten:
            self.teach([2 * value for value in forgotten], False, None)

    @precondition(lambda self: self.known)
    @rule(part=st.sampled_from([slice(None, None, -1), slice(1), slice(0, None, 2)]))
    def forget_all_but_a_part_of_its_own_rows(self, part):
        learner = self.members()[0]
        self.learner.fit(take(learner.X_training, part), take(learner.y_training, part))
        self.known, self.weights = self.known[part], None
        self.trained_on = self.known

    @rule()
    def sleep(self):
        self.learner = pickle.loads(pickle.dumps(self.learner))

    @invariant()
    def labels_belong_to_their_rows_and_nothing_is_lost(self):
        for learner in [*self.members(), self.learner]:
            if not self.known:
                assert learner.X_training is None and learner.y_training is None
                continue
            assert dense(learner.X_training).tolist() == X[self.known].tolist()
            assert list(learner.y_training) == y[self.known].tolist()
            if learner is self.learner and len(self.numbers) > 1:
                continue  # a committee has no estimator of its own
            model = learner.estimator
            values = (2 * model.X_[:, 0]).astype(int)
            assert model.y_ == [CLASSES[value % 3] for value in values]
            if self.trained_on is None:
                assert len(values) == len(self.known) and set(values) <= {VALUES[row] for row in self.known}
            else:
                assert values.tolist() == VALUES[self.trained_on].tolist()
                if self.weights is None:
                    assert model.weights_ is None
                else:
                    assert list(model.weights_) == self.weights[-len(self.trained_on) :]


class CommitteeMachine(LearnerMachine):
    numbers = (0, 1, 2)

    def made_of(self, members):
        return Committee(members, random_sampling, random_state=0)

    def members(self):
        return list(self.learner)

    @precondition(lambda self: self.known)
    @rule()
    def rebag(self):
        self.learner.rebag()
        self.trained_on = None


TestLearner = LearnerMachine.TestCase
TestCommittee = CommitteeMachine.TestCase
TestLearner.settings = TestCommittee.settings = settings(
    stateful_step_count=12, max_examples=settings().max_examples * 2 // 3
)
