"""What metrics are called in a sentence."""

from __future__ import annotations

from skal.metrics.of_one_class import OF_ONE_CLASS, ONE_CLASS_OR_ALL

__all__ = ["metric_in_words"]

_WORDS = {
    "miou": "mean IoU",
    "pixel_accuracy": "pixel accuracy",
    "iou": "IoU",
    "r2": "R2",
    "rmse": "RMSE",
    "mae": "mean absolute error",
    "neg_mean_cost": "mean cost of errors, negated",
    "neg_mean_cost_decided": "mean cost of decisions by expected cost, negated",
    "worst_decile": "error at the worst decile",
    "hamming_loss": "Hamming loss",
    "subset_accuracy": "subset accuracy",
}


def metric_in_words(name: str) -> str:
    """Return what a metric is called in a sentence.

    Parameters
    ----------
    name : str
        Of a protocol.

    Returns
    -------
    str
        "mean IoU" for "miou", "IoU of road" for "iou:road", "negative RMSE" for "neg_rmse", "f1 of fraud" for
        "f1:fraud"; "f1 of class 1" for "f1", which stands for that; any other name as it is.

    Examples
    --------
    >>> metric_in_words("recall:fraud"), metric_in_words("accuracy")
    ('recall of fraud', 'accuracy')
    """
    if (known := name.removeprefix("neg_")) != name and known in _WORDS:
        return f"negative {_WORDS[known]}"
    kind, colon, part = name.partition(":")
    if colon and kind in ("iou", *OF_ONE_CLASS, *ONE_CLASS_OR_ALL):
        return f"{_WORDS.get(kind, kind)} of {part}"
    return f"{name} of class 1" if name in OF_ONE_CLASS else _WORDS.get(name, name)
