"""Each check has a sabotaged strategy that it must catch: a suite that passes everything proves nothing."""

import threading
import unittest

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from skal import ActiveLearner
from skal.data import blocks
from skal.outputs import boundary_distance, discriminator_score, predicted_loss, proba, sampled_proba
from skal.query import entropy_sampling, query_strategy, random_sampling, score_strategy
from skal.scores import bald as bald_score
from skal.scores import entropy, mean_std
from skal.selection import top_k
from skal.testing import CHECKS, CheckFailed, check_query_strategy

DOC = """Pick the rows of the largest entropy.

Parameters
----------
learner : ActiveLearner
    Read for probabilities.
X_pool : container
    Rows.
n_instances : int, default=1
    How many.
random_state : int or None, default=None
    Orders ties.

Returns
-------
indices : ndarray
    Best first.
"""


def outcome(learner, indices, scores):
    """The form the caller wants, as a strategy without skal's decorator would give it."""
    wants_pair = hasattr(type(learner), "query") and "return_metrics" in type(learner).query.__code__.co_varnames
    indices = np.ascontiguousarray(indices, dtype=np.intp)
    return (indices, np.asarray(scores)) if wants_pair else indices


def checked(X_pool, n_instances):
    n = X_pool.shape[0] if hasattr(X_pool, "shape") else len(X_pool)
    if isinstance(n_instances, bool) or not isinstance(n_instances, (int, np.integer)):
        raise TypeError(f"n_instances must be an int, got {n_instances!r}")
    if not 1 <= n_instances <= n:
        raise ValueError(f"n_instances must be in [1, {n}], got {n_instances}")


def picks(learner, X_pool, n_instances, random_state):
    checked(X_pool, n_instances)
    return top_k(proba(learner, X_pool, then=entropy), n_instances, random_state)


def honest(learner, X_pool, n_instances=1, *, random_state=None):
    return outcome(learner, *picks(learner, X_pool, n_instances, random_state))


def duplicate_index(learner, X_pool, n_instances=1, *, random_state=None):
    indices, scores = picks(learner, X_pool, n_instances, random_state)
    indices[-1] = indices[0]
    return outcome(learner, indices, scores)


def out_of_range(learner, X_pool, n_instances=1, *, random_state=None):
    indices, scores = picks(learner, X_pool, n_instances, random_state)
    return outcome(learner, indices + 1, scores)


def wrong_count(learner, X_pool, n_instances=1, *, random_state=None):
    indices, scores = picks(learner, X_pool, n_instances, random_state)
    return outcome(learner, indices[: max(1, n_instances - 1)], scores[: max(1, n_instances - 1)])


def nan_entropy(learner, X_pool, n_instances=1, *, random_state=None):
    """p log p with an unsafe zero and an argsort that ranks NaN first: libact's fault."""
    checked(X_pool, n_instances)
    P = np.nan_to_num(learner.predict_proba(np.asarray(X_pool)), nan=0.0, posinf=1.0)
    with np.errstate(all="ignore"):
        scores = -(P * np.log(P)).sum(axis=1)
    order = np.argsort(scores)[::-1][:n_instances]
    return outcome(learner, order, scores[order])


def reversed_score(learner, X_pool, n_instances=1, *, random_state=None):
    checked(X_pool, n_instances)
    return outcome(learner, *top_k(-proba(learner, X_pool, then=entropy), n_instances, random_state))


def unsorted(learner, X_pool, n_instances=1, *, random_state=None):
    indices, scores = picks(learner, X_pool, n_instances, random_state)
    return outcome(learner, indices[::-1], scores[::-1])


def global_generator(learner, X_pool, n_instances=1, *, random_state=None):
    np.random.rand()
    return outcome(learner, *picks(learner, X_pool, n_instances, random_state))


def ignores_the_seed(learner, X_pool, n_instances=1, *, random_state=None):
    return outcome(learner, *picks(learner, X_pool, n_instances, np.random.RandomState()))


def pool_mutated(learner, X_pool, n_instances=1, *, random_state=None):
    if isinstance(X_pool, np.ndarray) and X_pool.flags.writeable:
        X_pool[0, 0] += 1e-9
    return outcome(learner, *picks(learner, X_pool, n_instances, random_state))


def model_trained(learner, X_pool, n_instances=1, *, random_state=None):
    indices, scores = picks(learner, X_pool, n_instances, random_state)
    if hasattr(learner, "y_training"):
        learner.estimator.fit(learner.X_training[::-1] * 1.5, learner.y_training[::-1])
    return outcome(learner, indices, scores)


def first_of_equals(learner, X_pool, n_instances=1, *, random_state=None):
    checked(X_pool, n_instances)
    scores = proba(learner, X_pool, then=entropy)
    return outcome(learner, *top_k(scores, n_instances, random_state, random_tie_break=False))


