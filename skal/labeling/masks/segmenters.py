"""Models of pixels for projects: which there are, and what they need."""

from __future__ import annotations

from typing import Any

from skal.labeling._errors import ProjectError
from skal.labeling._settings import Settings

_MOST = 255  # classes that a byte can hold beside void
SEGMENTERS = ("pixel_forest", "unet", "unet_ensemble", "loss_unet", "deeplab_mittal", "drn_vaal")


def segmenter(name: str) -> Any:
    """Make a segmenter by name.

    Raises
    ------
    ProjectError
        If it is one of skal's estimators that label rows.
    """
    from skal.estimators import ESTIMATORS, PUBLISHED_ESTIMATORS, make_estimator

    short = name.partition(":")[0]
    if short in (*ESTIMATORS, *PUBLISHED_ESTIMATORS) and short not in SEGMENTERS:
        raise ProjectError(f"{short} does not label pixels. Take one of {', '.join(SEGMENTERS)}, or your own.")
    return make_estimator(name)


def check_mask_classes(settings: Settings, holds: str) -> None:
    """Refuse settings without the names of the classes, or with more than a byte can hold.

    Raises
    ------
    ProjectError
        With what is allowed.
    """
    if not 2 <= len(settings.classes) <= _MOST:
        raise ProjectError(
            f"For {holds} name the classes, 2 to {_MOST} of them, the ground too: --classes road,car "
            f"(classes=[...]); got {len(settings.classes)}."
        )
    if settings.new_classes:
        raise ProjectError(
            f"{holds.capitalize()} cannot name new classes: leave new_classes out, and add a class to the end of "
            "classes in project.toml when it is needed."
        )
