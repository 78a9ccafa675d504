"""What intervals and verdicts keep of their promises: coverage of labels saved, and false alarms of the tests.

Studies are simulated. Two learning curves with known labels saved get what real ones have: trials that are easy or
hard for both, wanderings of each run that last over rounds, noise of each round, and the same first point. The
interval of `labels_saved` should hold the truth in 95 of 100 studies. Then differences without any mean, of several
shapes, are tested: a test at 5 % should be wrong in 5 of 100 studies.

    python benchmarks/interval_coverage.py --table docs/results/coverage.md

Runs in ten minutes on one core; the numbers come again with the same ``--seed``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from skal.statistics import labels_saved, paired_t_test, sign_flip_test

COUNTS = np.arange(20, 181, 20)
# Height and speed of the curves, and the standard deviations of trials, runs and rounds.
SCENES = {
    "steep": {"top": 0.95, "rise": 0.75, "scale": 60, "trial": 0.01, "run": 0.008, "round": 0.006},
    "flat at the end": {"top": 0.93, "rise": 0.60, "scale": 40, "trial": 0.015, "run": 0.008, "round": 0.006},
    "noisy rounds": {"top": 0.95, "rise": 0.75, "scale": 60, "trial": 0.01, "run": 0.010, "round": 0.020},
    "skewed noise": {
        "top": 0.95,
        "rise": 0.75,
        "scale": 60,
        "trial": 0.01,
        "run": 0.008,
        "round": 0.006,
        "skew": True,
    },
}
SPEEDS = {"strategy ahead": 1.5, "equal": 1.0, "strategy behind": 0.7}
MIDDLE = 0.8  # a target given beforehand, which lies on all these curves


def mean_curves(scene, speed, counts=COUNTS):
    """Return the true curves of strategy and baseline: the strategy learns as if each label were `speed` labels."""
    labels = counts.astype(float)

    def height(count):
        return scene["top"] - scene["rise"] * np.exp(-((count / scene["scale"]) ** 0.8))

    return height(labels[0] + (labels - labels[0]) * speed), height(labels)


def true_saving(strategy, baseline, target=None, counts=COUNTS):
    """Return the labels saved of true curves, straight between two counts."""
    if target is None:
        target = min(strategy[-1], baseline[-1])
    return np.interp(target, baseline, counts) - np.interp(target, strategy, counts)


def simulated_curves(rng, scene, speed, n_trials, counts=COUNTS):
    """Return curves of strategy and baseline, (trials, rounds) each."""
    rounds = len(counts)

    def chance(*shape):
        return 1 - rng.exponential(size=shape) if scene.get("skew") else rng.normal(size=shape)

    trial, first = scene["trial"] * rng.normal(size=(n_trials, 1)), scene["round"] * chance(n_trials)
    sides = []
    for mean in mean_curves(scene, speed, counts):
        wandering = np.zeros((n_trials, rounds))
        for k in range(1, rounds):
            wandering[:, k] = 0.7 * wandering[:, k - 1] + np.sqrt(1 - 0.7**2) * chance(n_trials)
        noise = scene["run"] * wandering + scene["round"] * chance(n_trials, rounds)
        noise[:, 0] = first  # the first labels, and so the first models, are the same
        sides.append(mean + trial + noise)
    return sides


def saving_coverage(scene, speed, n_trials, n_studies, seed, target=None, counts=COUNTS):
    """Return the true saving, the median and the mean of the estimates, the coverage, and the median width."""
    rng = np.random.default_rng(seed)
    truth = true_saving(*mean_curves(scene, speed, counts), target, counts)
    found = [
        labels_saved(counts, *simulated_curves(rng, scene, speed, n_trials, counts), target) for _ in range(n_studies)
    ]
    mean, low, high = (np.array([getattr(one, name) for one in found]) for name in ("mean", "low", "high"))
    covered = ((low <= truth) & (truth <= high)).mean()
    return truth, np.nanmedian(mean), np.nanmean(mean), covered, np.median(high - low)


SHAPES = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "two skewed runs (gamma 2)": lambda rng, shape: rng.gamma(2.0, size=shape) - rng.gamma(2.0, size=shape),
    "heavy tails (t, 3 degrees)": lambda rng, shape: rng.standard_t(3, size=shape),
    "skewed (gamma 4)": lambda rng, shape: rng.gamma(4.0, size=shape) - 4,
    "very skewed (exponential)": lambda rng, shape: rng.exponential(size=shape) - 1,
}
TESTS = {"t": paired_t_test, "sign flips": sign_flip_test}
TRIALS = (3, 5, 10, 20, 50)


def false_alarms(shape, test, n_trials, n_studies, seed, alpha=0.05):
    """Return the share of studies in which a test finds a difference of mean 0."""
    differences = SHAPES[shape](np.random.default_rng(seed), (n_trials, n_studies))
    return (TESTS[test](differences).p_value <= alpha).mean()


def saving_table(n_studies, seed):
    lines = [
        "| curves | strategy | target | trials | true | median | mean | coverage, % | width |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, scene in SCENES.items():
        for who, speed in SPEEDS.items():
            for target in (None, MIDDLE):
                for n_trials in (5, 10):
                    found = saving_coverage(scene, speed, n_trials, n_studies, seed, target)
                    truth, median, mean, covered, width = found
                    savings = " | ".join(map(_tenth, (truth, median, mean)))
                    numbers = f"{savings} | {100 * covered:.1f} | {_written(width)}"
                    lines.append(
                        f"| {name} | {who.removeprefix('strategy ')} | {'default' if target is None else target} | "
                        f"{n_trials} | {numbers} |"
                    )
                    print(lines[-1], flush=True)
    return lines


def _tenth(number):
    return f"{round(number, 1) + 0.0:.1f}"  # no minus before a zero


def _written(width):
    return f"{width:.0f}" if np.isfinite(width) else "no end"


def alarm_table(n_studies, seed):
    lines = [
        f"| differences | test | {' | '.join(map(str, TRIALS))} |",
        "|" + "---|" * (2 + len(TRIALS)),
    ]
    for shape in SHAPES:
        for test in TESTS:
            rates = [100 * false_alarms(shape, test, n_trials, n_studies, seed) for n_trials in TRIALS]
            lines.append(f"| {shape} | {test} | {' | '.join(f'{rate:.1f}' for rate in rates)} |")
            print(lines[-1], flush=True)
    return lines


HEAD = """# What the intervals and verdicts keep

