"""Tables with text, dates, ids and gaps: the encoder against a plain TF-IDF, at equal random labels.

Run from the repository root; banking77_train.csv and banking77_test.csv are read from the folder given, if they are
there:

    OMP_NUM_THREADS=1 python benchmarks/text_tables.py --banking77 DATA

The baseline is `TfidfVectorizer(ngram_range=(1, 2))` with a logistic regression; of a table it reads all columns,
joined to one text. Both have the same splits, the same initial labels and the same random rows in every trial.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from skal.features import column_uses, uses_as_text
from skal.study import compare, make_estimator


def joined(frame):
    """All columns of each row as one text."""
    return frame.astype(object).fillna("").astype(str).agg(" ".join, axis=1)


def plain():
    """What one would write without an encoder."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2))
    return make_pipeline(FunctionTransformer(joined), vectorizer, LogisticRegression(max_iter=2000))


WORDS = {
    "bug": "crash error broken fails freeze stuck wrong exception",
    "billing": "invoice charged payment card twice price receipt tax",
    "refund": "refund money back return cancel charged order payment",
    "account": "password login email reset locked profile name two-factor",
    "shipping": "parcel delivery late courier address tracking lost box",
    "praise": "thanks great love helpful fast works nice team",
}
COMMON = [
    *("hello", "please", "I", "my", "the", "it", "was", "when", "since", "today", "app", "order", "help", "need"),
    *("still", "not", "and", "with", "your"),
]


def tickets(n, seed=0):
    """A table with ids, text, dates in two formats, categories, a number with gaps; six unbalanced classes."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice(list(WORDS), n, p=[0.35, 0.25, 0.15, 0.12, 0.1, 0.03])
    texts = [
        " ".join(rng.permutation([*rng.choice(WORDS[kind].split(), 2), *rng.choice(COMMON, rng.integers(5, 14))]))
        for kind in kinds
    ]
    # The plan, the hour and the amount say something too.
    plans = [rng.choice(["free", "team", "company"], p=[0.6, 0.3, 0.1] if kind == "bug" else None) for kind in kinds]
    opened = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 500, n), unit="D")
    opened += pd.to_timedelta(np.where(kinds == "bug", rng.integers(8, 12, n), rng.integers(0, 24, n)), unit="h")
    amount = np.where(np.isin(kinds, ["billing", "refund"]), rng.gamma(4, 20, n), 0.0)
    table = pd.DataFrame(
        {
            "ticket_id": [f"T-{number:07d}" for number in rng.permutation(10**6)[:n]],
            "body": texts,
            "plan": plans,
            "opened": opened.strftime("%d.%m.%Y %H:%M"),
            "closed": (opened + pd.to_timedelta(rng.integers(1, 20, n), unit="D")).strftime("%Y-%m-%d"),
            "amount": np.where(rng.random(n) < 0.2, np.nan, amount),
            "source": "web",
        }
    )
    return table, kinds


def measured(name, X, y, counts, test=None):
    """Print accuracies at equal label counts, and what the columns are used as."""
    print(f"\n{name}: {len(X)} rows\n\n{uses_as_text(column_uses(X))}\n")
    models = {
        "plain TF-IDF, logistic": plain(),
        "logistic": make_estimator("logistic"),
        "linear_svm": make_estimator("linear_svm"),
        "forest": make_estimator("forest"),
    }
    print(f"{'accuracy, random labels':26s}" + "".join(f"{count:>8d}" for count in counts) + "   seconds")
    first, last = counts
    for label, model in models.items():
        start = time.perf_counter()
        steps = {"n_initial": first, "n_instances": last - first, "n_rounds": 1, "n_trials": 3}
        found = compare(X, y, model, [], test=test, **steps)
        means = np.asarray(found.scores["random_sampling"]).mean(axis=0)
        shown = "".join(f"{100 * mean:8.1f}" for mean in means)
        print(f"{label:26s}{shown}   {time.perf_counter() - start:.0f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--banking77", type=Path, help="Folder of banking77_train.csv and banking77_test.csv.")
    folder = parser.parse_args().banking77
    measured("Generated tickets", *tickets(5000), (60, 210))
    if folder is not None and (folder / "banking77_train.csv").exists():
        train, test = (pd.read_csv(folder / f"banking77_{part}.csv") for part in ("train", "test"))
        names = np.asarray(sorted(set(train["label"])))
        codes = [np.searchsorted(names, np.asarray(part["label"], dtype=str)) for part in (train, test)]
        measured("banking77", train[["text"]], codes[0], (300, 2000), (test[["text"]], codes[1]))


if __name__ == "__main__":
    main()
