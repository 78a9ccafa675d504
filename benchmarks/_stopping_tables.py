"""Criteria replayed on the runs of the stopping benchmark: what they spend and lose, and which one is chosen."""

import json
from dataclasses import dataclass

import numpy as np
from _stopping_runs import DESIGN, MODELS, REPORT, STRATEGIES, path_of, read

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
    *(f"kappa:threshold={t},window={w}" for w in (3, 5) for t in (0.95, 0.97, 0.98, 0.985, 0.995)),
    *("kappa:threshold=0.99,window=5", "kappa:threshold=0.999"),
    *(f"change:share={s},rounds={r}" for r in (2, 3) for s in (0.0, 0.01, 0.02)),
    *("change:share=0.01", "change:share=0.02", "change:share=0.02,rounds=5"),
    *(f"uncertainty:threshold={t}" for t in (0.02, 0.05, 0.1, 0.2)),
    *(f"max_confidence:threshold={t}" for t in (0.1, 0.5, 0.9)),
    *(f"expected_error:threshold={t}" for t in (0.02, 0.05, 0.1)),
    *("variance:drops=3", "variance:by=0.001"),
    *(f"selected_accuracy:threshold={t},rounds={r}" for r in (2, 3) for t in (0.9, 0.95, 1.0)),
    *("own_accuracy:window=3,threshold=0.001", "own_accuracy:window=5,threshold=0.001"),
    *(f"convergence:window={w},gain={g}" for w in (3, 5) for g in (0.0, 0.01)),
    *("gain:gain=0.02", "gain:gain=0.02,end=expected", "gain:end=expected"),
    *("kappa:threshold=0.98 & convergence", "kappa:threshold=0.98 & change:share=0.01,rounds=2"),
)
CRITERIA = (*PAPERS, *OURS, *MORE)


@dataclass(frozen=True)
class Ends:
    """What one criterion did in several runs: arrays of one number a run."""

    labels: np.ndarray
    stopped: np.ndarray
    lost: np.ndarray
    regret: np.ndarray


def complete(out, trials, names):
    """Count the trials that every set, model and strategy has."""
    for trial in range(trials):
        if not all(path_of(out, n, m, s, trial).exists() for n in names for m in MODELS for s in STRATEGIES):
            return trial
    return trials


def ends(out, n_trials, names, models=tuple(MODELS), strategies=STRATEGIES, criteria=CRITERIA):
    """Replay criteria on the runs of some sets; by criterion."""
    kept_at = out / "stops.json"
    kept = json.loads(kept_at.read_text()) if kept_at.exists() else {}
    found = {text: [] for text in criteria}
    for path in (
        path_of(out, n, m, s, t) for n in names for m in models for s in strategies for t in range(n_trials)
    ):
        seen, accuracy = read(path)
        stops = kept.setdefault(path.stem, {})
        for text in criteria:
            if text not in stops:
                end = stops_at(read_stop(text), seen)
                stops[text] = None if end is None else end.position
            found[text].append(_end(seen, accuracy, stops[text], "score" in read_stop(text).needs))
    kept_at.write_text(json.dumps(kept))
    return {text: Ends(*map(np.array, zip(*lines, strict=True))) for text, lines in found.items()}


def _end(seen, accuracy, position, audited):
    k = len(seen) - 1 if position is None else position
    labels = np.array([one.n_labels for one in seen], dtype=float)
    cost = labels + PRICE * 100 * (1 - accuracy)
    audit = seen[0].n_audit if audited else 0
    spent = labels[k] + audit
    return spent, k < len(seen) - 1, accuracy[-1] - accuracy[k], cost[k] + audit - cost.min()


def best(found):
    """Return the criterion that loses at most a point in 95 % of the runs at the fewest labels; None if none does."""
    good = {text: one.labels.mean() for text, one in found.items() if np.mean(one.lost <= LOSS) >= 0.95}
    return min(good, key=good.get) if good else None


