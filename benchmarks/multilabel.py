"""All strategies for several labels a row against random sampling: verdicts, as they come out.

Run from the repository root; archives (X_train, y_train, X_test, y_test, 0 and 1 for each label) are read from the
folder given:

    python benchmarks/multilabel.py --archives DATA --out runs/multilabel --page docs/results/several_labels.md

Every study is resumable: a run that was stopped goes on where it was, and one of more trials grows.
"""

from _archives import options_of, run_studies, with_trials
from _tables import last_values, protocol_of, verdicts_by_study, write_tables

import skal
from skal.datasets import load_archive
from skal.query import strategies
from skal.study import load_comparison

ARCHIVES = ("emotions_multilabel", "scene_multilabel")
ESTIMATORS = ("logistic", "forest")
SETTINGS = {"n_initial": 40, "n_instances": 25, "n_rounds": 4}  # so many show every label both ways
METRICS = ["f1_macro", "f1_micro", "hamming_loss", "subset_accuracy"]
TITLES = {"f1_micro": "Micro F1", "hamming_loss": "Hamming loss", "subset_accuracy": "Subset accuracy"}
IN_SHORT = {"adaptive_multilabel": "adaptive_multilabel:n_weights=5"}  # a fit each
FEATURES = ("core_set", "typiclust", "kmeans_sampling")  # they read no label, and serve any targets
HEAD = """
Made by `{command}`; {trials} trials, in brackets; {first:.0f} random labels to start with,
{a_round} a round up to {last:.0f}.
Numbers are points of macro F1, the mean height of the learning curve: of random sampling itself, and the difference
from it, mean over trials. Verdicts are those of `skal.compare`: paired t tests, Holm's correction over the strategies
of a study. "–": not distinguishable from random. An empty cell: the model cannot serve the strategy.
"""


def asked(estimator):
    """Strategies that a model can serve: forests have no decision function."""
    of_sets = [name for name, strategy in strategies().items() if "multilabel" in strategy.info.reads]
    served = [name for name in of_sets if name != "SVM_binary_minimum" or estimator == "logistic"]
    return [*FEATURES, *(IN_SHORT.get(name, name) for name in served)]


def study(path, estimator, folder, arguments, settings):
    if not arguments.page_only:
        found = load_archive(path)
        skal.compare(
            found.X,
            found.y,
            estimator,
            asked(estimator),
            test=(found.X_test, found.y_test),
            scoring=METRICS,
            out=folder,
            data=path.stem,
            class_names=list(found.classes),
            n_trials=arguments.n_trials,
            n_jobs=arguments.n_jobs,
            random_state=0,
            predictions=False,
            **settings,
        )
    return load_comparison(folder)


def page_of(found, command):
    """Markdown: how the studies were made, one table of verdicts, and the end of the curves in other metrics."""
    head = HEAD.format(command=command, **protocol_of(found))
    return f"{head}\n" + "\n".join(verdicts_by_study(found)) + f"\n\n{other_metrics(found)}"


def other_metrics(found):
    """The last point of the curves, mean over trials, in points."""
    lines = ["## Other metrics at the last label count", ""]
    for metric, title in TITLES.items():
        lines += [f"{title}, %, mean over trials:", "", *last_values(found, metric, in_points), ""]
    return "\n".join(lines)


def in_points(mean):
    return f"{100 * mean:.1f}"


def main():
    parser = options_of(__doc__.splitlines()[0], "emotions_multilabel.npz", "multilabel", SETTINGS["n_rounds"])
    parser.add_argument("--estimator", action="append", choices=ESTIMATORS)
    arguments = parser.parse_args()
    settings = {**SETTINGS, "n_rounds": arguments.n_rounds}
    cells = []
    for name in arguments.data or ARCHIVES:
        for estimator in arguments.estimator or ESTIMATORS:
            path, folder = arguments.archives / f"{name}.npz", arguments.out / f"{name}-{estimator}"
            asks = (path, estimator, folder, arguments, settings)
            cells.append((f"{name.removesuffix('_multilabel')}, {estimator}", folder, path.exists(), asks))
    found = with_trials(run_studies(cells, study, arguments.page_only))
    if not found:
        raise SystemExit("No study: name a folder with archives.")
    text = page_of(found, f"python benchmarks/multilabel.py --archives DATA --n-trials {arguments.n_trials}")
    print(text)
    if arguments.page:
        write_tables(arguments.page, "Several labels a row", "multilabel", text)


if __name__ == "__main__":
    main()