def clips_n_instances(learner, X_pool, n_instances=1, *, random_state=None):
    n = X_pool.shape[0] if hasattr(X_pool, "shape") else len(X_pool)
    return outcome(learner, *picks(learner, X_pool, min(n_instances, n), random_state))


def scores_before_it_checks(learner, X_pool, n_instances=1, *, random_state=None):
    scores = proba(learner, X_pool, then=entropy)
    checked(X_pool, n_instances)
    return outcome(learner, *top_k(scores, n_instances, random_state))


def swallows_options(learner, X_pool, n_instances=1, *, random_state=None, **options):
    return outcome(learner, *picks(learner, X_pool, n_instances, random_state))


def always_a_pair(learner, X_pool, n_instances=1, *, random_state=None):
    return picks(learner, X_pool, n_instances, random_state)


def repairs_nan(learner, X_pool, n_instances=1, *, random_state=None):
    checked(X_pool, n_instances)
    P = np.nan_to_num(learner.predict_proba(np.asarray(X_pool)), nan=0.0, posinf=0.0)
    return outcome(learner, *top_k(entropy(P), n_instances, random_state))


def batch_dependent(learner, X_pool, n_instances=1, *, random_state=None):
    """Scores relative to the block that a row happens to be read in."""
    checked(X_pool, n_instances)
    scores = proba(learner, X_pool, then=lambda P: np.array([0.0]).repeat(len(P)) + (entropy(P) == entropy(P).max()))
    return outcome(learner, *top_k(scores, n_instances, random_state))


@score_strategy(reads=("sampled_proba",))
def other_masks_in_every_block(learner, X_pool, *, random_state=None):
    read = learner.estimator.sampled_proba
    parts = [read(block, n_samples=5, random_state=random_state.randint(10**6)) for block, _ in blocks(X_pool)]
    return np.concatenate([bald_score(P) for P in parts])


@score_strategy(reads=("sampled_proba",))
def masks_without_a_seed(learner, X_pool):
    return sampled_proba(learner, X_pool, 5, then=mean_std)


@score_strategy(reads=("sampled_proba",))
def repairs_nan_of_passes(learner, X_pool, *, random_state=None):
    P = learner.estimator.sampled_proba(np.asarray(X_pool), random_state=random_state.randint(10**6))
    return bald_score(np.nan_to_num(P))


@score_strategy(reads=("predicted_loss",))
def smallest_loss(learner, X_pool):
    return -predicted_loss(learner, X_pool)


@score_strategy(reads=("discriminator_score",))
def most_like_a_label(learner, X_pool):
    return discriminator_score(learner, X_pool)


@score_strategy(reads=("boundary",))
def farthest_from_the_boundary(learner, X_pool):
    return np.minimum(boundary_distance(learner, X_pool), 1e9)


def ranks_pixels(learner, X_pool, n_instances=1, *, random_state=None):
    """Takes the pixels of all images for rows of a pool: right on tables, out of range on images."""
    checked(X_pool, n_instances)
    P = proba(learner, X_pool)
    scores = entropy(P if P.ndim == 2 else np.moveaxis(P, 1, -1).reshape(-1, P.shape[1]))
    return outcome(learner, *top_k(scores, n_instances, random_state))


def relative_to_the_block(learner, X_pool, n_instances=1, *, random_state=None):
    """On images, scores against the surest pixel of the block that an image happens to be read in."""
    checked(X_pool, n_instances)

    def score(P):
        found = entropy(P)
        return found if P.ndim == 2 else found / found.max()

    return outcome(learner, *top_k(proba(learner, X_pool, then=score), n_instances, random_state))


def certain_images(learner, X_pool, n_instances=1, *, random_state=None):
    """The right direction on tables, and the wrong one on images: the largest probability of any pixel."""
    checked(X_pool, n_instances)
    then = lambda P: entropy(P) if P.ndim == 2 else P.max(axis=(1, 2, 3))  # noqa: E731
    return outcome(learner, *top_k(proba(learner, X_pool, then=then), n_instances, random_state))


def breaks_on_pixels(learner, X_pool, n_instances=1, *, random_state=None):
    """Says nothing of who it is where its numbers do not fit."""
    checked(X_pool, n_instances)
    P = proba(learner, X_pool)
    if P.ndim != 2:
        raise ValueError("operands could not be broadcast together")
    return outcome(learner, *top_k(entropy(P), n_instances, random_state))


