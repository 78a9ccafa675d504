"""The way from an object through the user's code that it refers to, written into one digest."""

from __future__ import annotations

import builtins
import copyreg
import functools
import hashlib
import importlib
import importlib.machinery
import importlib.util
import random
import sys
from collections.abc import Iterator, Mapping
from itertools import count
from types import (
    BuiltinFunctionType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

import numpy as np

from skal.identity._assigned import changes_later, written_value
from skal.identity._compiled import Import, Lookup, fingerprint, imports, lookups
from skal.identity._kinds import (
    SCALARS,
    attributes,
    has_code,
    is_compiled_function,
    is_dunder,
    is_of_torch,
    is_users_module,
    library_of_class,
    library_of_function,
    name_in_library,
    parameters,
)
from skal.identity._origins import library_of
from skal.identity._sources import source_of

_BUILTIN = (BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType, type(object().__str__))
_MOVING = (np.random.RandomState, np.random.Generator, np.random.BitGenerator, random.Random)
_GLOBAL_GENERATORS = (np.random.mtrand._rand, random.random.__self__)  # type: ignore[attr-defined]
_BY_TEXT = {"eval", "exec", "globals", "__import__", "import_module"}  # what they find cannot be followed
_CONTAINERS = (list, dict, set, bytearray)
_SLOTS = (GetSetDescriptorType, MemberDescriptorType)
# What Python and scikit-learn put on a class: it follows from the rest, or from their versions.
_NOT_OF_THE_CLASS = frozenset(
    (
        *("__module__", "__qualname__", "__doc__", "__dict__", "__weakref__", "__annotations__", "__annotate__"),
        *("__annotate_func__", "__annotations_cache__", "__firstlineno__", "__static_attributes__", "__slotnames__"),
        *("__type_params__", "__orig_bases__", "__parameters__", "__abstractmethods__", "_abc_impl"),
        "_sklearn_auto_wrap_output_keys",
    )
)
_CHUNK = 1 << 24  # bytes of an array hashed at once


class Walk:
    """One digest in the making.

    Parameters
    ----------
    values : bool
        Whether plain values of options count.

    Attributes
    ----------
    failed_at_once : bool
        Whether the very first object could not be digested.
    """

    def __init__(self, values: bool) -> None:
        self.failed_at_once = False
        self._values = values
        self._hash = hashlib.sha256()
        self._numbers = count()
        self._seen: dict[int, int] = {}
        self._kept: list[Any] = []  # an id is an object's own only as long as the object lives
        self._path: list[str] = []
        self._unseen: set[str] = set()

    def hexdigest(self) -> str:
        """Return the digest of all that was visited."""
        return self._hash.hexdigest()

    def unseen(self) -> tuple[str, ...]:
        """Return what could not be digested, and why."""
        return tuple(sorted(self._unseen))

    def visit(self, value: Any, name: str) -> None:
        """Write an object, known as `name` where it was met."""
        self._path.append(name)
        try:
            self._visit(value)
        finally:
            self._path.pop()

    def _visit(self, value: Any) -> None:
        if isinstance(value, SCALARS) and type(value) in SCALARS:
            self._write(type(value).__name__, repr(value))
        elif type(value) in (list, tuple, dict, set, frozenset, MappingProxyType):
            self._container(value)
        elif isinstance(value, (np.ndarray, np.generic)) and type(value).__module__.startswith("numpy"):
            self._array(np.asarray(value))
        elif id(value) in self._seen:
            self._write("again", str(self._seen[id(value)]))
        else:
            self._seen[id(value)] = next(self._numbers)
            self._kept.append(value)
            counting = self._values
            # Options are known to others than this digest only where they hang on the object itself.
            self._values = counting or not _has_options(value)
            try:
                self._object(value)
            finally:
                self._values = counting

    def _object(self, value: Any) -> None:
        """Write anything that is no plain value, the first time it is met."""
        if isinstance(value, ModuleType):
            self._module(value)
        elif isinstance(value, type):
            self._class(value)
        elif (known := name_in_library(value)) is not None:
            self._write("library", *known)
        elif isinstance(value, FunctionType):
            self._function(value)
        elif isinstance(value, (staticmethod, classmethod, MethodType)):
            self._method(value)
        elif isinstance(value, property):
            self._write("property")
            for accessor in (value.fget, value.fset, value.fdel):
                self.visit(accessor, "property")
        elif isinstance(value, _SLOTS):
            self._write("slot")
        elif isinstance(value, functools.partial):
            self._write("partial")
            self.visit(value.func, "function")
            self._options({**{str(place): given for place, given in enumerate(value.args)}, **value.keywords})
        elif isinstance(value, _BUILTIN) or is_compiled_function(value):
            self._builtin(value)
        else:
            self._instance(value)

    def _method(self, method: Any) -> None:
        self._write(type(method).__name__)
        self.visit(method.__func__, "function")
        if isinstance(method, MethodType):
            self.visit(method.__self__, "self")

    def _function(self, function: FunctionType) -> None:
        library = library_of_function(function)
        wrapped = getattr(function, "__wrapped__", None)
        if library is not None:
            self._write("library", library, function.__code__.co_qualname)
            if wrapped is not None:  # a library's decorator around a function of the user
                self.visit(wrapped, "wrapped")
            else:
                self._closure(function)
            return
        source = source_of(function)
        if source is None:
            self._write("compiled", sys.implementation.cache_tag or "", fingerprint(function.__code__))
        else:
            self._write("source", source)
        self._mapping(function.__kwdefaults__ or {})
        for default in function.__defaults__ or ():
            self.visit(default, "default")
        self._closure(function)
        for lookup in lookups(function.__code__):
            self._lookup(lookup, function.__globals__)
        for each in imports(function.__code__):
            self._import(each, function.__globals__)
        self._mapping(vars(function))

    def _closure(self, function: FunctionType) -> None:
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            self._write("cell", name)
            try:
                content = cell.cell_contents
            except ValueError:
                self._write("empty")
                continue
            if type(content) in _CONTAINERS and changes_later(function.__globals__.get("__name__"), name):
                self._write("changes")  # a list that is used as a log, or a dictionary as a cache
            else:
                self.visit(content, name)

    def _lookup(self, lookup: Lookup, namespace: Mapping[str, Any]) -> None:
        """Write what a global name stands for; of a module of the user's, the attribute that is read from it."""
        first, *rest = lookup.path
        if first not in namespace:
            self._write("builtin" if hasattr(builtins, first) else "undefined", first)
        if lookup.path[-1] in _BY_TEXT and (first in namespace or hasattr(builtins, first)):
            self._unseen.add(f"{' > '.join(self._path)}: code that {lookup.path[-1]}() looks up by a text")
        if first not in namespace:
            return
        value, name, home = namespace[first], first, namespace.get("__name__")
        while rest and is_users_module(value) and hasattr(value, rest[0]):
            home = value.__name__
            name = rest.pop(0)
            value = getattr(value, name)
        self._write("name", *lookup.path)
        self._named(value, home, (name,))

    def _named(self, value: Any, module: str | None, path: tuple[str, ...]) -> None:
        """Write the value of a global or of an attribute of a class; of one that a run may change, its source."""
        plain = isinstance(value, SCALARS) or type(value) in _CONTAINERS
        written = written_value(module, path) if plain and not has_code(value) else None
        if written is None:
            self.visit(value, path[-1])
        else:
            self._write("written", written)

    def _import(self, each: Import, namespace: Mapping[str, Any]) -> None:
        """Write what a function imports when it runs; the user's modules are imported now."""
        name = f"{'.' * each.level}{each.module}"
        try:
            if each.level:
                name = importlib.util.resolve_name(name, namespace.get("__package__") or "")
            library = library_of(name)
            if library is not None:
                self._write("library", library, name)
                return
            module = importlib.import_module(name)
        except Exception as error:  # an import runs the user's code: anything may come
            self._write("not imported", name)
            self._leave_out(f"the import of {name} fails: {error}")
            return
        if not each.names:
            self.visit(module, name)
        for attribute in sorted(each.names):
            if not hasattr(module, attribute):
                try:
                    importlib.import_module(f"{name}.{attribute}")
                except ImportError:
                    self._write("undefined", attribute)
                    continue
            self._write("name", attribute)
            self.visit(getattr(module, attribute), attribute)

    def _module(self, module: ModuleType) -> None:
        """Write a whole module of the user's, as functions do that hand it on."""
        library = library_of(module.__name__)
        file = getattr(module, "__file__", None) or ""
        if library is not None:
            self._write("library", library, module.__name__)
        elif file.endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES)):
            self._leave_out("a compiled extension module")
        else:
            self._write("module")
            self._mapping({name: value for name, value in vars(module).items() if not is_dunder(name)})

    def _class(self, cls: type) -> None:
        library = library_of_class(cls)
        if library is not None:
            self._write("library", library, cls.__qualname__)
            return
        self._write("class", cls.__name__)
        for base in cls.__bases__:
            self.visit(base, base.__name__)
        if type(cls) is not type:
            self.visit(type(cls), type(cls).__name__)
        own = {name: value for name, value in vars(cls).items() if name not in _NOT_OF_THE_CLASS}
        # scikit-learn gives every estimator methods such as set_fit_request.
        own = {name: value for name, value in own.items() if type(value).__name__ != "RequestMethod"}
        around = tuple(cls.__qualname__.split("."))
        for name in sorted(own):
            self._write("name", name)
            self._named(own[name], cls.__module__, (*around, name))

    def _builtin(self, value: Any) -> None:
        """Write a function in C: a method of an object by that object too."""
        owner = getattr(value, "__self__", None)
        holder = getattr(value, "__objclass__", None)
        home = getattr(value, "__module__", None) if holder is None else holder.__module__
        if home is None and owner is not None and not isinstance(owner, ModuleType):
            home = (owner if isinstance(owner, type) else type(owner)).__module__
        library = library_of(home)
        if library is None:
            self._leave_out("a function of a compiled extension")
            return
        self._write("library", library, value.__qualname__)
        if owner is not None and getattr(value, "__module__", None) is None:  # a method of an object
            self.visit(owner, "self")

    def _instance(self, value: Any) -> None:
        """Write an object: its class, and its options, the function that it wraps, or its state."""
        self.visit(type(value), type(value).__name__)
        wrapped = getattr(value, "__wrapped__", None)
        given = parameters(value)
        if callable(wrapped):
            self.visit(wrapped, "wrapped")
        elif given is not None:
            self._options(given)
        elif any(value is each for each in _GLOBAL_GENERATORS):
            self._write("global generator")
        elif isinstance(value, _MOVING):
            self._leave_out("a generator of random numbers, whose state moves")
        elif is_of_torch(value, "nn.Module"):
            self._torch_module(value)
        elif is_of_torch(value, "Tensor"):
            self._tensor(value)
        else:
            self._state(value)

    def _torch_module(self, module: Any) -> None:
        """Write a net without its weights, which are drawn anew whenever it is made."""
        state = dict(vars(module))
        if not self._values and any(True for _ in module.parameters(recurse=False)):
            self._leave_out("the weights of a torch module")
            state = {key: value for key, value in state.items() if key not in ("_parameters", "_buffers")}
        self._mapping(state)

    def _tensor(self, tensor: Any) -> None:
        self._write("tensor", str(tensor.dtype), str(tuple(tensor.shape)))
        try:
            flat = tensor.detach().cpu().contiguous().reshape(-1)
            self._array(flat.view(sys.modules["torch"].uint8).numpy())
        except (RuntimeError, NotImplementedError, TypeError) as error:
            self._leave_out(f"a tensor whose numbers cannot be read: {error}")

    def _state(self, value: Any) -> None:
        """Write what pickle would write of an object."""
        try:
            reducer = copyreg.dispatch_table.get(type(value))
            reduced = value.__reduce_ex__(4) if reducer is None else reducer(value)
        except Exception:  # of files, locks, sockets, generators: anything an own __reduce__ raises
            if library_of_class(type(value)) is None and attributes(value):
                self._mapping(attributes(value))  # most of it may be readable
            else:
                self._leave_out(f"the state of a {type(value).__name__} cannot be read")
            return
        if isinstance(reduced, str):
            self._write("global", reduced)
            return
        make, arguments, *rest = reduced
        self.visit(make, "make")
        self.visit(tuple(arguments), "arguments")
        for part in rest:
            self.visit(list(part) if isinstance(part, Iterator) else part, "state")

    def _options(self, given: Mapping[str, Any]) -> None:
        """Write options: all of them if values count, else those that are code."""
        for name in sorted(given):
            if self._values or has_code(given[name]):
                self._write("option", name)
                self._option(given[name], name)

    def _option(self, value: Any, name: str) -> None:
        if self._values or type(value) not in (list, tuple, dict, set, frozenset):
            self.visit(value, name)
            return
        for part in value.values() if isinstance(value, dict) else value:
            if has_code(part):
                self._option(part, name)

    def _container(self, value: Any) -> None:
        kind = "dict" if isinstance(value, MappingProxyType) else type(value).__name__
        items = [part for pair in value.items() for part in pair] if kind == "dict" else value
        if all(type(part) in SCALARS for part in items):  # most are, and this is a hundred times as fast
            parts = [repr(part) for part in items]
            self._write(kind, *(sorted(parts) if isinstance(value, (set, frozenset)) else parts))
            return
        if id(value) in self._seen:  # it contains itself
            self._write("again", str(self._seen[id(value)]))
            return
        self._seen[id(value)] = next(self._numbers)
        self._kept.append(value)
        self._write(kind, str(len(items)))
        if isinstance(value, (set, frozenset)):
            self._write(*sorted(self._apart(part) for part in value))
        else:
            names = [key for key in value for _ in "kv"] if kind == "dict" else [self._path[-1]] * len(items)
            for name, part in zip(names, items, strict=True):
                self.visit(part, str(name))
        del self._seen[id(value)]

    def _apart(self, value: Any) -> str:
        """Return the digest of an element of a set, which has no place among the others."""
        before, self._hash = self._hash, hashlib.sha256()
        seen, self._seen = self._seen, dict(self._seen)
        self._numbers, numbers = count(len(self._kept)), self._numbers
        try:
            self._visit(value)
            return self._hash.hexdigest()
        finally:
            self._hash, self._seen, self._numbers = before, seen, numbers

    def _array(self, array: np.ndarray[Any, Any]) -> None:
        self._write("array", str(array.dtype), str(array.shape))
        if array.dtype.hasobject:
            self.visit(array.tolist(), self._path[-1])
            return
        flat = np.ravel(array)
        step = max(_CHUNK // max(flat.itemsize, 1), 1)
        for start in range(0, flat.size, step):
            self._hash.update(flat[start : start + step].tobytes())

    def _mapping(self, given: Mapping[str, Any]) -> None:
        """Write named values by their names, whose order says nothing."""
        for name in sorted(given, key=str):
            self._write("name", str(name))
            self.visit(given[name], str(name))

    def _leave_out(self, why: str) -> None:
        self.failed_at_once = self.failed_at_once or len(self._path) == 1
        self._write("unseen")
        self._unseen.add(f"{' > '.join(self._path)}: {why}")

    def _write(self, *parts: str) -> None:
        """Write texts, so that no two lists of them look alike."""
        for part in parts:
            data = part.encode("utf-8", "surrogatepass")
            self._hash.update(len(data).to_bytes(8, "little"))
            self._hash.update(data)
        self._hash.update(b"\xff" * 8)


def _has_options(value: Any) -> bool:
    is_instance = not isinstance(value, (type, FunctionType, ModuleType))
    return (
        isinstance(value, functools.partial)
        or is_of_torch(value, "nn.Module")
        or (is_instance and parameters(value) is not None)
    )
