"""Metrics asked for by name, as scorers, or several at once; and how own scorers are written down."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import get_scorer, get_scorer_names

from skal.metrics.all_classes import WithAllClasses
from skal.metrics.calibration import expected_calibration_error
from skal.metrics.expected_cost import COST_METRICS, cost_metric
from skal.metrics.negated import Negated
from skal.metrics.of_one_class import OF_ONE_CLASS, ONE_CLASS_OR_ALL, of_which_class
from skal.spec import described, near_names
from skal.targets import ERRORS, LOSSES_OF_SETS, Targets

__all__ = ["LOWER_IS_BETTER", "Metric", "Scoring", "describe_scorers", "make_metrics", "measure", "measured_model"]

Metric = Callable[[Any, Any, Any], float]
Scoring = str | Metric | Iterable[str | Metric] | Mapping[str, str | Metric] | None

LOWER_IS_BETTER = ("ece", *ERRORS, *LOSSES_OF_SETS)
_NEGATIVE = "neg_"
_OF_KINDS = ("miou", "pixel_accuracy", "iou", "subset_accuracy")  # higher is better
# scikit-learn's scorers of numbers: of classes they measure how far apart labels are as numbers.
_OF_NUMBERS = (
    "r2",
    "explained_variance",
    "d2_absolute_error_score",
    "neg_max_error",
    "neg_median_absolute_error",
    "neg_mean_absolute_error",
    "neg_mean_absolute_percentage_error",
    "neg_mean_squared_error",
    "neg_mean_squared_log_error",
    "neg_root_mean_squared_error",
    "neg_root_mean_squared_log_error",
    "neg_mean_poisson_deviance",
    "neg_mean_gamma_deviance",
)


def make_metrics(
    scoring: Scoring, targets: Targets | None = None, positive: Any = None, costs: Any = None
) -> dict[str, Metric]:
    """Return metrics by name, each ``metric(model, X, y)``.

    Parameters
    ----------
    scoring : str, scorer, iterable of these, dict of str to these, or None
        scikit-learn's scorers by name ("accuracy", "f1_macro", "neg_log_loss", "r2", ...), higher = better, and
        "ece", the expected calibration error of the predicted probabilities, lower = better. Metrics of one class,
        such as "f1", also with their class: "f1:fraud". Of numbers: "rmse", "mae" and "worst_decile", the absolute
        error that one row of ten exceeds, lower = better. Of several labels a row: "hamming_loss", the share of
        labels that are wrong, lower = better, and "subset_accuracy", the share of rows whose labels are all right. Of
        masks: "miou", the mean intersection over union of the classes, "pixel_accuracy", and "iou", which stands for
        that of every class by itself, "iou:NAME". One that is lower = better has a negative, "neg_rmse", which is put
        in front where such a metric comes first, since verdicts are about the first and take higher = better. Or
        scorers of one's own, higher = better: objects of
        `sklearn.metrics.make_scorer`, or functions ``scorer(model, X, y)``, called by their names or by those of the
        dict. None: the default of the targets.
    targets : Targets, default=None
        Those of the study; None: nothing is known of them, so that names are taken as they are.
    positive : scalar, default=None
        The class that metrics of one class are of (precision, recall, f1, average_precision, ...), by its label or
        its name; against all others, if there are more than two.
    costs : ErrorCosts, or what `skal.error_costs.ErrorCosts.read` takes, default=None
        What errors cost, for "neg_mean_cost", minus the mean cost of what is predicted for a test row, and
        "neg_mean_cost_decided", that of the answers of the least expected cost by the model's probabilities.

    Returns
    -------
    dict of str to callable
        In the same order. The name of a metric says its class: "f1:fraud".

    Raises
    ------
    ValueError
        If a name is unknown, repeated, or of a scorer that cannot measure such targets; if a metric of one class does
        not say which.
    TypeError
        If a scorer is none.

    Examples
    --------
    >>> from skal.targets import targets_of
    >>> list(make_metrics(["f1", "accuracy"], targets_of(["fraud", "ok", "ok"]), positive="fraud"))
    ['f1:fraud', 'accuracy']
    >>> list(make_metrics("rmse", targets_of([0.5, 1.2, 2.0])))
    ['neg_rmse', 'rmse']
    """
    asked = _named(scoring, targets)
    if not asked:
        raise ValueError("At least one metric is needed, got none.")
    negative = f"{_NEGATIVE}{asked[0][0]}"
    if asked[0][0] in LOWER_IS_BETTER:
        asked = [(negative, negative), *(pair for pair in asked if pair[0] != negative)]
    own = {} if targets is None else targets.kind.metrics(targets.classes, targets.names)
    found: list[tuple[str, Metric]] = []
    for name, metric in asked:
        if metric in COST_METRICS:
            found.append((name, cost_metric(name, costs, targets)))
            continue
        found += [(name, metric)] if not isinstance(metric, str) else _by_name(metric, own, targets, positive)
    names = [name for name, _ in found]
    if len(set(names)) < len(names):
        raise ValueError(
            f"Each metric once, got {', '.join(names)}. Scorers of one function need names: pass a dict, such as "
            "{'f2': make_scorer(fbeta_score, beta=2)}."
        )
    if positive is not None:
        _check_positive_is_read(positive, names, targets)
    return dict(found)


def _named(scoring: Scoring, targets: Targets | None) -> list[tuple[str, str | Metric]]:
    """Metrics with their names, as they were asked for."""
    if scoring is None:
        return [(name, name) for name in (("accuracy",) if targets is None else targets.kind.default_metrics)]
    if isinstance(scoring, Mapping):
        pairs: list[tuple[Any, Any]] = list(scoring.items())
    else:
        several = [scoring] if isinstance(scoring, str) or callable(scoring) else list(scoring)
        pairs = [(None, metric) for metric in several]
    return [_checked(name, metric) for name, metric in pairs]


def _checked(name: str | None, metric: Any) -> tuple[str, str | Metric]:
    if isinstance(metric, str):
        if name not in (None, metric):
            raise ValueError(
                f"compare: the metric {metric!r} has a name of its own, got {name!r} for it. Names of your own are "
                "for scorers of your own."
            )
        return metric, metric
    if not callable(metric):
        raise TypeError(
            "compare: scoring must be names of scikit-learn's scorers (sklearn.metrics.get_scorer_names()), 'ece', "
            f"or scorers, scorer(model, X, y), got {metric!r}."
        )
    name = _name_of(metric) if name is None else name
    if not isinstance(name, str) or not name or name == "<lambda>":
        raise ValueError(
            f"compare: scoring needs a name for {metric!r}: pass a dict, such as {{'profit': scorer}}, or a function "
            "with a name."
        )
    base = name.partition(":")[0]
    if (
        base in (*get_scorer_names(), *COST_METRICS)
        or base.removeprefix(_NEGATIVE) in LOWER_IS_BETTER
        or base in _OF_KINDS
    ):
        raise ValueError(
            f"compare: {name} is a metric that skal or scikit-learn has. Give the scorer of your own another name, "
            f"by a dict: {{'my_{base}': scorer}}."
        )
    return name, metric


def _name_of(scorer: Any) -> str | None:
    """Name of a function, of what a partial of one calls, or of what ``make_scorer`` was given."""
    function = getattr(scorer, "_score_func", None) or getattr(scorer, "func", None) or scorer
    name = getattr(function, "__name__", type(function).__name__)
    return str(name)


def _by_name(
    name: str, own: Mapping[str, Metric], targets: Targets | None, positive: Any
) -> list[tuple[str, Metric]]:
    if (positive_of := name.removeprefix(_NEGATIVE)) != name and positive_of in LOWER_IS_BETTER:
        return [(name, Negated(metric)) for _, metric in _by_name(positive_of, own, targets, positive)]
    if name in own:
        return [(name, own[name])]
    if parts := [(each, metric) for each, metric in own.items() if each.startswith(f"{name}:")]:
        return parts
    base = name.partition(":")[0]
    if targets is not None and not targets.kind.takes_scorers:
        listed = ", ".join(each for each in own if ":" not in each)
        parted = sorted({each.partition(":")[0] for each in own if ":" in each})
        every = "".join(f", {each} (every {targets.kind.part} by itself)" for each in parted)
        of_parts = ", ".join(each for each in own if ":" in each)
        raise ValueError(
            f"There is no metric {name} of {targets.kind.holds}: there are {listed}{every}"
            f"{' and ' * bool(of_parts)}{of_parts}."
        )
    of_classes = targets is None or targets.kind.reading == "proba"
    if name == "ece" and of_classes:
        return [(name, expected_calibration_error)]
    if name == "ece" or base not in get_scorer_names():
        raise ValueError(_unknown(name, own, of_classes))
    if base != name and (targets is None or base not in (*OF_ONE_CLASS, *ONE_CLASS_OR_ALL) or not of_classes):
        raise ValueError(
            f"compare: {name}: {base} is not of one class. These are, where targets are classes: "
            f"{', '.join((*OF_ONE_CLASS, *ONE_CLASS_OR_ALL))}."
        )
    if targets is not None and of_classes and name in _OF_NUMBERS:
        _check_labels_are_numbers(name, targets)
    metric: Metric | None = None
    if targets is not None and of_classes and base in (*OF_ONE_CLASS, *ONE_CLASS_OR_ALL):
        name, metric = of_which_class(name, positive, targets)
    metric = get_scorer(base) if metric is None else metric
    if targets is not None:
        _try(name, metric, targets)
    return [(name, metric)]


def _unknown(name: str, own: Mapping[str, Metric], of_classes: bool) -> str:
    known = ["scikit-learn's scorers", *(["'ece'"] if of_classes else []), *own]
    near = near_names(name, [*(get_scorer_names() if of_classes else []), *own], 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return (
        f"There is no metric {name}: {', '.join(known[:-1])}{' and ' * (len(known) > 1)}{known[-1]} are known.{hint}"
    )


def _check_labels_are_numbers(name: str, targets: Targets) -> None:
    """Refuse a metric of numbers where labels are codes of names: it would measure how names are numbered."""
    if list(targets.names) == [targets.kind.shown(label) for label in targets.classes]:
        return
    shown = ", ".join(targets.names[:3]) + ", ..." * (len(targets.names) > 3)
    raise ValueError(
        f"compare: {name} is of numbers to predict, and y holds classes with names, {shown}, whose codes say nothing "
        f"about how far apart they are. Take a metric of classes, such as {', '.join(targets.kind.default_metrics)} "
        "or f1_macro; if these are numbers, pass them as y, without class_names."
    )


def _try(name: str, metric: Metric, targets: Targets) -> None:
    """Measure a model that has learnt nothing, so that a scorer which cannot measure such targets is refused now."""
    classifies = targets.kind.reading in ("proba", "multilabel")
    dummy = DummyClassifier(strategy="prior") if classifies else DummyRegressor()
    X = np.zeros((len(targets.y), 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dummy.fit(X, targets.y)
            metric(dummy, X, targets.y)
        except (TypeError, ValueError) as error:
            why = " ".join(str(error).split()).rstrip(".")
            instead = ", ".join(targets.kind.default_metrics)
            raise ValueError(
                f"compare: {name} cannot measure {targets.kind.holds} such as these: {why}. The default is {instead}."
            ) from error


def _check_positive_is_read(positive: Any, names: list[str], targets: Targets | None) -> None:
    if targets is not None and targets.kind.reading != "proba":
        raise ValueError(
            f"compare: positive={positive!r} is a class, and y holds {targets.kind.holds}: leave it out."
        )
    if not any(name.partition(":")[0] in (*OF_ONE_CLASS, *ONE_CLASS_OR_ALL) for name in names):
        raise ValueError(
            f"compare: positive={positive!r} is the class that metrics of one class are of, and {', '.join(names)} "
            f"{'is' if len(names) == 1 else 'are'} not. Leave it out, or measure {', '.join(OF_ONE_CLASS[:3])} or "
            "the like."
        )


def describe_scorers(scoring: Scoring) -> dict[str, dict[str, Any]]:
    """Return scorers of one's own as plain data, by the names of their metrics.

    Parameters
    ----------
    scoring : as for `make_metrics`

    Returns
    -------
    dict of str to dict
        Under "function" the function that scores, with its module; its options; and what ``make_scorer`` was told,
        under "scorer". Metrics by name are left out: their names say all.

    Examples
    --------
    >>> from sklearn.metrics import fbeta_score, make_scorer
    >>> describe_scorers(["accuracy", make_scorer(fbeta_score, beta=2)])["fbeta_score"]["scorer"]
    "make_scorer(fbeta_score, response_method='predict', beta=2)"
    """
    found = {}
    for name, metric in _named(scoring, None) if scoring is not None else []:
        if isinstance(metric, str):
            continue
        function = getattr(metric, "_score_func", None)
        found[name] = described(metric if function is None else function, "function")
        if function is not None:
            found[name]["scorer"] = repr(metric)
    return found


def measured_model(model: Any, targets: Targets) -> Any:
    """Return a fitted model as metrics ask it: one that has seen a part of the classes gives the others no chance."""
    return WithAllClasses.where_needed(model, targets.classes) if targets.kind.reading == "proba" else model


def measure(metrics: Mapping[str, Metric], model: Any, X: Any, y: Any) -> dict[str, float]:
    """Evaluate all metrics on test rows; those that read the same evidence share it.

    Parameters
    ----------
    metrics : dict of str to callable
        Of `make_metrics`. One with ``gather(model, X, y)``, ``read(gathered)`` and a hashable ``evidence`` shares
        what it gathers with all others of the same evidence, as the metrics of masks do.
    model : estimator
        Fitted; see `measured_model`.
    X, y : container of n rows, their targets
        To test on.

    Returns
    -------
    dict of str to float
        By name.

    Raises
    ------
    TypeError
        If a metric gives anything but one number.
    """
    gathered: dict[Any, Any] = {}
    values = {}
    for name, metric in metrics.items():
        evidence = getattr(metric, "evidence", None)
        if evidence is None:
            value: Any = metric(model, X, y)
        else:
            shared: Any = metric
            if evidence not in gathered:
                gathered[evidence] = shared.gather(model, X, y)
            value = shared.read(gathered[evidence])
        try:
            values[name] = float(value)
        except (TypeError, ValueError) as error:
            raise TypeError(f"The metric {name} must give one number, got {value!r}.") from error
    return values
