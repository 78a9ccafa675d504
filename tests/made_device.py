"""A device that is not the host, for machines without one: its tensors hold their numbers out of reach.

Torch knows it as a backend of its own (the experimental Python backend of its privateuse1 key). An operation on
tensors of the device and of the host together is an error, as on CUDA, and so is `numpy()`; copies between the two
are allowed, and those to the host are kept in `Far.brought`. Arithmetic is that of the CPU: streams, rounding and
speed of a real device are not imitated. Run as a program: it belongs to a process of its own.
"""

import sys

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

NAME = "far"
COPIES = {torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default}


class FarTensor(torch.Tensor):
    @staticmethod
    def __new__(cls, held):
        return torch.Tensor._make_wrapper_subclass(
            cls,
            held.shape,
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=NAME,
        )

    def __init__(self, held):
        self.held = held

    @classmethod
    def __torch_dispatch__(cls, operation, types, arguments=(), keywords=None):
        raise AssertionError(f"{operation} outside of the device")


class Far(TorchDispatchMode):
    """Inside of it the device is there."""

    def __init__(self):
        super().__init__()
        self.brought = []  # shapes of what came to the host

    def __torch_dispatch__(self, operation, types, arguments=(), keywords=None):
        keywords = dict(keywords or {})
        tensors = [x for x in tree_flatten((arguments, keywords))[0] if isinstance(x, torch.Tensor)]
        far = [x for x in tensors if isinstance(x, FarTensor)]
        target = keywords.get("device")
        if operation not in COPIES and far and any(x.dim() for x in tensors if not isinstance(x, FarTensor)):
            raise RuntimeError(f"{operation}: tensors on two devices")
        to_far = torch.device(target).type == NAME if target is not None else bool(far)
        if target is not None:
            keywords["device"] = "cpu"
        result = operation(*tree_map(_held, arguments), **tree_map(_held, keywords))
        known = {id(x.held): x for x in far}
        if operation is torch.ops.aten.copy_.default:
            to_far = isinstance(arguments[0], FarTensor)
        if (far and not to_far) or operation is torch.ops.aten._local_scalar_dense.default:
            self.brought.append(tuple(getattr(result, "shape", ())))
        return tree_map(lambda x: _wrapped(x, known) if to_far and isinstance(x, torch.Tensor) else x, result)


def _held(x):
    return x.held if isinstance(x, FarTensor) else x


def _wrapped(x, known):
    return known[id(x)] if id(x) in known else FarTensor(x)


def set_up():
    """Make the device known to torch, or raise ImportError where torch is too old."""
    from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

    _setup_privateuseone_for_python_backend(NAME)


def check_the_device():
    """It is told from the host, and its tensors are not read by accident."""
    with Far() as device:
        far, near = torch.ones(3).to(NAME), torch.ones(3)
        assert far.device.type == NAME and (far + far).device.type == NAME
        for wrong in (lambda: far + near, lambda: torch.index_select(far, 0, torch.tensor([0])), far.numpy):
            try:
                wrong()
            except (RuntimeError, TypeError):
                continue
            raise AssertionError("the device cannot be told from the host")
        assert device.brought == []
        far[1:] += 1.0
        assert far.cpu().tolist() == [1.0, 2.0, 2.0] and device.brought == [(3,)]


def check_the_selections():
    """The picks are those of arrays, and no row comes to the host."""
    import numpy as np

    from skal.selection import GradientEmbedding, k_center, kmeans_plusplus

    rng = np.random.default_rng(0)
    d, k = 33, 25
    rows = rng.normal(size=(700, d)).astype(np.float32)
    rows[50:90] = rows[49]
    P = rng.dirichlet(np.ones(5), size=700).astype(np.float32)
    centers = rows[600:]

    def check(select, pool, given, **options):
        expected = select(pool(None), k, given, 0, **options)
        with Far() as device:
            place = pool(NAME)
            found = select(place, k, given, 0, **options)
        assert isinstance(found[0], np.ndarray) and isinstance(found[1], np.ndarray)
        assert found[0].tolist() == expected[0].tolist(), (select, options)
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-12)
        assert device.brought, "nothing was taken on the device"
        for shape in device.brought:
            # A number a row or a pair; pairs; or bounds between the few rows of a shortlist.
            assert len(shape) < 2 or shape[1] == 2 or (shape[0] == shape[1] <= 512), shape

    def placed(array, device):
        return array if device is None else torch.from_numpy(array).to(device)

    def points(device):
        return placed(rows[:600], device)

    def gradients(device):
        return GradientEmbedding(placed(P[:600], device), placed(rows[:600], device))

    for given in (None, centers):
        for metric in ("euclidean", "cosine"):
            check(k_center, points, given, metric=metric, weights=1.0 + (np.arange(600) % 7))
        check(kmeans_plusplus, points, given)
    for given in (None, GradientEmbedding(P[600:], centers)):
        check(kmeans_plusplus, gradients, given, first="largest")
        check(kmeans_plusplus, gradients, given, origin=True)


if __name__ == "__main__":
    try:
        set_up()
    except ImportError:
        print("this torch has no Python backend")
        sys.exit()
    check_the_device()
    check_the_selections()
    print("all is well")
