"""Searching for rare rows: positives found by labels, over archives with a rare class.

Run from the repository root; archives are read from the folder given, the texts of banking77 among them:

    OMP_NUM_THREADS=1 nice -n 15 python benchmarks/find.py --archives SUITE --out runs/find --n-trials 20 \
        --page docs/results/find.md

Trials that are there are not run again. A pool has 3000 rows of which 30 are sought (28 of page_blocks, all it has);
"banking77 of 6000" has 57 among 6000. Every arm begins with the same ten labelled rows: one that is sought and nine
others, or, where nothing is known, ten random ones. Then it asks for ten at a time.
"""

import json

import numpy as np
from _archives import options_of
from _tables import write_tables
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from skal.features import TableEncoder
from skal.query import find_sampling, margin_sampling, most_likely_sampling
from skal.selection import unit_rows
from skal.statistics import mean_interval, paired_difference

BATCH, FIRST = 10, 10
# Name of the archive, place of the class among those sorted by size (the rarest is 0), rows, sought rows, labels.
SETS = {
    "ann_thyroid": ("ann_thyroid", 0, 3000, 30, 100),
    "page_blocks": ("page_blocks", 0, 3000, 30, 100),
    "churn": ("churn", 0, 3000, 30, 100),
    "shuttle": ("shuttle", 3, 3000, 30, 100),
    "banking77": ("banking77_train", None, 3000, 30, 100),
    "banking77 of 6000": ("banking77_train", None, 6000, 57, 180),
}
ARMS = ("random", "margin", "most likely", "find", "asreview")
COLD = ("random", "margin", "find")


class Source:
    """Rows of an archive as columns for a model, as short vectors, and as the other tool would count its words."""

    def __init__(self, folder, name):
        if name.endswith("_train"):
            import pandas as pd

            frame = pd.read_csv(folder / f"{name}.csv")
            X = frame[["text"]]
            encoder = TableEncoder({"text": "text"}).fit(X)
            self.columns, self.vectors, self.y = encoder.transform(X), encoder.embed(X), frame["label"].to_numpy()
            counted = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=1, max_df=0.95)
            self.counted = counted.fit_transform(frame["text"])
        else:
            with np.load(folder / f"{name}.npz", allow_pickle=False) as found:
                parts = [part for part in ("_train", "_test", "") if f"X{part}" in found]
                X = np.concatenate([found[f"X{part}"] for part in parts]).astype(float)
                self.y = np.concatenate([found[f"y{part}"] for part in parts])
            columns = TableEncoder().fit(X).transform(X)
            self.columns = np.asarray(columns.todense() if hasattr(columns, "todense") else columns)
            self.vectors = self.counted = self.columns
        self.vectors = unit_rows(np.asarray(self.vectors))

    def pool(self, place, n_rows, n_sought, trial):
        """Rows of one trial, and which of them are sought."""
        rng = np.random.RandomState(trial)
        classes, counts = np.unique(self.y, return_counts=True)
        if place is None:  # an intent that has rows enough, another one in each trial
            fit = classes[counts >= n_sought]
            sought = fit[rng.randint(len(fit))]
        else:
            sought = classes[np.argsort(counts, kind="stable")[place]]
        found = rng.permutation(np.flatnonzero(self.y == sought))[:n_sought]
        others = rng.permutation(np.flatnonzero(self.y != sought))[: n_rows - len(found)]
        rows = rng.permutation(np.concatenate([found, others]))
        return rows, (self.y[rows] == sought).astype(int)


def asked(arm, source, rows, known, y, left, trial):
    """Which of the rows left an arm asks for."""
    rng = np.random.RandomState(1000 * trial + len(known))
    if arm == "random" or (y[known].min() == y[known].max() and arm == "margin"):
        return rng.permutation(left)[:BATCH]
    if arm == "asreview":
        # Of its default, ELAS u4: a linear SVM of squared hinge with C = 0.11, the negatives together weighing a
        # ratio of 9.8 less than the positives, and the rows of the largest decision.
        n_sought = y[known].sum()
        weights = np.where(y[known] == 1, 1.0, n_sought / (9.8 * (len(known) - n_sought)))
        model = LinearSVC(C=0.11).fit(
            source.counted[rows[known]], y[known], sample_weight=weights * len(known) / weights.sum()
        )
        return left[np.argsort(-model.decision_function(source.counted[rows[left]]), kind="stable")[:BATCH]]
    X_known, X_left = source.columns[rows[known]], source.columns[rows[left]]
    several = y[known].min() < y[known].max()
    model = (LogisticRegression(max_iter=2000) if several else Constant()).fit(X_known, y[known])
    about = {"random_state": rng, "n_instances": BATCH}
    if arm == "margin":
        return left[margin_sampling(model, X_left, **about)]
    if arm == "most likely":
        return left[most_likely_sampling(model, X_left, y_labeled=y[known], find=1, **about)]
    vectors = (source.vectors[rows[known]], source.vectors[rows[left]])
    return left[
        find_sampling(
            model, X_left, X_labeled=X_known, y_labeled=y[known], find=1, embedding=vectors, normalize=False, **about
        )
    ]


