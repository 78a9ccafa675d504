"""What scikit-learn's checks of estimators cannot hold of nets."""

from typing import Any

_IN_BATCHES = "in batches and in float32 a row of weight 2 is not a row twice, as of scikit-learn's MLPClassifier"


def not_of_nets(estimator: Any) -> dict[str, str]:
    """Checks that a net fails by its nature; what holds instead is in test_neural_weights_of_rows.py."""
    return {f"check_sample_weight_equivalence_on_{kind}_data": _IN_BATCHES for kind in ("dense", "sparse")}
