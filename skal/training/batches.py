"""Batches: one pass over rows and targets, and endless streams that never run dry."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch.utils.data import Dataset, Subset

from skal.training.inputs import Rows
from skal.training.row_weights import WeightedRows

Batch = tuple[Any, torch.Tensor]


class Labeled(Dataset[Batch]):
    """Rows and their targets, as skorch and its splits want them.

    Parameters
    ----------
    rows : Rows
        Of n rows.
    targets : Tensor of shape (n, ...)
        Moved to the device of the rows.

    Attributes
    ----------
    weights : Tensor of shape (n,) or None
        How often a pass draws each row, in (0, 1], where some have less to teach than others; None: once.
    loss_weights : Tensor of shape (n,) or None
        What the loss of each row counts, on average 1; it has no part in which rows are drawn. None: all the same.
    """

    weights: torch.Tensor | None = None
    loss_weights: torch.Tensor | None = None

    def __init__(self, rows: Rows, targets: torch.Tensor) -> None:
        self.rows = rows
        self.targets = targets.to(rows.device)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def rows_a_pass(self) -> int:
        """Rows that a pass of the training draws."""
        return rows_a_pass(len(self), self.weights)

    def __getitem__(self, row: int) -> Batch:
        position = torch.tensor([row])
        return self.inputs_at(position)[0], self.targets[position.to(self.targets.device)][0]

    def batch(self, rows: torch.Tensor) -> Batch:
        """Rows and targets at positions (int64, on the host); rows beside their weights where they have some."""
        x: Any = self.inputs_at(rows)
        if self.loss_weights is not None:
            x = WeightedRows(x, self.loss_weights[rows].to(self.targets.device))
        return x, self.targets[rows.to(self.targets.device)]

    def inputs_at(self, rows: torch.Tensor) -> Any:
        """What the net reads of rows at positions."""
        return self.rows.batch(rows)


def rows_a_pass(n: int, weights: torch.Tensor | None) -> int:
    """Rows that a pass draws: all n, or as many as their weights are together."""
    return n if weights is None else max(2, math.ceil(float(weights.double().sum())))


def one_pass(n: int, generator: torch.Generator, weights: torch.Tensor | None = None) -> torch.Tensor:
    """Positions of one pass over n rows, shuffled: each once, or on average in proportion to its weight.

    Parameters
    ----------
    n : int
        Rows.
    generator : torch.Generator
        Draws.
    weights : Tensor of shape (n,) or None, default=None
        In (0, 1]. Rows are drawn at even steps along the sum of the weights, from a random start: a row of weight 1
        comes in every pass, one of 0.1 in about every tenth.
    """
    order = torch.randperm(n, generator=generator)
    if weights is None:
        return order
    n_drawn, ends = rows_a_pass(n, weights), weights[order].double().cumsum(0)
    marks = (torch.rand((), generator=generator, dtype=torch.float64) + torch.arange(n_drawn)) * ends[-1] / n_drawn
    return order[torch.searchsorted(ends, marks, right=True).clamp(max=n - 1)]


class EpochBatches:
    """One pass over a data set.

    No batch holds a single row, on which batch normalisation cannot train: a last one is added to the
    batch before it, and a data set of one row is read twice.

    Parameters
    ----------
    dataset : Labeled, or a Subset of one
        What is read.
    batch_size : int
        Rows a batch; more than there are means all of them.
    generator : torch.Generator or None
        Shuffles, and draws by the weights of the data set; None: all rows in order.
    """

    def __init__(self, dataset: Any, batch_size: int, generator: torch.Generator | None) -> None:
        rows = torch.arange(len(dataset))
        while isinstance(dataset, Subset):
            rows = torch.as_tensor(dataset.indices)[rows]
            dataset = dataset.dataset
        self.dataset = dataset
        self.positions = rows.repeat(2) if len(rows) == 1 and generator is not None else rows
        weights = getattr(dataset, "weights", None) if generator is not None else None
        self.weights = None if weights is None else weights[self.positions]
        self.batch_size = batch_size
        self.generator = generator

    def __len__(self) -> int:
        return len(self._sizes())

    def __iter__(self) -> Iterator[Batch]:
        order = self.positions
        if self.generator is not None:
            order = order[one_pass(len(order), self.generator, self.weights)]
        for rows in order.split(self._sizes()):
            yield self.dataset.batch(rows)

    def _sizes(self) -> list[int]:
        whole, rest = divmod(rows_a_pass(len(self.positions), self.weights), self.batch_size)
        sizes = [self.batch_size] * whole + ([rest] if rest else [])
        if len(sizes) > 1 and sizes[-1] == 1 and self.generator is not None:
            sizes[-2:] = [self.batch_size + 1]
        return sizes


class Stream:
    """Endless positions in [0, n), shuffled anew each pass; a batch may span two passes.

    Parameters
    ----------
    n : int
        Rows, at least one.
    batch_size : int
        Positions a batch, also where there are fewer rows: then some stand in it twice.
    generator : torch.Generator
        Shuffles.
    weights : Tensor of shape (n,) or None, default=None
        How often a pass draws each row, as in `one_pass`.

    Notes
    -----
    The infinite loaders of VAAL's and SRAAL's public codes drop the last batch, so they spin for ever on fewer
    labelled rows than a batch.
    """

    def __init__(
        self, n: int, batch_size: int, generator: torch.Generator, weights: torch.Tensor | None = None
    ) -> None:
        if n < 1:
            raise ValueError("Stream: at least one row is needed, got none.")
        self.n = n
        self.batch_size = batch_size
        self.generator = generator
        self.weights = weights
        self._left = torch.empty(0, dtype=torch.int64)

    def __iter__(self) -> Iterator[torch.Tensor]:
        return self

    def __next__(self) -> torch.Tensor:
        while len(self._left) < self.batch_size:
            self._left = torch.cat([self._left, one_pass(self.n, self.generator, self.weights)])
        batch, self._left = self._left[: self.batch_size], self._left[self.batch_size :]
        return batch
