"""A net as an estimator of the label of each pixel."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import check_array

from skal import nets
from skal.augment import Chain, Flip, ResizedCrop, make_augmentation
from skal.data import RowView, n_rows
from skal.neural._segmenter_predictions import SegmenterPredictions
from skal.training import (
    CLASS_WEIGHTS,
    SCHEDULES,
    ImageInputs,
    Inputs,
    Labeled,
    LabeledTraining,
    MaskedImages,
    Rows,
    Schedule,
    SegmenterNet,
    check_form,
    class_weights,
    draw_weights,
    epochs_for,
    is_dataset,
    labeled_image_masks,
    pixels_of,
    sizes_may_differ,
)

__all__ = ["NeuralSegmenter"]

_STEPS, _LEAST_EPOCHS, _MOST_EPOCHS = 400, 10, 200  # max_epochs="auto"


class NeuralSegmenter(SegmenterPredictions, LabeledTraining):
    """A torch module, trained by skorch on the labelled images, that tells the label of each pixel.

    Parameters
    ----------
    module : class, function, str, Module or None, default=None
        Gives logits of shape (b, C, H, W), of images of any size. A class or function is called in ``fit`` with the
        ``module__*`` options and with ``input_shape`` and ``n_outputs`` where its signature names them; a str is a
        name in `skal.nets`; an instance is copied, with its weights, each time. None: `skal.nets.UNet`.
    size : int, (int, int) or None, default=None
        Height and width that every image is resized to before the net sees it, in training and afterwards; one number
        is both. Probabilities come at that size, label maps at the image's own. Half the sides are a quarter of the
        time. None: images are taken as they are.
    crop_size : int, (int, int) or None, default=None
        Height and width of the windows that a training step sees; None: those of the images. Needed where the sizes
        of the images differ and there is no `size`.
    zoom : (float, float), default=(1.0, 1.0)
        How large things come out in a window, drawn anew each time; see `skal.augment.ResizedCrop`. (1, 1) with no
        `crop_size`: whole images. Other sizes are meant for long trainings: within the steps of the default (1, 1.5)
        took 2 points of mean IoU on CamVid and 10 on the made set ``digit_scenes``, whole masks, one fit each.
    flip : bool, default=True
        Whether half of the images are mirrored left to right, with their masks.
    augment : callable, str or None, default=None
        What else is done in a training step: "weak", or an augmentation of `skal.augment` that moves pixels, applied
        to images and masks alike; or a function of images that changes colours alone.
    max_epochs : int or "auto", default="auto"
        Passes over the labelled images. "auto": as many as make 400 steps, at least 10 and at most 200. Images
        labelled in part do not come in every pass; see the notes.
    batch_size : int, default=4
        Images a training step.
    lr : float, default=1e-2
        Learning rate, the largest of the schedule.
    schedule : {"one_cycle", "poly", None}, default="one_cycle"
        How the learning rate changes from step to step: up over the first fifth of the training and down along a
        cosine; down by the power of 0.9 of what is left; not at all.
    optimizer : class, default=torch.optim.Adam
        With ``optimizer__*`` options.
    device : str, default="auto"
        "auto": CUDA, else MPS, else the CPU.
    random_state : int, RandomState or None, default=None
        Seeds weights, shuffling, crops and dropout; no global generator of torch is touched.
    classes : array-like or None, default=None
        All labels there are, whole numbers, where some may be missing at first; None: those in `y`.
    ignore_label : int, default=255
        Label of pixels that are nobody's or not labelled yet: they count in no loss and no score.
    class_weight : {"balanced", "sqrt"}, array-like of shape (C,) or None, default=None
        Weights of the pixels of each class in the loss: in inverse proportion to how many there are in the masks, or
        to the square root of that; or weights in the order of the classes. Rare classes are learnt sooner.
    warm_start : bool, default=False
        Whether ``fit`` goes on from the weights of the last one. Where the classes have changed it starts anew, with
        a warning.
    embedding_layer : str or None, default=None
        Layer whose input ``transform`` gives, as ``named_modules()`` of the module calls it. None: the convolution
        whose output the module returns; if that cannot be told, the one that runs last, with a warning.
    train_split : None or callable, default=None
        Of skorch, such as ``ValidSplit(0.2)``, for callbacks that watch ``valid_loss``.
    callbacks : list of skorch callbacks or None, default=None
        Early stopping, progress.
    channels_last, bf16 : bool, default=False
        Memory format of images, which can halve the time of scoring on a CPU too, and forward passes in bfloat16,
        for GPUs.
    verbose : int, default=0
        1 prints a line an epoch.
    **options
        ``module__*`` and ``optimizer__*``.

    Attributes
    ----------
    classes_ : ndarray of int of shape (C,)
        Labels, sorted, without `ignore_label`.
    net_ : skorch net
        With ``net_.module_`` the trained module.
    history_ : list of dict
        One an epoch: ``train_loss``, ``valid_loss`` where there is a split, ``dur`` in seconds.
    n_labeled_ : int
        Images trained on.
    n_iter_ : int
        Epochs trained.
    n_features_in_ : int
        Channels of images.

    Notes
    -----
    The loss is the mean cross-entropy of the pixels of a step that are not void. Images are bytes, which are divided
    by 255, or floats, which are taken as they are. An image with less than half as many labelled pixels as the
    fullest one, in relation to its size, is drawn less often than once a pass, in proportion to them: regions of many
    images do not crowd out whole masks. Memory of a fit: one batch and its maps; masks and images stay
    where they are, memory maps too.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> masks = np.zeros((8, 16, 24), dtype=np.uint8)
    >>> masks[:, :, 12:] = 1  # the right half is of class 1
    >>> X = np.where(masks[:, None] == 1, 200, 50) + rng.integers(0, 50, (8, 3, 16, 24))
    >>> X = X.astype(np.uint8)
    >>> partly = [*masks[:4], None, None, None, None]
    >>> model = NeuralSegmenter(module__width=4, module__depth=1, max_epochs=20, flip=False, random_state=0)
    >>> model = model.fit(X, partly)
    >>> model.predict_proba(X).shape, model.n_labeled_, model.score(X, masks) > 0.9
    ((8, 2, 16, 24), 4, True)
    """

    def __init__(
        self,
        module: Any = None,
        *,
        size: int | Sequence[int] | None = None,
        crop_size: int | Sequence[int] | None = None,
        zoom: tuple[float, float] = (1.0, 1.0),
        flip: bool = True,
        augment: Any = None,
        max_epochs: int | str = "auto",
        batch_size: int = 4,
        lr: float = 1e-2,
        schedule: str | None = "one_cycle",
        optimizer: Any = torch.optim.Adam,
        device: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        classes: Any = None,
        ignore_label: int = 255,
        class_weight: Any = None,
        warm_start: bool = False,
        embedding_layer: str | None = None,
        train_split: Any = None,
        callbacks: Any = None,
        channels_last: bool = False,
        bf16: bool = False,
        verbose: int = 0,
        **options: Any,
    ) -> None:
        self._keep_parameters(locals())

    def fit(self, X: Any, y: Any) -> NeuralSegmenter:
        """Train on the labelled images.

        Parameters
        ----------
        X : container of n images
            (n, C, H, W), in memory or on disk; a list of (C, H_i, W_i), whose sizes may differ; or a Dataset.
        y : array (n, H, W), or sequence of n masks and None
            Labels of pixels at the sizes of the images; None for an image that is not labelled. Masks may be
            labelled in part: what is not labelled yet is `ignore_label`.

        Returns
        -------
        NeuralSegmenter
            Itself.

        Raises
        ------
        ValueError
            If a mask is not of its image's size or holds labels of no class, if all are void, or training diverges.

        Warns
        -----
        UserWarning
            If some masks are void throughout: they teach nothing.
        """
        self._fit(X, y)
        return self

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._check_images()

    def _check_images(self) -> None:
        """Check what all segmenters have: sizes, schedule, label of void."""
        who = type(self).__name__
        self._side_pair("size")
        self._side_pair("crop_size")
        if self.schedule is not None and self.schedule not in SCHEDULES:
            raise ValueError(f"{who}: schedule must be one of {SCHEDULES} or None, got {self.schedule!r}.")
        if isinstance(self.class_weight, str) and self.class_weight not in CLASS_WEIGHTS:
            raise ValueError(
                f"{who}: class_weight must be one of {CLASS_WEIGHTS}, weights or None, got {self.class_weight!r}."
            )
        if isinstance(self.ignore_label, bool) or not isinstance(self.ignore_label, numbers.Integral):
            raise ValueError(f"{who}: ignore_label must be an int, got {self.ignore_label!r}.")

    def _side_pair(self, name: str) -> tuple[int, int] | None:
        """Height and width of a parameter, or None."""
        value = getattr(self, name)
        if value is None:
            return None
        sides = value if isinstance(value, (tuple, list, np.ndarray)) else (value, value)
        whole = [
            isinstance(side, numbers.Integral) and not isinstance(side, bool) and int(side) > 0 for side in sides
        ]
        if len(whole) != 2 or not all(whole):
            raise ValueError(
                f"{type(self).__name__}: {name} must be a number of pixels or (height, width), got {value!r}."
            )
        return int(sides[0]), int(sides[1])

    def _rows(self, X: Any, reset: bool) -> Any:
        """Check images; those of a list, a Dataset or a view stay where they are."""
        who = type(self).__name__
        check_form(X, who, one_size=False)
        if hasattr(X, "detach"):
            X = X.detach().cpu().numpy()
        if n_rows(X) == 0:
            raise ValueError(f"{who}: at least one image is needed, got none.")
        listed = isinstance(X, (list, tuple)) or getattr(X, "dtype", np.dtype(int)).kind == "O"
        shapes = [np.shape(pixels_of(X, row)) for row in (range(n_rows(X)) if listed else (0,))]
        wrong = [row for row, shape in enumerate(shapes) if len(shape) != 3 or shape[0] != shapes[0][0]]
        if wrong:
            grey = len(shapes[wrong[0]]) == 2
            remedy = "Add the axis of the one channel: X[:, None]" if grey else "Convert them to one number"
            raise ValueError(
                f"{who}: images must have shape (C, H, W), all with as many channels, got {shapes[wrong[0]]} as "
                f"image {wrong[0]}. {remedy}."
            )
        if reset:
            self.n_features_in_ = shapes[0][0]
        elif shapes[0][0] != self.n_features_in_:
            raise ValueError(
                f"{who}: X has {shapes[0][0]} channels, but {who} is expecting {self.n_features_in_}, as in fit."
            )
        if isinstance(X, np.ndarray) and X.dtype != object:
            return check_array(X, allow_nd=True, estimator=self)
        return X

    def _inputs(self, *containers: Any) -> Inputs:
        X = containers[0]
        size = self._side_pair("size")
        listed = [part for part in containers if size is None and sizes_may_differ(part)]
        # A Dataset is taken at its word: without crop_size its images have one size.
        sizes_differ = bool(listed) and (self.crop_size is not None or not all(map(is_dataset, listed)))
        if sizes_differ and self.crop_size is None:
            raise ValueError(
                f"{type(self).__name__}: the sizes of the images differ, so batches of them need crop_size= (windows "
                "to train on) or size= (to which all are resized)."
            )
        if sizes_differ and self.train_split is not None:
            raise ValueError(
                f"{type(self).__name__}: train_split needs images of one size, and they differ. Set size=."
            )
        return ImageInputs.of_images(X, size, sizes_differ)

    def _labeled_targets(self, X: Any, y: Any, classes: Any = None) -> tuple[NDArray[np.intp], Any, NDArray[Any]]:
        who = type(self).__name__
        rows, classes, shares = labeled_image_masks(X, y, self.classes, self.ignore_label, who)
        masks = y if len(rows) == n_rows(y) else RowView(y, rows)
        return rows, (masks, classes, draw_weights(shares)), classes

    def _dataset(self, rows: Rows, targets: Any) -> Labeled:
        return MaskedImages(rows, *targets)

    def _augmentation(self, inputs: Inputs) -> Chain | None:
        more = make_augmentation(self.augment, inputs.shape)
        steps: list[Any] = [*([Flip()] if self.flip else []), *([] if more is None else [more])]
        return Chain(steps) if steps else None

    def _default_module(self, inputs: Inputs) -> Any:
        return nets.UNet

    def _net_class(self) -> type[SegmenterNet]:
        return SegmenterNet

    def _train(self, net: Any, dataset: Any, targets: Any, goes_on: bool) -> None:
        net.crop, net.class_weight = self._crop(), self._class_weights(dataset)
        net.schedule = Schedule(self.schedule)
        super()._train(net, dataset, None, goes_on)
        net.schedule.end(net.optimizer_)

    def _class_weights(self, data: MaskedImages) -> torch.Tensor | None:
        """Weights of the classes, on the device of the images."""
        return class_weights(self.class_weight, data, type(self).__name__)

    def _crop(self) -> ResizedCrop | None:
        crop = ResizedCrop(self._side_pair("crop_size"), self.zoom)
        crop._check_parameters()
        return None if crop.size is None and tuple(self.zoom) == (1, 1) else crop

    def _loaded_inputs(self, inputs: Inputs) -> Inputs:
        return ImageInputs(inputs.shape, pixels=inputs.pixels, size=self._side_pair("size"))

    def _n_epochs(self, dataset: Any) -> int:
        n = dataset.rows_a_pass
        return epochs_for(self.max_epochs, n, self.batch_size, _STEPS, _LEAST_EPOCHS, _MOST_EPOCHS)
