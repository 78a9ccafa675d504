"""Features: what each column of a table is used as, and tables, texts and images as numbers for a model.

The encoders are loaded on first use: what the columns are used as is asked where no model is needed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from skal.features._uses import KINDS, LEFT_OUT, ColumnUse, column_uses, uses_as_text

if TYPE_CHECKING:
    from skal.features.image_encoder import ImageEncoder
    from skal.features.table_encoder import TableEncoder

__all__ = ["KINDS", "LEFT_OUT", "ColumnUse", "ImageEncoder", "TableEncoder", "column_uses", "uses_as_text"]

_HOME = {"ImageEncoder": "image_encoder", "TableEncoder": "table_encoder"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
