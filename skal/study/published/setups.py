"""Setups of papers, written down: what was labelled, how often, by which model, and what the paper leaves open.

Each has two scales. "full" is the paper's, for its data and a GPU. "small" keeps its proportions on the digits that
come with scikit-learn, for a CPU, and is no reproduction of anything.
"""

from __future__ import annotations

from typing import Any

from skal.spec import no_name
from skal.study.published.segmentation import OF_SEGMENTATION
from skal.study.published.setup import PublishedSetup


def _small(
    n_initial: int, n_instances: int, n_rounds: int, strategies: tuple[str, ...], **more: Any
) -> dict[str, Any]:
    """Digits as images: 1347 of them in the pool, 450 to test on."""
    return {
        "data": "digits_images",
        "estimator": "cnn",
        "strategies": strategies,
        "n_initial": n_initial,
        "n_instances": n_instances,
        "n_rounds": n_rounds,
        "n_trials": 5,
        "initial": "random",
        "test_size": 0.25,
        "metrics": ("accuracy",),
        **more,
    }


def _full(
    data: str, estimator: str, counts: tuple[int, int, int, int], strategies: tuple[str, ...], **more: Any
) -> dict[str, Any]:
    n_initial, n_instances, n_rounds, n_trials = counts
    return {
        "data": data,
        "estimator": estimator,
        "strategies": strategies,
        "n_initial": n_initial,
        "n_instances": n_instances,
        "n_rounds": n_rounds,
        "n_trials": n_trials,
        "initial": "random",
        "metrics": ("accuracy",),
        **more,
    }


_VAAL = "Sinha, Ebrahimi & Darrell, Variational adversarial active learning, ICCV 2019"
_SRAAL = "Zhang et al., State-relabeling adversarial active learning, CVPR 2020"
_MITTAL = "Mittal, Tatarchenko, Cicek & Brox, Parting with illusions about deep active learning, 2019"
_GODWIN = (
    "Godwin et al., Incorporating task-agnostic information in task-based active learning using a variational "
    "autoencoder, SciPy 2022"
)

_OF_VAAL = ("vaal_query", "core_set", "mc_dropout_entropy")
_OF_SRAAL = ("sraal_query", "vaal_query", "core_set")
_OF_MITTAL = ("core_set", "entropy_sampling")
_OF_GODWIN = ("core_set", "vae_core_set")

_TENTH = (135, 67, 6)  # 10 % of 1347 rows, 5 % a round, to 40 %
_MITTAL_RECIPES = ("supervised", "augmented:augment=autoaugment", "uda:paper=mittal")
_SMALL_RECIPES = ("supervised", "augmented:flip=false", "uda:flip=false,max_steps=500,threshold=0.6,temperature=0.5")

_TORCHVISION = "in torchvision's form: --data FOLDER, or --data with an .npz archive"
_VAAL_NOTES = (
    "vaal_query has skal's defaults, which differ from the paper's; skal.adversarial.VAAL.published() has those.",
    "The ensembles with variation ratio of the paper need a committee, and a study of their own.",
    "The authors' code sets 5000 labelled images aside to choose the best epoch; here the last one counts.",
)
_VAAL_OPEN = (
    "Settings of the autoencoder stand in an appendix that could not be read.",
    "The initial labels are taken to be random.",
)
_SRAAL_NOTES = (
    "Training is that of the authors' code (360 epochs, SGD), since the paper gives none.",
    "sraal_query has skal's defaults; the learning-loss baseline needs a task model that predicts its loss.",
)
_MITTAL_NOTES = (
    "Initial labels are class-balanced, which looks at labels that nobody has paid for yet.",
    "Ensembles with variation ratio (2 trials in the paper) and learning loss need other task models, and studies of "
    "their own.",
    "uda takes the settings of the paper, 0.6 and 0.5, and not those of UDA's released code, 0.8 and 0.4.",
)
_MITTAL_OPEN = (
    "Whether the weights that predict are averaged is not stated; they are not.",
    "Which uncertainties were compared on images besides learning loss and ensembles is recalled.",
    "Whether the supervised nets were trained with Nesterov's momentum is not stated; they are not.",
)
_GODWIN_NOTES = (
    "Epochs are 25 in every round; the paper trains 10 at first and 5 more in every step.",
    "Loss prediction with latent features, the paper's other heuristic, is not among the strategies by name.",
    "Nets start from ImageNet weights, which torchvision must have in its cache.",
)
_GODWIN_OPEN = ("alpha, the weight of the latent features, is not reported; it is 1.", "Initial labels are random.")

