"""Made data for labelling projects, who knows their labels, and the command line as a person sees it."""

import csv

import numpy as np
from typer.testing import CliRunner

from skal.cli import app

WORDS = {
    "bug": ["crash", "error", "fails", "broken"],
    "refund": ["money", "charge", "invoice", "billing"],
    "question": ["how", "where", "guide", "settings"],
}


def tickets(path, n=120, n_labeled=0, seed=0, target="label"):
    """Write a table of tickets and return the label of each by its id."""
    rng = np.random.RandomState(seed)
    names = list(WORDS)
    truth = {}
    labeled = set(rng.permutation(n)[:n_labeled].tolist())
    with open(path, "w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(["ticket_id", "body", "minutes", target])
        for i in range(n):
            label = names[rng.randint(3)]
            words = [*rng.choice(WORDS[label], 3), *rng.choice(["the", "my", "app", "please", "today", "again"], 5)]
            row = f"T{i:04d}"
            truth[row] = label
            sheet.writerow([row, " ".join(rng.permutation(words)), rng.randint(1, 90), label if i in labeled else ""])
    return truth


def numbers(path, n=200, n_labeled=0, seed=0):
    """Write a table of three numbers and return the label of each row by its id."""
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n, 3))
    labels = np.where(X[:, 0] + 0.5 * X[:, 1] > 0, "up", "down")
    with open(path, "w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(["row_id", "a", "b", "c", "label"])
        for i in range(n):
            sheet.writerow([f"r{i}", *map(repr, X[i].tolist()), labels[i] if i < n_labeled else ""])
    return {f"r{i}": str(label) for i, label in enumerate(labels)}


def skal(*arguments, code=0):
    """Run a command, which must end with this code, and return what it prints."""
    found = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    assert found.exit_code == code, found.output
    return found.output


def lines(path):
    """Return the rows of a sheet."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
