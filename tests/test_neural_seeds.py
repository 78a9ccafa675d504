"""One seed, one net: in threads, in processes, whatever the global generators do, which nobody moves."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from made_adversarial import undiagnosed  # noqa: F401
from sklearn.base import clone
from torch import nn

from skal.neural import LossPredictionClassifier, NeuralClassifier, VariationalAutoencoder
from skal.training import SeededDraws


class Sequence(nn.Module):
    """Columns as a sequence through an LSTM with dropout, then functional dropout."""

    def __init__(self, n_outputs):
        super().__init__()
        self.lstm = nn.LSTM(1, 4, num_layers=2, dropout=0.5, batch_first=True)
        self.head = nn.Linear(4, n_outputs)

    def forward(self, x):
        h = self.lstm(x[:, :, None])[0][:, -1]
        return self.head(F.dropout(h, 0.3, self.training))


MODELS = {
    "mlp": NeuralClassifier(max_epochs=2, module__hidden=(8,), random_state=3),
    "lstm": NeuralClassifier(Sequence, max_epochs=2, random_state=3),
    "loss prediction": LossPredictionClassifier(max_epochs=2, module__hidden=(8,), random_state=3),
    "vae": VariationalAutoencoder(max_epochs=2, module__hidden=(8,), random_state=3),
}


def weights(model, X, y):
    state = model.fit(X, y).net_.module_.state_dict()
    return np.concatenate([value.numpy().ravel() for value in state.values()])


@pytest.fixture(params=MODELS)
def model(request):
    return MODELS[request.param]


def test_same_seed_same_weights_in_eight_threads(model, table):
    X, y = table
    alone = weights(clone(model), X, y)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: weights(clone(model), X, y), range(8)))
    for found in together:
        np.testing.assert_array_equal(found, alone)
    other = weights(clone(model).set_params(random_state=4), X, y)
    assert not np.array_equal(other, alone)


def test_global_generators_are_neither_read_nor_moved(model, table):
    X, y = table
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed), np.random.seed(seed), random.seed(seed)
        before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
        fitted = clone(model)
        found.append(weights(fitted, X, y))
        for name in ("predict_proba", "predict_loss", "transform", "score_samples", "sample"):
            if hasattr(fitted, name):
                getattr(fitted, name)(3 if name == "sample" else X)
        assert torch.equal(before[0], torch.get_rng_state())
        np.testing.assert_array_equal(before[1], np.random.get_state()[1])
        assert before[2] == random.getstate()
    np.testing.assert_array_equal(found[0], found[1])


@pytest.mark.slow
def test_same_seed_same_weights_and_picks_in_another_process():
    """One process for nets and for the games."""
    setting = (
        "import hashlib, numpy as np\n"
        "from made_adversarial import MAKERS\n"
        "from skal.neural import NeuralClassifier\n"
        "X = np.random.RandomState(0).normal(size=(50, 4)); y = X[:, 0] > 0\n"
        "P = NeuralClassifier(max_epochs=3, random_state=0).fit(X, y).predict_proba(X)\n"
        "partly = np.where(np.arange(50) < 20, y, np.nan)\n"
        "picks = {name: make().fit(X, partly).query(X, 50).tolist() for name, make in MAKERS.items()}\n"
        "found = {'digest': hashlib.sha256(P.tobytes()).hexdigest(), **picks}\n"
    )
    here = {}
    exec(setting, here)
    there = f"import json, sys, torch; sys.path.insert(0, {str(Path(__file__).parent)!r}); torch.set_num_threads(1)\n"
    command = [sys.executable, "-c", f"{there}{setting}print(json.dumps(found))"]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert found == here["found"]
    assert all(sorted(found[name]) == list(range(50)) for name in ("VAAL", "SRAAL"))


def test_without_a_seed_two_fits_differ(table):
    X, y = table
    model = NeuralClassifier(max_epochs=1)
    assert not np.array_equal(weights(model, X, y), weights(model, X, y))


ROWS = torch.ones(2, 5, 4)
DRAWS = {
    "init": lambda: nn.Linear(3, 2).weight,
    "kaiming": lambda: nn.init.kaiming_normal_(torch.empty(3, 2)),
    "randn": lambda: torch.randn(4),
    "randn_like": lambda: torch.randn_like(torch.zeros(4)),
    "rand_like": lambda: torch.rand_like(torch.zeros(4)),
    "randperm": lambda: torch.randperm(50),
    "normal": lambda: torch.normal(torch.zeros(4), torch.ones(4)),
    "bernoulli": lambda: torch.bernoulli(torch.full((50,), 0.5)),
    "uniform_": lambda: torch.empty(4).uniform_(),
    "multinomial": lambda: torch.multinomial(torch.ones(50), 20),
    "dropout": lambda: nn.Dropout(0.5)(torch.ones(50)),
    "dropout2d": lambda: nn.Dropout2d(0.5)(torch.ones(9, 9, 2, 2)),
    "alpha_dropout": lambda: nn.AlphaDropout(0.5)(torch.ones(50)),
    "rrelu": lambda: F.rrelu(-torch.ones(50), training=True),
    "gumbel": lambda: F.gumbel_softmax(torch.zeros(5, 5)),
    "attention": lambda: F.scaled_dot_product_attention(ROWS, ROWS, ROWS, dropout_p=0.5),
    "randint_like": lambda: torch.randint_like(torch.zeros(50), 100),
    "distribution": lambda: torch.distributions.Normal(torch.zeros(4), 1.0).rsample(),
}


@pytest.mark.parametrize("draw", DRAWS)
def test_draws_come_from_the_seed(draw):
    before = torch.get_rng_state()
    with SeededDraws(0):
        first = DRAWS[draw]().detach().clone()
    torch.rand(3)  # the global generator moves on
    after = torch.get_rng_state()
    mode = SeededDraws(0)
    with mode:
        again = DRAWS[draw]().detach().clone()
    with mode:
        later = DRAWS[draw]().detach().clone()
    assert torch.equal(first, again)
    assert not torch.equal(again, later)
    assert torch.equal(after, torch.get_rng_state())
    assert not torch.equal(before, after)


def test_dropout_has_its_rate_and_keeps_the_mean():
    with SeededDraws(0):
        x = nn.Dropout(0.3)(torch.ones(20000))
        channels = nn.Dropout2d(0.3)(torch.ones(500, 9, 2, 2))
    assert (x == 0).float().mean().item() == pytest.approx(0.3, abs=0.02)
    assert x.mean().item() == pytest.approx(1, abs=0.03)
    assert set(channels.flatten(2).std(dim=2).flatten().tolist()) == {0.0}
