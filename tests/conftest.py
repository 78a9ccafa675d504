"""Shared data: a small table, and digits split once."""

import os
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from made_learners import Recorder
from matplotlib.figure import Figure
from sklearn.datasets import load_digits, make_classification
from threadpoolctl import threadpool_limits

pytest.register_assert_rewrite("made_contract")

# The examples of a property are the same in every run, and no example may fail for being slow. To search further than
# that: `HYPOTHESIS_PROFILE=search pytest ...` draws others, and more of them. tools/mutants.py takes "any", which is
# "same" up to the first example that fails, whatever its size: looking for the smallest takes minutes.
hypothesis.settings.register_profile("same", derandomize=True, database=None, deadline=None, max_examples=30)
_ANY = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
hypothesis.settings.register_profile("any", hypothesis.settings.get_profile("same"), phases=_ANY)
hypothesis.settings.register_profile("search", database=None, deadline=None, max_examples=500)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Small matrices: threads that wait for each other cost more than they bring, in the tests' processes too."""
    with threadpool_limits(1), pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        yield


@pytest.fixture(scope="session")
def table():
    """300 rows, 6 columns, 3 classes; read-only, so that a test cannot disturb another."""
    X, y = make_classification(300, 6, n_informative=4, n_redundant=0, n_classes=3, random_state=1)
    X.setflags(write=False)
    y.setflags(write=False)
    return X, y


@pytest.fixture(scope="session")
def digits():
    X, y = load_digits(return_X_y=True)
    X.setflags(write=False)
    return X, y


@pytest.fixture
def fits(monkeypatch):
    """What `made_learners.Recorder` is trained on in this test: rows, labels and weights of each fit."""
    log = []
    monkeypatch.setattr(Recorder, "fits", log)
    return log


@pytest.fixture(autouse=True)
def global_generator_is_left_alone():
    """No test may lean on the global generator: it is put back, whatever a test draws from it."""
    state = np.random.get_state()
    yield
    np.random.set_state(state)


@pytest.fixture(autouse=True)
def pictures_are_not_drawn(request, monkeypatch):
    """Drawing is most of what a folder of a small study costs. A test of pictures is marked `pictures`; for any other
    a file of their name is enough."""

    def leave_a_file(figure, path, **options):
        Path(path).write_text(f"a picture of {len(figure.axes)} axes, not drawn")

    if request.node.get_closest_marker("pictures") is None:
        monkeypatch.setattr(Figure, "savefig", leave_a_file)
