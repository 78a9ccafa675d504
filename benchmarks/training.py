"""Steps a second of VAAL's and SRAAL's training against a loop written by hand.

Both do the same arithmetic on the same nets: one step of the autoencoder, one of the discriminator, batches of
labelled and unlabelled rows. ``loop`` indexes rows that lie where the net is; ``loader`` reads them row by row
through a DataLoader, as the methods' public codes do. Run from the repository root:

    python benchmarks/training.py                                # CPU, made images
    python benchmarks/training.py --archive DATA/cifar10_jpeg.npz --device cuda --batch 128 --width 1 --out FILE.json

Medians of several repetitions, which take turns; quote ratios.
"""

import argparse
import json
import platform
import statistics
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

from skal import nets
from skal.adversarial import SRAAL, VAAL
from skal.study import package_versions

N_LABELED = 1000


def rows(archive, n):
    """Images of bytes (n, C, H, W) and labels."""
    if archive is None:
        rng = np.random.default_rng(0)
        return rng.integers(0, 256, (n, 3, 32, 32), dtype=np.uint8), rng.integers(0, 10, n)
    from skal.datasets import load_archive

    data = load_archive(archive)
    return np.asarray(data.X), np.asarray(data.y)


def by_hand(method, X, y, settings, loader):
    """The arithmetic of a fit, with nothing around it; returns seconds."""
    device, n_steps, judge_steps, batch = settings.device, settings.steps, settings.judge_steps, settings.batch
    is_sraal = method == "SRAAL"
    torch.manual_seed(0)
    if is_sraal:
        vae = nets.TwoHeadedVAE(X.shape[1:], 10, latent_dim=64, width=settings.width)
    else:
        vae = nets.ConvVAE(X.shape[1:], latent_dim=32, width=settings.width)
    vae = vae.to(device, memory_format=torch.channels_last if settings.channels_last else torch.contiguous_format)
    labeled, targets = torch.from_numpy(X[:N_LABELED]), torch.from_numpy(y[:N_LABELED])
    unlabeled, states = torch.from_numpy(X[N_LABELED:]), torch.full((len(X) - N_LABELED,), 0.5 if is_sraal else 1.0)
    start = time.perf_counter()
    if loader:
        streams = [
            endless(DataLoader(TensorDataset(a, b), batch_size=batch, shuffle=True, drop_last=True))
            for a, b in ((labeled, targets), (unlabeled, states))
        ]
    else:
        parts = [tensor.to(device) for tensor in (labeled, targets, unlabeled, states)]
    discriminator = nets.discriminator(vae.latent_dim, hidden=256).to(device)
    vae_step = torch.optim.Adam(vae.parameters(), lr=1e-3)
    game_step = torch.optim.Adam(discriminator.parameters(), lr=1e-3)

    def next_batch():
        if loader:
            (x_l, t), (x_u, u) = (next(stream) for stream in streams)
        else:
            i, j = (torch.randint(len(tensor), (batch,), device=device) for tensor in (parts[0], parts[2]))
            x_l, t, x_u, u = parts[0][i], parts[1][i], parts[2][j], parts[3][j]
        x = torch.cat([x_l, x_u]).to(device).float().div_(255)
        return x.contiguous(memory_format=memory_format), t.to(device), u.to(device)

    memory_format = torch.channels_last if settings.channels_last else torch.contiguous_format
    autocast = torch.autocast(torch.device(device).type, torch.bfloat16, enabled=settings.bf16)

    def tell_apart(z, u):
        with autocast:
            logits = discriminator(z)
        logits = logits.float()
        loss = F.softplus(logits[:batch]).mean() + F.binary_cross_entropy_with_logits(logits[batch:], u)
        game_step.zero_grad()
        loss.backward()
        game_step.step()

    for step in range(n_steps):
        x, t, u = next_batch()
        discriminator.requires_grad_(False)
        with autocast:
            mu, logvar = vae.encode(x)
            z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
            x_hat = vae.decode(z)
            classes = vae.classify(z[:batch]) if is_sraal else None
            logits = discriminator(mu)
        mu_, logvar_, logits = mu.float(), logvar.float(), logits.float()
        loss = 0.5 * x[0].numel() * (x_hat.float() - x).square().mean().log()
        loss = loss + 0.5 * (mu_.square() + logvar_.exp() - 1 - logvar_).sum(1).mean()
        if is_sraal:
            loss = loss + F.cross_entropy(classes.float(), t)
        weight = min(1.0, step / (0.5 * n_steps))
        loss = loss + weight * (F.softplus(logits[:batch]).mean() + F.softplus(logits[batch:]).mean())
        discriminator.requires_grad_(True)
        vae_step.zero_grad()
        loss.backward()
        vae_step.step()
        tell_apart(mu.detach(), u)
    vae.eval()
    discriminator = nets.discriminator(vae.latent_dim, hidden=256).to(device)
    game_step = torch.optim.Adam(discriminator.parameters(), lr=1e-3)
    for _ in range(judge_steps):
        x, _, u = next_batch()
        with torch.no_grad(), autocast:
            mu, logvar = vae.encode(x)
            z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
        tell_apart(z.float(), u)
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def endless(loader):
    while True:
        yield from loader


