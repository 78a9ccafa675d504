"""The benchmark card: strategies over all classification sets, three models and three budgets, against random.

Run from the repository root; archives are looked for in all folders of the folder given:

    OMP_NUM_THREADS=1 nice python benchmarks/card.py --archives DATA --out runs/card --n-trials 20 --minutes 60
    python benchmarks/card.py --archives DATA --out runs/card --page-only --page docs/results/card.md \\
        --picture docs/images/card.png

Every study is resumable and grows by strategies and trials. The first command runs trial by trial, so that all
settings have about as many trials when it is stopped.
"""

import argparse
from pathlib import Path

from _card_page import page_of, picture
from _card_studies import BUDGETS, MODELS, STRATEGIES, Runner, cells
from _card_tables import settings_of
from _halves import HALVES
from _tables import write_tables


def main(arguments=None):
    """Run, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archives", type=Path, required=True, help="folder whose folders hold the archives")
    parser.add_argument("--out", type=Path, default=Path("runs/card"))
    parser.add_argument("--half", action="append", choices=list(HALVES))
    parser.add_argument("--data", action="append", help="name of a set")
    parser.add_argument("--model", action="append", choices=list(MODELS))
    parser.add_argument("--budget", action="append", choices=list(BUDGETS))
    parser.add_argument("--strategy", action="append", help="by name, with options")
    parser.add_argument("--n-trials", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=None, help="begin no further study after so many")
    parser.add_argument("--page-only", action="store_true", help="run nothing, read what is there")
    parser.add_argument("--page", type=Path, default=None, help="markdown file whose tables are written anew")
    parser.add_argument("--picture", type=Path, default=None)
    asked = parser.parse_args(arguments)
    halves, models, budgets = asked.half or list(HALVES), asked.model or list(MODELS), asked.budget or list(BUDGETS)
    todo = list(cells(asked.archives, halves, asked.data, models, budgets))
    if not todo:
        raise SystemExit(f"No set: name a folder with archives, got {asked.archives}.")
    if not asked.page_only:
        run(
            Runner(asked.archives, asked.out, asked.strategy or list(STRATEGIES), asked.minutes), todo, asked.n_trials
        )
    if asked.page or asked.picture:
        write(asked, settings_of(asked.out, todo))


def run(runner, todo, n_trials):
    """Run trial by trial, until all have run or the minutes are over."""
    for number in range(1, n_trials + 1):
        if not all(runner.run(cell, number) for cell in todo):
            return
        print(f"{number} trials of {len(todo)} settings", flush=True)


def write(asked, settings):
    """Write what is asked for of the studies that have run."""
    if not settings:
        raise SystemExit(f"No study with a whole trial in {asked.out}.")
    if asked.page:
        command = f"python benchmarks/card.py --archives DATA --out runs/card --n-trials {asked.n_trials}"
        write_tables(asked.page, "The benchmark card", "card", page_of(settings, command))
    if asked.picture:
        picture(settings, asked.picture, "report" if any(one.half == "report" for one in settings) else "design")


if __name__ == "__main__":
    main()
