"""The traps of skorch that the nets of skal step around, and what of skorch a user still has."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_numbers import ROUNDING
from skorch.callbacks import Callback, EarlyStopping, LRScheduler
from skorch.dataset import ValidSplit
from torch import nn

from skal.neural import NeuralClassifier
from skal.training import EpochBatches, Inputs, Labeled, Rows, Stream, class_softmax, one_pass

QUICK = {"max_epochs": 3, "module__hidden": (8,), "random_state": 0}


def test_softmax_is_over_the_class_axis():
    """Trap 1: over the width, an image's probabilities add up to the wrong thing."""
    logits = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    P = class_softmax(logits)
    torch.testing.assert_close(P.sum(dim=1), torch.ones(2, 4, 5, dtype=torch.float64))


def test_probabilities_come_from_logits(table):
    """Trap 5: a module of logits gives probabilities that add up to one."""
    X, y = table
    module = nn.Linear(6, 3)
    model = NeuralClassifier(module, max_epochs=2, random_state=0).fit(X, y)
    P = model.predict_proba(X)
    np.testing.assert_allclose(P.sum(axis=1), 1, atol=1e-12)
    assert P.dtype == np.float64
    with torch.no_grad():
        logits = model.net_.module_(model.inputs_.tensor(X))
    np.testing.assert_allclose(P, torch.softmax(logits.double(), dim=1), atol=1e-6)


def test_all_labelled_rows_are_trained_on(table):
    """Trap 4: no fifth is held out."""
    X, y = table
    model = NeuralClassifier(max_epochs=1, batch_size=1000).fit(X, y)
    assert model.net_.history[-1, "batches", 0, "train_batch_size"] == len(X)
    assert "valid_loss" not in model.history_[0]


def test_reading_is_in_order_and_leaves_no_graph(table):
    """Trap 2: passes in training mode shuffle, keep the graph and move batch norm."""
    X, y = table
    module = nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Dropout(0.5), nn.Linear(5, 3))
    model = NeuralClassifier(module, max_epochs=1, random_state=0).fit(X, y)
    module = model.net_.module_
    before = {name: value.clone() for name, value in module.state_dict().items()}
    P, samples = model.predict_proba(X), model.sampled_proba(X, 3)
    model.transform(X), model.boundary_distance(X[:3])
    order = np.random.RandomState(0).permutation(len(X))
    np.testing.assert_allclose(model.predict_proba(X[order]), P[order], **ROUNDING)
    np.testing.assert_allclose(model.sampled_proba(X[order], 3), samples[:, order], **ROUNDING)
    assert all(torch.equal(before[name], value) for name, value in module.state_dict().items())
    assert not any(part.training for part in module.modules())
    assert all(weights.grad is None or weights.requires_grad for weights in module.parameters())


def test_a_row_alone_has_the_same_probabilities(table, digits):
    X, y = table
    model = NeuralClassifier(**QUICK).fit(X, y)
    P = model.predict_proba(X)
    alone = np.concatenate([model.predict_proba(X[i : i + 1]) for i in range(0, len(X), 37)])
    np.testing.assert_allclose(alone, P[::37], **ROUNDING)


def test_ctrl_c_is_not_swallowed(table):
    """A training cut short must not pass for a whole one."""

    class Interrupted(nn.Linear):
        def forward(self, x):
            if self.training:
                raise KeyboardInterrupt
            return super().forward(x)

    model = NeuralClassifier(Interrupted(6, 3), max_epochs=2)
    with pytest.raises(KeyboardInterrupt):
        model.fit(*table)
    assert not hasattr(model, "net_")


def test_a_callback_may_end_the_training(table):
    class Impatient(Callback):
        def on_epoch_end(self, net, **kwargs):
            raise KeyboardInterrupt

    assert NeuralClassifier(callbacks=[Impatient()], **QUICK).fit(*table).n_iter_ == 1


class Watch(Callback):
    """Remembers how many epochs it saw."""

    def __init__(self):
        self.seen = 0

    def on_epoch_end(self, net, **kwargs):
        self.seen += 1


class TestCallbacks:
    def test_are_parameters_and_stay_as_given(self, table):
        watch = Watch()
        model = NeuralClassifier(callbacks=[watch], **QUICK).fit(*table)
        assert watch.seen == 0
        assert dict(model.net_.callbacks_)["Watch"].seen == 3

    def test_early_stopping_on_a_split(self, table):
        model = NeuralClassifier(
            max_epochs=200,
            lr=0.05,
            train_split=ValidSplit(0.3, stratified=True),
            callbacks=[EarlyStopping(patience=3)],
            random_state=0,
        ).fit(*table)
        assert model.n_iter_ < 200
        assert all(np.isfinite(row["valid_loss"]) for row in model.history_)

    def test_a_split_without_a_seed_is_seeded(self, table):
        split = ValidSplit(0.3)
        np.random.seed(5)
        before = np.random.get_state()[1].copy()
        first, second = (NeuralClassifier(train_split=split, **QUICK).fit(*table) for _ in range(2))
        np.testing.assert_array_equal(before, np.random.get_state()[1])
        np.testing.assert_array_equal(first.predict_proba(table[0]), second.predict_proba(table[0]))
        assert split.random_state is None

    def test_learning_rate_schedule(self, table):
        schedule = LRScheduler(torch.optim.lr_scheduler.StepLR, step_size=1, gamma=0.1)
        model = NeuralClassifier(callbacks=[schedule], optimizer=torch.optim.SGD, lr=0.1, **QUICK).fit(*table)
        np.testing.assert_allclose([row["event_lr"] for row in model.history_], [0.1, 0.01, 0.001])

    def test_history_has_no_batches(self, table):
        model = NeuralClassifier(**QUICK).fit(*table)
        assert [row["epoch"] for row in model.history_] == [1, 2, 3]
        assert {"train_loss", "dur"} <= set(model.history_[0])
        assert "batches" not in model.history_[0]

    def test_a_line_an_epoch(self, table, capsys):
        NeuralClassifier(verbose=1, **QUICK).fit(*table)
        assert capsys.readouterr().out.count("\n") >= 5
        NeuralClassifier(**QUICK).fit(*table)
        assert capsys.readouterr().out == ""