SABOTAGES = {
    duplicate_index: "check_batch",
    out_of_range: "check_batch",
    wrong_count: "check_batch",
    nan_entropy: "check_non_finite_proba",
    reversed_score: "check_prefers_the_unknown",
    unsorted: "check_best_first",
    global_generator: "check_global_generators_untouched",
    ignores_the_seed: "check_same_seed_same_picks",
    pool_mutated: "check_pool_untouched",
    model_trained: "check_model_untouched",
    first_of_equals: "check_ties_are_random",
    clips_n_instances: "check_bad_n_instances",
    scores_before_it_checks: "check_bad_n_instances",
    swallows_options: "check_unknown_option",
    always_a_pair: "check_return_form",
    repairs_nan: "check_non_finite_proba",
    batch_dependent: "check_block_size",
    other_masks_in_every_block: "check_block_size",
    masks_without_a_seed: "check_same_seed_same_picks",
    repairs_nan_of_passes: "check_non_finite_proba",
    smallest_loss: "check_prefers_the_unknown",
    most_like_a_label: "check_prefers_the_unknown",
    farthest_from_the_boundary: "check_prefers_the_unknown",
    ranks_pixels: "check_pixels",
    relative_to_the_block: "check_pixels_in_blocks",
    certain_images: "check_pixels_unknown",
    breaks_on_pixels: "check_pixels",
}
for function in (honest, *SABOTAGES):
    function.__doc__ = DOC


def test_a_plain_function_that_keeps_the_contract_passes():
    """Nobody has to use the decorator; labelled data and cold starts are what it would add."""
    findings = check_query_strategy(honest, on_fail=None)
    assert {name for name, found in findings.items() if found.startswith("failed")} <= {"check_cold_start"}
    assert findings["check_highest_scores"] == "skipped: it does not score rows one by one"


@pytest.mark.parametrize("strategy", SABOTAGES, ids=lambda strategy: strategy.__name__)
def test_sabotage_is_caught_by_its_check(strategy):
    with pytest.raises(CheckFailed):
        CHECKS[SABOTAGES[strategy]](strategy, None)


def test_all_that_is_wrong_is_named():
    with pytest.raises(CheckFailed, match=r"^\d+ of \d+ checks failed.\n(.*\n)*check_batch: picks must be distinct"):
        check_query_strategy(duplicate_index)


def test_undocumented_strategy_is_caught():
    @score_strategy
    def silent(learner, X_pool):
        return np.zeros(len(X_pool))

    with pytest.raises(CheckFailed, match="docstring"):
        CHECKS["check_docstring"](silent, None)


def test_function_inside_a_function_does_not_pickle():
    @score_strategy
    def local(learner, X_pool):
        return np.zeros(len(X_pool))

    with pytest.raises(Exception, match=r"(?i)pickle"):
        CHECKS["check_pickles"](local, None)


@pytest.mark.parametrize("wrong", ["duplicate", "negative", "short", "float", "nan_score"])
def test_the_door_refuses_what_is_no_batch(wrong, table):
    """Behind the decorator the same faults never reach the caller."""
    X, _ = table

    @query_strategy
    def broken(learner, X_pool, n_instances, *, random_state=None):
        indices, scores = np.arange(n_instances), np.zeros(n_instances)
        return {
            "duplicate": (np.zeros(n_instances, dtype=int), scores),
            "negative": (indices - 1, scores),
            "short": (indices[1:], scores[1:]),
            "float": (indices.astype(float), scores),
            "nan_score": (indices, scores * np.nan),
        }[wrong]

    with pytest.raises((RuntimeError, ValueError), match="broken"):
        broken(None, X, 3)


def test_findings_can_be_read_without_raising():
    findings = check_query_strategy(random_sampling, on_fail=None)
    assert set(findings) == set(CHECKS)
    assert {found.partition(":")[0] for found in findings.values()} == {"passed", "skipped"}


def test_a_few_checks_can_be_asked_for():
    assert check_query_strategy(random_sampling, checks=["check_batch"]) == {"check_batch": "passed"}
    with pytest.raises(ValueError, match="checks must be of check_docstring, .* got check_bach"):
        check_query_strategy(random_sampling, checks=["check_batch", "check_bach"])
    with pytest.raises(ValueError, match=r"must be a list of names, got 'check_batch'. Pass \['check_batch'\]"):
        check_query_strategy(random_sampling, checks="check_batch")


class WithALock(LogisticRegression):
    """A model that cannot be copied once it is fitted, as one that holds a session or an open file."""

    def fit(self, X, y):
        self.lock_ = threading.Lock()
        return super().fit(X, y)


def test_a_learner_that_cannot_be_copied_is_made_anew():
    def make_learner(X, y):
        return ActiveLearner(WithALock(), X_training=X, y_training=y, duplicates="allow")

    checks = ["check_batch", "check_same_seed_same_picks"]
    findings = check_query_strategy(entropy_sampling, make_learner=make_learner, checks=checks)
    assert findings == dict.fromkeys(checks, "passed")


def test_a_check_that_says_nothing_is_a_skip_for_pytest_and_unittest():
    with pytest.raises(unittest.SkipTest, match="it reads no labelled data"):
        CHECKS["check_missing_labeled_data"](random_sampling, None)
