"""The checks of a net: each has one property, and fails by raising."""

from __future__ import annotations

import copy
import pickle
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone

from skal.data import n_rows, take
from skal.testing._harness import CheckFailed, CheckSkipped, require

__all__ = ["MODULE_CHECKS", "estimator_around"]

_NEAR = 1e-4  # how nearly rows are the same in another batch, in float32


def estimator_around(module: Any, y: Any) -> Any:
    """Return the estimator of `skal.neural` for such labels, with this module and two passes of training."""
    from skal.neural import NeuralClassifier, NeuralRegressor, NeuralSegmenter
    from skal.targets import kind_of

    reading = kind_of(y).reading
    made = {"pixels": NeuralSegmenter, "prediction": NeuralRegressor}.get(reading, NeuralClassifier)
    return made(module, max_epochs=2, random_state=0)


def check_output(estimator: Any, X: Any, y: Any) -> None:
    """It reads the rows and gives logits: those of every class, no probabilities."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        clone(estimator).fit(X, y)
    said = [str(warning.message) for warning in caught if "gives probabilities" in str(warning.message)]
    require(not said, said[0] if said else "")


def check_every_weight_learns(estimator: Any, X: Any, y: Any) -> None:
    """Every weight that wants a gradient gets one, and it is finite."""
    fitted = clone(estimator).fit(X, y)
    weights = [(name, one) for name, one in fitted.net_.module_.named_parameters() if one.requires_grad]
    lost = [name for name, one in weights if one.grad is None]
    require(not lost, f"no gradient reaches {', '.join(lost[:5])}: use them in forward, or freeze them")
    bad = [name for name, one in weights if not bool(np.isfinite(one.grad.detach().cpu().numpy()).all())]
    require(not bad, f"the gradient of {', '.join(bad[:5])} is not finite")


def check_rows_alone(estimator: Any, X: Any, y: Any) -> None:
    """What it says of a row in evaluation does not depend on the rows beside it."""
    fitted = clone(estimator).fit(X, y)
    together, alone = _told(fitted, X), _told(fitted, take(X, slice(0, 1)))
    backwards = _told(fitted, take(X, np.arange(n_rows(X))[::-1].copy()))[::-1]
    for other in (alone, backwards):
        require(
            np.allclose(together[: len(other)], other, atol=_NEAR, rtol=_NEAR),
            "in evaluation it says something else of a row in another batch: take nothing over the batch but in "
            "normalisation layers, which know evaluation from training",
        )


def check_equal_reads(estimator: Any, X: Any, y: Any) -> None:
    """Two reads of the same rows are equal, and move no global generator."""
    import torch

    fitted = clone(estimator).fit(X, y)
    before = torch.get_rng_state()
    first, second = _told(fitted, X), _told(fitted, X)
    require(np.array_equal(first, second), "two reads of the same rows differ: forward draws in evaluation")
    require(bool(torch.equal(before, torch.get_rng_state())), "a read moves torch's global generator")


def check_seeded(estimator: Any, X: Any, y: Any) -> None:
    """Two fits of one seed are equal, and move no global generator."""
    import torch

    before = torch.get_rng_state()
    first, second = (_told(clone(estimator).set_params(random_state=7).fit(X, y), X) for _ in range(2))
    require(
        np.array_equal(first, second),
        "two fits of one seed differ: draw by torch alone, and keep nothing from one training to the next",
    )
    require(bool(torch.equal(before, torch.get_rng_state())), "a fit moves torch's global generator")


def check_module_given_is_kept(estimator: Any, X: Any, y: Any) -> None:
    """A module that was made by its author is trained as a copy."""
    import torch

    if not isinstance(estimator.module, torch.nn.Module):
        raise CheckSkipped("it is made anew for each fit")
    before = copy.deepcopy(estimator.module.state_dict())
    clone(estimator, safe=False).fit(X, y)
    after = estimator.module.state_dict()
    require(all(torch.equal(value, after[name]) for name, value in before.items()), "the fit changed the one given")


def check_pickles(estimator: Any, X: Any, y: Any) -> None:
    """A pickle of the fitted estimator says the same."""
    fitted = clone(estimator).fit(X, y)
    try:
        again = pickle.loads(pickle.dumps(fitted))  # noqa: S301  # made in the line itself
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise CheckFailed(
            f"it cannot be pickled: {error}. Define its class in a module, and keep no lambdas"
        ) from error
    require(np.array_equal(_told(fitted, X), _told(again, X)), "a pickle of it says something else")


def check_saves(estimator: Any, X: Any, y: Any) -> None:
    """Weights saved and loaded say the same: all that it has learnt is in its state."""
    fitted = clone(estimator).fit(X, y)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.safetensors"
        fitted.save(path)
        again = clone(estimator).load(path)
    require(
        np.allclose(_told(fitted, X), _told(again, X), atol=_NEAR, rtol=_NEAR),
        "its saved weights say something else: register what it learns as parameters or buffers",
    )


def check_features(estimator: Any, X: Any, y: Any) -> None:
    """It has features, one finite vector a row, of one width."""
    fitted = clone(estimator).fit(X, y)
    try:
        features = np.asarray(fitted.transform(X))
    except TypeError as error:
        raise CheckSkipped(str(error)) from error
    require(features.ndim == 2 and len(features) == n_rows(X), f"features must be (n, d), got {features.shape}")
    require(bool(np.isfinite(features).all()), "its features are not finite")


def check_dropout(estimator: Any, X: Any, y: Any) -> None:
    """Under sampled masks it says other things than without, and the same under the same."""
    fitted = clone(estimator).fit(X, y)
    sampled = getattr(fitted, "sampled_proba", None) or fitted.sampled_predict
    try:
        first, second = (np.asarray(sampled(X, n_samples=4, random_state=0)) for _ in range(2))
    except TypeError as error:
        raise CheckSkipped(str(error)) from error
    require(np.array_equal(first, second), "equal seeds give other masks")
    require(bool(first.std(axis=0).max() > 0), "all masks say the same: its dropout is never on")


MODULE_CHECKS: dict[str, Callable[[Any, Any, Any], None]] = {
    check.__name__: check
    for check in (
        check_output,
        check_every_weight_learns,
        check_rows_alone,
        check_equal_reads,
        check_seeded,
        check_module_given_is_kept,
        check_pickles,
        check_saves,
        check_features,
        check_dropout,
    )
}


def _told(fitted: Any, X: Any) -> Any:
    """What a fitted estimator says of rows, as one array."""
    tell = getattr(fitted, "predict_proba", None) or fitted.predict
    return np.asarray(tell(X))
