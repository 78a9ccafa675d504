"""Values that a run may change, such as counters and caches: what was written for them, not what they hold now."""

from __future__ import annotations

import ast
import functools
import inspect
import sys
from collections.abc import Iterator

__all__ = ["changes_later", "written_value"]

_CHANGING = {"add", "append", "clear", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}


def written_value(module: str | None, path: tuple[str, ...]) -> str | None:
    """Return the expressions that a module's source assigns to a name, if its value may have changed since.

    Parameters
    ----------
    module : str or None
        Name of the module.
    path : tuple of str
        Names of the classes around it, and its own.

    Returns
    -------
    str or None
        Syntax trees as text. None if the source is not known, does not assign the name, or never changes what it
        stands for afterwards: then the value itself counts.
    """
    text = _text_of(module)
    if text is None:
        return None
    assigned, stored = _read(text)
    if path not in assigned or path[-1] not in stored:
        return None
    return "\n".join(assigned[path])


def changes_later(module: str | None, name: str) -> bool:
    """Whether the source of a module changes what a name stands for, in place or from within a function."""
    text = _text_of(module)
    return text is not None and name in _read(text)[1]


def _text_of(module: str | None) -> str | None:
    found = sys.modules.get(module or "")
    try:
        return None if found is None else inspect.getsource(found)
    except (OSError, TypeError):
        return None


@functools.lru_cache(maxsize=128)
def _read(text: str) -> tuple[dict[tuple[str, ...], list[str]], frozenset[str]]:
    """Read the assignments of a module and of its classes, and the names whose values are changed afterwards."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return {}, frozenset()
    assigned: dict[tuple[str, ...], list[str]] = {}
    _collect(tree.body, (), assigned)
    return assigned, frozenset(name for node in ast.walk(tree) for name in _changed(node))


def _changed(node: ast.AST) -> Iterator[str]:
    """Yield names that a part of a program assigns to from within a function, or changes in place."""
    if isinstance(node, ast.Global):
        yield from node.names
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.attr
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del)):
        yield _last(node.value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGING:
        yield _last(node.func.value)


def _last(node: ast.AST) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def _collect(body: list[ast.stmt], around: tuple[str, ...], assigned: dict[tuple[str, ...], list[str]]) -> None:
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            _collect(statement.body, (*around, statement.name), assigned)
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
            targets = [statement.target]
        for target in targets:
            for node in ast.walk(target):
                if isinstance(node, ast.Name):
                    assigned.setdefault((*around, node.id), []).append(ast.dump(statement))
