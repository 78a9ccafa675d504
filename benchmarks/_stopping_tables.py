"""Criteria replayed on the runs of the stopping benchmark: what they spend and lose, and which one is chosen."""

import itertools
import json
from dataclasses import dataclass

import numpy as np
from _halves import DESIGN, REPORT
from _stopping_runs import MODELS, STRATEGIES, path_of, read

from skal.stopping import fit_learning_curve, read_stop, stops_at

PRICE = 20  # labels that a point of accuracy is worth, for the regret
LOSS = 0.01  # what the default may lose, in 95 % of the runs
# As the papers have them.
PAPERS = (
    *("kappa", "change", "uncertainty", "max_confidence", "expected_error", "variance", "selected_accuracy"),
    "own_accuracy",
)
OURS = ("convergence", "gain", f"value:value_per_point={PRICE},cost_per_label=1")
# Other thresholds, of which one may be the default.
MORE = (
    *(f"kappa:threshold={t}" for t in (0.95, 0.97, 0.98, 0.985, 0.995)),
    *(f"kappa:threshold={t},window=5" for t in (0.97, 0.98, 0.985)),
    *(f"change:share={s},rounds={r}" for r in (2, 3) for s in (0.0, 0.01, 0.02)),
    *("change:share=0.01", "change:share=0.02", "change:share=0.02,rounds=5"),
    *(f"uncertainty:threshold={t}" for t in (0.05, 0.1, 0.2)),
    *(f"max_confidence:threshold={t}" for t in (0.01, 0.1, 0.5)),
    *(f"expected_error:threshold={t}" for t in (0.02, 0.05, 0.1)),
    *("variance:drops=3", "variance:by=0.001"),
    *("selected_accuracy:threshold=0.9,rounds=2", "selected_accuracy:threshold=0.95,rounds=2"),
    *("selected_accuracy:threshold=1.0,rounds=2", "selected_accuracy:threshold=0.95,rounds=3"),
    *("own_accuracy:window=3,threshold=0.001", "convergence:window=3"),
    *("gain:gain=0.02", "gain:end=expected"),
    *("kappa:threshold=0.97 & change:share=0.02,rounds=2", "kappa:threshold=0.98 & change:share=0.01,rounds=2"),
    *("kappa:threshold=0.97 | change:rounds=2", "kappa:threshold=0.985 | change:rounds=3"),
)
CRITERIA = (*PAPERS, *OURS, *MORE)


@dataclass(frozen=True)
class Ends:
    """What one criterion did in several runs: arrays of one number a run."""

    labels: np.ndarray
    stopped: np.ndarray
    lost: np.ndarray
    regret: np.ndarray
    weight: np.ndarray  # so that each set with each model and strategy counts the same, however many trials it has

    def mean(self, values):
        """Return the weighted mean of one number a run."""
        return float(np.average(values, weights=self.weight))

    def quantile(self, values, level):
        """Return the smallest value that at least this share of the runs does not exceed."""
        order = np.argsort(values)
        share = np.cumsum(self.weight[order]) / self.weight.sum()
        return float(values[order][np.searchsorted(share, level - 1e-9)])


def complete(out, trials, names, model):
    """Count the trials that every set and strategy has with a model."""
    for trial in range(trials):
        if not all(path_of(out, name, model, strategy, trial).exists() for name in names for strategy in STRATEGIES):
            return trial
    return trials


def runs_of(out, n_trials, names, models=None, strategies=STRATEGIES):
    """Yield the files of some runs, and what each weighs; `n_trials` by model."""
    for name, model, strategy in itertools.product(names, models or MODELS, strategies):
        for trial in range(n_trials[model]):
            yield path_of(out, name, model, strategy, trial), 1 / n_trials[model]


def ends(out, runs, criteria):
    """Replay criteria on some runs; by criterion."""
    kept_at = out / "stops.json"
    kept = json.loads(kept_at.read_text()) if kept_at.exists() else {}
    found = {text: [] for text in criteria}
    made = {text: read_stop(text) for text in criteria}
    for path, weight in runs:
        seen, accuracy = read(path)
        stops = kept.setdefault(path.stem, {})
        for text in criteria:
            if text not in stops:
                end = stops_at(made[text], seen)
                stops[text] = None if end is None else end.position
            found[text].append((*_end(seen, accuracy, stops[text], "score" in made[text].needs), weight))
    kept_at.write_text(json.dumps(kept))
    return {text: Ends(*map(np.array, zip(*lines, strict=True))) for text, lines in found.items()}


def _end(seen, accuracy, position, audited):
    k = len(seen) - 1 if position is None else position
    labels = np.array([one.n_labels for one in seen], dtype=float)
    cost = labels + PRICE * 100 * (1 - accuracy)
    audit = seen[0].n_audit if audited else 0
    return labels[k] + audit, k < len(seen) - 1, accuracy[-1] - accuracy[k], cost[k] + audit - cost.min()


