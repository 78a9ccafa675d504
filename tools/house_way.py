"""Walk the way of one pick: which functions of skal a query enters, in which files, how often it moves between these.

What is counted, of skal's own files alone:

- functions: different functions and methods that are entered. Lambdas and comprehensions belong to the function that
  they stand in, so the code that they hold counts and they do not.
- files: files that these functions stand in.
- moves: how often a function is entered from another file than the one before it, in the order of entries.
- crossings: different pairs of a function and one that it calls in another file. Loops do not add to them, so they
  say how many doors there are, where moves say how often they are passed.

The second of two equal queries is walked: modules are imported by then.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from itertools import pairwise
from pathlib import Path
from types import CodeType, FrameType
from typing import Any


class Walk:
    """Entries into functions of files under one folder, noted while the walk is on.

    Parameters
    ----------
    folder : Path
        Whose files count.
    """

    def __init__(self, folder: Path):
        self._folder = f"{folder}/"
        self._entered: list[CodeType] = []
        self._calls: set[tuple[CodeType, CodeType]] = set()

    def __enter__(self) -> Walk:
        sys.setprofile(self._note)
        return self

    def __exit__(self, *error: object) -> None:
        sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and self._counts(frame):
            self._entered.append(frame.f_code)
            caller = frame.f_back
            while caller is not None and not self._counts(caller):
                caller = caller.f_back
            if caller is not None:
                self._calls.add((caller.f_code, frame.f_code))

    def _counts(self, frame: FrameType) -> bool:
        return frame.f_code.co_filename.startswith(self._folder) and not frame.f_code.co_name.startswith("<")

    def counts(self) -> dict[str, int]:
        """Return the numbers of the walk."""
        files = [code.co_filename for code in self._entered]
        return {
            "functions": len(set(self._entered)),
            "files": len(set(files)),
            "moves": sum(before != after for before, after in pairwise(files)),
            "crossings": sum(one.co_filename != other.co_filename for one, other in self._calls),
        }


def walked(root: Path, strategy: str) -> dict[str, int]:
    """Return the counts of one query of an `ActiveLearner` by a strategy of the checkout `root`."""
    sys.path.insert(0, str(root))
    import numpy as np
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    import skal
    import skal.query

    folder = Path(skal.__file__).resolve().parent
    if folder.parent != root:
        raise SystemExit(f"{folder} was imported in the place of {root / 'skal'}")
    X, y = load_iris(return_X_y=True)
    first = np.arange(0, 150, 10)
    # A short training: each further step of it passes the same doors again.
    options: dict[str, Any] = {"max_steps": 2, "judge_steps": 2} if strategy == "sraal_query" else {}
    learner = skal.ActiveLearner(
        LogisticRegression(max_iter=500), getattr(skal.query, strategy), X[first], y[first], random_state=0
    )
    pool = np.delete(X, first, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        learner.query(pool, n_instances=1, **options)
        with Walk(folder) as walk:
            learner.query(pool, n_instances=1, **options)
    return walk.counts()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("strategy")
    parser.add_argument("--root", type=Path, required=True)
    given = parser.parse_args()
    print(json.dumps(walked(given.root.resolve(), given.strategy)))
