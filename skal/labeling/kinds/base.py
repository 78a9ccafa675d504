"""What every kind of answers says. A kind of one's own is a class of this, and an entry of the registry."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from skal.labeling._cleaning import Cleaned, label_text
from skal.labeling._settings import Settings
from skal.labeling._sources import Rows
from skal.labeling._status import Accuracy, MeanError
from skal.labeling._verdicts import majority

if TYPE_CHECKING:
    from numpy.typing import NDArray


class AnswerKind:
    """What people answer, from the cell of a sheet to the labels of a model.

    The journal keeps one text per answer, in one form for each meaning. Texts of two answers are the same if and only
    if the answers are, whoever wrote them and however.

    Parameters
    ----------
    settings : Settings
        Of the project.
    folder : Path
        Of the project; for what does not fit into the journal.

    Attributes
    ----------
    name : str
        The setting ``answer`` of a project.
    control : str
        What a page shows to answer with: "class", "labels", "number", "mask" or "region".
    holds : str
        What the answers are, for messages.
    hint : str
        How a cell of a sheet is filled; empty where nothing needs to be said.
    default_strategy : str
        Query strategy where nothing is said.
    default_candidates : int
        Random rows, at most, that the strategy chooses from, where nothing is said.
    sorts_files : bool
        Whether files of a folder can be answered by sorting them into folders of classes.
    needed : str
        What a model needs to be fitted, after "a model needs".
    asks_regions : bool
        Whether the rows are regions of images, and are chosen as such.
    of_pixels : bool
        Whether models label pixels, so that what they predict is nothing that a cell or a point of a map can show.
    mean_of_classes : {"", "macro_f1", "mean_iou"}
        What `by_class` adds up to, if anything.
    """

    name: ClassVar[str] = ""
    control: ClassVar[str] = ""
    holds: ClassVar[str] = "answers"
    hint: ClassVar[str] = ""
    sorts_files: ClassVar[bool] = False
    default_strategy: ClassVar[str] = "uncertainty_herding"
    default_candidates: ClassVar[int] = 20_000
    needed: ClassVar[str] = "labels"
    asks_regions: ClassVar[bool] = False
    of_pixels: ClassVar[bool] = False
    mean_of_classes: ClassVar[Literal["", "macro_f1", "mean_iou"]] = ""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder

    @classmethod
    def check(cls, settings: Settings) -> None:
        """Refuse settings that do not suit the kind.

        Raises
        ------
        ProjectError
            With what is allowed.
        """

    # What is asked

    def rows(self, rows: Rows) -> Rows:
        """Return the rows that are asked, given those of the data: as a rule the same.

        Raises
        ------
        ProjectError
            If such data cannot be answered so.
        """
        return rows

    def source(self, row: str) -> str:
        """Return the id of the row of the data that a row which is asked comes from."""
        return row

    # What is answered

    def classes(self, given: Collection[str]) -> list[str]:
        """Return the known classes: those of the settings, and those of answers that were taken since.

        Parameters
        ----------
        given : collection of str
            The different answers that there are.
        """
        return list(self.settings.classes)

    def keep(self, ids: Sequence[str], given: Sequence[Any], file_of: Callable[[str], Path | None]) -> list[Any]:
        """Put away what does not fit into the journal, and return answers that `read` takes: as a rule as they came.

        Parameters
        ----------
        ids, given : sequence
            Rows and answers, as they came.
        file_of : callable
            Gives the file of a row; None if there is no such row, or it is none.
        """
        return list(given)

    def read(
        self, given: Iterable[Any], classes: Sequence[str], *, allowed: Collection[str] = (), any_new: bool = False
    ) -> Cleaned:
        """Turn answers as they come into texts of the journal.

        Parameters
        ----------
        given : iterable
            One entry per answer: what a cell of a sheet holds, or what a page sends; None, NaN and blank text are no
            answers.
        classes : sequence of str
            Known classes.
        allowed : collection of str, default=()
            New classes that are allowed by name.
        any_new : bool, default=False
            Whether any new class is allowed.

        Returns
        -------
        Cleaned
            Texts, what was changed, and what is refused with the reason.
        """
        raise NotImplementedError

    def written(self, given: Any, text: str) -> str | None:
        """Return an answer as it was written, where it says something else than the text that was taken."""
        said = label_text(given)
        return None if said == text else said

    def same(self, one: str | None, other: str | None) -> bool:
        """Tell whether two texts mean the same."""
        return one == other

    def verdict(self, votes: Mapping[str, str]) -> str | None:
        """Return what holds of answers by annotator, of which there is at least one; None: they are in conflict."""
        return majority(votes)

    def parts(self, text: str) -> list[str]:
        """Return the classes that an answer counts for."""
        return [text]

    def summary(self, texts: Sequence[str]) -> str:
        """Say of all answers that hold what counts of classes do not say; as a rule nothing."""
        return ""

    def cell(self, text: str) -> str:
        """Return an answer as it stands in a cell of a sheet or of an export."""
        return text

    # What a model learns

    def values(self, texts: Sequence[str], classes: Sequence[str]) -> Any:
        """Return targets for a model, one row per text."""
        raise NotImplementedError

    def can_be_learned(self, y: Any) -> bool:
        """Tell whether a model can be fitted to targets."""
        return len(y) > 0

    def predicted(self, model: Any, X: Any, classes: Sequence[str]) -> tuple[list[str], list[float | None]]:
        """Return what a fitted model takes rows for, as texts, and its probability where it gives one."""
        raise NotImplementedError

    def guesses(self, model: Any, X: Any, classes: Sequence[str]) -> list[dict[str, Any]]:
        """Return what is kept of a model's guess with each question: ``guess`` and ``probability``."""
        texts, shares = self.predicted(model, X, classes)
        return [
            {"guess": text, **({} if share is None else {"probability": round(share, 6)})}
            for text, share in zip(texts, shares, strict=True)
        ]

    def right(self, guess: str, label: str) -> float:
        """Return how right a guess was, 1.0 if it was what the row is."""
        return float(self.same(guess, label))

    def by_class(self, guess: str, label: str, classes: Sequence[str]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return how right a guess was for each class, and how much that weighs, both in [0, 1] and of shape (C,).

        Over many rows the sum of weights times values, by that of the weights, is F1 of the class: a row weighs 1
        where the class is guessed and true, a half where it is one of the two.
        """
        import numpy as np

        found, true = (np.isin(classes, self.parts(text)).astype(float) for text in (guess, label))
        return found * true, (found + true) / 2

    def accuracy(self, pairs: Sequence[tuple[str, str]]) -> Accuracy | MeanError | None:
        """Say how right guesses were about random rows; None where there are none.

        Parameters
        ----------
        pairs : sequence of (str, str)
            Guess and label.
        """
        return Accuracy.of([self.right(*pair) == 1.0 for pair in pairs]) if pairs else None

    # Which model

    @classmethod
    def default_estimator(cls, uses_or_X: Any) -> tuple[str, str]:
        """Choose an estimator where nobody names one; see `skal.estimators.default_estimator`."""
        from skal.estimators import default_estimator

        return default_estimator(uses_or_X)

    @classmethod
    def estimator(cls, name: str, columns: Mapping[str, str] | None = None) -> Any:
        """Make an estimator by name.

        Parameters
        ----------
        name : str
            As in `skal.estimators.make_estimator`, or one that only this kind has.
        columns : dict of str to str, default=None
            What columns of a table are used as.

        Returns
        -------
        estimator
            Unfitted.

        Raises
        ------
        ProjectError
            If it learns something else than these answers.
        """
        raise NotImplementedError
