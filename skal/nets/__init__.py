"""Nets: torch modules that read top to bottom, each with its paper.

Those with keywords `input_shape` (one row, without the batch axis) and `n_outputs` are sized from the data by the
estimators that train them. Task nets return logits, `forward_stages(x)` gives the feature maps as well, shallow to
deep, and the last linear layer is `head`. Variational autoencoders have `encode`, `decode` and `latent_dim`. Rows are
floats.
"""

from skal.nets.augmented_vae import AugmentedVAE
from skal.nets.cnn import SmallCNN
from skal.nets.deeplab_v2 import DeepLabV2
from skal.nets.discriminator import discriminator
from skal.nets.drn import drn_c_26, drn_d_22
from skal.nets.init import initialize, kaiming_init, xavier_init
from skal.nets.loss_prediction import LossPrediction, stage_channels
from skal.nets.mask_discriminator import MaskDiscriminator
from skal.nets.mlp import MLP
from skal.nets.mlp_vae import MLPVAE
from skal.nets.resnet import resnet18_cifar
from skal.nets.torchvision_nets import torchvision_net
from skal.nets.torchvision_segmentation import torchvision_segmentation_net
from skal.nets.two_headed import TwoHeadedVAE
from skal.nets.unet import UNet
from skal.nets.vae import ConvVAE
from skal.nets.vgg import vgg16
from skal.nets.wide_resnet import wide_resnet

__all__ = [
    "MLP",
    "MLPVAE",
    "AugmentedVAE",
    "ConvVAE",
    "DeepLabV2",
    "LossPrediction",
    "MaskDiscriminator",
    "SmallCNN",
    "TwoHeadedVAE",
    "UNet",
    "discriminator",
    "drn_c_26",
    "drn_d_22",
    "initialize",
    "kaiming_init",
    "resnet18_cifar",
    "stage_channels",
    "torchvision_net",
    "torchvision_segmentation_net",
    "vgg16",
    "wide_resnet",
    "xavier_init",
]
