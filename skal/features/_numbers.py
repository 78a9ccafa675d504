"""Columns of numbers, and dates as numbers: gaps filled, on one scale for linear models and distances."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler

from skal.features._dates import ISO, date_formats, parsed_dates
from skal.features._values import as_texts, floats, missing, truth_values
from skal.features._written import written_numbers

Floats = NDArray[np.float64]
_REACH = 3.0


def within_reach(Z: Any) -> Any:
    """Cut standardised numbers at three standard deviations; sparse ones stay as they are.

    A column that is 0 in nearly all rows of the pool has a tiny deviation, and its few other values are huge:
    distances, and strategies that read them, would see nothing else.
    """
    return np.clip(Z, -_REACH, _REACH) if isinstance(Z, np.ndarray) else Z


class NumberColumns:
    """Numbers of shape (n, d): a gap becomes the median, and a further column says where gaps were.

    ``names`` has the columns of the numbers for each column of the table; a gap of a date is one gap. With
    ``scaled=False``, for trees, `transform` leaves the scale alone; `embed` never does.
    """

    def __init__(self, names: dict[str, list[str]], scaled: bool) -> None:
        self.names = names
        self.scaled = scaled

    def fit(self, Z: Floats) -> NumberColumns:
        """Learn where gaps are, what fills them, and the scales."""
        firsts = np.cumsum([0, *(len(columns) for columns in self.names.values())])[:-1]
        with_gaps = np.asarray(np.isnan(Z[:, firsts]).any(axis=0))
        self.gaps_ = firsts[with_gaps]
        self.feature_names_ = [one for columns in self.names.values() for one in columns]
        self.feature_names_ += [f"{name} is missing" for name, has in zip(self.names, with_gaps, strict=True) if has]
        self.imputer_: Any = SimpleImputer(strategy="median", keep_empty_features=True).fit(Z)
        self.scaler_: Any = StandardScaler().fit(self._filled(Z))
        return self

    def transform(self, Z: Floats) -> Floats:
        return self.embed(Z) if self.scaled else self._filled(Z)

    def embed(self, Z: Floats) -> Floats:
        return within_reach(self.scaler_.transform(self._filled(Z)))

    def _filled(self, Z: Floats) -> Floats:
        return np.hstack([self.imputer_.transform(Z), np.isnan(Z[:, self.gaps_])])


class NumberReader:
    """One column of numbers or truth values."""

    def __init__(self, name: str, boolean: bool) -> None:
        self.name = name
        self.boolean = boolean

    def fit(self, column: Any) -> NumberReader:
        """Learn how the numbers, or the two truth values, are written."""
        self.words_: dict[str, float] | None = None
        self.style_ = "plain"
        self.names_ = [self.name]
        if column.dtype.kind in "biufm":
            if self.boolean and (n := column.nunique()) > 2:
                raise ValueError(
                    f"Column {self.name!r} cannot be read as truth values: it holds {n} different numbers. Use it as "
                    "a number."
                )
            return self
        texts = as_texts(column[~missing(column)])
        if self.boolean:
            self.words_ = truth_values(texts) or self._two(texts)
        elif len(texts):
            written = written_numbers(texts)
            self.style_ = "plain" if written is None else written.style
            if np.isnan(floats(column, self.style_)).all():
                raise ValueError(
                    f"Column {self.name!r} cannot be read as numbers: its values are like {texts.iloc[0]!r}. Use it "
                    "as a category or a text."
                )
        return self

    def read(self, column: Any) -> Floats:
        """Return numbers of shape (n, 1), NaN where they are missing."""
        if self.words_ is None:
            numbers = floats(column, self.style_)
            if infinite := int(np.isinf(numbers).sum()):
                raise ValueError(
                    f"Column {self.name!r} has {infinite} infinite numbers: make them large, or missing."
                )
            return numbers.reshape(-1, 1)
        words = column.astype(object).map(lambda value: self.words_.get(str(value).strip().lower(), np.nan))
        return np.asarray(words.where(~missing(column)), dtype=np.float64).reshape(-1, 1)

    def _two(self, texts: Any) -> dict[str, float]:
        """Any other two values, in their order."""
        values = sorted({text.strip().lower() for text in texts.unique()})
        if len(values) > 2:
            raise ValueError(
                f"Column {self.name!r} cannot be boolean: it has {len(values)} different values, such as "
                f"{', '.join(map(repr, values[:3]))}. Use it as a category."
            )
        return {value: float(place) for place, value in enumerate(values)}


class DateReader:
    """One column of dates: the day on a line, and the place in the year, the week and, if they differ, the day."""

    def __init__(self, name: str, cyclic: bool) -> None:
        self.name = name
        self.cyclic = cyclic

    def fit(self, column: Any) -> DateReader:
        """Learn the formats of the dates, and whether they have hours."""
        self.formats_: tuple[str, ...] = ()
        if not _are_dates(column):
            texts = as_texts(column[~missing(column)])
            found = date_formats(texts) if len(texts) else None
            self.formats_ = (ISO,) if found is None else found.formats
            if len(texts) and parsed_dates(texts, self.formats_).isna().all():
                raise ValueError(
                    f"Column {self.name!r} cannot be read as dates: its values are like {texts.iloc[0]!r}. Use it "
                    "as a category or a text, or write the dates as 2024-12-31."
                )
        dates = self._dates(column)
        midnight = bool((dates.dropna() == dates.dropna().dt.normalize()).all())
        # Trees cut a line at several places; a linear model needs December beside January.
        places = ["year", "day of year", "weekday"] if midnight else ["year", "day of year", "weekday", "hour"]
        self.places_ = places[1:] if self.cyclic else places
        turned = [f"{place} {wave}" for place in self.places_ for wave in ("sine", "cosine")]
        self.names_ = [f"{self.name}: {place}" for place in ("days", *(turned if self.cyclic else self.places_))]
        return self

    def read(self, column: Any) -> Floats:
        """Return numbers of shape (n, d), NaN where the date is missing."""
        dates = self._dates(column).dt.as_unit("us")  # nanoseconds end in 2262
        days = (dates - _epoch()).dt.total_seconds() / 86400
        numbers: dict[str, tuple[Any, float]] = {
            "year": (dates.dt.year, 1.0),
            "day of year": (dates.dt.day_of_year - 1, 365.25),
            "weekday": (dates.dt.day_of_week, 7.0),
            "hour": (dates.dt.hour + dates.dt.minute / 60, 24.0),
        }
        columns = [days]
        for place in self.places_:
            value, period = numbers[place]
            turn = 2 * np.pi * value / period
            columns += [np.sin(turn), np.cos(turn)] if self.cyclic else [value]
        return np.column_stack([np.asarray(one, dtype=np.float64) for one in columns])

    def _dates(self, column: Any) -> Any:
        if not self.formats_:
            import pandas as pd

            if not isinstance(column.dtype, (np.dtype, pd.DatetimeTZDtype)):  # Arrow's have no place for a zone
                column = column.astype(object)
            return pd.to_datetime(column, errors="coerce", utc=True).reset_index(drop=True)
        texts = column.astype(object).map(str).where(~missing(column)).reset_index(drop=True)
        return parsed_dates(texts, self.formats_)


def _are_dates(column: Any) -> bool:
    from skal.features._uses import is_date

    return is_date(column.dtype)


def _epoch() -> Any:
    import pandas as pd

    return pd.Timestamp(0, tz="UTC").as_unit("us")
