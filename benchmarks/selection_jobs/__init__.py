"""Jobs of the benchmark of selections, a file each; each has its sizes, its sides, its goals and its check."""

import importlib
from collections.abc import Mapping

_NAMES = (
    "k_center",
    "k_center_map",
    "badge",
    "top_scores",
    "bald",
    "batch_bald",
    "typiclust",
    "coverage",
    "scoring",
)


class _Jobs(Mapping):
    """Jobs by name, imported when they are asked for."""

    def __getitem__(self, name):
        if name not in _NAMES:
            raise KeyError(name)
        return importlib.import_module(f"selection_jobs.{name}")

    def __iter__(self):
        return iter(_NAMES)

    def __len__(self):
        return len(_NAMES)


JOBS = _Jobs()
