"""Training that is counted in steps: an epoch is so many of them, and losses are read from the device at its end."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from skal.training.net import SeededVerbs

STEPS_AN_EPOCH = 50  # of the history, where a pass over the rows is not what counts


class StepVerbs(SeededVerbs):
    """Verbs of a net whose training step returns a dict of losses; before NeuralNet in the bases.

    A host that waits for every loss keeps a GPU idle: here losses are summed on the device, and an epoch's means are
    written to the history.
    """

    def run_single_epoch(self, iterator: Any, training: bool, prefix: str, step_fn: Any, **fit_params: Any) -> None:
        """Run the steps of an epoch."""
        if iterator is None:
            return
        self._set_training(True)  # type: ignore[attr-defined]
        sums: dict[str, Tensor] = {}
        for batch in iterator:
            self.notify("on_batch_begin", batch=batch, training=True)
            step = step_fn(batch, **fit_params)
            for name, value in step.items():
                sums[name] = sums[name] + value if name in sums else value
            self.notify("on_batch_end", batch=batch, training=True, **step)
        history: Any = self.history  # type: ignore[attr-defined]
        for name, value in sums.items():
            history.record("train_loss" if name == "loss" else name, float(value) / len(iterator))

    @property
    def _default_callbacks(self) -> Any:
        # The two that score batch by batch have nothing to read: losses are recorded by the epoch.
        return [pair for pair in super()._default_callbacks if pair[0] not in ("train_loss", "valid_loss")]


def epochs_of_steps(n_steps: int) -> tuple[int, int]:
    """Epochs of the history, and steps in each, for so many steps in all."""
    n_epochs = -(-n_steps // STEPS_AN_EPOCH)
    return n_epochs, -(-n_steps // max(n_epochs, 1))
