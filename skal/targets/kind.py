"""What every kind of targets answers. A kind of one's own is a class of this, and one call of `register_kind`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from skal.data import concatenate, to_numpy
from skal.targets.values import as_meant, equals, label_values, missing_entries

__all__ = ["Metric", "Reading", "TargetKind"]

Reading = Literal["proba", "multilabel", "predict", "pixels"]
Metric = Callable[[Any, Any, Any], float]
Refused = Literal["wrong_labels", "initial_left_out", "stratified", "class_balanced", "regions"]

# What strategies may read from a model of any kind: features, and numbers that the model itself gives a row.
FEATURES = frozenset({"embedding", "predicted_loss", "discriminator_score"})
PROBABILITIES = frozenset({"proba", "committee", "sampled_proba", "boundary"})
PREDICTIONS = frozenset({"prediction", "std", "committee_prediction"})


class TargetKind:
    """A kind of targets: what labels mean, from the split of a study to the words of its report.

    A kind holds no labels: every question comes with the targets that it is about, and `skal.targets.Targets` is a
    kind with the targets of one study. This base class is for one value a row and takes nothing for granted: splits
    are not stratified, nothing is counted, no first label is refused. `Classes` adds what classes need; a kind of
    one's own is a class of either.

    Attributes
    ----------
    name : str
        By which a protocol and `kind_named` know it.
    holds : str
        What targets hold, after "y holds": "classes", "numbers".
    unit : str
        What is bought, and what curves are over: "labels", "images".
    reading : {"proba", "multilabel", "predict", "pixels"}
        What a model says: class probabilities (n, C), a probability for each label (n, L), a value, or classes of
        pixels.
    reads : frozenset of str
        What strategies may read from such models, as in `skal.query.query_strategy`.
    default_metrics : tuple of str
        What is measured where nothing is said.
    default_estimator : str or None
        Preset of `skal.study.ESTIMATORS` where nothing is said; None: there is none.
    takes_scorers : bool
        Whether scikit-learn's scorers by name measure models of this kind.
    tells_classes : bool
        Whether a task model with a parameter ``classes`` is always told those of the study.
    part, counted : str
        What is counted, and in what: "class", "rows that were asked for".
    first_rule : str
        What is wrong with first labels that are too few, with ``{n}``, the number that would do.
    needed : str
        What a model needs to be fitted (`can_be_learned`), after "a model needs".
    refused : dict of str to str
        What a study of this kind cannot do ("wrong_labels", "initial_left_out", "stratified", "class_balanced",
        "regions"), and the words of the refusal.

    Examples
    --------
    A kind for the grades low < mid < high, which a mistake of two steps costs more than one of one:

    >>> from skal.targets import Classes, present_labels
    >>> class Grades(Classes):
    ...     name = "grades"
    ...     order = ("low", "mid", "high")
    ...     default_metrics = ("steps",)
    ...
    ...     def recognises(self, y):
    ...         return bool(present := present_labels(y)) and set(present) <= set(self.order)
    ...
    ...     def metrics(self, classes, names):
    ...         def steps(model, X, y):
    ...             return -abs(self.places(model.predict(X)) - self.places(y)).mean()
    ...
    ...         return {"steps": steps}
    ...
    ...     def places(self, y):
    ...         return np.array([self.order.index(grade) for grade in y])
    >>> Grades().recognises(["mid", None, "low"]), Grades().recognises([0, 1])
    (True, False)
    """

    name: ClassVar[str] = ""
    holds: ClassVar[str] = "values"
    unit: ClassVar[str] = "labels"
    reading: ClassVar[Reading] = "predict"
    reads: ClassVar[frozenset[str]] = FEATURES
    default_metrics: ClassVar[tuple[str, ...]] = ()
    default_estimator: ClassVar[str | None] = None
    takes_scorers: ClassVar[bool] = True
    tells_classes: ClassVar[bool] = False
    part: ClassVar[str] = "class"
    counted: ClassVar[str] = "rows that were asked for"
    first_rule: ClassVar[str] = ""
    needed: ClassVar[str] = "labels"
    refused: ClassVar[Mapping[str, str]] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @property
    def entry(self) -> str | None:
        """How a protocol names the kind; None for classes and masks, which protocols did not name from the start."""
        return None if self.name in ("classes", "masks") else self.name

    @property
    def parts(self) -> str:
        """The plural of `part`."""
        return f"{self.part}{'es' if self.part.endswith('s') else 's'}"

    # Which targets are of this kind

    def recognises(self, y: Any) -> bool:
        """Tell whether targets are of this kind; asked about targets of any kind, some of them missing.

        Parameters
        ----------
        y : anything
            Labels, masks, ...; a whole data set or one batch of it.

        Returns
        -------
        bool
            The kind that was registered last and says True is taken.
        """
        return False

    # What is labelled

    def missing(self, y: Any, missing_label: Any = "auto") -> NDArray[np.bool_]:
        """Tell which rows have no label; see `skal.labels.unlabeled_mask`."""
        values = label_values(y)
        missing = missing_entries(values)
        if not is_auto(missing_label) and not missing_entries(np.array([missing_label], dtype=object))[0]:
            missing |= equals(values, missing_label)
        if missing.ndim == 1:
            return missing
        partly = missing.any(axis=1) & ~missing.all(axis=1)
        if partly.any():
            raise ValueError(
                f"unlabeled_mask: a row of a two-dimensional y is labelled or not as a whole, got {partly.sum()} "
                f"rows labelled in part, first row {np.flatnonzero(partly)[0]}."
            )
        return np.asarray(missing.all(axis=1))

    def labeled(self, y: Any, missing_label: Any = "auto") -> tuple[NDArray[np.intp], NDArray[Any]]:
        """Return the labelled rows and their labels; see `skal.labels.labeled_part`."""
        missing = self.missing(y, missing_label)
        rows = np.flatnonzero(~missing)
        if len(rows) == 0:
            raise ValueError(f"labeled_part: at least one row must be labelled, got {len(missing)} missing labels.")
        return rows, as_meant(label_values(y)[rows], y)

    def with_missing(self, y: Any, n_missing: int, *, as_numbers: bool = False) -> NDArray[Any]:
        """Return labels followed by so many missing ones.

        Parameters
        ----------
        y : container of n labels
            None missing.
        n_missing : int
            How many follow.
        as_numbers : bool, default=False
            Whether numbers stay numbers, followed by NaN; else everything becomes objects, followed by None.

        Returns
        -------
        ndarray of shape (n + n_missing, ...)
            Labels.
        """
        labels = to_numpy(y) if as_numbers else np.asarray(y)
        if as_numbers and labels.dtype.kind in "fiu":
            return np.concatenate([labels, np.full((n_missing, *labels.shape[1:]), np.nan)])
        out = np.full((len(labels) + n_missing, *labels.shape[1:]), None, dtype=object)
        out[: len(labels)] = labels
        return out

    def joined(self, known: Any, new: Any) -> Any:
        """Put new labels behind those that are known, in their dtype."""
        return concatenate(known, _in_dtype_of(known, new))

    def as_array(self, y: Any) -> NDArray[Any]:
        """Return targets, none of them missing, as an array that rows may be taken from."""
        return np.asarray(y)

    # Labels that are taught

    def check_batch(self, X: Any, y: Any, y_known: Any, classes: Any, ignore_label: int, who: str) -> None:
        """Raise if new labels cannot be taught beside those that are known; warn where they may be mistakes.

        Parameters
        ----------
        X, y : container of m rows, their labels
            New ones; none is missing.
        y_known : container or None
            What was taught.
        classes : array-like or None
            All labels there are; None: any.
        ignore_label : int
            Of void pixels, where labels are masks.
        who : str
            For the messages.
        """
        check_width(y, y_known, who)

    def distinct(self, y: Any) -> NDArray[Any] | None:
        """Return the different labels; None where that says nothing about what a model can learn."""
        labels = np.asarray(y)
        return np.unique(labels) if labels.ndim == 1 else np.unique(labels, axis=0)  # no axis for objects

    def only_class(self, y: Any) -> tuple[Any] | None:
        """Return the one class that all labels are of, as a tuple; None where there are more, or none at all."""
        return None

    def unseen(self, known: Any, y: Any) -> list[Any]:
        """Return labels that are not among those a fitted model knows, its ``classes_``."""
        return []

    def can_be_learned(self, y: Any) -> bool:
        """Tell whether a model can be fitted to these labels: most classifiers need two classes."""
        return True

    def why_not_learned(self, y: Any) -> str | None:
        """Say what of the labels keeps a model from being fitted, after a fit was refused; None: nothing known."""
        return None

    def check_beside(self, y: Any, who: str) -> None:
        """Raise if new labels cannot stand beside those of this kind that were taught."""

    def fold_labels(self, labels: Any) -> Any:
        """Return what cross-validation splits by."""
        return labels

    # A study

    def classes(self, y: Any) -> NDArray[Any]:
        """Return the classes that a model may know, sorted; none here."""
        return np.empty(0)

    def groups(self, y: Any) -> NDArray[Any]:
        """Return what counts are of: classes, labels, ranges; nothing here."""
        return np.empty(0)

    def group_names(self, groups: NDArray[Any]) -> list[str]:
        """Return how `groups` are called in a report."""
        return [self.shown(group) for group in groups]

    def counts(self, labels: Any, groups: NDArray[Any]) -> list[int]:
        """Return how much of each group there is among labels."""
        return [0 for _ in groups]

    def strata(self, y: Any) -> NDArray[Any] | None:
        """Return what a split is stratified by, one value a row; None: it is not."""
        return None

    def shown(self, label: Any) -> str:
        """Return a label as it is shown to people."""
        return str(label)

    def in_turns(self, y: Any, order: NDArray[np.intp], n: int, by_share: bool) -> NDArray[np.intp]:
        """Choose first labels that look at labels: as many of each stratum, or by their shares.

        Parameters
        ----------
        y : container of all labels
            Looked at.
        order : ndarray of int
            Rows that may be chosen, shuffled.
        n : int
            How many.
        by_share : bool
            Whether strata get their shares, at least one row each where there is room; else equally many rows.

        Returns
        -------
        ndarray of int of shape (n,)
            The first n of the rows when the strata take turns.
        """
        strata = self.strata(y)
        if strata is None:
            raise ValueError(
                f"First labels cannot be chosen by strata: {self.holds} have none. Take initial='random'."
            )
        position = np.empty(len(order))
        for stratum in np.unique(strata[order]):
            own = np.flatnonzero(strata[order] == stratum)
            # By share, the k-th row is due when the share k / size has passed; first rows of all strata come first.
            position[own] = np.arange(len(own)) / (len(own) if by_share else 1)
        return order[np.argsort(position, kind="stable")[:n]]

    def completed(self, chosen: NDArray[np.intp], order: NDArray[np.intp], y: Any) -> NDArray[np.intp]:
        """Add rows to the first ones, in a shuffled order, until a model can be fitted to their labels."""
        return chosen

    def check_rehearsal(self, y: Any, splits: bool, who: str) -> None:
        """Raise if a study cannot be made of these targets.

        Parameters
        ----------
        y : container of all labels
            None missing.
        splits : bool
            Whether rows to test on are split off.
        who : str
            For the messages.
        """

    def check_model(self, model: Any, y: Any, who: str) -> None:
        """Raise if a task model cannot be fitted to these targets."""

    def check_classifier(self, y: Any, who: str) -> None:
        """Raise if `skal.ActiveLearningClassifier`, which predicts one class a row, cannot learn these targets."""

    def metrics(self, classes: NDArray[Any], names: Sequence[str]) -> dict[str, Metric]:
        """Return metrics of this kind's own by name, each ``metric(model, X, y)``, higher = better.

        Parameters
        ----------
        classes : ndarray of shape (C,)
            As `classes` gave them.
        names : sequence of str
            What people call them.

        Returns
        -------
        dict of str to callable
            ``"iou:road"`` is the metric "iou" of one part; "iou" stands for those of all parts. Functions that are
            to be sent to workers must be picklable.
        """
        return {}


def is_auto(missing_label: Any) -> bool:
    return isinstance(missing_label, str) and missing_label == "auto"


def check_width(y: Any, y_known: Any, who: str) -> None:
    """Raise unless labels have the rank and width of those that are known: a column beside a vector fits nowhere."""
    shape, known = getattr(y, "shape", None), getattr(y_known, "shape", None)
    if shape is None or known is None or tuple(shape[1:]) == tuple(known[1:]):
        return
    if len(known) == 3:  # masks are taught; a vector beside them is refused where it is trained on
        return
    column = len(known) == 1 and tuple(shape[1:]) == (1,)
    wanted = f"(n, {', '.join(map(str, known[1:]))})" if len(known) > 1 else "(n,)"
    remedy = " Pass y.ravel()." if column else ""
    raise ValueError(f"{who}: y must have shape {wanted}, as taught so far, got {tuple(shape)}.{remedy}")


def _in_dtype_of(known: Any, new: Any) -> Any:
    """New labels in the dtype of those that are known, where that changes none of them: classes keep their type."""
    if not (isinstance(known, np.ndarray) and isinstance(new, np.ndarray)) or known.dtype == new.dtype:
        return new
    kinds = known.dtype.kind, new.dtype.kind
    if kinds[0] in "iu" and kinds[1] == "f" and (new == np.floor(new)).all():
        return new.astype(known.dtype)
    if kinds == ("U", "O") and all(isinstance(label, str) for label in new.ravel()):
        return new.astype(str)
    return new