class Constant:
    """A model that has seen one class."""

    def fit(self, X, y):
        """Keep the class."""
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        """Be sure of it."""
        return np.ones((X.shape[0], 1))


def played(source, name, arm, trial, cold):
    """Positives found after each ten labels."""
    _, place, n_rows, n_sought, n_labels = SETS[name]
    rows, y = source.pool(place, n_rows, n_sought, trial)
    rng = np.random.RandomState(10_000 + trial)
    known = rng.permutation(np.flatnonzero(y == 0))[: FIRST - (not cold)]
    if cold:
        known = rng.permutation(len(y))[:FIRST]
    else:
        known = np.concatenate([rng.permutation(np.flatnonzero(y))[:1], known])
    curve = [int(y[known].sum())]
    while len(known) < n_labels:
        left = np.setdiff1d(np.arange(len(y)), known)
        known = np.concatenate([known, asked(arm, source, rows, known, y, left, trial)])
        curve.append(int(y[known].sum()))
    return {"sought": int(y.sum()), "curve": curve}


def run(folder, out, names, n_trials):
    """Run what is missing, trial by trial, and keep each curve at once."""
    out.mkdir(parents=True, exist_ok=True)
    path, there, sources = out / "curves.jsonl", read(out), {}
    for trial in range(n_trials):
        for name in names:
            for arm, cold in [*((arm, False) for arm in ARMS), *((arm, True) for arm in COLD)]:
                if (name, arm, cold, trial) in there:
                    continue
                archive = SETS[name][0]
                if archive not in sources:
                    sources[archive] = Source(folder, archive)
                line = {"set": name, "arm": arm, "cold": cold, "trial": trial}
                with path.open("a") as file:
                    file.write(json.dumps({**line, **played(sources[archive], name, arm, trial, cold)}) + "\n")
        print(f"trial {trial + 1}", flush=True)


def read(out):
    """Curves by set, arm, start and trial."""
    path = out / "curves.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return {(one["set"], one["arm"], one["cold"], one["trial"]): one for one in lines}


def table(there, cold):
    """Sought rows found at the end, by set and arm, over the trials that all arms have."""
    arms = COLD if cold else ARMS
    lines = ["| set | trials | sought | labels | " + " | ".join(arms) + " | find less the other |"]
    lines.append("|---|--:|--:|--:|" + "--:|" * (len(arms) + 1))
    for name, (*_, n_labels) in SETS.items():
        trials = [t for t in range(1000) if all((name, arm, cold, t) in there for arm in arms)]
        if len(trials) < 2:
            continue
        ends = {arm: np.array([there[name, arm, cold, t]["curve"][-1] for t in trials], float) for arm in arms}
        sought = there[name, arms[0], cold, trials[0]]["sought"]
        cells = []
        for arm in arms:
            mean, low, high = (float(part) for part in mean_interval(ends[arm]))
            cells.append(f"{mean:.1f} [{low:.1f}, {high:.1f}]")
        other = "random" if cold else "asreview"
        found = paired_difference(ends["find"], ends[other])
        cells.append(f"{found.mean:+.1f} [{found.low:+.1f}, {found.high:+.1f}] than {other}")
        lines.append(f"| {name} | {len(trials)} | {sought} | {n_labels} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments=None):
    """Run, and write the tables."""
    parser = options_of(__doc__.splitlines()[0], "ann_thyroid.npz", "find", 9)
    asked_for = parser.parse_args(arguments)
    if not asked_for.page_only:
        run(asked_for.archives, asked_for.out, asked_for.data or list(SETS), asked_for.n_trials)
    there = read(asked_for.out)
    known, cold = table(there, False), table(there, True)
    text = f"## One sought row is known at first\n\n{known}\n\n## Ten random rows are known at first\n\n{cold}\n"
    print(text)
    if asked_for.page is not None:
        write_tables(asked_for.page, "Searching for rare rows", "find", text)


if __name__ == "__main__":
    main()
