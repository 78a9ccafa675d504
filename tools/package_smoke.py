"""Use skal as it is installed, without extras, as a user would: run by tools/versions.py in a new environment.

It runs in an empty folder and knows nothing of the repository: every module is imported, the commands are called, a
table is compared on and labelled, and what is not installed gives the error that names the remedy.
"""

import csv
import importlib
import importlib.util
import pkgutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

SKAL = Path(sys.executable).with_name("skal")
EXTRAS = ("numba", "llvmlite", "modAL", "polars", "shapely", "lightgbm", "pytest", "hypothesis")


def skal(*arguments):
    """Call the command; print what went wrong and stop where it fails."""
    done = subprocess.run([SKAL, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"skal {' '.join(map(str, arguments))}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def expect(condition, what):
    if not condition:
        sys.exit(f"smoke: {what}")


def imports():
    """Import every module but those that only an extra can load, such as the compiled scores."""
    import skal

    expect(Path(skal.__file__).is_relative_to(sys.prefix), f"skal is that of {skal.__file__}, not the one installed")
    present = [name for name in EXTRAS if importlib.util.find_spec(name)]
    expect(not present, f"{', '.join(present)} must not be here")
    n_modules = 0
    for module in pkgutil.walk_packages(skal.__path__, "skal."):  # imports packages as it goes
        if not module.name.endswith("__main__"):
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError as error:
                expect(error.name in EXTRAS, f"{module.name} needs {error.name}")
            n_modules += 1
    for name in skal.__all__:
        getattr(skal, name)
    print(f"{n_modules} modules are imported.")


def data_files():
    root = files("skal")
    expect((root / "py.typed").is_file(), "py.typed is missing")
    for room in ("pages", "report", "explain", "summary"):
        expect(any((root / room / "templates").iterdir()), f"the templates of {room} are missing")


def commands():
    expect("compare" in skal("--help"), "skal --help must name its commands")
    expect("margin_sampling" in skal("strategies"), "skal strategies must list margin_sampling")


def write(path, rows):
    with path.open("w", newline="") as file:
        sheet = csv.DictWriter(file, rows[0])
        sheet.writeheader()
        sheet.writerows(rows)


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def table(n=80):
    """Return rows of two numbers, the first of which decides on the label."""
    heights = [(i * 37) % n for i in range(n)]
    return [
        {"row": f"r{i}", "height": h + 0.5, "width": (i * 11) % 7 + 0.1, "label": "up" if h < n // 2 else "down"}
        for i, h in enumerate(heights)
    ]


def comparison():
    write(Path("table.csv"), table())
    what = ("--data", "table.csv", "--target", "label", "--estimator", "logistic", "--strategy", "margin_sampling")
    sizes = ("--n-initial", 10, "--n-instances", 5, "--n-rounds", 2, "--n-trials", 2)
    skal("compare", *what, *sizes, "--out", "study")
    expect("<html" in Path("study/report.html").read_text(), "a comparison must write its report")


def labeling():
    rows = table()
    write(Path("rows.csv"), [{**row, "label": row["label"] if i < 10 else ""} for i, row in enumerate(rows)])
    skal("next", "rows.csv", "--target", "label", "-n", 5, "--out", "next.csv")
    truth, asked = {row["row"]: row["label"] for row in rows}, read(Path("next.csv"))
    expect(len(asked) == 5, f"five rows must be asked for, got {len(asked)}")
    write(Path("next.csv"), [{**row, "label": truth[row["row"]]} for row in asked])
    expect("5 answers taken" in skal("take", "rows.csv", "next.csv"), "five answers must be taken")
    skal("status", "rows.csv")
    skal("export", "rows.csv", "--out", "out.csv")
    expect(len(read(Path("out.csv"))) == len(rows), "an export must have all rows")


def what_is_not_installed():
    """An extra that is missing is named with the way to install it, or is not needed."""
    import numpy as np

    from skal import scores
    from skal.compat import patch_modal

    try:
        patch_modal()
    except ImportError as error:
        expect("skal[modal]" in str(error), f"the error must name the extra, got {error}")
    else:
        sys.exit("smoke: patch_modal must refuse where modAL is not installed")
    P = np.full((300_000, 3), 1 / 3)
    expect(np.allclose(scores.entropy(P), np.log(3)), "scores of large tables must not need numba")


for part in (imports, data_files, commands, comparison, labeling, what_is_not_installed):
    print(f"{part.__name__} ...", flush=True)
    part()
print("The package works.")
