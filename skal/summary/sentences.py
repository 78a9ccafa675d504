"""What may be said of a comparison, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from skal.statistics import detectable_difference, smallest_p_value
from skal.summary.compared import Compared, RecipeGain, RecipesCompared, SummaryLine
from skal.summary.words import MARKS, Unit, plural, short, tick

_MANY = 50  # trials that are cheap with a light model
_NAMED = 6  # strategies of one verdict that the sentence names

QUESTION = (
    "Intervals and p-values answer for this data set with other splits, first labels and seeds. They do not say what "
    "another data set would give."
)


def facts(found: Compared) -> str:
    """Say in one line what was compared, on what, and how often."""
    protocol, counts, of = found.protocol, found.axis, found.unit
    n_trials = trials_of(found)
    trials = plural(n_trials, "trial")
    planned = protocol.get("n_trials", n_trials)
    if planned != n_trials:
        trials += f" of {planned} planned: the study has not ended"
    labels = f"{tick(counts[0])} {of}" if len(counts) == 1 else f"{tick(counts[0])} to {tick(counts[-1])} {of}"
    if len(counts) > 1:
        labels += f", {tick(counts[1] - counts[0])} a round"
    what = [str(protocol.get("data", "")), short(str(protocol.get("estimator", "")), 100)]
    return " · ".join(filter(None, [*what, f"{found.metric_in_words} on test data", trials, labels]))


def verdict_sentence(found: Compared, lines: Sequence[SummaryLine] | None = None) -> str:
    """Say in one sentence who beats random sampling, who is worse, who cannot be told from it, and by how much."""
    baseline, *others = found.summaries() if lines is None else lines
    trials = plural(trials_of(found), "trial")
    if not others:
        return f"Only {baseline.name} was run, over {trials}: there is nothing to compare it with."
    unit = Unit.of(found.scores)
    groups: dict[str, list[SummaryLine]] = {verdict: [] for verdict in MARKS}
    for line in others:
        if line.difference is not None:
            groups[line.difference.verdict].append(line)
    better, worse, same, unknown = groups.values()
    if unknown:
        listed = _listed(f"{line.name} {_by(line, unit, sign=True)}" for line in unknown)
        return (
            f"{trials.capitalize()} cannot tell any strategy from {baseline.name}; mean differences in "
            f"{found.metric_in_words}: {listed}."
        )
    worse = worse[::-1]
    parts = []
    if better:
        verb = "beats" if len(better) == 1 else "beat"
        parts.append(f"{_listed(f'{x.name} (by {_by(x, unit)})' for x in better)} {verb} {baseline.name}")
    if worse:
        verb = "is" if len(worse) == 1 else "are"
        than = "" if better else f" than {baseline.name}"
        parts.append(f"{_listed(f'{x.name} (by {_by(x, unit)})' for x in worse)} {verb} worse{than}")
    if same:
        from_it = "it" if parts else baseline.name
        parts.append(
            f"{_listed(f'{x.name} ({_by(x, unit, sign=True)})' for x in same)} cannot be told from {from_it}"
        )
    return f"Over {trials}, in {found.metric_in_words} averaged over the curve, {'; '.join(parts)}."


def floor_sentence(n_trials: int, alpha: float = 0.05) -> str:
    """Say what so few trials cannot show; nothing where there are enough for one strategy."""
    least = smallest_p_value("sign_flip", n_trials)
    if least <= alpha:
        return ""
    trials = plural(n_trials, "trial")
    by_t = "; the t test can, because it takes differences to be normal" if n_trials > 1 else ""
    return (
        f"With {trials} the sign-flip test and Wilcoxon's cannot give less than p = {least:g}, so they cannot reach "
        f"{100 * alpha:g} % however clear a difference is{by_t}."
    )


def power_sentence(found: Compared) -> str:
    """Say how large a difference these trials find, by their spread, and what fifty would; nothing with one trial."""
    n_trials = trials_of(found)
    baseline, *others = found.areas().values()
    if n_trials < 2 or not others:
        return ""
    spread = float(np.median([np.std(area - baseline, ddof=1) for area in others]))
    unit = Unit.of(found.scores)
    if not spread > 1e-9:
        return ""
    now, more = (detectable_difference(spread, n, n_strategies=len(others)) for n in (n_trials, _MANY))
    said = (
        f"Between trials a difference scatters by {unit.amount(spread)} (standard deviation, median over "
        f"strategies): {plural(n_trials, 'trial')} find a true difference of {unit.amount(now)} in 80 of 100 studies"
    )
    return f"{said}, {_MANY} would find {unit.amount(more)}." if n_trials < _MANY else f"{said}."


def counts_of_verdicts(found: Compared, lines: Sequence[SummaryLine] | None = None) -> str:
    """Say how many strategies are better and worse than random sampling."""
    baseline, *others = found.summaries() if lines is None else lines
    verdicts = [line.difference.verdict for line in others if line.difference]
    if not verdicts:
        return f"{baseline.name} alone"
    better, worse = verdicts.count("better than random"), verdicts.count("worse than random")
    rest = len(verdicts) - better - worse
    counts = {"better": better, "worse": worse, "not told from random": rest}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def recipe_facts(found: RecipesCompared) -> str:
    """Say in one line what was compared under which recipes."""
    counts = found.axis
    return " · ".join(
        filter(
            None,
            [
                str(found.supervised.protocol.get("data", "")),
                f"{found.supervised.metric_in_words} on test data",
                plural(found.n_trials, "trial"),
                f"{tick(counts[0])} to {tick(counts[-1])} {found.supervised.unit}",
            ],
        )
    )


def recipe_sentences(found: RecipesCompared, gains: Sequence[RecipeGain] | None = None) -> list[str]:
    """Say of every recipe what it brings without a strategy, and which strategies bring more under it."""
    gains = found.gains() if gains is None else gains
    unit, baseline = unit_of_recipes(found), found.strategies[0]
    said = []
    for recipe in found.recipes:
        own = [gain for gain in gains if gain.recipe == recipe]
        text = f"{recipe}: "
        if own[0].of_recipe is not None:
            verdict = own[0].of_recipe.verdict.replace("random", f"supervised {baseline}")
            text += f"random sampling is {verdict} ({unit.difference(own[0].of_recipe.mean)} {unit.name}".rstrip()
            text += "); "
        judged = [(gain.strategy, gain.of_strategy.verdict) for gain in own if gain.of_strategy is not None]
        better, worse = (
            [name for name, verdict in judged if verdict == f"{side} than random"] for side in ("better", "worse")
        )
        if not judged:
            text += "no strategy was compared."
        elif better or worse:
            parts = [f"{', '.join(names)} {word}" for names, word in ((better, "better"), (worse, "worse")) if names]
            text += f"{'; '.join(parts)} than {baseline} under it."
        else:
            text += f"no strategy can be told from {baseline} under it."
        said.append(text)
    return said


def trials_of(found: Compared) -> int:
    """Return how many trials were run."""
    return len(next(iter(found.scores.values())))


def unit_of_recipes(found: RecipesCompared) -> Unit:
    """Choose how values are written by all that was measured under all recipes."""
    everything: dict[str, Any] = {
        f"{recipe} {strategy}": values
        for recipe, comparison in found.comparisons.items()
        for strategy, values in comparison.scores.items()
    }
    return Unit.of(everything)


def _by(line: SummaryLine, unit: Unit, sign: bool = False) -> str:
    mean = 0.0 if line.difference is None else line.difference.mean
    return f"{unit.difference(mean)} {unit.name}".strip() if sign else unit.amount(mean)


def _listed(items: Iterable[str]) -> str:
    texts = list(items)
    if len(texts) > _NAMED:
        texts = [*texts[: _NAMED - 1], f"{len(texts) - _NAMED + 1} others"]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
