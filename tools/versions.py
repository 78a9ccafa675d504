"""What the package promises about versions, tried in new environments outside the repository.

Usage, from the repository root (`make versions` does the first three, `make test` the last):

    python tools/versions.py package    # wheel and sdist, each installed without extras and smoked
    python tools/versions.py lowest     # the tests with the lowest versions that pyproject.toml allows
    python tools/versions.py newest --python python3.13  # the tests with another Python and the newest versions
    python tools/versions.py contents   # build wheel and sdist, and look at what is in them

`lowest` reads the floors (``>=``) of all dependencies and of the test extra, so pyproject.toml is where they stand.
`lowest` and `newest` download torch with what belongs to it: gigabytes, and minutes. `package` does not: it lends the
new environments the dependencies of this one, and nothing else of it, so that extras stay absent. `contents` needs no
index at all: it builds with this environment's setuptools, `package` with one of its own. `--keep FOLDER` keeps the
environments, and uses those it finds there of the same version of Python. `lowest` and `newest` take tests as pytest
does (default: those of QUICK); the exit status is 1 if anything failed.
"""

import argparse
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
SMOKE = ROOT / "tools" / "package_smoke.py"
# A part of the tests that calls every dependency and takes some minutes.
QUICK = (
    *("data", "outputs", "scores", "selection", "statistics", "tables_csv", "tables_formats", "tables_loaders"),
    *("features_encoder", "datasets", "masks", "clicks", "nets", "neural", "augment", "modal", "active_learner"),
    *("cli", "store", "report", "labeling", "warnings"),
)
NOT_SKAL = ("ruff", "mypy", "build", "setuptools")  # tools of the repository, in the test extra
NAME = re.compile(r"^[A-Za-z0-9_.-]+")


def run(*command, **settings):
    """Run a command and show it; CalledProcessError where it fails."""
    print("$", " ".join(map(str, command)), flush=True)
    return subprocess.run([str(part) for part in command], check=True, **settings)


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def requirements():
    """Return what a test environment needs: dependencies, and the test extra with the extras it names."""
    extras = project()["optional-dependencies"]
    named = [*project()["dependencies"], *extras["fast"], *extras["modal"], *extras["test"]]
    return [one for one in named if NAME.match(one).group() not in ("skal", *NOT_SKAL)]


def lowest(needed):
    """Return the requirements with the floor of each as its only version.

    Raises
    ------
    ValueError
        For a dependency that names no floor: nobody knows which version it works with.
    """
    bare = [one for one in project()["dependencies"] if ">=" not in one]
    if bare:
        raise ValueError(
            f"pyproject.toml: {', '.join(bare)} name no lowest version, write >= and one that was tried."
        )
    return [one.replace(">=", "==") for one in needed]


def environment(folder, python):
    """Make a virtual environment, unless there is one of this version of Python, and return its interpreter."""
    said = run(python, "-c", "import platform; print(platform.python_version())", capture_output=True, text=True)
    folder = folder.with_name(f"{folder.name}-{said.stdout.strip()}")
    interpreter = folder / "bin" / "python"
    if not interpreter.exists():
        run(python, "-m", "venv", folder)
    return interpreter


