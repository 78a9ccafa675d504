"""Packages that tests of containers want: where one is missing, its cases are left out or skipped."""

import importlib
import importlib.util

import pytest


def _optional(name):
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


polars = _optional("polars")
h5py = _optional("h5py")
needs_polars = pytest.mark.skipif(polars is None, reason="polars is not installed")
