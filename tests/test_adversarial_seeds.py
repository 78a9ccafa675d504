"""One seed, one set of picks: in threads, in processes, whatever the global generators do, which nobody moves."""

from __future__ import annotations

import copy
import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from made_adversarial import MAKERS, partly, undiagnosed  # noqa: F401
from sklearn.base import clone

from skal import nets


@pytest.fixture(params=MAKERS)
def model(request):
    return MAKERS[request.param](random_state=3)


def scores_of(model, X, y):
    return model.fit(X, partly(y, 30)).score_samples(X)


def test_same_seed_same_picks_in_eight_threads(model, table):
    X, y = table
    X, y = X[:100], y[:100]
    alone = scores_of(clone(model), X, y)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: scores_of(clone(model), X, y), range(8)))
    for found in together:
        np.testing.assert_array_equal(found, alone)
    assert not np.array_equal(scores_of(clone(model).set_params(random_state=4), X, y), alone)


def test_ties_are_broken_by_the_seed(model, table, monkeypatch):
    X, y = table
    model.fit(X, partly(y, 30))
    same = np.repeat(X[:1], 50, axis=0)
    # Equal rows have equal scores but for the last digits, which some processors round by the place in a batch.
    monkeypatch.setattr(model, "score_samples", lambda X: np.full(len(X), 0.5))
    picks = model.query(same, 50)
    assert picks.tolist() == model.query(same, 50).tolist() != list(range(50))
    assert model.query(same, 50, random_tie_break=False).tolist() == list(range(50))


def test_global_generators_are_neither_read_nor_moved(model, table):
    X, y = table
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed), np.random.seed(seed), random.seed(seed)
        before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
        fitted = clone(model).fit(X, partly(y, 30))
        found.append(fitted.score_samples(X))
        fitted.query(X, 5), fitted.transform(X)
        assert torch.equal(before[0], torch.get_rng_state())
        np.testing.assert_array_equal(before[1], np.random.get_state()[1])
        assert before[2] == random.getstate()
    np.testing.assert_array_equal(found[0], found[1])


def test_without_a_seed_two_fits_differ(model, table):
    X, y = table
    model.set_params(random_state=None)
    assert not np.array_equal(scores_of(model, X, y), scores_of(model, X, y))


def test_a_module_that_is_given_stays_as_it_is(table):
    X, y = table
    given = {"module": nets.MLPVAE((6,), 4, hidden=(8,)), "discriminator": nets.discriminator(4, hidden=8)}
    before = {name: copy.deepcopy(module.state_dict()) for name, module in given.items()}
    model = MAKERS["VAAL"](**given)
    del model.module__hidden, model.discriminator__hidden
    first = scores_of(model, X, y)
    for name, module in given.items():
        assert getattr(model, name) is module
        torch.testing.assert_close(module.state_dict(), before[name], rtol=0, atol=0)
    np.testing.assert_array_equal(scores_of(model, X, y), first)
