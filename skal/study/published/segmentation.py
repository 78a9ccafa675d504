"""Setups of papers on segmentation: Cityscapes and BDD100K by the image, PASCAL VOC by the click.

The small scale is of scenes made of digits, for a CPU, and no reproduction of anything.
"""

from __future__ import annotations

from typing import Any

from skal.study.published.setup import PublishedSetup

__all__ = ["OF_SEGMENTATION"]

_VAAL = "Sinha, Ebrahimi & Darrell, Variational adversarial active learning, ICCV 2019"
_SRAAL = "Zhang et al., State-relabeling adversarial active learning, CVPR 2020"
_MITTAL = "Mittal, Tatarchenko, Cicek & Brox, Parting with illusions about deep active learning, 2019"

_OF_VAAL = ("vaal_query", "core_set")
_OF_SRAAL = ("sraal_query", "vaal_query", "core_set")
_OF_MITTAL = ("entropy_sampling:reduction=count_above", "core_set")
_METRICS = ("miou", "pixel_accuracy", "iou")

_NOTES = (
    "Queries by committees (suggestive_annotation, qbc) need a committee, and a study of their own.",
    "Dropout as a committee, one more baseline of the papers, needs a net with dropout, which this one is not.",
    "The strategies have skal's defaults; VAAL.published() and SRAAL.published() have those of the papers.",
)
_STREETS = "in the folders of its authors: --data FOLDER"


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
        "metrics": _METRICS,
        **more,
    }


def _small(strategies: tuple[str, ...], n_trials: int = 5, **more: Any) -> dict[str, Any]:
    """Scenes of digits: 240 of them in the pool, 10 % at first, 5 % a round, to 40 %; 100 to test on."""
    return _full("digit_scenes", "unet:flip=false", (24, 12, 6, n_trials), strategies, **more)


OF_SEGMENTATION = (
    PublishedSetup(
        "vaal_cityscapes",
        "VAAL on Cityscapes: from 300 images of 2975 to 40 %, 150 a round",
        _VAAL,
        f"Cityscapes {_STREETS}",
        _full("cityscapes?resize=512x1024", "drn_vaal", (300, 150, 6, 5), _OF_VAAL),
        _small(_OF_VAAL),
        (*_NOTES, "Images are halved here, and cropped to 344 pixels; the paper crops 688 of the whole."),
        (
            "300 images at first are recalled.",
            "Which dilated residual network is not said; it is DRN-D-22.",
        ),
    ),
    PublishedSetup(
        "vaal_bdd100k",
        "VAAL on BDD100K: from 800 images to 40 % of 8000, 400 a round",
        _VAAL,
        f"BDD100K's semantic segmentation {_STREETS}",
        _full("bdd100k_segmentation?resize=360x640", "drn_vaal", (800, 400, 6, 5), _OF_VAAL),
        _small(_OF_VAAL),
        (
            *_NOTES,
            "Images are halved here, and cropped to 344 pixels; the paper crops 688 of the whole.",
            "7000 images are in the pool here; the paper counts 8000.",
        ),
        ("800 images at first, and the base of 8000, are recalled.", "Which dilated residual network is not said."),
    ),
    PublishedSetup(
        "sraal_cityscapes",
        "SRAAL on Cityscapes: from 10 % of the images to 40 %, 5 % a round",
        _SRAAL,
        f"Cityscapes {_STREETS}",
        _full("cityscapes?resize=512x1024", "drn_vaal", (298, 149, 6, 5), _OF_SRAAL),
        _small(_OF_SRAAL),
        (
            *_NOTES,
            "The paper counts 3475 images, training and validation ones, and yet must test on some; here 2975 are in "
            "the pool and the validation images are tested on.",
            "The training is VAAL's: the paper gives none for segmentation.",
        ),
        ("Which dilated residual network is not said; it is DRN-D-22.",),
    ),
    PublishedSetup(
        "mittal_voc",
        "Strategies on PASCAL VOC by clicks: 5000 a round, five rounds",
        _MITTAL,
        "PASCAL VOC 2012 with the additional masks, in torchvision's folders: --data FOLDER",
        _full(
            "voc_segmentation?train=train_aug&resize=321x321",
            "deeplab_mittal",
            (150, 150, 5, 3),
            _OF_MITTAL,
            cost={"cost": "clicks", "tolerance": 10},
            round_budget=5000.0,
        ),
        _small(_OF_MITTAL, 3, cost={"cost": "clicks", "tolerance": 2, "background": 0}, round_budget=250.0),
        (
            "The first 150 images are counted, not clicked: at 33 clicks an image they are about the paper's 5000.",
            "Images are resized to 321 x 321 here; the paper crops them from images at their own size, and counts "
            "clicks there.",
            "s4GAN, the paper's semi-supervised training, is the recipe s4gan:paper=mittal; under it there is the "
            "strategy discriminator_score_sampling. Committees are a study of their own.",
        ),
        (
            "The unit of the threshold 0.6 of the entropy is not stated; it is taken to be nats.",
            "What is done with clicks that do not pay for the next image is not stated; they are kept.",
        ),
    ),
)
