"""Estimators of the user's own code, by import path: ``package.module:name`` or ``file.py:name``."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any


def is_import_path(text: str) -> bool:
    """Tell an import path from the name of an estimator with parameters, which have an equals sign.

    Parameters
    ----------
    text : str
        Of ``--estimator``. What stands before the colon must not be the name of an estimator.

    Returns
    -------
    bool
        True for ``package.module:name`` and ``file.py:name``.
    """
    where, colon, name = text.rpartition(":")
    return bool(colon and where and name.isidentifier())


def import_estimator(text: str) -> Any:
    """Import an estimator. This runs the code of its module.

    Parameters
    ----------
    text : str
        ``package.module:name`` or ``path/to/file.py:name``; the name is that of an estimator, or of a function or
        class that is called without arguments and gives one. Modules are looked for in the current folder first.

    Returns
    -------
    estimator
        What was found, or what the function returned.

    Raises
    ------
    ValueError
        If there is no such file, module or name, if the module cannot be imported, or if what is found has no
        ``fit``.
    """
    where, _, name = text.rpartition(":")
    module = _module(where, text)
    if not hasattr(module, name):
        there = ", ".join(sorted(one for one in vars(module) if not one.startswith("_"))[:20])
        raise ValueError(f"{text}: {where} has no {name!r}; it has {there or 'nothing'}.")
    found = getattr(module, name)
    if isinstance(found, type) or (callable(found) and not hasattr(found, "fit")):
        try:
            found = found()
        except Exception as error:  # whatever the user's code raises
            raise ValueError(
                f"{text}: calling {name}() failed: {type(error).__name__}: {error}. It is called without arguments "
                "and must return an estimator."
            ) from error
    if not hasattr(found, "fit"):
        raise ValueError(f"{text} must be or return an estimator, got {type(found).__name__}, which has no fit.")
    return found


def _module(where: str, text: str) -> ModuleType:
    try:
        return _of_file(Path(where)) if where.endswith(".py") else _of_package(where)
    except FileNotFoundError as error:
        raise ValueError(f"{text}: {error}") from error
    except Exception as error:  # whatever the user's code raises
        missing = isinstance(error, ModuleNotFoundError) and error.name in _parents(where)
        hint = " An estimator by name has no such name; your own is package.module:name or file.py:name."
        raise ValueError(
            f"{text}: {where} cannot be imported: {type(error).__name__}: {error}.{hint if missing else ''}"
        ) from error


def _parents(where: str) -> set[str]:
    parts = where.split(".")
    return {".".join(parts[: n + 1]) for n in range(len(parts))}


def _of_package(where: str) -> ModuleType:
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    return importlib.import_module(where)


def _of_file(file: Path) -> ModuleType:
    """A module of a file, under a name that no other module has; it is imported once."""
    if not file.is_file():
        raise FileNotFoundError(f"There is no file {str(file)!r}.")
    digest = hashlib.sha256(str(file.resolve()).encode() + file.read_bytes()).hexdigest()[:16]
    name = f"skal_user_{file.stem}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(f"{str(file)!r} cannot be read as a module.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(file.resolve().parent))  # what lies beside the file can be imported from it
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    finally:
        sys.path.remove(str(file.resolve().parent))
    _cloudpickle().register_pickle_by_value(module)  # workers do not know the name
    return module


def _cloudpickle() -> Any:
    """What joblib pickles with: its dependency from 1.6 on, a part of it before."""
    try:
        import cloudpickle
    except ImportError:
        from joblib.externals import cloudpickle
    return cloudpickle
