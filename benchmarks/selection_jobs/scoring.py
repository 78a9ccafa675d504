"""Probabilities of a small CNN for 20 000 images, against a loop that does nothing else."""

import numpy as np

from selection_jobs.case import Case, Goal, Side, WrongResult

FULL = [{"n": 20_000, "side": 32, "width": 16}]
CURVE = [{"n": n, "side": 32, "width": 16} for n in (100, 1000)]
QUICK = [{"n": 600, "side": 8, "width": 4}]
LOOP = "plain inference loop"
GOALS = [Goal("1.1 times a plain inference loop", {"n": 20_000}, against=LOOP, at_most=1.1)]
TENSORS = True  # skal takes them here, so there is something to measure on a device
PLOT = None
NOTES = """
`skal.nets.SmallCNN` with 16 channels and images of bytes; the loop turns bytes into floats, applies the net and the
softmax in evaluation mode, and puts the batches together, with batches of the size that skal reads in. skorch gets
floats that were made before the clock started.
"""


def make(size, device="cpu"):
    import torch

    from skal.neural import NeuralClassifier
    from skal.training import scoring_batch

    n, side = size["n"], size["side"]
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (n, 3, side, side), dtype=np.uint8)
    model = NeuralClassifier("SmallCNN", module__width=size["width"], max_epochs=1, device=device, random_state=0)
    model.fit(X[:64], np.arange(64) % 10)
    module = model.net_.module_.eval()
    batch = scoring_batch(X.shape[1:], torch.device(device))

    def loop(picks):
        parts = []
        with torch.inference_mode():
            for start in range(0, n, batch):
                x = torch.from_numpy(X[start : start + batch]).to(device).float().div_(255)
                parts.append(module(x).softmax(dim=1).cpu())
        return torch.cat(parts).numpy()

    sides = {
        "skal": Side(lambda picks: model.predict_proba(X), "skal"),
        LOOP: Side(loop, "limit"),
        "skorch": Side(Skorch(module, X, batch, device), "peer"),
    }

    def check(results):
        worst = max(float(np.abs(P - results["skal"]).max()) for P in results.values())
        if worst > 1e-4:
            raise WrongResult(f"all sides must give the same probabilities, got a difference of {worst}.")
        return {"largest difference of a probability": float(f"{worst:.1e}")}

    return Case(f"scoring, {n} x 3 x {side} x {side}, SmallCNN of width {size['width']}", n, sides, check)


class Skorch:
    """skorch's own prediction with the same module; made at the first call."""

    def __init__(self, module, X, batch, device):
        self._given = module, X, batch, device
        self._ready = None

    def __call__(self, picks):
        if self._ready is None:
            import torch
            from skorch import NeuralNetClassifier

            module, X, batch, device = self._given
            net = NeuralNetClassifier(module, criterion=torch.nn.CrossEntropyLoss, batch_size=batch, device=device)
            self._ready = net.initialize(), (X / np.float32(255)).astype(np.float32)
        net, floats = self._ready
        return net.predict_proba(floats)
