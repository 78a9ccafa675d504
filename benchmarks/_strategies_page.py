"""The pages of benchmarks/strategies.py: an overview of each family, then every study."""

import numpy as np
from _strategies_plan import BAIT_ROWS, BUDGETS, FAMILIES, FAMILY_TITLES, N_PASSES, N_POOL, N_TRIALS, PAGES, TITLES
from _studies import BASELINE
from _tables import MARKS, overview_table, verdict_table
from scipy import optimize, stats

from skal.datasets import load_dataset


def cell(difference):
    """Difference in points and verdict; an arrow where there is no verdict, but an interval that leaves out 0."""
    mark = MARKS[difference.verdict]
    if mark == "–" and (difference.low > 0 or difference.high < 0):
        mark = "↑" if difference.low > 0 else "↓"
    return f"{100 * difference.mean:+.1f} {mark}"


def both_table(found):
    """The data sets of a budget together: mean difference in points, and in how many trials it was above 0."""
    by_budget = [[c.areas() for study, c in found.items() if study.budget == budget] for budget in BUDGETS]
    everywhere = set.intersection(*(set(areas) for studies in by_budget for areas in studies)) - {BASELINE}
    rows = []
    for name in everywhere:
        cells, means = [], []
        for studies in by_budget:
            differences = [areas[name] - areas[BASELINE] for areas in studies]
            means.append(np.mean([d.mean() for d in differences]))
            trials = np.concatenate(differences)
            cells.append(f"{100 * means[-1]:+.1f} | {(trials > 0).sum()} of {len(trials)}")
        rows.append((-means[0], f"| {name} | {' | '.join(cells)} |"))
    titles = " | ".join(f"{budget} budget | trials above random" for budget in BUDGETS)
    lines = [f"| strategy | {titles} |", "|---|" + "---|---|" * len(BUDGETS)]
    return "\n".join(lines + [line for _, line in sorted(rows)])


def smallest_found(n_strategies, n_trials):
    """Mean difference, in standard deviations, that Holm's first verdict needs, and one that gets it in 80 %."""
    if n_trials < 2:
        return np.nan, np.nan
    needed = stats.t.isf(0.05 / (2 * n_strategies), n_trials - 1)
    likely = optimize.brentq(
        lambda mean: stats.nct.sf(needed, n_trials - 1, mean * np.sqrt(n_trials)) - 0.8, 0, 2 * needed
    )
    return needed / np.sqrt(n_trials), likely


def section(study, found):
    """Markdown of one study."""
    areas = found.areas()
    deviations = [np.std(area - areas[BASELINE], ddof=1) for name, area in areas.items() if name != BASELINE]
    random = found.scores[BASELINE].mean(axis=0)
    ended, planned = len(areas[BASELINE]), found.protocol["n_trials"]
    first, likely = smallest_found(len(deviations), ended)
    deviation = 100 * np.median(deviations)
    notes = [
        f"Random sampling: {100 * random[0]:.1f} % with {found.axis[0]} labels, {100 * random[-1]:.1f} % with "
        f"{found.axis[-1]}."
    ]
    if np.isfinite(first):
        notes.append(
            f"Differences from it scatter by {deviation:.2f} points between trials (median of the strategies): the "
            f"first verdict of {len(deviations)} needs about {first * deviation:.1f} points, and a difference of "
            f"{likely * deviation:.1f} gets one four times of five."
        )
    if ended < planned:
        notes.append(f"So far {ended} of {planned} trials ended.")
    title = f"### {FAMILY_TITLES[study.family]}, {TITLES[study.data]}, {study.budget} budget"
    return f"{title}\n\n{' '.join(notes)}\n\n{verdict_table(found)}\n"


def head(folder, name):
    """What stands above the tables of a page; of data that were not prepared it tells no sizes."""
    facts = {"n_pool": N_POOL, "bait_rows": BAIT_ROWS, "n_passes": N_PASSES}
    for data, short in {"letter": "letter", "fashion_mnist_vae": "fashion"}.items():
        found = load_dataset(str(folder / f"{data}.npz")) if (folder / f"{data}.npz").exists() else None
        facts[f"{short}_test"] = "–" if found is None else len(found.y_test)
        for size, budget in BUDGETS.items():
            facts[f"{short}_{size}"] = "–" if found is None else budget.in_words(found.y)
        if data == "fashion_mnist_vae":
            facts["n_latents"] = "–" if found is None else found.X.shape[1]
    parts = [title for family, title in FAMILY_TITLES.items() if family in PAGES[name]]
    numbers = [len(FAMILIES[family][1]()) for family in PAGES[name]]
    needed = [smallest_found(number, N_TRIALS) for number in numbers]
    facts["bars"] = "\n".join(
        f"| {title} | {number} | {first:.1f} | {likely:.1f} |"
        for title, number, (first, likely) in zip(parts, numbers, needed, strict=True)
    )
    facts |= {"many": max(numbers), "by_chance": 0.05 * max(numbers), "n_trials": N_TRIALS}
    return "\n".join(text.format(**facts) for text in (TITLE[name], DATA, MODELS[name], READING))


