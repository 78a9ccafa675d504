"""When to stop: labels, points lost and cost regret of stopping criteria, over the classification sets of a suite.

Run from the repository root; the sets are read from the folder given:

    OMP_NUM_THREADS=1 nice python benchmarks/stopping.py --suite SUITE --out runs/stopping --trials 20
    python benchmarks/stopping.py --out runs/stopping --table runs/stopping/tables.md

The first command runs what is missing, trial by trial, so that every set, model and strategy has as many trials when
it is stopped; the second replays the criteria on the runs that are complete.
"""

import argparse
import itertools
from pathlib import Path

from _halves import DESIGN, REPORT
from _stopping_runs import MODELS, STRATEGIES, TINY, Size, load, path_of, play, save
from _stopping_tables import page


def missing(out, trials, names, models):
    """Yield the runs that are not there, trial by trial."""
    for trial, name in itertools.product(range(trials), names):
        for model, strategy in itertools.product(models, STRATEGIES):
            if not path_of(out, name, model, strategy, trial).exists():
                yield name, model, strategy, trial


def run(suite, out, trials, names, models, size):
    """Run what is missing."""
    out.mkdir(parents=True, exist_ok=True)
    for name, group in itertools.groupby(missing(out, trials, names, models), key=lambda one: one[0]):
        X, y = load(suite, name)
        for _, model, strategy, trial in group:
            save(path_of(out, name, model, strategy, trial), *play(X, y, model, strategy, trial, size))
        print(f"trial {trial + 1}: {name}", flush=True)


def main(arguments=None):
    """Run, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suite", type=Path, help="folder of the sets")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--sets", nargs="+", default=[*DESIGN, *REPORT])
    parser.add_argument("--models", nargs="+", default=list(MODELS), help="such as the light ones, for more trials")
    parser.add_argument("--table", type=Path, help="file of the tables of all complete trials")
    parser.add_argument("--tiny", action="store_true", help="few rows and labels, to see that it runs")
    asked = parser.parse_args(arguments)
    if asked.suite is not None:
        run(asked.suite, asked.out, asked.trials, asked.sets, asked.models, TINY if asked.tiny else Size())
    if asked.table is not None:
        asked.table.write_text(page(asked.out, asked.trials))


if __name__ == "__main__":
    main()
