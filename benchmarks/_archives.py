"""What benchmarks over archives share: their options, and studies that go on where they stopped."""

import argparse
from pathlib import Path

from _studies import BASELINE

from skal.study import StudyError


def options_of(description, example, name, n_rounds):
    """Parser of a script that reads archives, keeps a folder a study, and writes a page."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--archives", type=Path, required=True, help=f"folder with {example}, ...")
    parser.add_argument("--out", type=Path, default=Path("runs") / name)
    parser.add_argument("--page", type=Path, default=None, help="markdown file whose tables are written anew")
    parser.add_argument("--data", action="append", help="name of an archive")
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument("--n-trials", type=int, default=20)
    parser.add_argument("--n-rounds", type=int, default=n_rounds)
    parser.add_argument("--page-only", action="store_true", help="run nothing, read what is there")
    return parser


def run_studies(cells, study, page_only):
    """Run what can be run, or read it, and say how many trials each study has.

    `cells` are tuples of a title, a folder, whether there are data, and the arguments of `study`, which returns the
    comparison. A study that cannot go on is told and left out.
    """
    found = {}
    for title, folder, has_data, arguments in cells:
        if not has_data or (page_only and not folder.exists()):
            continue
        try:
            found[title] = study(*arguments)
        except StudyError as error:
            print(f"{title}: {error}", flush=True)
            continue
        print(f"{title}: {len(found[title].scores[BASELINE])} trials", flush=True)
    return found


def with_trials(found):
    """The same studies, with their numbers of trials in the titles."""
    return {f"{title} ({len(one.scores[BASELINE])})": one for title, one in found.items()}