def best(found):
    """Return the criterion that loses at most a point in 95 % of the runs at the fewest labels; None if none does."""
    good = {text: one.mean(one.labels) for text, one in found.items() if one.mean(one.lost <= LOSS) >= 0.95}
    return min(good, key=good.get) if good else None


def row(text, one):
    """Return a criterion as a line of a table."""
    return [
        f"`{text}`".replace("|", "\\|"),
        f"{one.mean(one.labels):.0f}",
        f"{100 * one.mean(one.stopped):.0f} %",
        f"{100 * one.mean(one.lost):.2f}",
        f"{100 * one.quantile(one.lost, 0.95):.1f}",
        f"{100 * one.mean(one.lost <= LOSS):.0f} %",
        f"{one.mean(one.regret):.0f}",
    ]


HEAD = ["criterion", "labels", "stopped", "points lost", "5 % lose more than", "lost at most 1 point", "regret"]


def table(lines, head=HEAD):
    """Return a table of Markdown."""
    marks = ["---"] + ["--:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, marks, *lines])


def always(runs):
    """Return the runs without a criterion, and with one that knows the test rows: the cheapest round."""
    full, cheapest = [], []
    for path, weight in runs:
        seen, accuracy = read(path)
        full.append((*_end(seen, accuracy, None, False), weight))
        cost = np.array([one.n_labels for one in seen]) + PRICE * 100 * (1 - accuracy)
        cheapest.append((*_end(seen, accuracy, int(np.argmin(cost)), False), weight))
    return (Ends(*map(np.array, zip(*lines, strict=True))) for lines in (full, cheapest))


def promised(runs):
    """Compare the gains that curves promised for as many labels again with what came, on test rows."""
    inside, expected, came = [], [], []
    for seen, accuracy in (read(path) for path, _ in runs):
        counts = [one.n_labels for one in seen]
        for k in range(5, len(seen)):
            if 2 * counts[k] not in counts:
                continue
            before = seen[: k + 1]
            right = None if seen[0].audit_right is None else [one.audit_right for one in before]
            curve = fit_learning_curve(counts[: k + 1], [one.score for one in before], audit_right=right)
            gain = curve.gain(counts[k])
            real = accuracy[counts.index(2 * counts[k])] - accuracy[k]
            inside.append(gain.low <= real <= gain.high)
            expected.append(gain.expected)
            came.append(real)
    return np.array(inside), np.array(expected), np.array(came)


def page(out, trials):
    """Return the tables, of the trials that are complete."""
    n = {model: complete(out, trials, [*DESIGN, *REPORT], model) for model in MODELS}
    told = ", ".join(f"{count} of {model}" for model, count in n.items())
    parts = [
        f"Trials: {told}; {len(DESIGN)} sets for design, {len(REPORT)} for report, {len(STRATEGIES)} strategies."
    ]
    chosen = None
    for head, names in (("Design", DESIGN), ("Report", REPORT)):
        found = ends(out, runs_of(out, n, names), CRITERIA)
        chosen = best(found) if names is DESIGN else chosen
        full, cheapest = always(runs_of(out, n, names))
        lines = [row("none: the whole budget", full), row("the cheapest round, seen from the end", cheapest)]
        by_labels = sorted(found, key=lambda text, found=found: found[text].mean(found[text].labels))
        parts += [f"## {head}", table([*lines, *(row(text, found[text]) for text in by_labels)])]
    parts += [f"Chosen: {chosen}"]
    for text in dict.fromkeys([chosen or "kappa", "change"]):
        cells = [(model, strategy) for model in MODELS if n[model] for strategy in STRATEGIES]
        lines = []
        for model, strategy in cells:
            runs = runs_of(out, n, REPORT, (model,), (strategy,))
            lines.append([model, strategy, *row(text, ends(out, runs, (text,))[text])[1:]])
        parts += [f"## {text} by model and strategy", table(lines, ["model", "strategy", *HEAD[1:]])]
        lines = [[name, *row(text, ends(out, runs_of(out, n, (name,)), (text,))[text])[1:]] for name in REPORT]
        parts += [table(lines, ["set", *HEAD[1:]])]
    inside, expected, came = (100 * one for one in promised(runs_of(out, n, REPORT)))
    parts += [
        "## Promised gains",
        f"{len(inside)} promises; {inside.mean():.0f} % of the gains on test rows were in the 95 % interval; mean "
        f"promised {expected.mean():.2f} points, mean that came {came.mean():.2f}, mean absolute error "
        f"{np.abs(expected - came).mean():.2f}.",
    ]
    return "\n\n".join(parts) + "\n"
