"""The page of a report: sections in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skal.pages import Part, render
from skal.report import _charts, _images, _tables
from skal.report._findings import Findings
from skal.report._parts import Section, Sentences
from skal.report.curve_plot import series_styles
from skal.report.rank_plot import conclusion, ranks_of
from skal.study.comparison import BASELINE
from skal.study.costs import unit_of_cost
from skal.summary.sentences import (
    QUESTION,
    counts_of_verdicts,
    facts,
    floor_sentence,
    power_sentence,
    verdict_sentence,
)
from skal.summary.words import MARKS, Unit, plural, short

Parts = list[Section]


@dataclass(frozen=True)
class Study:
    """One comparison on the page.

    Attributes
    ----------
    name, anchor : str
        In the contents, and where it begins.
    counts, facts, verdict : str
        How many strategies are better and worse; what was compared; the verdicts in a sentence.
    conditions : list of str
        What is out of the ordinary.
    sections : list of Section
        All that follows.
    """

    name: str
    anchor: str
    counts: str
    facts: str
    verdict: str
    conditions: list[str]
    sections: Parts


def report_page(findings: Mapping[str, Findings], title: str) -> str:
    """Return the page of one or several comparisons by name."""
    styles = series_styles(name for found in findings.values() for name in found.names)
    anchors = {name: f"study-{number}" for number, name in enumerate(findings, start=1)}
    return render(
        "report/report.html",
        title=title,
        overview=_overview(findings, anchors) if len(findings) > 1 else [],
        studies=[_study(name, anchors[name], found, styles) for name, found in findings.items()],
    )


def _study(name: str, anchor: str, found: Findings, styles: _charts.Styles) -> Study:
    comparison = found.comparison
    return Study(
        name,
        anchor,
        counts=counts_of_verdicts(comparison, found.lines),
        facts=facts(comparison),
        verdict=verdict_sentence(comparison, found.lines),
        conditions=comparison.conditions,
        sections=[
            *_odd(found),
            *_curves(found, styles),
            *_against_random(found, styles),
            *_by_round(found),
            *_further_metrics(found, styles),
            *_labels_saved(found),
            *_pairs(found),
            *_spent(found),
            *_times(found, styles),
            *_classes(found),
            *_pictures(found),
            *_section("Protocol", _tables.entries(comparison.protocol)),
            *_section("Versions", _tables.entries(comparison.versions)),
        ],
    )


def _overview(findings: Mapping[str, Findings], anchors: Mapping[str, str]) -> Parts:
    legend = ", ".join(f"{mark} {verdict}" for verdict, mark in MARKS.items())
    return [
        *_section(
            "Verdicts against random",
            _tables.overview(findings, anchors),
            note=f"{legend}. Differences of the area under the curve, in points where the metric is a share.",
        ),
        *_ranks(findings),
    ]


def _ranks(findings: Mapping[str, Findings]) -> Parts:
    ranks = ranks_of({name: found.comparison for name, found in findings.items()})
    if ranks is None:
        return []
    note = f"{conclusion(ranks)} Picture: ranks.png. Each study counts as one data set, whatever its trials."
    return _section("Ranks over studies", _tables.ranks(ranks), note=note)


def _odd(found: Findings) -> Parts:
    return _section("What to look at first", Sentences(tuple(found.odd))) if found.odd else []


def _curves(found: Findings, styles: _charts.Styles) -> Parts:
    note = "Means over trials; the bands are 95 % t intervals of the mean, at each label count by itself."
    return _section("Learning curves", _charts.learning_curves(found, styles), note=note)


def _against_random(found: Findings, styles: _charts.Styles) -> Parts:
    if not found.others:
        return []
    unit = Unit.of(found.comparison.scores)
    note = (
        f"Area: mean height of the curve{', %' * bool(unit.sign)}. Difference: from {BASELINE}, paired by trial"
        f"{', points' * bool(unit.name)}; its 95 % interval is not corrected. p: paired t test, and by Holm's "
        f"method over {plural(len(found.others), 'strategy', 'strategies')}, which decides the verdict. Effect: mean "
        f"difference in its standard deviations (Hedges). {found.comparison.unit.capitalize()} saved: see below. "
        f"{QUESTION} {power_sentence(found.comparison)}".rstrip()
    )
    return [
        *_section("Against random", _tables.verdicts(found), note=note),
        *_section("Each beside random", _charts.against_random(found, styles)),
        *_section(
            "The same differences, asked otherwise",
            _tables.other_answers(found),
            note="Bootstrap: trials drawn anew in pairs, 95 % (BCa); with fewer than some fifteen trials too narrow. "
            "BH: by Benjamini and Hochberg over the strategies, so that of what is found a share of 5 % at most is "
            "false. Other p-values are each by themselves. Where a strategy changes nothing at all, sign flips are "
            "exact whatever the shape of the differences; their verdict is by Holm's method. "
            f"{floor_sentence(found.n_trials)}".strip(),
        ),
    ]


def _by_round(found: Findings) -> Parts:
    if not any(found.by_round.values()):
        return []
    unit = Unit.of(found.comparison.scores)
    note = (
        f"Mean difference from {BASELINE} at each label count{', points' * bool(unit.name)}. Bold: told from it "
        "(paired t test, Holm's correction over the label counts of a strategy). One more question a count, "
        "and none of them is the question of the verdict."
    )
    return _section("By label count", _tables.by_round(found), note=note)


def _further_metrics(found: Findings, styles: _charts.Styles) -> Parts:
    if len(found.comparison.metrics) == 1:
        return []
    return _section("Further metrics", _charts.key(found, styles), _charts.further_metrics(found, styles))


def _labels_saved(found: Findings) -> Parts:
    if not found.others:
        return []
    of = found.comparison.unit
    note = (
        f"The distance between the mean curves of a strategy and of {BASELINE}, at the last score of the one that "
        f"ends lower: a strategy that is ahead needs fewer {of} for what {BASELINE} ends with, and where one is "
        f"behind, {BASELINE} needs fewer for what the strategy ends with. Coloured where the interval leaves out "
        "zero; intervals are not corrected, and infinite where the curves are too flat to tell."
    )
    return _section(f"{of.capitalize()} saved", _tables.labels_saved(found), note=note)


def _pairs(found: Findings) -> Parts:
    if not found.others:
        return []
    unit = Unit.of(found.comparison.scores)
    note = (
        f"Difference of areas{', points' * bool(unit.name)}. Blue: the row is higher; orange: lower. Bold: told "
        "apart after Holm's correction over all pairs. The numbers above the columns are those before the rows."
    )
    return _section("Every pair", _tables.pairs(found), note=note)


def _times(found: Findings, styles: _charts.Styles) -> Parts:
    note = "Wall time, mean over trials and rounds; a trial: all its fits and queries."
    return _section("Time", _tables.times(found), _charts.key(found, styles), _charts.times(found, styles), note=note)


def _classes(found: Findings) -> Parts:
    if not found.class_shares:
        return []
    shown, n_classes = _tables.n_classes_shown(found), len(found.comparison.classes)
    kind = found.comparison.kind
    part = f" Shown are the {shown} of {n_classes} {kind.parts} that differ most." if shown < n_classes else ""
    columns = "; ".join(f"{k} {short(name, 40)}" for k, name in enumerate(found.names, start=1))
    estimate = "" if found.comparison.pool_classes is not None else f"; those of {BASELINE} estimate the pool's"
    note = (
        f"Shares of all {kind.counted}, without the initial labels{estimate}. Blue: asked for more often "
        f"than the {kind.part} is in the pool; orange: less often. Balance: 1 if all {kind.parts} were asked for "
        f"equally often.{part} Columns: {columns}."
    )
    return _section(f"Picks per {kind.part}", _tables.classes(found), note=note)


def _spent(found: Findings) -> Parts:
    comparison = found.comparison
    if comparison.protocol.get("cost") is None or comparison.spent is None:
        return []
    unit = unit_of_cost(comparison.protocol["cost"])
    note = (
        f"{unit.capitalize()} after the initial labels, means over trials. A strategy sees no price: what a label "
        "costs is known once it is given."
    )
    return _section("What the labels cost", _tables.spent(found, unit), note=note)


def _pictures(found: Findings) -> Parts:
    if not found.comparison.pictures:
        return []
    if found.comparison.kind.reading != "pixels":
        note = (
            "First trial, a point a test row: across what is true, up what is predicted, the same on the line. "
            "Orange: the tenth of the rows with the largest errors. Both axes have the range of what is true; what "
            "is predicted beyond it stands at the edge."
        )
        return _section("Predicted against true", _images.pictures(found), note=note)
    note = (
        "First trial. Two test images a picture: image, truth, prediction, entropy of each pixel (white: uncertain); "
        "below them what was labelled first in the round, with its mask. Void pixels are black."
    )
    classes = found.comparison.classes
    return _section("What the models see", _images.class_key(classes), _images.pictures(found), note=note)


def _section(heading: str, *content: Part, note: str = "") -> Parts:
    return [Section(heading, content, note)]
