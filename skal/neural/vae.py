"""A variational autoencoder as a scikit-learn transformer and density estimator."""

from __future__ import annotations

import numbers
from functools import partial
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from skal import nets
from skal.data import RowView, n_rows, take, to_numpy
from skal.neural._autoencoder import AutoencoderNet, check_autoencoder
from skal.training import (
    LEAST_VARIANCE,
    LIKELIHOODS,
    MAX_SEED,
    EmbeddingMixin,
    Inputs,
    Labeled,
    Likelihood,
    NeuralEstimator,
    Rows,
    SeededDraws,
    Standardize,
    all_or_nothing,
    elbo_terms,
    epochs_for,
    epochs_of,
    load_weights,
    module_of,
    read,
    save_weights,
    unchanged_if_it_fails,
)

# "auto": what a small table needs, without an hour for a large one.
_TABLE_STEPS, _IMAGE_STEPS, _LEAST_EPOCHS, _MOST_EPOCHS = 2000, 500, 5, 200
_DRAWS = 8  # of the latent of a row, where an expectation is read
_VARIANCE_ROWS = 1024  # that the decoder's variance is read from, spread over all


class VariationalAutoencoder(EmbeddingMixin, NeuralEstimator):
    """Variational autoencoder: latent features, likelihoods and new rows, learnt without labels.

    Parameters
    ----------
    module : class, function, str, Module or None, default=None
        Has ``encode(x) -> (mu, logvar)``, ``decode(z) -> x_hat`` and ``forward(x) -> (x_hat, mu, logvar)``. A class
        or function is called in ``fit`` with the ``module__*`` options and with ``input_shape`` and ``latent_dim``
        where its signature names them; a str is a name in `skal.nets`, such as "AugmentedVAE"; an instance is
        copied, with its weights, and has a latent dimension of its own. None: `skal.nets.MLPVAE` for tables,
        `skal.nets.ConvVAE` of an eighth of the published width for images. "MLPVAE" takes small images too, at a
        tenth of the time and less.
    latent_dim : int, default=16
        Dimension of the latent.
    max_epochs : int or "auto", default="auto"
        Passes over the rows. "auto": as many as make 2000 steps for tables and 500 for images, at least 5 and at
        most 200.
    batch_size : int, default=64
        Rows a training step.
    lr : float, default=1e-3
        Learning rate.
    optimizer : class, default=torch.optim.Adam
        With ``optimizer__*`` options.
    beta : float, default=1.0
        Weight of the divergence in the loss; 1 is the bound itself.
    likelihood : {"calibrated", "unit"}, default="calibrated"
        Variance of the decoder's Gaussian: that under which the rows are most likely [2]_, or 1. With "unit" a latent
        carries nothing unless it explains more than one unit of variance, and inputs in [0, 1] have less than that.
    device : str, default="auto"
        "auto": CUDA, else MPS, else the CPU.
    random_state : int, RandomState or None, default=None
        Seeds weights, shuffling and draws; no global generator of torch is touched.
    standardize : bool or "auto", default="auto"
        Whether columns of a table are standardised. Images of bytes are divided by 255, floats are taken as they are.
    channels_last, bf16 : bool, default=False
        Memory format of images, and forward passes in bfloat16: for GPUs.
    callbacks : list of skorch callbacks or None, default=None
        Early stopping, learning rate schedules, progress.
    verbose : int, default=0
        1 prints a line an epoch.
    **options
        ``module__*`` and ``optimizer__*``.

    Attributes
    ----------
    net_ : skorch net
        With ``net_.module_`` the trained module.
    noise_variance_ : float
        Variance of the decoder's Gaussian in units of the net's inputs; 1 where `likelihood` is "unit".
    history_ : list of dict
        One an epoch: ``train_loss`` and its parts ``reconstruction`` and ``kl`` in nats a row, ``dur`` in seconds.
    n_iter_ : int
        Epochs trained.
    n_features_in_ : int
        Columns of a table, channels of images.

    Notes
    -----
    The loss is the mean over rows of ``-log N(x; x_hat, variance)``, summed over inputs, and of `beta` times the
    divergence of the row's Gaussian from N(0, 1), summed over the latent. Memory of a fit: a standardised float32
    copy of a table, one batch of images.

    References
    ----------
    .. [1] Kingma & Welling, "Auto-encoding variational Bayes", ICLR 2014, equation 10.
    .. [2] Rybkin, Daniilidis & Levine, "Simple and effective VAE training with calibrated decoders", ICML 2021.
    .. [3] Higgins et al., "beta-VAE", ICLR 2017, equation 4.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, _ = load_iris(return_X_y=True)
    >>> vae = VariationalAutoencoder(latent_dim=2, max_epochs=20, random_state=0).fit(X)
    >>> Z = vae.transform(X)
    >>> Z.shape, vae.inverse_transform(Z).shape, vae.sample(3).shape
    ((150, 2), (150, 4), (3, 4))
    """

    open_parts: ClassVar[tuple[str, ...]] = ("module", "optimizer")
    beta: float

    def __init__(
        self,
        module: Any = None,
        *,
        latent_dim: int = 16,
        max_epochs: int | str = "auto",
        batch_size: int = 64,
        lr: float = 1e-3,
        optimizer: Any = torch.optim.Adam,
        beta: float = 1.0,
        likelihood: Likelihood = "calibrated",
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        standardize: Standardize = "auto",
        channels_last: bool = False,
        bf16: bool = False,
        callbacks: Any = None,
        verbose: int = 0,
        **options: Any,
    ) -> None:
        self._keep_parameters(locals())

    @unchanged_if_it_fails
    def fit(self, X: Any, y: Any = None) -> VariationalAutoencoder:
        """Train on all rows.

        Parameters
        ----------
        X : container of n rows
            A table (n, d) or images (n, C, H, W).
        y : None
            Not looked at.

        Returns
        -------
        VariationalAutoencoder
            Itself.

        Raises
        ------
        ValueError
            If the rows cannot be trained on, or if training diverges.
        """
        self._check_parameters()
        device = self._device()
        X = self._rows(X, reset=True)
        inputs, draws = self._inputs(X), SeededDraws(self._seed())
        net = self._make_net(inputs, device, draws, self._n_epochs(n_rows(X), inputs))
        net.draws = draws
        net.fit(Labeled(Rows(X, inputs, device), torch.zeros(n_rows(X))), None)
        net.draws = None
        net.module_.eval()
        self.net_, self.inputs_ = net, inputs
        self.of_bytes_ = _of_bytes(X)
        self.noise_variance_ = self._fitted_variance(X)
        self.history_, self.n_iter_ = epochs_of(net.history), len(net.history)
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Means of the latents.

        Parameters
        ----------
        X : container of n rows
            As in `fit`; read in blocks.

        Returns
        -------
        ndarray of float32 of shape (n, latent_dim)
            One vector a row.
        """
        return self._read(X, self._embed)

    def inverse_transform(self, Z: Any) -> NDArray[np.float64]:
        """Decode latents to rows in the units of `fit`.

        Parameters
        ----------
        Z : array-like of shape (n, latent_dim)
            As from `transform`.

        Returns
        -------
        ndarray of shape (n, d) or (n, C, H, W)
            Columns of a table in their own units; images of bytes as floats in about 0 to 255.
        """
        check_is_fitted(self)
        Z = to_numpy(Z) if hasattr(Z, "detach") else np.asarray(Z)
        if Z.ndim != 2 or Z.shape[1] != self._n_features_out:
            raise ValueError(
                f"{type(self).__name__}: Z must have shape (n, {self._n_features_out}), as from transform, got "
                f"{Z.shape}."
            )
        decoded = read(Z.astype(np.float32), Inputs((Z.shape[1],)), self._module_device(), self._decode)
        return self._in_units_of_fit(decoded.astype(np.float64))

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Evidence lower bound of each row: how likely the row is at least.

        Parameters
        ----------
        X : container of n rows
            As in `fit`; read in blocks.

        Returns
        -------
        ndarray of shape (n,)
            In nats, summed over the inputs of the net (standardised columns, pixels in [0, 1]); higher = more likely,
            so rows unlike those of `fit` have the lowest. As a query's score take the negative.

        Notes
        -----
        The expectation over the latent is a mean over eight draws, which are the same for all rows and calls.
        """

        def bound(x: Tensor) -> Tensor:
            mu, logvar = self._encode(x)
            terms = (elbo_terms(x, x_hat, mu, logvar, self.noise_variance_) for x_hat in self._decoded(mu, logvar))
            return -torch.stack([(reconstruction + kl).double() for reconstruction, kl in terms]).mean(dim=0)

        return self._read(X, bound)

    def sample(
        self, n_samples: int = 1, random_state: int | np.random.RandomState | None = None
    ) -> NDArray[np.float64]:
        """Decode draws from N(0, 1): new rows, without the noise of the decoder.

        Parameters
        ----------
        n_samples : int, default=1
            Rows.
        random_state : int, RandomState or None, default=None
            Seeds the draws; None: as in `fit`, where that has a seed.

        Returns
        -------
        ndarray of shape (n_samples, d) or (n_samples, C, H, W)
            In the units of `fit`, as from `inverse_transform`.
        """
        check_is_fitted(self)
        if isinstance(n_samples, bool) or not isinstance(n_samples, numbers.Integral) or n_samples < 1:
            raise ValueError(f"{type(self).__name__}: n_samples must be an int >= 1, got {n_samples!r}.")
        rng = check_random_state(self.random_state if random_state is None else random_state)
        # A RandomState of its own, so that the first rows are the same however many are drawn.
        draws = np.random.RandomState(rng.randint(MAX_SEED))
        return self.inverse_transform(draws.standard_normal((int(n_samples), self._n_features_out)))

    def save(self, path: Any) -> None:
        """Write weights and column scales into one safetensors file.

        Parameters
        ----------
        path : str or Path
            Written anew.
        """
        check_is_fitted(self)
        facts = {
            **self._column_facts(),
            "noise_variance": self.noise_variance_,
            "of_bytes": self.of_bytes_,
        }
        save_weights(path, type(self).__name__, self.net_.module_, self.inputs_, facts)

    def load(self, path: Any) -> VariationalAutoencoder:
        """Become the autoencoder that was saved: the parameters are those of this one, the weights those of the file.

        Parameters
        ----------
        path : str or Path
            Written by `save` of an autoencoder with the same ``module``, ``latent_dim`` and options. Nothing in it
            can run code.

        Returns
        -------
        VariationalAutoencoder
            Itself, fitted.

        Raises
        ------
        ValueError
            If the file is no such file or damaged, or its weights do not fit the module. The estimator is then as it
            was before.
        """
        self._check_parameters()
        device = self._device()
        inputs, facts, weights = load_weights(path, type(self).__name__)
        with all_or_nothing(self, path):
            net = self._make_net(inputs, device, SeededDraws(0), 1)
            net.initialize()
            weights.into(net.module_)
            self.net_, self.inputs_, self.of_bytes_ = net, inputs, facts["of_bytes"]
            self.noise_variance_ = facts["noise_variance"]
            self._use_column_facts(facts)
        return self

    def _check_parameters(self) -> None:
        who = type(self).__name__
        self._check_options()
        self._check_epochs()
        self._check_numbers(whole=("latent_dim", "batch_size"), positive=("lr",))
        if isinstance(self.beta, bool) or not isinstance(self.beta, numbers.Real) or not 0 <= self.beta < np.inf:
            raise ValueError(f"{who}: beta must be a number >= 0, got {self.beta!r}.")
        if self.likelihood not in LIKELIHOODS:
            raise ValueError(f"{who}: likelihood must be one of {LIKELIHOODS}, got {self.likelihood!r}.")

    def _n_epochs(self, n: int, inputs: Inputs) -> int:
        n_steps = _TABLE_STEPS if len(inputs.shape) == 1 else _IMAGE_STEPS
        return epochs_for(self.max_epochs, n, self.batch_size, n_steps, _LEAST_EPOCHS, _MOST_EPOCHS)

    def _make_net(self, inputs: Inputs, device: torch.device, draws: SeededDraws, max_epochs: int) -> AutoencoderNet:
        default = nets.MLPVAE if len(inputs.shape) == 1 else partial(nets.ConvVAE, width=0.125)
        with draws:
            module = module_of(
                self.module,
                type(self).__name__,
                inputs.shape,
                default,
                self._options_of("module"),
                latent_dim=self.latent_dim,
            )
        check_autoencoder(module, type(self).__name__)
        net = self._skorch_net(AutoencoderNet, module, device, max_epochs=max_epochs, train_split=None)
        net.beta, net.calibrated = self.beta, self.likelihood == "calibrated"
        return net

    def _fitted_variance(self, X: Any) -> float:
        """Variance of the decoder under which the rows are most likely, or 1."""
        if self.likelihood == "unit":
            return 1.0

        def squares(x: Tensor) -> Tensor:
            errors = [(x_hat - x).square().flatten(1).mean(dim=1) for x_hat in self._decoded(*self._encode(x))]
            return torch.stack(errors).double().mean(dim=0)

        n = n_rows(X)
        rows = RowView(X, np.arange(n)[:: -(-n // _VARIANCE_ROWS)])
        return max(float(self._read(rows, squares).mean()), LEAST_VARIANCE)

    def _encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        with self.net_.autocast():
            mu, logvar = self.net_.module_.encode(self.net_.prepared(x))
        return mu.float(), logvar.float()

    def _embed(self, x: Tensor) -> Tensor:
        return self._encode(x)[0]

    def _decode(self, z: Tensor) -> Tensor:
        with self.net_.autocast():
            x_hat: Tensor = self.net_.module_.decode(z)
        return x_hat.float()

    def _decoded(self, mu: Tensor, logvar: Tensor) -> list[Tensor]:
        """Outputs of the decoder for draws that all rows share, each with its mirror image."""
        generator = torch.Generator().manual_seed(0)
        noise = torch.randn((_DRAWS // 2, mu.shape[1]), generator=generator).to(mu)  # (draws / 2, k)
        deviation = torch.exp(0.5 * logvar)
        return [self._decode(mu + sign * deviation * draw) for draw in noise for sign in (1, -1)]

    def _in_units_of_fit(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.inputs_.mean is not None and self.inputs_.scale is not None:
            return np.asarray(rows * self.inputs_.scale + self.inputs_.mean)
        return rows * 255 if self.of_bytes_ else rows

    @property
    def _n_features_out(self) -> int:
        return int(self.net_.module_.latent_dim)


def _of_bytes(X: Any) -> bool:
    """Tell whether rows are images of bytes, which a net sees as floats in [0, 1]."""
    first = to_numpy(take(X, slice(0, 1)))
    return bool(first.dtype == np.uint8 and first.ndim > 2)
