"""Measure the house: how large the package is, how its modules hang together, and how long the way of a pick is.

Run ``python tools/house.py`` in a checkout, or ``python tools/house.py --root PATH`` to measure another checkout,
also an older one. ``--json`` prints everything as data, ``--list`` says which modules are meant. The code is read,
except for the ways of two picks, which are run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from house_code import Package, circles

WAYS = ("core_set", "sraal_query")


def measured(root: Path, ways: Sequence[str] = WAYS) -> dict[str, Any]:
    """Return the numbers of the package ``skal`` in a checkout, with the ways of some of its strategies."""
    package = Package(root / "skal")
    private = package.private_imports()
    parameters = package.parameters()
    return {
        "lines": package.lines,
        "files": len(package.modules),
        "functions": package.functions,
        "rooms": len(package.rooms),
        "circles between rooms": circles(package.room_imports()),
        "circles inside rooms": {
            room: found for room in package.rooms if (found := circles(package.module_imports(room)))
        },
        "imports of another room's private modules": len(private),
        "private imports": [f"{module} imports {target}" for module, target in private],
        "parameters": len(parameters),
        "parameters typed Any": sum(annotation == "Any" for annotation in parameters),
        "ways": {name: _way(root, name) for name in ways},
    }


def _way(root: Path, strategy: str) -> dict[str, int]:
    """Walk the way of a pick in a process of its own, so that another checkout can be walked too."""
    command = [sys.executable, str(Path(__file__).with_name("house_way.py")), strategy]
    done = subprocess.run([*command, "--root", str(root)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The way of {strategy} cannot be walked:\n{done.stderr}")
    way: dict[str, int] = json.loads(done.stdout)
    return way


def _table(found: dict[str, Any]) -> list[tuple[str, str]]:
    inside = sum(map(len, found["circles inside rooms"].values()))
    share = found["parameters typed Any"] / found["parameters"]
    rows = [(name, f"{found[name]:,}") for name in ("lines", "files", "functions", "rooms")]
    rows += [
        ("circles between rooms", str(len(found["circles between rooms"]))),
        ("circles inside rooms", str(inside)),
        ("imports of another room's private modules", str(found["imports of another room's private modules"])),
        ("parameters typed Any", f"{share:.1%} of {found['parameters']:,}"),
    ]
    for strategy, way in found["ways"].items():
        rows += [(f"way of {strategy}: {name}", f"{count:,}") for name, count in way.items()]
    return rows


def main() -> None:
    """Print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--root", type=Path, default=Path(__file__).parents[1], help="checkout with a folder skal")
    parser.add_argument("--way", action="append", metavar="STRATEGY", help=f"default: {' and '.join(WAYS)}")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--list", action="store_true", help="name circles and private imports too")
    given = parser.parse_args()
    if not (given.root / "skal" / "__init__.py").is_file():
        parser.error(f"{given.root} has no package skal: name a checkout")
    found = measured(given.root.resolve(), given.way or WAYS)
    if given.json:
        print(json.dumps(found, indent=2))
        return
    rows = _table(found)
    width = max(len(name) for name, _ in rows)
    print("\n".join(f"{name:<{width}}  {value:>14}" for name, value in rows))
    if given.list:
        for room, groups in found["circles inside rooms"].items():
            print(*(f"circle in {room}: {', '.join(group)}" for group in groups), sep="\n")
        print(*found["private imports"], sep="\n")


if __name__ == "__main__":
    main()
