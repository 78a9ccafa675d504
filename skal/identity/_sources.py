"""The source of a function, if it is the source of the code that runs, in a form that formatting does not change."""

from __future__ import annotations

import ast
import functools
import linecache
import warnings
from collections import defaultdict
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from skal.identity._compiled import fingerprint

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
# Contexts follow from the place; types of arguments and results change nothing that runs.
_IGNORED = {"ctx", "kind", "type_comment", "returns", "type_params"}


def source_of(function: FunctionType) -> str | None:
    """Return the source of a function as a text of its syntax tree, or None if it is not known for sure.

    The text of a file may be newer than the code that was loaded from it. So the text is compiled, and a function is
    read only if the same code comes out.
    """
    code = function.__code__
    linecache.checkcache(code.co_filename)
    text = "".join(linecache.getlines(code.co_filename, function.__globals__))
    candidates = _functions_of(text).get(code.co_name, ()) if text else ()
    running = fingerprint(code) if candidates else ""
    written = {_dump(node) for compiled, node in candidates if _fingerprint(compiled) == running}
    return written.pop() if len(written) == 1 else None


@functools.lru_cache(maxsize=4096)
def _fingerprint(code: CodeType) -> str:
    return fingerprint(code)


@functools.lru_cache(maxsize=128)
def _functions_of(text: str) -> dict[str, list[tuple[CodeType, ast.AST]]]:
    """Return code and syntax tree of the functions of a source, by name; two lambdas on one line are left out."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # was shown when the file was imported
            tree = ast.parse(text)
            module = compile(text, "<source>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return {}
    nodes: dict[tuple[str, int], list[ast.AST]] = defaultdict(list)
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            nodes[getattr(node, "name", "<lambda>"), _first_line(node)].append(node)
    found: dict[str, list[tuple[CodeType, ast.AST]]] = defaultdict(list)
    for code in _codes_in(module):
        here = nodes.get((code.co_name, code.co_firstlineno), ())
        if len(here) == 1:
            found[code.co_name].append((code, here[0]))
    return dict(found)


def _first_line(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> int:
    decorators = () if isinstance(node, ast.Lambda) else node.decorator_list
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from _codes_in(const)


def _dump(node: Any) -> str:
    """Return a syntax tree as text: `ast.dump` without positions and docstrings, in every Python alike."""
    if isinstance(node, ast.AST):
        ignored = _IGNORED | {"annotation"} if isinstance(node, ast.arg) else _IGNORED
        fields = [(name, getattr(node, name, None)) for name in node._fields if name not in ignored]
        parts = [f"{name}={_dump(value)}" for name, value in fields if value is not None and value != []]
        return f"{type(node).__name__}({', '.join(parts)})"
    if isinstance(node, list):
        return f"[{', '.join(_dump(item) for item in node if not _does_nothing(item))}]"
    return f"{type(node).__name__} {node!r}"


def _does_nothing(node: Any) -> bool:
    """Whether a statement has no effect: a docstring, `pass`."""
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
