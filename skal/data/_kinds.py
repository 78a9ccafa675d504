"""What kind of container is at hand, told without importing a package that nobody has imported yet."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from scipy import sparse


def is_columns(X: Any) -> bool:
    """A dict of columns; a dictionary-of-keys sparse matrix is a mapping too, of another kind."""
    return isinstance(X, Mapping) and not sparse.issparse(X)


def is_pandas(X: Any) -> bool:
    return hasattr(X, "iloc")


def is_polars(X: Any) -> bool:
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(X, (polars.DataFrame, polars.Series))


def is_tensor(X: Any) -> bool:
    # No import: whoever holds a tensor has imported torch already.
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(X, torch.Tensor)
