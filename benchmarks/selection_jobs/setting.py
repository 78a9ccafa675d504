"""What the numbers were taken with: versions, cores, threads, load, and which peers cannot be used here."""

import importlib.metadata
import os
import platform

PACKAGES = ("skal", "numpy", "scipy", "scikit-learn", "torch", "numba", "skorch")
PEERS = ("scikit-activeml", "modAL-python", "baal", "batchbald_redux", "small-text")


def version(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def setting():
    from threadpoolctl import threadpool_info

    return {
        "python": platform.python_version(),
        "versions": {name: version(name) for name in (*PACKAGES, *PEERS) if version(name)},
        "processor": processor(),
        "cores": os.cpu_count(),
        "libraries": sorted({info["internal_api"] for info in threadpool_info()}),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.machine()


def accelerator(device):
    if not device.startswith("cuda"):
        return None
    import torch

    return torch.cuda.get_device_name(device)


def _teach():
    from modAL.models import ActiveLearner
    from sklearn.linear_model import LogisticRegression

    learner = ActiveLearner(LogisticRegression(), X_training=[[0.0], [1.0]], y_training=[0, 1])
    learner.teach([[0.5]], [1])


def _ranked_batch():
    import numpy as np
    from modAL.batch import uncertainty_batch_sampling
    from modAL.models import ActiveLearner
    from sklearn.linear_model import LogisticRegression

    X = np.arange(8.0)[:, None]
    learner = ActiveLearner(LogisticRegression(), X_training=X[[0, 7]], y_training=np.array([0, 1]))
    uncertainty_batch_sampling(learner, X, n_instances=2)


def _import(name):
    return lambda: importlib.import_module(name)


_USES = {
    "scikit-activeml: skactiveml.pool": _import("skactiveml.pool"),
    "modAL: modAL.uncertainty": _import("modAL.uncertainty"),
    "modAL: ActiveLearner.teach": _teach,
    "modAL: uncertainty_batch_sampling": _ranked_batch,
    "modAL: modAL.dropout": _import("modAL.dropout"),
    "baal: baal.active.heuristics": _import("baal.active.heuristics"),
    "batchbald_redux: batchbald_redux.batchbald": _import("batchbald_redux.batchbald"),
    "small-text: small_text": _import("small_text"),
}


def broken_peers():
    """Uses of peers that fail with these versions, with their errors; a peer that is not installed is not in it."""
    import warnings

    errors = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for use, run in _USES.items():
            package = next(name for name in PEERS if name.startswith(use.partition(":")[0]))
            if version(package) is None:
                errors[use] = "not installed"
                continue
            try:
                run()
            except Exception as error:
                errors[use] = f"{type(error).__name__}: {str(error).splitlines()[0][:160]}"
    return errors
