"""A package as its source files say it: modules, what they import of each other, functions and parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path


class Package:
    """The source of one package; imports are absolute, as the package's own tests make sure.

    A room is what lies directly in the package: a folder, or a module beside them. Every import counts, wherever it
    stands: at the top of a module, inside a function, or under ``TYPE_CHECKING``.

    Parameters
    ----------
    folder : Path
        The package's folder.
    """

    def __init__(self, folder: Path):
        self.name = folder.name
        self.trees: dict[str, ast.Module] = {}
        self.lines = 0
        for path in sorted(folder.rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            self.lines += len(source.splitlines())
            self.trees[self._module_name(path.relative_to(folder.parent))] = ast.parse(source)
        self.modules = list(self.trees)

    @staticmethod
    def _module_name(path: Path) -> str:
        parts = path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def rooms(self) -> list[str]:
        """Names of all rooms."""
        return sorted({self.room_of(module) for module in self.modules if module != self.name})

    def room_of(self, module: str) -> str:
        """Return the room of a module, such as "query" of "skal.query.uncertainty"."""
        return module.split(".")[1]

    @property
    def functions(self) -> int:
        """Functions, methods and functions within functions; no lambdas."""
        return sum(1 for _ in self._functions())

    def parameters(self) -> list[str]:
        """Return the annotation of every parameter of every function, "" without one; self and cls left out."""
        found = []
        for function in self._functions():
            every = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            every += [one for one in (function.args.vararg, function.args.kwarg) if one is not None]
            found += [
                ast.unparse(one.annotation) if one.annotation else ""
                for one in every
                if one.arg not in ("self", "cls")
            ]
        return found

    def _functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for tree in self.trees.values():
            yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def imports(self, module: str) -> list[str]:
        """Return the modules of the package that a module imports, once for each import statement.

        ``from package import name`` imports the module `name` if there is one and the package itself defines nothing
        of that name; else it imports the package.
        """
        found = []
        for node in ast.walk(self.trees[module]):
            if isinstance(node, ast.Import):
                found += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                found += self._imported_from(node.module, [alias.name for alias in node.names])
        return [name for name in found if name.startswith(f"{self.name}.")]

    def _imported_from(self, source: str, names: list[str]) -> list[str]:
        modules = [f"{source}.{name}" for name in names if f"{source}.{name}" in self.trees]
        own = [one for one in modules if one.rpartition(".")[2] not in self._defined(source)]
        return own if len(own) == len(names) else [source, *own]

    def _defined(self, module: str) -> set[str]:
        """Names that a module imports from elsewhere or defines: they hide modules of the same name."""
        tree = self.trees.get(module)
        if tree is None:
            return set()
        found: set[str] = set()
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module != module:
                found |= {alias.asname or alias.name for alias in node.names}
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                found.add(node.name)
        return found

    def module_imports(self, room: str) -> dict[str, set[str]]:
        """Return what each module of a room imports of the same room."""
        inside = [module for module in self.modules if module != self.name and self.room_of(module) == room]
        return {module: {other for other in self.imports(module) if other in inside} for module in inside}

    def room_imports(self) -> dict[str, set[str]]:
        """Return which rooms each room imports."""
        found: dict[str, set[str]] = {room: set() for room in self.rooms}
        for module in self.modules:
            if module != self.name:
                room = self.room_of(module)
                found[room] |= {self.room_of(other) for other in self.imports(module)} - {room}
        return found

    def private_imports(self) -> list[tuple[str, str]]:
        """Return (module, imported module) wherever a room imports a private module of another one.

        A module is private if its name, or that of a folder above it within the package, begins with an underscore.
        """
        found = []
        for module in self.modules:
            here = self.room_of(module) if module != self.name else ""
            for other in self.imports(module):
                private = any(part.startswith("_") for part in other.split(".")[1:])
                if private and self.room_of(other) != here:
                    found.append((module, other))
        return found


def circles(imports: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of two and more that import each other, directly or by way of others, and self-imports.

    Parameters
    ----------
    imports : dict of str to set of str
        What each imports.

    Returns
    -------
    list of list of str
        Each group in the order of the alphabet.
    """
    reach = {name: _reached(name, imports) for name in imports}
    groups = {
        tuple(sorted({name, *(other for other in reach[name] if name in reach.get(other, ()))}))
        for name in imports
        if name in reach[name]
    }
    return [list(group) for group in sorted(groups)]


def _reached(start: str, imports: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    left = list(imports[start])
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += imports.get(name, ())
    return found
