"""Markdown of comparisons: what the pages of several benchmarks say in the same way."""

import numpy as np
from _studies import BASELINE

from skal.statistics import labels_saved, mean_interval
from skal.study import package_versions

MARKS = {
    "better than random": "**better**",
    "worse than random": "worse",
    "not distinguishable from random": "–",
    "too few trials to tell": "?",
}


def verdict_table(found, costs=None):
    """One line a strategy, in the order of the areas; with costs, CPU seconds by strategy, a column of those."""
    areas = found.areas()
    cpu_title, cpu_line = (" CPU, s |", "---|") if costs is not None else ("", "")
    lines = [
        "| strategy | area [95 %] | difference [95 %] | p, Holm | verdict | labels saved "
        f"| fit, s | query, s |{cpu_title}",
        f"|---|---|---|---|---|---|---|---|{cpu_line}",
    ]
    for line in found.summaries():
        area = interval(*mean_interval(areas[line.name]))
        fit = np.median(found.fit_seconds[line.name])
        query = np.median(found.query_seconds[line.name][:, 1:])
        cost = ""
        if costs is not None:
            cost = f" {costs[line.name]:.2f} |" if line.name in costs else "  |"
        if line.difference is None:
            judged = " | | the baseline | "
        else:
            d = line.difference
            saved = labels_saved(found.axis, found.scores[line.name], found.scores[BASELINE])
            labels = f"{saved.bound} {saved.mean:+.0f} [{saved.low:+.0f}, {saved.high:+.0f}]".strip()
            judged = f"{interval(d.mean, d.low, d.high, '+')} | {d.p_adjusted:.3f} | {d.verdict} | {labels}"
        lines.append(f"| {line.name} | {area} | {judged} | {fit:.1f} | {query:.2f} |{cost}")
    return "\n".join(lines)


def reading(found):
    """One sentence: the verdicts, as they are."""
    by_verdict = {}
    for line in found.summaries():
        if line.difference is not None:
            by_verdict.setdefault(line.difference.verdict, []).append(f"`{line.name}`")
    told = [f"{verdict}: {', '.join(names)}" for verdict, names in by_verdict.items()]
    return f"{'; '.join(told).capitalize()}."


def curve_table(found):
    """Mean accuracy by number of labels."""
    lines = [
        "| labels | " + " | ".join(map(str, found.axis)) + " |",
        "|---|" + "---|" * len(found.axis),
    ]
    for line in found.summaries():
        lines.append(f"| {line.name} | " + " | ".join(f"{100 * value:.1f}" for value in line.mean) + " |")
    return "\n".join(lines)


def overview_table(found, cell):
    """Strategies down, studies across, random sampling's areas on top; ``cell`` tells what to say of a difference."""
    names = sorted({name for comparison in found.values() for name in comparison.scores} - {BASELINE})
    lines = ["| strategy | " + " | ".join(found) + " |", "|---|" + "---|" * len(found)]
    by_study = {study: {line.name: line for line in comparison.summaries()} for study, comparison in found.items()}
    areas = [f"{100 * lines_[BASELINE].area:.1f}" for lines_ in by_study.values()]
    lines.append("| *random_sampling (area, %)* | " + " | ".join(areas) + " |")
    for name in names:
        compared = [summaries.get(name) for summaries in by_study.values()]
        lines.append(
            f"| {name} | " + " | ".join("" if line is None else cell(line.difference) for line in compared) + " |"
        )
    return "\n".join(lines)


def difference_and_mark(difference):
    return f"{100 * difference.mean:+.1f} {MARKS[difference.verdict]}"


def interval(mean, low, high, sign=""):
    return f"{100 * mean:{sign}.2f} [{100 * low:{sign}.2f}, {100 * high:{sign}.2f}]"


def versions_line(versions=None):
    """Versions of a study, or of what is installed."""
    named = ", ".join(f"{name} {version}" for name, version in (versions or package_versions()).items())
    return f"Versions: {named}."


def verdicts_by_study(found):
    """One line a strategy and one column a study: the difference from random in points, its verdict, and a count."""
    names = list(dict.fromkeys(name for comparison in found.values() for name in comparison.scores))
    summaries = [{line.name: line for line in one.summaries()} for one in found.values()]
    lines = [f"| strategy | {' | '.join(found)} | better | worse |", f"|---|{'--:|' * (len(found) + 2)}"]
    for name in names:
        cells, better, worse = [], 0, 0
        for of_study in summaries:
            line = of_study.get(name)
            if line is None:
                cells.append("")
            elif line.difference is None:
                cells.append(f"*{100 * line.area:.1f}*")
            else:
                mark = MARKS[line.difference.verdict]
                better, worse = better + ("better" in mark), worse + (mark == "worse")
                cells.append(f"{100 * line.difference.mean:+.1f} {mark}")
        counts = " | " if name == BASELINE else f"{better or ''} | {worse or ''}"
        lines.append(f"| {name} | {' | '.join(cells)} | {counts} |")
    return lines


def last_values(found, metric, shown):
    """One line a strategy and one column a study: the last point of the curve of a metric, mean over trials."""
    names = list(dict.fromkeys(name for comparison in found.values() for name in comparison.scores))
    lines = [f"| strategy | {' | '.join(found)} |", f"|---|{'--:|' * len(found)}"]
    for name in names:
        values = [one.metrics[metric].get(name) for one in found.values()]
        cells = ["" if value is None else shown(value[:, -1].mean()) for value in values]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def protocol_of(found):
    """How the studies were made, in numbers."""
    first = next(iter(found.values()))
    trials = sorted({len(one.scores[BASELINE]) for one in found.values()})
    return {
        "trials": " to ".join(str(n) for n in dict.fromkeys([trials[0], trials[-1]])),
        "first": first.axis[0],
        "a_round": int(first.axis[1] - first.axis[0]) if len(first.axis) > 1 else 0,
        "last": first.axis[-1],
    }


def mark_of(script):
    """Where the tables of a page begin; what is above is written by hand."""
    return f"<!-- What follows is written by benchmarks/{script}.py. -->"


def write_tables(page, title, script, text):
    """Write the tables of a page anew, and leave what was written by hand above them."""
    before, mark = f"# {title}\n\n", mark_of(script)
    if page.exists() and mark in page.read_text():
        before = page.read_text().partition(mark)[0]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(f"{before}{mark}\n\n{text}\n{versions_line()}\n")
