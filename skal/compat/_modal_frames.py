"""Data frames in modAL: its functions of rows, by position and with pandas 2."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

_MENDED = "_mended_by_skal"


def mend_frames() -> bool:
    """Let modAL's functions of rows treat frames and series by position; False if they do already."""
    import modAL.models.base as base
    import modAL.utils.data as data

    if hasattr(data.data_vstack, _MENDED):
        return False
    for name, mend in _OF_FRAMES.items():
        original = getattr(data, name)
        mended = _for_frames(original, mend)
        for module in [module for key, module in sys.modules.items() if key.partition(".")[0] == "modAL"]:
            if getattr(module, name, None) is original:  # imported by name
                setattr(module, name, mended)
    for learner in (base.BaseLearner, sys.modules["modAL.models.learners"].ActiveLearner):
        for name, arguments in (("_fit_to_known", ("X_training", "y_training")), ("_fit_on_new", None)):
            if name in vars(learner):
                setattr(learner, name, _bootstrapping(getattr(learner, name), arguments))
    return True


def _for_frames(original: Callable[..., Any], mend: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def mended(X: Any, *args: Any, **kwargs: Any) -> Any:
        first = X[0] if isinstance(X, (list, tuple)) and len(X) else X
        return (mend if _is_frame(first) else original)(X, *args, **kwargs)

    setattr(mended, _MENDED, True)
    return mended


def _bootstrapping(original: Callable[..., Any], attributes: tuple[str, str] | None) -> Callable[..., Any]:
    """Draw the rows of a bootstrap by position where they are in frames, as modAL draws them."""

    @functools.wraps(original)
    def mended(self: Any, *rows: Any, bootstrap: bool = False, **fit_kwargs: Any) -> Any:
        X, y = rows[:2] if attributes is None else [getattr(self, name) for name in attributes]
        if not (bootstrap and (_is_frame(X) or _is_frame(y))):
            return original(self, *rows, bootstrap=bootstrap, **fit_kwargs)
        drawn = np.random.choice(range(len(X)), len(X), replace=True)
        parts = [part.iloc[drawn] if _is_frame(part) else part[drawn] for part in (X, y)]
        self.estimator.fit(*parts, **(fit_kwargs if attributes is not None else {}))  # modAL drops those of new rows
        return self

    return mended


def _is_frame(X: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(X, (pandas.DataFrame, pandas.Series))


def _appended(blocks: Any) -> Any:
    import pandas

    first = blocks[0]
    if isinstance(first, pandas.Series):
        return pandas.concat([pandas.Series(block, name=first.name) for block in blocks])
    return pandas.concat([_as_frame(block, first.columns) for block in blocks])


def _as_frame(block: Any, columns: Any) -> Any:
    import pandas

    if isinstance(block, pandas.Series):  # a row of a frame
        return block.to_frame().T
    return block if isinstance(block, pandas.DataFrame) else pandas.DataFrame(block, columns=columns)


def _side_by_side(blocks: Any) -> Any:
    import pandas

    return pandas.concat([block.reset_index(drop=True) for block in blocks], axis=1)


def _dropped(X: Any, rows: Any) -> Any:
    keep = np.ones(len(X), dtype=bool)
    keep[rows] = False
    return X.iloc[keep]


_OF_FRAMES: dict[str, Callable[..., Any]] = {
    "data_vstack": _appended,
    "data_hstack": _side_by_side,
    "retrieve_rows": lambda X, rows: X.iloc[rows],
    "drop_rows": _dropped,
}
