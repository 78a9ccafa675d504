"""A variational autoencoder inside skorch's training loop."""

from __future__ import annotations

from typing import Any

from skorch import NeuralNet
from skorch.callbacks import Callback, PassthroughScoring
from torch import Tensor, nn

from skal.training import SeededVerbs, best_variance, elbo_terms

__all__ = ["AutoencoderNet", "check_autoencoder"]


class AutoencoderNet(SeededVerbs, NeuralNet):
    """A net whose loss is the negative bound.

    Attributes
    ----------
    beta : float
        Weight of the divergence.
    calibrated : bool
        Whether the decoder's variance is that which fits a batch best; else 1.
    """

    beta: float = 1.0
    calibrated: bool = True

    def __init__(self, module: Any, **kwargs: Any) -> None:
        super().__init__(module, criterion=nn.Identity, **kwargs)

    def get_loss(self, y_pred: Any, y_true: Any, X: Any = None, training: bool = False) -> Tensor:
        """Return the loss of a batch, and note its parts."""
        x_hat, mu, logvar = y_pred
        x = self.prepared(X)
        variance = best_variance(x, x_hat) if self.calibrated else 1.0
        reconstruction, kl = (term.mean() for term in elbo_terms(x, x_hat, mu, logvar, variance))
        self.history.record_batch("reconstruction", reconstruction.item())
        self.history.record_batch("kl", kl.item())
        return reconstruction + self.beta * kl

    @property
    def _default_callbacks(self) -> list[tuple[str, Callback]]:
        timer, *others = super()._default_callbacks
        parts = [(name, PassthroughScoring(name=name, on_train=True)) for name in ("reconstruction", "kl")]
        return [timer, *parts, *others]


def check_autoencoder(module: nn.Module, who: str) -> None:
    """Raise where a module has not the parts that the estimator calls."""
    missing = [name for name in ("encode", "decode", "latent_dim") if not hasattr(module, name)]
    if missing:
        raise TypeError(
            f"{who}: module must have encode(x), decode(z) and latent_dim, {type(module).__name__} has no "
            f"{' and no '.join(missing)}. Use MLPVAE, ConvVAE or AugmentedVAE of skal.nets."
        )
