"""All strategies for numbers against random sampling, on several tables and models: verdicts, as they come out.

Run from the repository root; archives (X_train, y_train, X_test, y_test) are read from the folder given:

    python benchmarks/regression.py --archives DATA --out runs/regression --page docs/results/regression.md

Every study is resumable: a run that was stopped goes on where it was, and one of more trials or tables grows.
"""

import numpy as np
from _archives import options_of, run_studies, with_trials
from _tables import last_values, protocol_of, verdicts_by_study, write_tables

import skal
from skal.datasets import load_archive
from skal.study import load_comparison, make_estimator

ARCHIVES = ("houses", "cpu_act", "wind", "fried", "puma8NH", "tecator")
ESTIMATORS = ("bagged_ridge", "forest_regressor", "gaussian_process")
SETTINGS = {"n_initial": 20, "n_instances": 20, "n_rounds": 6}
SMALL = {"tecator": {"n_instances": 10}}  # 192 rows to ask for: rounds that leave a choice to the last
FEATURES = (  # what any regressor serves
    *("gsx", "gsy", "igs", "expected_model_change", "kmeans_sampling", "typiclust", "max_herding"),
    *(f"bmdal:selection={way}" for way in ("lcmd", "max_det", "max_diag", "kmeans++")),
)
OF_MEMBERS = ("committee_variance_sampling", "black_box_bmdal", "black_box_bmdal:selection=max_det")
METRICS = ["r2", "rmse", "mae", "worst_decile"]
POOL, TEST = 2000, 2000  # rows at most, drawn once


def asked(estimator):
    """Strategies that a model can serve; the standard deviation of members is `committee_variance_sampling`."""
    return [*FEATURES, *(("max_std_sampling",) if estimator == "gaussian_process" else OF_MEMBERS)]


def table_of(path, pool, test):
    """Rows to ask for and to test on: as they are, or as many of them as is said, always the same."""
    found = load_archive(path, numbers=True)

    def some(X, y, n):
        rows = np.sort(np.random.default_rng(0).permutation(len(y))[:n])
        return X[rows], y[rows]

    return some(found.X, found.y, pool), some(found.X_test, found.y_test, test)


def study(path, estimator, folder, arguments, settings):
    if not arguments.page_only:
        (X, y), test = table_of(path, arguments.pool, arguments.test)
        skal.compare(
            X,
            y,
            make_estimator(estimator),
            asked(estimator),
            test=test,
            scoring=METRICS,
            out=folder,
            data=path.stem,
            estimator_name=estimator,
            n_trials=arguments.n_trials,
            n_jobs=arguments.n_jobs,
            random_state=0,
            predictions=False,
            **settings,
        )
    return load_comparison(folder)


def page_of(found, command):
    """Markdown: how the studies were made, one table of verdicts, the end of the curves, and a count."""
    head = HEAD.format(command=command, **protocol_of(found))
    return f"{head}\n" + "\n".join(verdicts_by_study(found)) + f"\n\n{errors(found)}"


def errors(found):
    """The last point of the curves, in the units of the target: mean over trials."""
    lines = ["## Errors at the last label count", ""]
    for metric, title in (("rmse", "RMSE"), ("worst_decile", "Absolute error that one row of ten exceeds")):
        lines += [f"{title}, mean over trials:", "", *last_values(found, metric, "{:.4g}".format), ""]
    return "\n".join(lines)


def main():
    parser = options_of(__doc__.splitlines()[0], "houses.npz, cpu_act.npz", "regression", SETTINGS["n_rounds"])
    parser.add_argument("--estimator", action="append", choices=ESTIMATORS)
    parser.add_argument("--pool", type=int, default=POOL)
    parser.add_argument("--test", type=int, default=TEST)
    arguments = parser.parse_args()
    cells = []
    for estimator in arguments.estimator or ESTIMATORS:
        for name in arguments.data or ARCHIVES:
            path, folder = arguments.archives / f"{name}.npz", arguments.out / f"{name}-{estimator}"
            settings = {**SETTINGS, "n_rounds": arguments.n_rounds, **SMALL.get(name, {})}
            asks = (path, estimator, folder, arguments, settings)
            cells.append((f"{name}, {estimator}", folder, path.exists(), asks))
    found = with_trials(run_studies(cells, study, arguments.page_only))
    if not found:
        raise SystemExit("No study: name a folder with archives.")
    text = page_of(found, f"python benchmarks/regression.py --archives DATA --n-trials {arguments.n_trials}")
    print(text)
    if arguments.page:
        write_tables(arguments.page, "Numbers to predict", "regression", text)


HEAD = """Differences from random sampling of the mean height of the R2 curve, in hundredths of R2 (*random
sampling's own height* on top), paired by trial, with the verdict: t test, Holm's correction over the strategies of a
column, 5 %. "–": not distinguishable from random. An empty cell: the model cannot serve the strategy.

{trials} trials, in brackets; {first} random labels to start with, {a_round} a round up to {last}, of tecator 10 a
round up to 80; pools and test parts of the archives, of each 2000 rows at most, drawn once.

```bash
{command}
```
"""

if __name__ == "__main__":
    main()
