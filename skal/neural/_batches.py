"""Batches: one pass over rows and targets, and endless streams that never run dry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch.utils.data import Dataset, Subset

from skal.neural._inputs import Rows

Batch = tuple[torch.Tensor, torch.Tensor]


class Labeled(Dataset[Batch]):
    """Rows and their targets, as skorch and its splits want them.

    Parameters
    ----------
    rows : Rows
        Of n rows.
    targets : Tensor of shape (n, ...)
        Moved to the device of the rows.
    """

    def __init__(self, rows: Rows, targets: torch.Tensor) -> None:
        self.rows = rows
        self.targets = targets.to(rows.device)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int) -> Batch:
        x, y = self.batch(torch.tensor([row]))
        return x[0], y[0]

    def batch(self, rows: torch.Tensor) -> Batch:
        """Rows and targets at positions (int64, on the host)."""
        return self.rows.batch(rows), self.targets[rows.to(self.targets.device)]


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
        Shuffles; None: in order.
    """

    def __init__(self, dataset: Any, batch_size: int, generator: torch.Generator | None) -> None:
        rows = torch.arange(len(dataset))
        while isinstance(dataset, Subset):
            rows = torch.as_tensor(dataset.indices)[rows]
            dataset = dataset.dataset
        self.dataset = dataset
        self.positions = rows.repeat(2) if len(rows) == 1 and generator is not None else rows
        self.batch_size = batch_size
        self.generator = generator

    def __len__(self) -> int:
        return len(self._sizes())

    def __iter__(self) -> Iterator[Batch]:
        order = self.positions
        if self.generator is not None:
            order = order[torch.randperm(len(order), generator=self.generator)]
        for rows in order.split(self._sizes()):
            yield self.dataset.batch(rows)

    def _sizes(self) -> list[int]:
        whole, rest = divmod(len(self.positions), self.batch_size)
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

    Notes
    -----
    The infinite loaders of VAAL's and SRAAL's public codes drop the last batch, so they spin for ever on fewer
    labelled rows than a batch.
    """

    def __init__(self, n: int, batch_size: int, generator: torch.Generator) -> None:
        if n < 1:
            raise ValueError("Stream: at least one row is needed, got none.")
        self.n = n
        self.batch_size = batch_size
        self.generator = generator
        self._left = torch.empty(0, dtype=torch.int64)

    def __iter__(self) -> Iterator[torch.Tensor]:
        return self

    def __next__(self) -> torch.Tensor:
        while len(self._left) < self.batch_size:
            self._left = torch.cat([self._left, torch.randperm(self.n, generator=self.generator)])
        batch, self._left = self._left[: self.batch_size], self._left[self.batch_size :]
        return batch
