"""What a comparison can find: power and false alarms of the paired tests by the number of trials.

A study is simulated: one number a trial (an area under the curve) for random sampling and for each strategy.
A trial's split is easy or hard for all of them alike (a skewed shared effect, with rare bad trials), and every
run adds a skewed chance of its own. Differences between two runs of the same skill are then what pairing
leaves: heavier in the tails than normal ones. The planted gain is in standard deviations of these differences.
For normal differences `skal.statistics.paired_power` has the same numbers without simulation.

    python benchmarks/power.py
    python benchmarks/power.py --gain 0.5 --studies 500

Runs in seconds on a laptop.
"""

from __future__ import annotations

import argparse

import numpy as np

from skal.statistics import benjamini_hochberg, holm, paired_t_test, sign_flip_test, wilcoxon_test

TESTS = {"t": paired_t_test, "sign_flip": sign_flip_test, "wilcoxon": wilcoxon_test}
CORRECTIONS = {None: np.asarray, "holm": holm, "bh": benjamini_hochberg}
RUN_SD = 0.01  # of one run within a trial, in the units of accuracy


def simulated_areas(rng, n_studies, n_trials, n_strategies, gain=0.0):
    """Return areas of the strategies (trials, studies, strategies) and of random (trials, studies).

    Only the first strategy has the gain, in standard deviations of the difference of two runs.
    """
    trial = 0.85 - 0.02 * rng.gamma(1.5, size=(n_trials, n_studies, 1))
    run = RUN_SD * (2 - rng.gamma(2.0, size=(n_trials, n_studies, 1 + n_strategies))) / np.sqrt(2.0)
    areas = trial + run
    areas[:, :, 1] += gain * RUN_SD * np.sqrt(2.0)
    return areas[:, :, 1:], areas[:, :, 0]


def verdict_rates(test, n_trials, *, n_strategies=1, correction=None, gain=0.0, n_studies=1000, alpha=0.05, seed=0):
    """Return the share of studies that find the first strategy, and that find any of the others."""
    areas, random = simulated_areas(np.random.default_rng(seed), n_studies, n_trials, n_strategies, gain)
    p_values = TESTS[test](areas - random[:, :, None]).p_value  # (studies, strategies)
    found = CORRECTIONS[correction](p_values) <= alpha
    return found[:, 0].mean(), found[:, 1:].any(axis=1).mean()


def table(gain, n_strategies, correction, n_studies):
    """Return lines of a markdown table: a row a number of trials, a column a test."""
    lines = [f"| trials | {' | '.join(TESTS)} |", "|" + "---|" * (1 + len(TESTS))]
    for n_trials in (3, 5, 10, 20, 50):
        settings = {"n_strategies": n_strategies, "correction": correction, "gain": gain, "n_studies": n_studies}
        rates = [verdict_rates(test, n_trials, **settings)[0] for test in TESTS]
        lines.append(f"| {n_trials} | {' | '.join(f'{rate:.3f}' for rate in rates)} |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gain", type=float, default=1.0, help="standard deviations of a difference (default 1)")
    parser.add_argument("--studies", type=int, default=2000, help="simulated studies for each number")
    options = parser.parse_args()
    scenes = [
        ("False alarms, one strategy", 0.0, 1, None),
        (f"Power at a gain of {options.gain:g} standard deviations, one strategy", options.gain, 1, None),
        (f"Power at a gain of {options.gain:g}, first of five strategies, Holm", options.gain, 5, "holm"),
    ]
    for title, gain, n_strategies, correction in scenes:
        print(f"{title} (level 0.05, {options.studies} studies)\n")
        print("\n".join(table(gain, n_strategies, correction, options.studies)), end="\n\n")


if __name__ == "__main__":
    main()