def try_tests(folder, python, needed, tests):
    """Run tests of a copy of the repository in an environment that has the requirements."""
    interpreter = environment(folder / "environment", python)
    run(interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *needed)
    copy = copy_of_repository(folder / "repository")
    run(interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-e", copy)
    if sys.stdout.isatty():
        run(interpreter, "-m", "pip", "list")
    command = (interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "--dist", "worksteal")
    run(*command, *tests, cwd=copy, env={**os.environ, "OMP_NUM_THREADS": "1"})


def copy_of_repository(folder):
    """Copy what git knows, so that neither builds nor runs of this tree are in it."""
    shutil.rmtree(folder, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def built(folder, *how):
    """Build the sdist, and the wheel from it; return the wheel, the sdist, and the copy of the repository."""
    copy, distributions = copy_of_repository(folder / "repository"), folder / "dist"
    shutil.rmtree(distributions, ignore_errors=True)
    run(sys.executable, "-m", "build", *how, "--outdir", distributions, copy, stdout=subprocess.DEVNULL)
    (wheel,), (sdist,) = distributions.glob("*.whl"), distributions.glob("*.tar.gz")
    return wheel, sdist, copy


def check_contents(wheel, sdist, copy):
    """Compare the files in wheel and sdist with the repository's; ValueError where some are missing or extra."""
    wanted = {path.relative_to(copy).as_posix() for path in (copy / "skal").rglob("*") if path.is_file()}
    in_wheel = {name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith("/")}
    described = {name for name in in_wheel if ".dist-info/" in name}
    with tarfile.open(sdist) as archive:
        in_sdist = {one.name.partition("/")[2] for one in archive.getmembers() if one.isfile()}
    faults = []
    if in_wheel - described != wanted:
        faults.append(f"the wheel lacks {sorted(wanted - in_wheel)} and has {sorted(in_wheel - described - wanted)}")
    if missing := {*wanted, "pyproject.toml", "README.md", "LICENSE"} - in_sdist:
        faults.append(f"the sdist lacks {sorted(missing)}")
    if not any(name.endswith("/LICENSE") for name in described):
        faults.append("the wheel lacks the licence")
    if faults:
        raise ValueError("; ".join(faults) + ". See [tool.setuptools] in pyproject.toml.")
    print(f"{len(wanted)} files in wheel and sdist.")


def lend(interpreter, distributions):
    """Link the dependencies of these distributions, as they are installed here, into another environment."""
    target = Path(run(interpreter, "-c", "import site; print(site.getsitepackages()[0])",
                      capture_output=True, text=True).stdout.strip())  # fmt: skip
    waiting, done = [NAME.match(one).group() for one in distributions], set()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in done:
            continue
        done.add(name)
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system; pip says what is missing
        waiting += [NAME.match(one).group() for one in found.requires or () if "extra ==" not in one]
        for top in {file.parts[0] for file in found.files or () if ".." not in file.parts}:
            source, link = Path(found.locate_file(top)), target / top
            if top != "__pycache__" and source.exists() and not link.exists():
                link.symlink_to(source)
    print(f"{len(done)} distributions are lent by {sys.prefix}.")


def try_package(folder):
    """Install wheel and sdist, each in an environment of its own without extras, and smoke them."""
    wheel, sdist, copy = built(folder)
    check_contents(wheel, sdist, copy)
    for kind, file in (("wheel", wheel), ("sdist", sdist)):
        interpreter = environment(folder / f"environment-{kind}", sys.executable)
        lend(interpreter, project()["dependencies"])
        run(interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--force-reinstall",
            "--no-deps", file)  # fmt: skip
        run(interpreter, "-m", "pip", "check")
        with tempfile.TemporaryDirectory() as work:
            run(interpreter, SMOKE, cwd=work)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("package", "lowest", "newest", "contents"))
    parser.add_argument(
        "tests",
        nargs="*",
        help="what pytest is to run (default: the files of QUICK); ignored by package and contents",
    )
    parser.add_argument(
        "--python", default=sys.executable, help="the interpreter of lowest and newest (default: this one)"
    )
    parser.add_argument("--keep", type=Path, help="keep the environments in this folder")
    own = parser.parse_args()
    tests = own.tests or [f"tests/test_{name}.py" for name in QUICK]
    with tempfile.TemporaryDirectory() as temporary:
        folder = (own.keep or Path(temporary)).resolve() / own.what
        folder.mkdir(parents=True, exist_ok=True)
        try:
            if own.what == "contents":
                check_contents(*built(folder, "--no-isolation"))
            elif own.what == "package":
                try_package(folder)
            elif own.what == "lowest":
                try_tests(folder, own.python, lowest(requirements()), tests)
            else:
                try_tests(folder, own.python, requirements(), tests)
        except (subprocess.CalledProcessError, ValueError) as error:
            sys.exit(f"{own.what}: {error}")


if __name__ == "__main__":
    main()
