"""What every trained net is read by: one pass over rows, samples of it under dropout, draws that stay the same."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skal.data import take
from skal.training import (
    MAX_SEED,
    CountedDraws,
    EmbeddingMixin,
    Inputs,
    LabeledTraining,
    SeededDraws,
    SharedDropout,
    refuse_hidden_dropout,
)

__all__ = ["NetPredictions"]


class NetPredictions(EmbeddingMixin, LabeledTraining, ABC):
    """Base of an estimator around a net: what it tells of rows, or of pixels, whose axes come last."""

    _instead_of_dropout: ClassVar[str] = "an EnsembleClassifier"
    # Of the fit, where the module draws in evaluation too: each batch is read with the same draws.
    _reading_seed: int | None = None

    def _sampled(
        self, X: Any, n_samples: int, random_state: int | np.random.RandomState | None, who: str = "sampled_proba"
    ) -> NDArray[Any]:
        """What is told (T, n, ...) under masks that all rows of a sample share: probabilities, as a rule."""
        if isinstance(n_samples, bool) or not isinstance(n_samples, (int, np.integer)) or n_samples < 1:
            raise ValueError(f"{who}: n_samples must be an int >= 1, got {n_samples!r}.")
        check_is_fitted(self)
        refuse_hidden_dropout(self.net_.module_, who)
        rng = check_random_state(self.random_state if random_state is None else random_state)
        seeds = rng.randint(MAX_SEED, size=n_samples)

        def sampled(x: torch.Tensor) -> torch.Tensor:
            samples = []
            for seed in seeds.tolist():
                with SharedDropout(seed) as masks:
                    logits = self._passed(x)
                if masks.n_dropouts == 0:
                    raise TypeError(
                        f"{who} needs dropout, and {type(self.net_.module_).__name__} has none. Use a net with "
                        f"dropout (module__dropout=0.25 of those in skal.nets), or {self._instead_of_dropout}."
                    )
                samples.append(self._proba(logits))
            return torch.stack(samples, dim=1)

        return np.moveaxis(self._read_proba(X, sampled), 1, 0)

    def _read_proba(self, X: Any, forward: Callable[[torch.Tensor], torch.Tensor]) -> NDArray[Any]:
        """Read what has one shape for all rows."""
        return self._read(X, forward)

    def _logits(self, x: torch.Tensor) -> torch.Tensor:
        """What the module gives for a batch; where it draws in evaluation, by the same draws for each."""
        with self._same_draws():
            return self._passed(x)

    def _passed(self, x: torch.Tensor) -> torch.Tensor:
        with self.net_.autocast():
            logits: torch.Tensor = self.net_.output(self.net_.prepared(x))
        return logits

    @abstractmethod
    def _proba(self, logits: torch.Tensor) -> torch.Tensor:
        """What is told of what the module gives: of logits probabilities over the class axis, the second."""

    def _same_draws(self) -> Any:
        return contextlib.nullcontext() if self._reading_seed is None else SeededDraws(self._reading_seed)

    def _train(self, net: Any, dataset: Any, targets: Any, goes_on: bool) -> None:
        seed = net.draws.seed
        super()._train(net, dataset, targets, goes_on)
        self._look_for_draws(net, dataset, seed)

    def _one_pass(self, net: Any, data: Any, targets: Any, goes_on: bool) -> None:
        seed = net.draws.seed
        super()._one_pass(net, data, targets, goes_on)
        self._look_for_draws(net, data, seed)

    def _look_for_draws(self, net: Any, dataset: Any, seed: int) -> None:
        """Find out whether the trained module draws in evaluation: then it is read with draws of the fit's seed."""
        rows = getattr(dataset, "labeled", dataset).rows
        one = rows.inputs.parts(take(rows.X, slice(0, 1)))[0]
        x = Inputs.floats(rows.inputs.tensor(one).to(rows.device))
        twice = torch.cat([x, x])  # a module may drop the axis of a single row
        with torch.inference_mode(), CountedDraws(seed) as draws, net.autocast():
            net.module_(net.prepared(twice))
        if draws.n_draws:
            self._reading_seed = seed
        else:
            self.__dict__.pop("_reading_seed", None)

    def _column_facts(self) -> dict[str, Any]:
        draws = {} if self._reading_seed is None else {"reading_seed": self._reading_seed}
        return {**super()._column_facts(), **draws}

    def _use_column_facts(self, facts: dict[str, Any]) -> None:
        super()._use_column_facts(facts)
        self.__dict__.pop("_reading_seed", None)
        if "reading_seed" in facts:
            self._reading_seed = int(facts["reading_seed"])
