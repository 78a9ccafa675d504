"""The arithmetic that a selection by matrix products cannot save: its own products, in a plain sgemm of as many."""

import sys

import numpy as np

_ROWS, _COLUMNS = 2048, 1024


def count_flops(run):
    """Flops of all products by which skal compares rows with centres while `run()` does its work."""
    counted = 0
    modules = [module for name, module in sys.modules.items() if name.startswith("skal.selection") and module]
    holders = [module for module in modules if callable(getattr(module, "lower_bounds", None))]
    originals = [module.lower_bounds for module in holders]

    def wrapped(original):
        def counting(a, b, *rest):
            nonlocal counted
            counted += sum(2 * len(x) * len(y) * x.shape[1] for x, y in zip(a.parts, b.parts, strict=True))
            return original(a, b, *rest)

        return counting

    try:
        for module, original in zip(holders, originals, strict=True):
            module.lower_bounds = wrapped(original)
        run()
    finally:
        for module, original in zip(holders, originals, strict=True):
            module.lower_bounds = original
    if counted == 0:
        raise RuntimeError("count_flops saw no product: skal.selection has another name for them now.")
    return counted


class SameFlops:
    """A plain product of float32 matrices of width d, again and again, until it has done as many flops as a run."""

    def __init__(self, run, d, device="cpu"):
        self._run = run
        self._flops = None
        self._on_device = device != "cpu"
        rng = np.random.default_rng(0)
        self._a = rng.standard_normal((_ROWS, d), dtype=np.float32)
        self._b = rng.standard_normal((d, _COLUMNS), dtype=np.float32)
        if self._on_device:
            import torch

            self._a, self._b = (torch.from_numpy(array).to(device) for array in (self._a, self._b))

    @property
    def flops(self):
        if self._flops is None:
            self._flops = count_flops(self._run)
        return self._flops

    def __call__(self, picks):
        """Multiply: the last product is only as large as is left to do. The first call counts, and takes longer."""
        left = self.flops
        a_row = 2 * self._b.shape[0] * self._b.shape[1]
        while left > 0:
            self._a[: max(1, min(_ROWS, left // a_row))] @ self._b
            left -= _ROWS * a_row