_ALL = (
    PublishedSetup(
        "vaal_cifar10",
        "VAAL on CIFAR-10: from 10 % of 50 000 to 40 %, 5 % a round",
        _VAAL,
        f"CIFAR-10 {_TORCHVISION}",
        _full("cifar10", "vgg16_vaal", (5000, 2500, 6, 5), _OF_VAAL),
        _small(*_TENTH, _OF_VAAL),
        _VAAL_NOTES,
        _VAAL_OPEN,
    ),
    PublishedSetup(
        "vaal_cifar100",
        "VAAL on CIFAR-100: from 10 % of 50 000 to 40 %, 5 % a round",
        _VAAL,
        f"CIFAR-100 {_TORCHVISION}",
        _full("cifar100", "vgg16_vaal", (5000, 2500, 6, 5), _OF_VAAL),
        _small(*_TENTH, _OF_VAAL),
        _VAAL_NOTES,
        _VAAL_OPEN,
    ),
    PublishedSetup(
        "vaal_caltech256",
        "VAAL on Caltech-256: from 3060 to 40 %, 1530 a round",
        _VAAL,
        f"Caltech-256 {_TORCHVISION}",
        _full("caltech256?resize=224x224", "vgg16_vaal", (3060, 1530, 6, 5), _OF_VAAL, test_size=0.098),
        _small(*_TENTH, _OF_VAAL),
        _VAAL_NOTES,
        (
            *_VAAL_OPEN,
            "3000 of 30 607 images to test on, and their size of 224 pixels, are recalled.",
            "The accuracies of the paper (83 to 91 %) cannot come from a net trained from scratch on so few images.",
        ),
    ),
    PublishedSetup(
        "vaal_imagenet",
        "VAAL on ImageNet: from 128 120 to 30 %, 64 060 a round",
        _VAAL,
        "ImageNet as a folder of images: --data 'FOLDER?resize=224x224', with train and test in it",
        _full("imagenet", "vgg16_vaal_imagenet", (128_120, 64_060, 4, 2), _OF_VAAL),
        _small(*_TENTH, _OF_VAAL, n_trials=2),
        (*_VAAL_NOTES, "The whole set must fit into memory, in bytes."),
        (*_VAAL_OPEN, "Adam with a rate of 0.1 is as printed."),
    ),
    PublishedSetup(
        "sraal_cifar10",
        "SRAAL on CIFAR-10: from 10 % of 50 000 to 40 %, 5 % a round",
        _SRAAL,
        f"CIFAR-10 {_TORCHVISION}",
        _full("cifar10", "resnet18_sraal", (5000, 2500, 6, 5), _OF_SRAAL),
        _small(*_TENTH, _OF_SRAAL),
        _SRAAL_NOTES,
        ("Padding of the random crop is taken to be 4 of 32 pixels, mirrored.",),
    ),
    PublishedSetup(
        "sraal_cifar100",
        "SRAAL on CIFAR-100: from 10 % of 50 000 to 40 %, 5 % a round",
        _SRAAL,
        f"CIFAR-100 {_TORCHVISION}",
        _full("cifar100", "resnet18_sraal", (5000, 2500, 6, 5), _OF_SRAAL),
        _small(*_TENTH, _OF_SRAAL),
        _SRAAL_NOTES,
        ("Padding of the random crop is taken to be 4 of 32 pixels, mirrored.",),
    ),
    PublishedSetup(
        "sraal_caltech101",
        "SRAAL on Caltech-101: from 10 % to 40 %, 5 % a round, images of 220 pixels",
        _SRAAL,
        f"Caltech-101 {_TORCHVISION}",
        _full("caltech101?resize=220x220", "resnet18_sraal", (694, 347, 6, 5), _OF_SRAAL, test_size=0.2),
        _small(*_TENTH, _OF_SRAAL),
        (*_SRAAL_NOTES, "The paper counts 9146 images with the background class; here it is left out: 8677."),
        ("A fifth to test on is an assumption; 694 and 347 are 10 % and 5 % of the 6941 others.",),
    ),
    PublishedSetup(
        "mittal_cifar10_large",
        "Recipes and strategies on CIFAR-10, large budget: from 5000 to 20 000, 2500 a round",
        _MITTAL,
        f"CIFAR-10 {_TORCHVISION}",
        _full(
            "cifar10",
            "wide_resnet_mittal",
            (5000, 2500, 6, 3),
            _OF_MITTAL,
            initial="class_balanced",
            recipes=_MITTAL_RECIPES,
        ),
        _small(*_TENTH, _OF_MITTAL, n_trials=3, initial="class_balanced", recipes=_SMALL_RECIPES),
        _MITTAL_NOTES,
        _MITTAL_OPEN,
    ),
    PublishedSetup(
        "mittal_cifar10_low",
        "Recipes and strategies on CIFAR-10, low budget: from 250 to 2000, 250 a round",
        _MITTAL,
        f"CIFAR-10 {_TORCHVISION}",
        _full(
            "cifar10",
            "wide_resnet_mittal",
            (250, 250, 7, 3),
            _OF_MITTAL,
            initial="class_balanced",
            recipes=_MITTAL_RECIPES,
        ),
        _small(20, 20, 7, _OF_MITTAL, n_trials=3, initial="class_balanced", recipes=_SMALL_RECIPES),
        _MITTAL_NOTES,
        _MITTAL_OPEN,
    ),
    PublishedSetup(
        "mittal_cifar100_low",
        "Recipes and strategies on CIFAR-100, low budget: from 500 to 4000, 500 a round",
        _MITTAL,
        f"CIFAR-100 {_TORCHVISION}",
        _full(
            "cifar100",
            "wide_resnet_mittal",
            (500, 500, 7, 3),
            _OF_MITTAL,
            initial="class_balanced",
            recipes=_MITTAL_RECIPES,
        ),
        _small(50, 50, 7, _OF_MITTAL, n_trials=3, initial="class_balanced", recipes=_SMALL_RECIPES),
        _MITTAL_NOTES,
        _MITTAL_OPEN,
    ),
    PublishedSetup(
        "vae_augmented_mnist",
        "Core-set with latent features on MNIST: 25 000 images, from 3000 to 24 000, 3000 a round",
        _GODWIN,
        f"MNIST {_TORCHVISION}",
        _full("mnist?rows=25000", "resnet18_imagenet", (3000, 3000, 7, 5), _OF_GODWIN),
        _small(160, 160, 7, _OF_GODWIN),
        _GODWIN_NOTES,
        (*_GODWIN_OPEN, "Which 25 000 images is not said; they are drawn at random."),
    ),
    PublishedSetup(
        "vae_augmented_chestmnist",
        "Core-set with latent features on ChestMNIST: 30 000 images, from 3000 to all, 3000 a round",
        _GODWIN,
        "ChestMNIST with one label an image: --data with an .npz archive",
        _full("chestmnist", "resnet18_imagenet", (3000, 3000, 9, 5), _OF_GODWIN),
        _small(160, 160, 7, _OF_GODWIN),
        (
            *_GODWIN_NOTES,
            "ChestMNIST has 14 labels an image; the paper does not say how its accuracy counts them. compare needs "
            "one label an image: the archive is a reduction of your choice, which should be reported.",
        ),
        _GODWIN_OPEN,
    ),
)

SETUPS: dict[str, PublishedSetup] = {setup.name: setup for setup in (*_ALL, *OF_SEGMENTATION)}


def find_setup(name: str) -> PublishedSetup:
    """Return a published setup by name, or raise and say which there are."""
    if name not in SETUPS:
        raise ValueError(no_name("published setup", name, SETUPS))
    return SETUPS[name]
