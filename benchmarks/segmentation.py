"""Images a second, and memory, of scoring a pool of images by the entropy of their pixels, beside a plain loop.

Run from the repository root:

    OMP_NUM_THREADS=1 python benchmarks/segmentation.py --out docs/results/segmentation_cost.json
    python benchmarks/segmentation.py --device cuda --module DeepLabV2 --images 500 --out FILE

The loop is what one writes first: batches of bytes to floats, one pass, softmax, entropy, mean over pixels, in torch,
in batches of the size that skal reads. Both give the same scores. Medians of several turns, which the sides take one
after the other; quote ratios. The memory is that of the peak above the pool, of one run of skal over
``--memory-images`` in a process that has scored a few before.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from selection_jobs.measure import memory_of

from skal.neural import NeuralSegmenter
from skal.outputs import proba
from skal.scores import entropy
from skal.study import package_versions


def made(settings, n):
    """A net that has seen a few small images, and a pool of bytes."""
    rng = np.random.default_rng(0)
    few = rng.integers(0, 256, (4, 3, 64, 64), dtype=np.uint8)
    model = NeuralSegmenter(
        settings.module,
        classes=range(settings.classes),
        max_epochs=1,
        batch_size=2,
        device=settings.device,
        random_state=0,
    )
    model.fit(few, rng.integers(0, settings.classes, (4, 64, 64)))
    noise = rng.integers(0, 256, (8, 3, *settings.size), dtype=np.uint8)
    return model, np.concatenate([noise] * -(-n // 8))[:n]


def by_skal(model, pool):
    return proba(model, pool, then=entropy)


def by_hand(model, pool, batch):
    """A plain loop; the last batch is as it comes."""
    net, device, scores = model.net_.module_.eval(), next(model.net_.module_.parameters()).device, []
    with torch.inference_mode():
        for start in range(0, len(pool), batch):
            x = torch.from_numpy(pool[start : start + batch]).to(device).float() / 255
            P = torch.softmax(net(x), dim=1)
            scores.append(-(P * P.clamp_min(1e-38).log()).sum(dim=1).mean(dim=(1, 2)).cpu())
    return torch.cat(scores).numpy()


def seconds_of(settings):
    model, pool = made(settings, settings.images)
    device = torch.device(settings.device)
    batch = model.inputs_.scoring_batch(pool, device)
    sides = {"skal": lambda rows: by_skal(model, rows), "loop": lambda rows: by_hand(model, rows, batch)}
    found = {name: side(pool[: 2 * batch]) for name, side in sides.items()}  # warm up
    np.testing.assert_allclose(found["skal"], found["loop"], rtol=1e-4)
    seconds = {name: [] for name in sides}
    for _ in range(settings.repeats):
        for name, side in sides.items():
            start = time.perf_counter(), time.process_time()
            side(pool)
            took = time.perf_counter() - start[0], time.process_time() - start[1]
            seconds[name].append(took[settings.clock == "cpu"])
    return batch, seconds


def memory(settings):
    """Peak of one scoring above the pool, in this process."""
    model, pool = made(settings, settings.memory_images)
    side = SimpleNamespace(run=lambda _: by_skal(model, pool))
    return memory_of(side, lambda: by_skal(model, pool[:4]), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--module", default="UNet", help="a name in skal.nets")
    parser.add_argument("--size", type=int, nargs=2, default=(360, 480))
    parser.add_argument("--classes", type=int, default=12)
    parser.add_argument("--images", type=int, default=24, help="scored a turn")
    parser.add_argument("--memory-images", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--clock", choices=("wall", "cpu"), default="wall", help="cpu: on a processor shared by others"
    )
    parser.add_argument("--out", type=Path, default=None, help="json file to add the result to")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    settings = parser.parse_args()
    if settings.child:
        print(json.dumps(memory(settings)))
        return
    batch, seconds = seconds_of(settings)
    child = subprocess.run([sys.executable, *sys.argv, "--child"], capture_output=True, text=True, check=True)
    peak = json.loads(child.stdout.splitlines()[-1])
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    given = {name: str(value) for name, value in vars(settings).items() if name not in ("out", "child")}
    result = {
        "device": torch.cuda.get_device_name() if settings.device.startswith("cuda") else platform.machine(),
        "versions": package_versions(),
        "threads": torch.get_num_threads(),
        "settings": {**given, "batch": batch},
        "seconds": seconds,
        "images_a_second": {name: settings.images / value for name, value in medians.items()},
        "skal_to_loop": medians["skal"] / medians["loop"],
        "skal_to_loop_by_turn": [a / b for a, b in zip(seconds["skal"], seconds["loop"], strict=True)],
        "peak_mib_above_the_pool": None if peak is None else round(peak["mib"], 1),
    }
    print(json.dumps({key: value for key, value in result.items() if key != "versions"}, indent=1))
    if settings.out:
        known = json.loads(settings.out.read_text()) if settings.out.exists() else []
        settings.out.parent.mkdir(parents=True, exist_ok=True)
        settings.out.write_text(json.dumps([*known, result], indent=1) + "\n")


if __name__ == "__main__":
    main()
