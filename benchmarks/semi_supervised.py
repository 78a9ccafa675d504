"""Steps a second of UDA's training against a loop written by hand, of the same arithmetic on the same net.

Run from the repository root:

    OMP_NUM_THREADS=1 python benchmarks/semi_supervised.py
    python benchmarks/semi_supervised.py --archive DATA/cifar10_jpeg.npz --device cuda --net wide_resnet --out FILE

Both index rows that lie where the net is and augment them there by the same augmentations. Medians of several
repetitions, which take turns; quote ratios. With ``--cpu-time`` seconds are those of the process, for a CPU that has
other work; skal's then have the fit's checks of rows in them too.
"""

import argparse
import copy
import json
import math
import platform
import statistics
import time
import warnings
from pathlib import Path

import torch
import torch.nn.functional as F
from training import rows

from skal import nets
from skal.augment import Strong, Weak
from skal.semi_supervised import UDAClassifier
from skal.study import package_versions

N_LABELED, THRESHOLD, TEMPERATURE, DECAY = 250, 0.8, 0.4, 0.999


def by_hand(X, y, settings):
    """The arithmetic of a fit, with nothing around it; returns seconds."""
    device, batch = settings.device, settings.batch
    torch.manual_seed(0)
    net = getattr(nets, settings.net)(X.shape[1:], 10).to(device)
    average = copy.deepcopy(net)
    labeled, targets = torch.from_numpy(X[:N_LABELED]).to(device), torch.from_numpy(y[:N_LABELED]).to(device)
    unlabeled = torch.from_numpy(X[N_LABELED:]).to(device)
    weak, strong = Weak(), Strong()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    clock = time.process_time if settings.cpu_time else time.perf_counter
    start = clock()
    for step in range(settings.steps):
        optimizer.param_groups[0]["lr"] = 1e-3 * math.cos(7 / 16 * math.pi * step / settings.steps)
        i = torch.randint(len(labeled), (batch,), device=device)
        j = torch.randint(len(unlabeled), (4 * batch,), device=device)
        x, u = weak(labeled[i].float() / 255), unlabeled[j].float() / 255
        with torch.no_grad():
            logits = net(weak(u))
            trusted = torch.softmax(logits, 1).max(1).values > THRESHOLD
            target = torch.softmax(logits / TEMPERATURE, 1)
        logits = net(torch.cat([x, strong(u)]))
        divergence = F.kl_div(torch.log_softmax(logits[batch:], 1), target, reduction="none").sum(1)
        loss = F.cross_entropy(logits[:batch], targets[i]) + (divergence * trusted).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for mine, theirs in zip(average.parameters(), net.parameters(), strict=True):
                mine.lerp_(theirs, 1 - DECAY)
            for mine, theirs in zip(average.buffers(), net.buffers(), strict=True):
                mine.copy_(theirs)
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize()
    return clock() - start


def by_skal(X, y, settings):
    """Seconds of a fit's training, as its history has them: checks of rows are not in it; or of the process."""
    model = UDAClassifier(
        settings.net,
        max_steps=settings.steps,
        batch_size=settings.batch,
        threshold=THRESHOLD,
        temperature=TEMPERATURE,
        ema_decay=DECAY,
        device=settings.device,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of trainings this short
        start = time.process_time()
        model.fit(X[:N_LABELED], y[:N_LABELED], X_unlabeled=X[N_LABELED:])
    if settings.cpu_time:
        return time.process_time() - start
    return sum(epoch["dur"] for epoch in model.history_)  # an epoch ends with its losses read from the device


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", type=Path, default=None, help="images; made ones without it")
    parser.add_argument("--rows", type=int, default=4000, help="made images")
    parser.add_argument("--net", default="SmallCNN", help="a name in skal.nets")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--cpu-time", action="store_true", help="seconds of the process, on a CPU with other work")
    parser.add_argument("--out", type=Path, default=None, help="json file to add the result to")
    settings = parser.parse_args()
    X, y = rows(settings.archive, settings.rows)
    sides = {"skal": by_skal, "loop": by_hand}
    for side in sides.values():
        side(X, y, settings)  # warm up
    seconds = {name: [] for name in sides}
    for _ in range(settings.repeats):
        for name, side in sides.items():
            seconds[name].append(side(X, y, settings))
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    result = {
        "device": torch.cuda.get_device_name()
        if torch.device(settings.device).type == "cuda"
        else platform.machine(),
        "versions": package_versions(),
        "threads": torch.get_num_threads(),
        "settings": {name: str(value) for name, value in vars(settings).items() if name not in ("archive", "out")},
        "seconds": seconds,
        "steps_a_second": {name: settings.steps / value for name, value in medians.items()},
        "skal_to_loop": medians["skal"] / medians["loop"],
        "skal_to_loop_by_turn": [a / b for a, b in zip(seconds["skal"], seconds["loop"], strict=True)],
    }
    print(json.dumps({key: value for key, value in result.items() if key != "versions"}, indent=1))
    if settings.out:
        known = json.loads(settings.out.read_text()) if settings.out.exists() else []
        settings.out.parent.mkdir(parents=True, exist_ok=True)
        settings.out.write_text(json.dumps([*known, result], indent=1) + "\n")


if __name__ == "__main__":
    main()