def row(text, one):
    """Return a criterion as a line of a table."""
    return [
        f"`{text}`".replace("|", "\\|"),
        f"{one.labels.mean():.0f}",
        f"{100 * one.stopped.mean():.0f} %",
        f"{100 * one.lost.mean():.2f}",
        f"{100 * np.quantile(one.lost, 0.95):.1f}",
        f"{100 * np.mean(one.lost <= LOSS):.0f} %",
        f"{one.regret.mean():.0f}",
    ]


HEAD = ["criterion", "labels", "stopped", "points lost", "5 % lose more than", "lost at most 1 point", "regret"]


def table(lines, head=HEAD):
    """Return a table of Markdown."""
    marks = ["---"] + ["--:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, marks, *lines])


def always(out, n_trials, names):
    """Return the runs without a criterion, and with one that knows the test rows: the cheapest round."""
    full, cheapest = [], []
    for path in (
        path_of(out, n, m, s, t) for n in names for m in MODELS for s in STRATEGIES for t in range(n_trials)
    ):
        seen, accuracy = read(path)
        full.append(_end(seen, accuracy, None, False))
        cost = np.array([one.n_labels for one in seen]) + PRICE * 100 * (1 - accuracy)
        cheapest.append(_end(seen, accuracy, int(np.argmin(cost)), False))
    return (Ends(*map(np.array, zip(*lines, strict=True))) for lines in (full, cheapest))


def promised(out, n_trials, names):
    """Compare the gains that curves promised for as many labels again with what came, on test rows."""
    inside, expected, came = [], [], []
    for path in (
        path_of(out, n, m, s, t) for n in names for m in MODELS for s in STRATEGIES for t in range(n_trials)
    ):
        seen, accuracy = read(path)
        counts = [one.n_labels for one in seen]
        for k in range(5, len(seen)):
            if 2 * counts[k] not in counts:
                continue
            rounds = seen[: k + 1]
            gain = fit_learning_curve(counts[: k + 1], [one.score for one in rounds]).gain(counts[k])
            real = accuracy[counts.index(2 * counts[k])] - accuracy[k]
            inside.append(gain.low <= real <= gain.high)
            expected.append(gain.expected)
            came.append(real)
    return np.array(inside), np.array(expected), np.array(came)


def page(out, trials):
    """Return the page of results, of the trials that are complete."""
    n = complete(out, trials, [*DESIGN, *REPORT])
    design = ends(out, n, DESIGN)
    chosen = best(design)
    report = ends(out, n, REPORT)
    inside, expected, came = promised(out, n, REPORT)
    parts = [f"{n} trials of {len(DESIGN)} + {len(REPORT)} sets, {len(MODELS)} models, {len(STRATEGIES)} strategies."]
    for name, found, names in (("Design", design, DESIGN), ("Report", report, REPORT)):
        full, cheapest = always(out, n, names)
        by_labels = sorted(found, key=lambda text, found=found: found[text].labels.mean())
        lines = [row("none: the whole budget", full), row("the cheapest round, seen from the end", cheapest)]
        parts += [f"## {name}", table([*lines, *(row(text, found[text]) for text in by_labels)])]
    parts += [f"Chosen: {chosen}"]
    for text in dict.fromkeys([chosen or "kappa", "kappa", "change"]):
        lines = []
        for model in MODELS:
            for strategy in STRATEGIES:
                one = ends(out, n, REPORT, (model,), (strategy,), (text,))[text]
                lines.append([model, strategy, *row(text, one)[1:]])
        parts += [f"## {text} by model and strategy", table(lines, ["model", "strategy", *HEAD[1:]])]
        lines = [[name, *row(text, ends(out, n, (name,), criteria=(text,))[text])[1:]] for name in REPORT]
        parts += [table(lines, ["set", *HEAD[1:]])]
    parts += [
        "## Promised gains",
        f"{len(inside)} promises; {100 * inside.mean():.0f} % of the gains on test rows were in the 95 % interval; "
        f"mean promised {100 * expected.mean():.2f} points, mean that came {100 * came.mean():.2f}, mean absolute "
        f"error {100 * np.abs(expected - came).mean():.2f}.",
    ]
    return "\n\n".join(parts) + "\n"
