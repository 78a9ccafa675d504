"""Modules that cannot be imported here, whose doctests are left out: those of an extra that is not installed."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("numba") else ["skal/scores/_numba.py", "skal/scores/_vector.py"]
