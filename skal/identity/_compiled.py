"""Compiled code: a digest without lines and files, and the names that it looks up outside."""

from __future__ import annotations

import dis
import hashlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

_FLAGS = 0x3FF  # arguments, generators, coroutines; above are the flags of `from __future__`
_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")
_SILENT = ("EXTENDED_ARG", "PUSH_NULL")


def fingerprint(code: CodeType) -> str:
    """Return a digest of compiled code, of the functions in it too; lines, files and docstrings do not count."""
    shape = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags & _FLAGS)
    names = (code.co_name, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    consts = [_constant(const) for const in _without_docstring(code)]
    return _sha((repr((shape, names, consts)), code.co_code.hex(), code.co_exceptiontable.hex()))


def _without_docstring(code: CodeType) -> tuple[Any, ...]:
    """Return the constants of code, with None for a docstring: the first constant of a function that has a name."""
    consts = code.co_consts
    is_function = code.co_flags & inspect.CO_NEWLOCALS and code.co_flags & inspect.CO_OPTIMIZED
    has_docstring = is_function and not code.co_name.startswith("<") and consts and isinstance(consts[0], str)
    return (None, *consts[1:]) if has_docstring else consts


def _constant(value: Any) -> str:
    """Return a constant as text, the same in every process: sets have no order of their own."""
    if isinstance(value, CodeType):
        return f"code {fingerprint(value)}"
    if isinstance(value, tuple):
        return f"({','.join(map(_constant, value))})"
    if isinstance(value, frozenset):
        return f"{{{','.join(sorted(map(_constant, value)))}}}"
    return f"{type(value).__name__} {value!r}"


def _sha(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, order=True)
class Lookup:
    """A global name and the attributes that are read from it: ``helpers.scale`` is ("helpers", "scale")."""

    path: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Import:
    """An import inside a function: the module, how many packages up, and the names taken from it."""

    module: str
    level: int
    names: tuple[str, ...]


def lookups(code: CodeType) -> list[Lookup]:
    """Return what code looks up among the globals, sorted; names that it sets itself are state and left out."""
    found: set[Lookup] = set()
    own: set[str] = set()
    for each in _nested(code):
        instructions = _instructions(each)
        for place, instruction in enumerate(instructions):
            if instruction.opname == "STORE_GLOBAL":
                own.add(instruction.argval)
            elif instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                path = [instruction.argval]
                for after in instructions[place + 1 :]:
                    if after.opname not in _ATTRIBUTES:
                        break
                    path.append(after.argval)
                found.add(Lookup(tuple(path)))
    return sorted(lookup for lookup in found if lookup.path[0] not in own)


def imports(code: CodeType) -> list[Import]:
    """Return what code imports when it runs, sorted."""
    found = set()
    for each in _nested(code):
        instructions = _instructions(each)
        for place, instruction in enumerate(instructions):
            if instruction.opname == "IMPORT_NAME":
                level, names = (before.argval for before in instructions[place - 2 : place])
                found.add(Import(instruction.argval, int(level), tuple(names or ())))
    return sorted(found)


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _nested(const)


def _instructions(code: CodeType) -> list[dis.Instruction]:
    return [instruction for instruction in dis.get_instructions(code) if instruction.opname not in _SILENT]