Simulated studies, {studies} for each number, seed {seed} (`python benchmarks/interval_coverage.py`, which says how).

## Labels saved

Nine label counts from 20 to 180. `true` are the labels saved by the true curves; `median` and `mean` are of the
estimates; `coverage` is the share of the 95 % intervals that hold the true number (95 is promised, and chance moves
it by half a point); `width` is the median width of the intervals, in labels, "no end" where most are infinite, since
the curves may not get to the target at all. The default target is the last mean score of the side that ends lower.

{savings}

## False alarms

Differences whose true mean is zero: the share of studies, in percent, in which a two-sided test at 5 % finds one, by
the number of trials. The sign flips cannot reach 5 % with three or five trials.

{alarms}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=2000, help="simulated studies for each number")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--table", type=Path, default=None, help="markdown file to write")
    options = parser.parse_args()
    savings = saving_table(options.studies, options.seed)
    alarms = alarm_table(5 * options.studies, options.seed)
    if options.table is not None:
        text = HEAD.format(
            studies=f"{options.studies} (false alarms: {5 * options.studies})",
            seed=options.seed,
            savings="\n".join(savings),
            alarms="\n".join(alarms),
        )
        options.table.parent.mkdir(parents=True, exist_ok=True)
        options.table.write_text(text)


if __name__ == "__main__":
    main()
