"""Variational adversarial active learning.

Sinha, Ebrahimi & Darrell, "Variational adversarial active learning", ICCV 2019.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from skal import nets
from skal.adversarial._ablations import NoAutoencoder, nearest_gaussian
from skal.adversarial._docs import documented
from skal.adversarial._estimator import AdversarialEstimator
from skal.adversarial._game import Weights
from skal.adversarial._losses import Likelihood
from skal.training import Inputs, Standardize, unchanged_if_it_fails

Ablation = Literal["no_vae", "frozen_vae", "wasserstein"]
ABLATIONS = (None, "no_vae", "frozen_vae", "wasserstein")


@documented
class VAAL(AdversarialEstimator):
    """Finds the rows of a pool that are unlike the labelled ones, by an autoencoder and a discriminator.

    A variational autoencoder learns all rows and tries to make its latents look labelled; a discriminator tries to
    tell labelled from unlabelled latents. What still looks unlabelled is asked for. Labels themselves are not read,
    only which rows have one.

    Parameters
    ----------
    module : class, function, str, Module or None, default=None
        Variational autoencoder with ``encode``, ``decode`` and ``reparameterize``. None: `skal.nets.MLPVAE` for
        tables, `skal.nets.ConvVAE` at an eighth of its published width for images.
    {discriminator}
    latent_dim : int or None, default=None
        Of the latent. None: 16 for tables, 32 for images.
    {weights}
    {steps}
    ablation : {{None, "no_vae", "frozen_vae", "wasserstein"}}, default=None
        Takes a part out, for comparisons: "no_vae": the discriminator sees the rows; "frozen_vae": an autoencoder
        that plays no game; "wasserstein": no discriminator, the score is the squared 2-Wasserstein distance of a
        row's latent Gaussian to that of the nearest labelled row.
    {training}

    Attributes
    ----------
    {attributes}

    Notes
    -----
    {notes}

    References
    ----------
    .. [1] Sinha, Ebrahimi & Darrell, "Variational adversarial active learning", ICCV 2019, equations 1 to 4 and
       algorithm 2. There labelled is 1 and the smallest output is asked for; here the state is 0, and the largest.
    {references}

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> X, y = load_digits(return_X_y=True)
    >>> y = np.where((np.arange(len(y)) < 400) & (y < 5), y, -1)
    >>> model = VAAL(missing_label=-1, max_steps=100, random_state=0).fit(X, y)
    >>> picks = model.query(X, n_instances=20)
    >>> picks.shape
    (20,)
    """

    def __init__(
        self,
        module: Any = None,
        *,
        discriminator: Any = None,
        latent_dim: int | None = None,
        likelihood: Likelihood = "calibrated",
        reconstruction_weight: float = 1.0,
        kl_weight: float = 1.0,
        adversarial_weight: float = 1.0,
        warmup: float = 0.5,
        max_steps: int = 500,
        max_epochs: int | None = None,
        judge_steps: int = 300,
        ablation: Ablation | None = None,
        batch_size: int = 32,
        lr: float = 1e-3,
        optimizer: Any = torch.optim.Adam,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        missing_label: Any = "auto",
        standardize: Standardize = "auto",
        keep_on_device: Standardize = "auto",
        callbacks: Any = None,
        channels_last: bool = True,
        bf16: bool = False,
        verbose: int = 0,
        **options: Any,
    ) -> None:
        self.module = module
        self.discriminator = discriminator
        self.latent_dim = latent_dim
        self.likelihood = likelihood
        self.reconstruction_weight = reconstruction_weight
        self.kl_weight = kl_weight
        self.adversarial_weight = adversarial_weight
        self.warmup = warmup
        self.max_steps = max_steps
        self.max_epochs = max_epochs
        self.judge_steps = judge_steps
        self.ablation = ablation
        self.batch_size = batch_size
        self.lr = lr
        self.optimizer = optimizer
        self.device = device
        self.random_state = random_state
        self.missing_label = missing_label
        self.standardize = standardize
        self.keep_on_device = keep_on_device
        self.callbacks = callbacks
        self.channels_last = channels_last
        self.bf16 = bf16
        self.verbose = verbose
        self._keep_options(options)

    @classmethod
    def published(cls, **changes: Any) -> VAAL:
        """Make a VAAL with the settings of the paper and its code, as far as they are known.

        Parameters
        ----------
        **changes
            Parameters that differ.

        Returns
        -------
        VAAL
            For images. Gaussian likelihood of variance 1, all weights 1, Adam at 5e-4, batches of 64, latents of 32,
            the full width, 100 passes over the pool; the discriminator of the game, three linear layers of 512,
            scores.

        Notes
        -----
        The paper has five layers in the discriminator, the code three; the code takes two steps of the autoencoder to
        one of the discriminator, here it is one.

        The code's own weight of the divergence, about the batch size times the pixels too large, is not offered: the
        posterior collapses. On small inputs an adversarial weight of 1 beside this likelihood erases the difference
        that the discriminator should find; that is what the default likelihood is for.
        """
        settings = {
            "likelihood": "unit",
            "warmup": 0.0,
            "latent_dim": 32,
            "lr": 5e-4,
            "batch_size": 64,
            "max_epochs": 100,
            "max_steps": 10**6,
            "judge_steps": 0,
            "module__width": 1.0,
            "discriminator__hidden": 512,
        }
        return cls(**{**settings, **changes})

    @unchanged_if_it_fails
    def fit(self, X: Any, y: Any, *, X_unlabeled: Any = None) -> VAAL:
        """Learn to tell labelled from unlabelled rows.

        Parameters
        ----------
        X : container of n rows
            A table (n, d), images (n, C, H, W) of bytes or floats, or a torch Dataset of images.
        y : array-like of shape (n,), or masks of n images
            Only whether a label is missing is read.
        X_unlabeled : container, default=None
            The unlabelled rows, where `X` and `y` are the labelled ones alone.

        Returns
        -------
        VAAL
            Itself.

        Raises
        ------
        ValueError
            If nothing is labelled, or training diverges.

        Warns
        -----
        ConvergenceWarning
            If the scores are noise.
        """
        self._check_parameters()
        X_labeled, _, X_unlabeled = self._pools(X, y, X_unlabeled)
        self._train(X_labeled, X_unlabeled)
        return self

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Predicted state of each row, higher = ask first; with ``ablation="wasserstein"`` a squared distance.

        Parameters
        ----------
        X : container of n rows
            As in `fit`; read in blocks.

        Returns
        -------
        ndarray of shape (n,)
            In [0, 1]; squared distances are non-negative.
        """
        if self.labeled_gaussians_ is not None:
            return nearest_gaussian(self._gaussians(X), self.labeled_gaussians_)
        return super().score_samples(X)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.ablation not in ABLATIONS:
            raise ValueError(f"VAAL: ablation must be one of {ABLATIONS}, got {self.ablation!r}.")
        if self.ablation == "no_vae" and self.judge_steps == 0:
            raise ValueError('VAAL: ablation="no_vae" trains the judge alone: judge_steps must be at least 1, got 0.')

    def _facts(self) -> dict[str, Any]:
        return {**super()._facts(), "ablation": self.ablation}

    def _check_facts(self, facts: dict[str, Any], path: Any) -> None:
        if facts["ablation"] != self.ablation:
            raise ValueError(
                f"VAAL.load: {path} was saved with ablation={facts['ablation']!r}, and this VAAL has "
                f"{self.ablation!r}. Set it to the same."
            )

    def _after_training(self, X_labeled: Any) -> None:
        self.labeled_gaussians_ = self._gaussians(X_labeled) if self.ablation == "wasserstein" else None

    def _gaussians(self, X: Any) -> NDArray[np.float32]:
        """Means and standard deviations of the latents, side by side."""

        def gaussian(x: torch.Tensor) -> torch.Tensor:
            mu, logvar = self._encode(x)
            return torch.cat([mu, (0.5 * logvar).exp()], dim=1).float()

        return self._read(X, gaussian)

    def _make_module(self, inputs: Inputs, n_outputs: int) -> nn.Module:
        if self.ablation == "no_vae":
            return NoAutoencoder(inputs.shape)
        is_table = len(inputs.shape) == 1
        latent_dim = (16 if is_table else 32) if self.latent_dim is None else self.latent_dim
        return self._module_of(inputs, nets.MLPVAE if is_table else nets.ConvVAE, latent_dim=latent_dim)

    def _weights(self) -> Weights:
        return Weights(
            reconstruction=self.reconstruction_weight,
            kl=self.kl_weight,
            adversarial=0.0 if self.ablation in ("frozen_vae", "wasserstein") else self.adversarial_weight,
            likelihood=self.likelihood,
        )

    def _plays(self) -> bool:
        return self.ablation != "no_vae"