class Half:
    """A task model for SRAAL that costs nothing: the state of every row is one half."""

    classes_ = np.arange(10)

    def predict_proba(self, X):
        P = np.zeros((len(X), 10))
        P[:, :2] = 0.5
        return P


def by_skal(method, X, y, settings):
    """Seconds of a fit's training, as its history has them: checks of rows and diagnostics are not in it."""
    given = {
        "max_steps": settings.steps,
        "judge_steps": settings.judge_steps,
        "batch_size": settings.batch,
        "device": settings.device,
        "channels_last": settings.channels_last,
        "bf16": settings.bf16,
        "module": nets.TwoHeadedVAE if method == "SRAAL" else nets.ConvVAE,
        "module__width": settings.width,
        "random_state": 0,
    }
    model = SRAAL(estimator=Half(), **given) if method == "SRAAL" else VAAL(**given)
    model.fit(X[:N_LABELED], y[:N_LABELED], X_unlabeled=X[N_LABELED:])
    return sum(epoch["dur"] for epoch in model.history_)  # an epoch ends with its losses read from the device


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", type=Path, default=None, help="images; made ones without it")
    parser.add_argument("--rows", type=int, default=4000, help="made images")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--judge-steps", type=int, default=20)
    parser.add_argument("--width", type=float, default=0.125)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--channels-last", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--no-loader", action="store_true")
    parser.add_argument("--out", type=Path, default=None, help="json file to add the result to")
    settings = parser.parse_args()
    X, y = rows(settings.archive, settings.rows)
    device = torch.cuda.get_device_name() if torch.device(settings.device).type == "cuda" else platform.machine()
    result = {
        "device": device,
        "versions": package_versions(),
        "threads": torch.get_num_threads(),
        "settings": {name: str(value) for name, value in vars(settings).items() if name not in ("archive", "out")},
        "n_rows": len(X),
    }
    for method in ("VAAL", "SRAAL"):
        arms = {"skal": lambda m=method: by_skal(m, X, y, settings)}
        arms["loop"] = lambda m=method: by_hand(m, X, y, settings, loader=False)
        if not settings.no_loader:
            arms["loader"] = lambda m=method: by_hand(m, X, y, settings, loader=True)
        for arm in arms.values():
            arm()  # warm up
        seconds = {name: [] for name in arms}
        for _ in range(settings.repeats):
            for name, arm in arms.items():
                seconds[name].append(arm())
        n_steps = settings.steps + settings.judge_steps
        medians = {name: statistics.median(values) for name, values in seconds.items()}
        result[method] = {
            "seconds": seconds,
            "steps_a_second": {name: n_steps / value for name, value in medians.items()},
            "skal_to_loop": medians["skal"] / medians["loop"],
            **({} if settings.no_loader else {"loader_to_skal": medians["loader"] / medians["skal"]}),
        }
        print(method, {key: value for key, value in result[method].items() if key != "seconds"}, flush=True)
    if settings.out:
        known = json.loads(settings.out.read_text()) if settings.out.exists() else []
        settings.out.parent.mkdir(parents=True, exist_ok=True)
        settings.out.write_text(json.dumps([*known, result], indent=1) + "\n")


if __name__ == "__main__":
    main()
