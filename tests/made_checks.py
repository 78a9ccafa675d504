"""What scikit-learn's checks of estimators cannot hold of nets."""

from typing import Any

from sklearn.base import clone

_IN_BATCHES = "in batches and in float32 a row of weight 2 is not a row twice, as of scikit-learn's MLPClassifier"


def not_of_nets(estimator: Any) -> dict[str, str]:
    """Checks that a net fails by its nature; what holds instead is in test_neural_weights_of_rows.py."""
    return {f"check_sample_weight_equivalence_on_{kind}_data": _IN_BATCHES for kind in ("dense", "sparse")}


_LEARN = (
    "check_classifiers_train",
    "check_classifiers_classes",
    "check_class_weight_classifiers",
    "check_regressors_train",
)


def briefly(estimator: Any, check: Any, **few: Any) -> None:
    """Run a check of scikit-learn; unless it looks at what is learnt, with the `few` epochs or steps given here.

    What the other checks look at (types, shapes, errors, that equal fits are equal) is the same after one step.
    """
    if check.func.__name__ not in _LEARN:
        estimator = clone(estimator).set_params(**few)
    check(estimator)