def labeled(n):
    X = np.arange(2.0 * n, dtype=np.float32).reshape(n, 2)
    return Labeled(Rows(X, Inputs((2,)), torch.device("cpu")), torch.arange(n))


class TestBatches:
    @pytest.mark.parametrize(("n", "sizes"), [(1, [2]), (7, [3, 4]), (8, [3, 3, 2]), (9, [3, 3, 3]), (2, [2])])
    def test_none_holds_one_row(self, n, sizes):
        batches = EpochBatches(labeled(n), 3, torch.Generator().manual_seed(0))
        parts = [y for _, y in batches]
        assert [len(part) for part in parts] == sizes
        assert len(batches) == len(sizes)
        assert sorted(set(torch.cat(parts).tolist())) == list(range(n))

    def test_in_order_without_a_generator(self):
        assert torch.cat([y for _, y in EpochBatches(labeled(7), 3, None)]).tolist() == list(range(7))

    def test_subsets_are_looked_through(self):
        subset = torch.utils.data.Subset(torch.utils.data.Subset(labeled(9), [8, 6, 4, 2]), [0, 3])
        x, y = next(iter(EpochBatches(subset, 5, None)))
        assert y.tolist() == [8, 2]
        assert x.tolist() == [[16.0, 17.0], [4.0, 5.0]]

    def test_a_stream_never_runs_dry(self):
        """Card 23, item 12: fewer rows than a batch."""
        stream = Stream(3, 8, torch.Generator().manual_seed(0))
        drawn = torch.cat([next(stream) for _ in range(6)])
        assert len(drawn) == 48
        assert torch.bincount(drawn).tolist() == [16, 16, 16]
        with pytest.raises(ValueError, match="at least one row"):
            Stream(0, 8, torch.Generator())


class TestWeightsOfRows:
    """Rows that have less to teach are drawn less often: two whole ones, and eight of a quarter."""

    weights = torch.tensor([1.0, 1.0, *[0.25] * 8])

    def test_a_pass_draws_whole_rows_once_and_others_in_proportion(self):
        generator = torch.Generator().manual_seed(0)
        passes = [one_pass(10, generator, self.weights) for _ in range(400)]
        assert {len(drawn) for drawn in passes} == {4}
        counts = torch.bincount(torch.cat(passes), minlength=10)
        assert counts[:2].tolist() == [400, 400]
        assert 70 <= counts[2:].min() and counts[2:].max() <= 130  # 100 expected
        first = torch.bincount(torch.stack(passes)[:, 0], minlength=10)
        assert 70 <= first[0] <= 130  # shuffled: a whole row is the first in a quarter of the passes

    def test_none_is_left_out_for_good_where_weights_do_not_add_up_to_whole_numbers(self):
        generator = torch.Generator().manual_seed(0)
        weights = torch.tensor([1.0, 1.0, 0.3, 0.05])  # 2.35: three a pass, so that no whole row is left out
        passes = [one_pass(4, generator, weights) for _ in range(600)]
        assert all(len(drawn) == 3 and {0, 1} <= set(drawn.tolist()) for drawn in passes)
        counts = torch.bincount(torch.cat(passes), minlength=4)
        np.testing.assert_allclose(counts / 1800, weights / weights.sum(), atol=0.03)

    def test_without_weights_a_pass_is_a_permutation(self):
        drawn = one_pass(10, torch.Generator().manual_seed(3))
        assert drawn.tolist() == torch.randperm(10, generator=torch.Generator().manual_seed(3)).tolist()

    def test_batches_of_an_epoch(self):
        data = labeled(10)
        data.weights = self.weights
        assert data.rows_a_pass == 4
        batches = EpochBatches(data, 3, torch.Generator().manual_seed(0))
        for _ in range(5):
            parts = [y.tolist() for _, y in batches]
            assert list(map(len, parts)) == [4] and len(batches) == 1  # no batch of one row
            assert {0, 1} <= set(parts[0])
        assert torch.cat([y for _, y in EpochBatches(data, 3, None)]).tolist() == list(range(10))

    def test_of_a_subset_are_those_of_its_rows(self):
        data = labeled(10)
        data.weights = self.weights
        subset = torch.utils.data.Subset(data, [9, 8, 7, 6, 1])  # four quarters and a whole: two a pass
        batches = EpochBatches(subset, 3, torch.Generator().manual_seed(0))
        drawn = [torch.cat([y for _, y in batches]).tolist() for _ in range(60)]
        assert all(len(rows) == 2 and 1 in rows for rows in drawn)
        assert {row for rows in drawn for row in rows} == {9, 8, 7, 6, 1}

    def test_one_light_row_is_enough_for_a_batch(self):
        data = labeled(10)
        data.weights = self.weights
        subset = torch.utils.data.Subset(data, [5])
        assert [y.tolist() for _, y in EpochBatches(subset, 3, torch.Generator().manual_seed(0))] == [[5, 5]]

    def test_a_stream(self):
        stream = Stream(10, 8, torch.Generator().manual_seed(0), self.weights)
        drawn = torch.cat([next(stream) for _ in range(50)])  # a hundred passes
        assert torch.bincount(drawn, minlength=10)[:2].tolist() == [100, 100]