def page(found):
    """Markdown of all: an overview of each family, then every study."""
    parts = ["## Overview\n"]
    for family, title in FAMILY_TITLES.items():
        columns = {
            f"{TITLES[study.data]}, {study.budget}": comparison
            for study, comparison in found.items()
            if study.family == family
        }
        if columns:
            parts.append(f"### {title}\n\n{overview_table(columns, cell)}\n")
        if len(columns) == len(BUDGETS) * len(TITLES):
            told = {study: comparison for study, comparison in found.items() if study.family == family}
            parts.append(f"Mean of both data sets, the largest at the low budget first:\n\n{both_table(told)}\n")
    parts.append("## Every study\n")
    parts += [section(study, comparison) for study, comparison in found.items()]
    return "\n".join(parts)


TITLE = {
    "one_net": """# Strategies at two budgets

All strategies that read one net, against random sampling, at a low and at a large budget, as it came out. Those that
read other models are on [a page of their own](strategies_other_models.md). What follows for a task of one's own:
[which strategy](../which_strategy.md).
""",
    "other_models": """# Strategies that read other models, at two budgets

Committees, many passes with dropout, and nets that predict their losses, against random sampling with the same
model, at a low and at a large budget, as it came out. What reads one net is in [strategies at two
budgets](strategies.md), on the same rows. What follows for a task of one's own: [which
strategy](../which_strategy.md).
""",
}
DATA = """\
Areas are those under the curves of accuracy (the mean height of a curve, in %), differences from random sampling
are paired by trial, and verdicts those of a t test with Holm's correction over the strategies of a table, 5 %. Labels
saved: how many fewer a strategy needs than random sampling for the accuracy that random sampling ends with. Fit and
query are medians of wall seconds over trials and rounds, apart, of one thread beside other work.

| | letter | Fashion-MNIST embeddings |
|---|---|---|
| rows | its 16 columns, standardised over the pool | means of a VAE, {n_latents} latents |
| pool, the same in all trials | {n_pool} rows of the training part | {n_pool} images of the training part |
| tested on | the test part, {letter_test} rows | the images that are not in the pool, {fashion_test} |
| low budget | {letter_low} | {fashion_low} |
| large budget | {letter_large} | {fashion_large} |

The first labels are drawn at random and not balanced, so that at the low budget some classes are missing at first.
Trials differ by them and by their seeds.
"""
MODELS = {
    "one_net": """\
**The embedding** is learnt without labels, from the images of the pool. Two were tried on the archive's 6000
training images, by the accuracy of a logistic regression on 20, 100 and 1000 labels, and by how well ten clusters of
k-means match the classes (normalised mutual information): 64 principal components give 37, 62 and 76 % and 0.52; the
means of a VAE, an MLP with 16 latents, 48, 69 and 76 % and 0.61. So it is the VAE. A latent whose means hardly
varied would be left out.

**The models.** "One net" is the preset "mlp", a net with dropout, for all strategies that read one model: they
differ by the query and by nothing else. Where a strategy reads features these are the net's, its last hidden layer,
anew after every fit. In "features of the rows" those that read features alone are given the rows as they are
(`embedding=`).

**What is not the default.** `vae_core_set` takes a VAE that is trained once on the pool, without labels, in the
place of one a query; on the Fashion-MNIST embeddings the rows are a VAE's means already and stand for it. `bait`
sees {bait_rows} random rows of letter's pool at the large budget (`skal.query.subsample`), since with 26 classes the
whole takes a minute a query. Everything else is as it comes.

**What is left out.** `expected_error_reduction` trains a net for every candidate and class: 9 s of CPU for one
candidate of letter's low budget, and there are 4000. Strategies for several labels a row do not apply. Wrappers such
as `combine` and `class_balanced_sampling` are no strategies by themselves.

```bash
export OMP_NUM_THREADS=1
python benchmarks/strategies.py --archives DATA --out runs/strategies --table docs/results/strategies.md
```

The rows as they were compared are kept as archives, so the command line can go on from here: `skal compare --data
runs/strategies/letter.npz --estimator mlp --strategy typiclust --n-initial 26`.
""",
    "other_models": """\
**The models.** "More passes" is one net, the preset "mlp", whose mutual informations are of {n_passes} passes with
dropout in the place of ten. "Five nets" are five of the same net, for strategies that read a committee, with margin
sampling beside them; `ensemble_variation_ratio` asks for the same rows as `variation_ratio_sampling` unless it is
told to break ties by entropy. "A net that predicts its losses" is the preset "loss_net". Random sampling is run with
each. Strategies are as they come.

```bash
export OMP_NUM_THREADS=1
python benchmarks/strategies.py --page other_models --archives DATA --out runs/strategies \\
    --table docs/results/strategies_other_models.md
```
""",
}
READING = """## How to read the overview

Differences of the areas in points. **better** and *worse* are verdicts. ↑ and ↓: the verdict is "not distinguishable
from random", but the strategy's own interval, which is not corrected, leaves out 0; among {many} strategies that do
nothing {by_chance:.1f} would be so marked on average. "–": neither. A column that is not there is a study that was
not run.

With {n_trials} trials the first verdict of a table needs a mean difference of so many standard deviations of the
differences by trial, and one that is to be found four times of five so many. So "–" does not say that a strategy is
no better. What it comes to in points stands beside every table.

| | strategies | first verdict | four times of five |
|---|---|---|---|
{bars}
"""
