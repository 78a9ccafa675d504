"""Numbers and findings as text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from skal.report._findings import Findings
from skal.report.curve_plot import shortened
from skal.statistics import smallest_p_value
from skal.study.comparison import BASELINE, Summary
from skal.study.metrics import metric_in_words

MARKS = {
    "better than random": "▲",
    "worse than random": "▼",
    "not distinguishable from random": "·",
    "too few trials to tell": "?",
}
MINUS = "\N{MINUS SIGN}"
_NAMED = 6  # strategies of one verdict that the sentence names


@dataclass(frozen=True)
class Unit:
    """How values of a metric are written.

    Attributes
    ----------
    factor : float
        100 for shares, which are written in percent, else 1.
    digits : int
        After the point, of a difference; values have as many.
    name : str
        Of a difference: "points" of percent, or nothing.
    """

    factor: float
    digits: int
    name: str

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Unit:
        """Choose by what was measured: percent where all values are shares."""
        everything = np.concatenate([np.ravel(array) for array in values.values()])
        if everything.min() >= 0 and everything.max() <= 1:
            return cls(100.0, 2, "points")
        spread = float(np.ptp(everything)) or float(np.abs(everything).max()) or 1.0
        return cls(1.0, max(0, 2 - math.floor(math.log10(spread))), "")

    @property
    def sign(self) -> str:
        """What follows a value."""
        return " %" if self.factor == 100 else ""

    def value(self, number: float) -> str:
        """Write a value."""
        return fixed(self.factor * number, self.digits)

    def difference(self, number: float) -> str:
        """Write a difference with its sign."""
        return signed(self.factor * number, self.digits)

    def amount(self, number: float) -> str:
        """Write the size of a difference with its unit."""
        return f"{fixed(abs(self.factor * number), self.digits)} {self.name}".strip()

    def interval(self, low: float, high: float) -> str:
        """Write an interval of a difference."""
        return interval(self.factor * low, self.factor * high, self.digits)


def fixed(number: float, digits: int) -> str:
    """Write a number with so many digits after the point; a dash if there is none."""
    if math.isnan(number):
        return "–"
    if math.isinf(number):
        return "∞" if number > 0 else f"{MINUS}∞"
    text = f"{number:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


def signed(number: float, digits: int) -> str:
    """Write a number with its sign, also plus."""
    text = fixed(number, digits)
    return f"+{text}" if number > 0 and text.strip("0.") else text


def tick(number: float) -> str:
    """Write a round number with no more digits than it needs."""
    text = fixed(number, 9)
    return text.rstrip("0").rstrip(".") or "0"


def signed_tick(number: float) -> str:
    """Write a round number with its sign and no more digits than it needs."""
    return f"+{tick(number)}" if number > 0 else tick(number)


def interval(low: float, high: float, digits: int) -> str:
    """Write an interval; nothing if there is none."""
    return "" if math.isnan(low) else f"[{signed(low, digits)}, {signed(high, digits)}]"


def p_value(p: float) -> str:
    """Write a p-value: four digits, and never zero."""
    return "<0.0001" if p < 0.0001 else fixed(p, 4)


def seconds_format(largest: float) -> tuple[float, int, str]:
    """Return factor, digits and unit for times up to the largest."""
    return (1000.0, 1, "ms") if largest < 1 else (1.0, 2, "s")


def plural(number: int, noun: str, many: str = "") -> str:
    """Write "1 trial", "2 trials"."""
    return f"{number} {noun if number == 1 else many or noun + 's'}"


def short(text: str, most: int) -> str:
    """Put a text into one line, without its middle where that is too long."""
    return shortened(" ".join(text.split()), most)


def told(text: str) -> str:
    """Drop "than random" from a verdict."""
    return text.replace(" than random", "").replace(" from random", "")


def verdict_sentence(findings: Findings) -> str:
    """Say in one sentence who beats random sampling, who is worse, who cannot be told from it, and by how much."""
    trials = plural(findings.n_trials, "trial")
    metric = metric_in_words(findings.comparison.metric)
    if not findings.others:
        return f"Only {BASELINE} was run, over {trials}: there is nothing to compare it with."
    unit = Unit.of(findings.comparison.scores)
    groups: dict[str, list[Summary]] = {verdict: [] for verdict in MARKS}
    for line in findings.others:
        if line.difference is not None:
            groups[line.difference.verdict].append(line)
    better, worse, same, unknown = groups.values()
    if unknown:
        listed = _listed(f"{line.name} {_by(line, unit, sign=True)}" for line in unknown)
        return (
            f"{trials.capitalize()} cannot tell any strategy from {BASELINE}; mean differences in {metric}: {listed}."
        )
    worse = worse[::-1]
    parts = []
    if better:
        verb = "beats" if len(better) == 1 else "beat"
        parts.append(f"{_listed(f'{x.name} (by {_by(x, unit)})' for x in better)} {verb} {BASELINE}")
    if worse:
        verb = "is" if len(worse) == 1 else "are"
        than = "" if better else f" than {BASELINE}"
        parts.append(f"{_listed(f'{x.name} (by {_by(x, unit)})' for x in worse)} {verb} worse{than}")
    if same:
        from_it = "it" if parts else BASELINE
        parts.append(
            f"{_listed(f'{x.name} ({_by(x, unit, sign=True)})' for x in same)} cannot be told from {from_it}"
        )
    return f"Over {trials}, in {metric} averaged over the curve, {'; '.join(parts)}."


def floor_sentence(n_trials: int, alpha: float = 0.05) -> str:
    """Say what so few trials cannot show; nothing where there are enough for one strategy."""
    least = smallest_p_value("sign_flip", n_trials)
    if least <= alpha:
        return ""
    trials = plural(n_trials, "trial")
    return (
        f"With {trials} the sign-flip test and Wilcoxon's cannot give less than p = {least:g}, so they cannot reach "
        f"{100 * alpha:g} % however clear a difference is; the t test can, because it takes differences to be normal."
    )


def facts(findings: Findings) -> str:
    """Say in one line what was compared, on what, and how often."""
    comparison, protocol = findings.comparison, findings.comparison.protocol
    counts = comparison.axis
    trials = plural(findings.n_trials, "trial")
    planned = protocol.get("n_trials", findings.n_trials)
    if planned != findings.n_trials:
        trials += f" of {planned} planned: the study has not ended"
    of = comparison.unit
    labels = f"{counts[0]} {of}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} {of}"
    if len(counts) > 1:
        labels += f", {counts[1] - counts[0]} a round"
    what = [str(protocol.get("data", "")), short(str(protocol.get("estimator", "")), 100)]
    return " · ".join(filter(None, [*what, f"{metric_in_words(comparison.metric)} on test data", trials, labels]))


def counts_of_verdicts(findings: Findings) -> str:
    """Say how many strategies are better and worse than random sampling."""
    verdicts = [line.difference.verdict for line in findings.others if line.difference]
    if not verdicts:
        return f"{BASELINE} alone"
    better, worse = verdicts.count("better than random"), verdicts.count("worse than random")
    rest = len(verdicts) - better - worse
    counts = {"better": better, "worse": worse, "not told from random": rest}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def _by(line: Summary, unit: Unit, sign: bool = False) -> str:
    mean = 0.0 if line.difference is None else line.difference.mean
    return f"{unit.difference(mean)} {unit.name}".strip() if sign else unit.amount(mean)


def _listed(items: Iterable[str]) -> str:
    texts = list(items)
    if len(texts) > _NAMED:
        texts = [*texts[: _NAMED - 1], f"{len(texts) - _NAMED + 1} others"]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
