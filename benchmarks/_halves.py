"""Which data sets are for design and which for report, and how those of the card are read.

What is chosen (a criterion to stop, a default strategy) is chosen on the first half and reported on the second. The
halves were fixed before the first run: sets of the suite, then the others, in turns by the alphabet, except that the
two forms of banking77, which are the same rows, stand on one side.
"""

import csv

import numpy as np

# The halves of benchmarks/stopping.py.
DESIGN = (
    *("ann_thyroid", "churn", "german", "mfeat_factors", "nursery"),
    *("segmentation", "splice", "vehicle", "wine_quality_white"),
)
REPORT = ("banana", "dna", "krkopt", "mushroom", "page_blocks", "spectf", "twonorm", "waveform_40", "yeast")
# With these, the halves of benchmarks/card.py.
MORE_DESIGN = ("adult", "cifar10_20k_effnet", "letter", "phoneme", "shuttle")
MORE_REPORT = ("banking77_text", "banking77_minilm", "fashion_mnist_6k", "magic", "satimage")
HALVES = {"design": (*DESIGN, *MORE_DESIGN), "report": (*REPORT, *MORE_REPORT)}

TEXT = "banking77_text"
WIDE, NARROW = 128, 64  # more columns than the first are replaced by so many principal components


def path_of(archives, name):
    """File of a set in the folder of archives; None if it is not there."""
    if name == TEXT:
        files = sorted(archives.glob("**/banking77_train.csv"))
    else:
        files = sorted(archives.glob(f"**/{name}.npz"))
    return files[0] if files else None


def rows_of(archives, name, n):
    """At most n rows of a set, always the same, as float64 columns, and their labels as whole numbers.

    Classes of fewer than five of these rows are left out: not each trial could learn and test them.
    """
    X, y = _texts(path_of(archives, name)) if name == TEXT else _numbers(path_of(archives, name))
    chosen = np.sort(np.random.default_rng(0).permutation(len(y))[:n])
    _, of_row, counts = np.unique(y[chosen], return_inverse=True, return_counts=True)
    chosen = chosen[counts[of_row] >= 5]
    X, y = X[chosen], np.unique(y[chosen], return_inverse=True)[1]
    if name == TEXT:
        return _tf_idf(X), y
    X = X.reshape(len(X), -1).astype(np.float64)
    return (_principal(X) if X.shape[1] > WIDE else X), y


def _numbers(path):
    with np.load(path) as data:
        return tuple(np.concatenate([data[f"{key}_train"], data[f"{key}_test"]]) for key in "Xy")


def _texts(path):
    texts, labels = [], []
    for part in ("train", "test"):
        with open(path.with_name(f"banking77_{part}.csv"), newline="", encoding="utf-8") as file:
            for line in csv.DictReader(file):
                texts.append(line["text"])
                labels.append(line["label"])
    return np.array(texts, dtype=object), np.array(labels)


def _tf_idf(texts):
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit_transform(texts)
    return TruncatedSVD(NARROW, random_state=0).fit_transform(words)


def _principal(X):
    from sklearn.decomposition import PCA

    return PCA(NARROW, random_state=0).fit_transform(X)
