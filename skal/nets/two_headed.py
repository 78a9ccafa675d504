"""The generator of SRAAL: one trunk, a latent in two parts, one to reconstruct and one to classify.

Zhang et al., "State-relabeling adversarial active learning", CVPR 2020, sections 3.1 and 3.2; sizes as in the
authors' code.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from skal.nets._checks import checked_image, checked_int, checked_shape, checked_sizes, checked_width
from skal.nets._gaussian_vae import GaussianVAE
from skal.nets.init import kaiming_init
from skal.nets.mlp_vae import linear_relu, mlp_decoder, mlp_trunk
from skal.nets.vae import ConvDecoder, ConvTrunk

__all__ = ["TwoHeadedVAE"]


class TwoHeadedVAE(GaussianVAE):
    """Unsupervised image reconstructor and supervised target learner on a shared trunk.

    Parameters
    ----------
    input_shape : sequence of int
        Shape of one row: (C, H, W), or any other, which is then a table.
    n_outputs : int
        Logits a row, one a class.
    latent_dim : int, default=None
        Dimension of the whole latent, at least 2: the first half, rounded down, is z_R, which is decoded; the rest
        is z_S, which is classified. None: 200 with convolutions, as published, and 32 for a table.
    width : float, default=1.0
        Multiplier of the convolutional net's channels and of its classifier's layers: 1 is the published net.
    hidden : sequence of int, default=(256, 128)
        Sizes of the hidden layers of the trunk of a table.
    classifier_hidden : sequence of int, default=None
        Sizes of the classifier's hidden layers. None: 1024 and 256, times `width`, with convolutions; for a table the
        last of `hidden` alone.
    trunk : {"auto", "conv", "mlp"}, default="auto"
        "auto": convolutions, those of `ConvVAE`, for a shape (C, H, W), else linear layers, those of `MLPVAE`.

    Notes
    -----
    `forward` returns reconstruction, mean and log variance as every VAE does; `classify` is for labelled rows
    alone.

    References
    ----------
    .. [1] Zhang et al., "State-relabeling adversarial active learning", CVPR 2020, section 3.2, equations 1, 2, 7.

    Examples
    --------
    >>> import torch
    >>> net = TwoHeadedVAE((30,), n_outputs=3, latent_dim=8)
    >>> mu, logvar = net.encode(torch.zeros(5, 30))
    >>> [tuple(t.shape) for t in (mu, net.split(mu)[0], net.decode(mu), net.classify(mu))]
    [(5, 8), (5, 4), (5, 30), (5, 3)]
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        n_outputs: int,
        latent_dim: int | None = None,
        width: float = 1.0,
        hidden: Sequence[int] = (256, 128),
        classifier_hidden: Sequence[int] | None = None,
        trunk: str = "auto",
    ) -> None:
        shape = checked_shape(input_shape, "TwoHeadedVAE")
        n_outputs = checked_int(n_outputs, "n_outputs", "TwoHeadedVAE")
        width = checked_width(width, "TwoHeadedVAE")
        hidden = checked_sizes(hidden, "hidden", "TwoHeadedVAE")
        if trunk not in ("auto", "conv", "mlp"):
            raise ValueError(f"TwoHeadedVAE: trunk must be 'auto', 'conv' or 'mlp', got {trunk!r}.")
        convolutional = trunk == "conv" or (trunk == "auto" and len(shape) == 3)
        if latent_dim is None:
            latent_dim = 200 if convolutional else 32
        latent_dim = checked_int(latent_dim, "latent_dim", "TwoHeadedVAE", at_least=2)
        n_reconstruction = latent_dim // 2
        if convolutional:
            image = checked_image(shape, "TwoHeadedVAE")
            conv = ConvTrunk(image, width)
            super().__init__(conv, conv.n_features, latent_dim, ConvDecoder(image, n_reconstruction, width))
        else:
            decoder = mlp_decoder(shape, n_reconstruction, hidden)
            super().__init__(mlp_trunk(shape, hidden), hidden[-1], latent_dim, decoder)
        if classifier_hidden is None:
            classifier_hidden = [max(1, round(width * n)) for n in (1024, 256)] if convolutional else hidden[-1:]
        sizes = checked_sizes(classifier_hidden, "classifier_hidden", "TwoHeadedVAE")
        self.n_reconstruction = n_reconstruction
        self.classifier = nn.Sequential(
            *linear_relu(latent_dim - n_reconstruction, sizes), nn.Linear(sizes[-1], n_outputs)
        )
        if convolutional:
            kaiming_init(self)

    def split(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return z_R and z_S, the parts of latents (n, latent_dim) to reconstruct and to classify."""
        return z[:, : self.n_reconstruction], z[:, self.n_reconstruction :]

    def decode(self, z: Tensor) -> Tensor:
        """Return the rows of z_R, the first part of latents (n, latent_dim), in the shape of the input."""
        return super().decode(self.split(z)[0])

    def classify(self, z: Tensor) -> Tensor:
        """Return the logits (n, n_outputs) of z_S, the second part of latents (n, latent_dim)."""
        logits: Tensor = self.classifier(self.split(z)[1])
        return logits
