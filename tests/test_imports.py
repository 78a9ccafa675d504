"""Rooms know only the rooms below them, and importing skal costs next to nothing."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import skal

ROOT = Path(skal.__file__).parent

# Each room and the rooms it may import. `scores`, `selection` and `nets` are pure; `query` reaches the rooms of nets
# inside a function, so that torch is nobody's at import but theirs.
ALLOWED = {
    "augment": set(),
    "scores": set(),
    "selection": set(),
    "cloning": {"training", "warning"},  # `training` inside a function, where skorch is loaded anyway
    "routing": set(),
    "around": {"data", "routing"},
    "encoding": {"labels"},
    "error_costs": set(),
    "warning": set(),
    "compat": {"warning"},
    "shared_docs": set(),
    "tables": {"warning"},
    "datasets": {"image_files", "labels", "tables", "warning"},
    "features": {"data", "warning"},
    "data": set(),
    "masks": {"data"},
    "targets": {"data", "masks", "warning"},
    "labels": {"around", "data", "routing", "targets", "warning"},
    "metrics": {"error_costs", "outputs", "spec", "statistics", "targets"},
    "annotation": {"labels", "masks", "spec"},
    "outputs": {"data"},
    "nets": set(),
    "training": {"augment", "data", "labels", "masks", "nets", "targets", "warning"},
    "neural": {
        *("around", "augment", "cloning", "data", "labels", "masks", "nets", "outputs", "targets", "training"),
        "warning",
    },
    "adversarial": {
        *("around", "cloning", "data", "labels", "nets", "neural", "outputs", "scores", "selection", "shared_docs"),
        *("targets", "training", "warning"),
    },
    "semi_supervised": {
        *("around", "augment", "cloning", "data", "labels", "nets", "neural", "shared_docs", "training", "warning"),
    },
    "query": {
        *("adversarial", "around", "cloning", "compat", "data", "encoding", "labels", "masks", "neural", "outputs"),
        *("error_costs", "scores", "selection", "shared_docs", "spec", "targets", "warning"),
    },
    "modal": {"data", "learners", "query", "scores", "selection"},
    "learners": {
        *("around", "cloning", "data", "encoding", "labels", "outputs", "query", "routing", "targets", "warning"),
    },
    "loop": {
        *(
            "annotation",
            "around",
            "cloning",
            "data",
            "encoding",
            "labels",
            "learners",
            "outputs",
            "query",
            "routing",
            "selection",
            "stopping",
            "warning",
            "targets",
        ),
    },
    "stopping": {"data", "outputs", "scores", "spec", "statistics"},
    "stream": {"labels", "outputs"},
    "pages": set(),
    "summary": {"metrics", "pages", "statistics"},
    "sheet_cells": set(),
    "whole_file": set(),
    "image_files": set(),
    "explain": {"data", "outputs", "pages", "query", "scores", "sheet_cells"},
    "identity": set(),
    "spec": set(),
    "statistics": set(),
    "estimators": {"augment", "data", "features", "neural", "semi_supervised", "spec"},
    "recipes": {"augment", "data", "features", "labels", "nets", "neural", "semi_supervised", "spec", "training"},
    "study": {
        *("annotation", "data", "datasets", "estimators", "explain", "features", "identity", "labels"),
        *("learners", "loop", "masks", "metrics", "outputs", "query", "recipes", "scores", "spec", "statistics"),
        *("error_costs", "stopping", "summary", "targets", "warning", "whole_file"),
    },
    "report": {"metrics", "pages", "recipes", "statistics", "study", "summary", "whole_file"},
    "labeling": {
        *("annotation", "data", "datasets", "estimators", "explain", "features", "image_files", "loop", "masks"),
        *("outputs", "query"),
        *("selection", "sheet_cells", "statistics", "stopping", "study", "tables", "targets", "whole_file"),
    },
    "label_page": {"data", "features", "image_files", "labeling", "outputs", "whole_file"},
    "displays": {"data", "loop", "outputs", "query", "report", "study", "targets"},
    "testing": {"data", "learners", "neural", "query", "targets"},
    "cli": {"features", "label_page", "labeling", "query", "report", "study", "summary"},
}


def imported_rooms(path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names = [node.module] if node.module != "skal" else [f"skal.{alias.name}" for alias in node.names]
        yield from (name.split(".")[1] for name in names if name.startswith("skal."))


def room_of(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


FILES = [path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py"]


@pytest.mark.parametrize("room", sorted({room_of(path) for path in FILES}))
def test_imports_go_one_way(room):
    assert room in ALLOWED, f"{room} is a new room: say what it may import"
    for path in FILES:
        if room_of(path) == room:
            assert set(imported_rooms(path)) - {room} <= ALLOWED[room], path


def test_rooms_have_no_cycle():
    def below(room, seen=()):
        assert room not in seen, f"cycle: {' -> '.join((*seen, room))}"
        for other in ALLOWED[room]:
            below(other, (*seen, room))

    for room in ALLOWED:
        below(room)


# One process does all this in this order: what it does, and what is loaded by then, or not yet. Modules stay loaded:
# a step may only ask for the absence of what no step before it loads.
STEPS = {
    "skal": ("import skal", "torch matplotlib sklearn scipy pandas", ""),
    "a labelling project that asks its first row": (
        "from skal.labeling import Project\n"
        "assert len(Project.create(f'{folder}/p.skal', f'{folder}/rows.csv', id='id').random_rows(2)) == 2",
        "torch matplotlib sklearn scipy",
        "",
    ),
    "the help of the command": (
        "from typer.testing import CliRunner; from skal.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0",
        "sklearn",
        "",
    ),
    "scores of a small table": (
        "import numpy as np, skal.scores as s\n"
        "P = np.full((1000, 10), 0.1); s.entropy(P), s.margin(P), s.bald(P[None])",
        "numba torch",
        "",
    ),
    "selection among arrays": (
        "from skal.selection import k_center, kmeans_plusplus, GradientEmbedding as G\n"
        "k_center(np.eye(4), 2, random_state=0); kmeans_plusplus(G(np.eye(4), np.eye(4)), 2, random_state=0)",
        "torch",
        "",
    ),
    "a data set": (
        "from skal.datasets import load_dataset\nassert load_dataset('iris').fingerprint() == '48a39f71bb72b775'",
        "torch torchvision PIL",
        "",
    ),
    "a query": (
        "from sklearn.linear_model import LogisticRegression as L\n"
        "X = np.arange(20.0).reshape(10, 2); skal.query.entropy_sampling(L().fit(X, np.arange(10) % 2), X, 2)\n"
        "skal.ActiveLearner, skal.ActiveLearningClassifier",
        "torch matplotlib",
        "",
    ),
    "what draws and writes": (
        "import skal.displays, skal.explain, skal.report, skal.study, skal.study.request, skal.summary, skal.testing",
        "torch matplotlib jinja2",
        "",
    ),
    "a page": ("from skal.pages import table; table(['a'], [['b']]).__html__()", "torch", "jinja2"),
    "a model that is no net": ("skal.study.make_estimator('forest')", "torch", ""),
    "the help of a comparison": ("assert CliRunner().invoke(app, ['compare', '--help']).exit_code == 0", "torch", ""),
    "a net": ("skal.study.make_estimator('cnn')", "matplotlib", "torch"),
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """What is loaded after each step."""
    folder = tmp_path_factory.mktemp("lazy")
    (folder / "rows.csv").write_text("id,text,label\n" + "".join(f"r{i},some words {i % 7},\n" for i in range(30)))
    code = f"import json, sys; folder = {str(folder)!r}; found = []\n"
    for doing, _, _ in STEPS.values():
        code += f"{doing}\nfound.append(sorted(name for name in sys.modules if '.' not in name))\n"
    code += "print(json.dumps(found))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return dict(zip(STEPS, map(set, json.loads(done.stdout)), strict=True))


@pytest.mark.parametrize("step", STEPS)
def test_nothing_heavy_is_loaded_before_it_is_needed(step, loaded):
    _, absent, present = STEPS[step]
    assert not set(absent.split()) & loaded[step]
    assert set(present.split()) <= loaded[step]


def test_every_public_name_is_there():
    for name in [*skal.__all__, *skal._ROOMS]:
        assert getattr(skal, name) is not None
    assert set(skal.__all__) <= set(dir(skal))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = skal.nonsense
