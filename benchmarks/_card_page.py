"""The page of the benchmark card and its picture."""

import numpy as np
from _card_studies import BUDGETS, MODELS, POOL, TEST
from _card_tables import lines_of, strategies_in
from _halves import HALVES
from _studies import BASELINE

OURS, FIXED = "auto_sampling", "margin_sampling"


def page_of(settings, command):
    """Markdown: how the studies were made, our default against the others, then each half and budget."""
    trials = sorted(one.n_trials for one in settings)
    plans = "; ".join(
        f"{name}: {p['n_initial']} labels to start with, {p['n_instances']} a round, to "
        f"{p['n_initial'] + p['n_instances'] * p['n_rounds']}"
        for name, p in BUDGETS.items()
    )
    told = " to ".join(str(n) for n in dict.fromkeys([trials[0], trials[-1]]))
    text = [HEAD.format(command=command, trials=told, plans=plans, pool=POOL, test=TEST)]
    for half in [half for half in reversed(HALVES) if any(one.half == half for one in settings)]:
        ours = [one for one in settings if one.half == half]
        sets = len({one.name for one in ours})
        text.append(f"## The {half} half: {sets} sets, {len(ours)} settings\n")
        text.append(_goal(ours))
        for budget in [*BUDGETS, None]:
            some = [one for one in ours if budget in (None, one.budget)]
            if some:
                text.append(f"### {'All budgets' if budget is None else f'The {budget} budget'}\n")
                text.append(table(lines_of(some)))
        for model in MODELS:
            some = [one for one in ours if one.model == model]
            if some:
                text.append(f"### All budgets, {model.replace('_', ' ')} alone\n")
                text.append(table(lines_of(some)))
    return "\n".join(text)


def table(lines):
    """One row a strategy."""
    rows = [
        "| strategy | settings | mean gain [95 %] | above random | better, worse | no verdict | worst | where "
        "| mean rank | query, s |",
        "|---|--:|--:|--:|--:|--:|--:|---|--:|--:|",
    ]
    for line in lines:
        rank = "" if np.isnan(line.rank) else f"{line.rank:.1f}"
        rows.append(
            f"| {line.strategy} | {line.n_settings} | {line.gain:+.2f} [{line.low:+.2f}, {line.high:+.2f}] "
            f"| {100 * line.above:.0f} % | {line.better}, {line.worse} | {line.untold} | {line.worst:+.1f} "
            f"| {line.worst_at} | {rank} | {line.seconds:.3f} |"
        )
    return "\n".join(rows) + "\n"


def _goal(settings):
    """The three numbers that the default was to reach, as they came out."""
    having = [one for one in settings if OURS in one.areas]
    if not having:
        return f"`{OURS}` has not run here.\n"
    lines = [f"`{OURS}` in {len(having)} settings:\n"]
    gains = np.array([one.gain(OURS) for one in having])
    verdicts = [one.verdicts[OURS] for one in having]
    lines.append(
        f"- its mean is above random's in {int((gains > 0).sum())} settings and below it in "
        f"{int((gains < 0).sum())}; after Holm better in {verdicts.count('better than random')} and worse in "
        f"{verdicts.count('worse than random')}, with too few trials for a verdict in "
        f"{verdicts.count('too few trials to tell')};"
    )
    told = []
    for budget in [name for name in BUDGETS if any(one.budget == name for one in having)]:
        some = [one for one in having if one.budget == budget]
        shared = [n for n in strategies_in(some) if all(n in one.areas for one in some)]
        found = {line.strategy: line for line in lines_of(some, strategies=shared)}
        best = max((line for line in found.values() if line.strategy != OURS), key=lambda line: line.gain)
        told.append(f"{budget} {found[OURS].gain:+.2f} against {best.gain:+.2f} of `{best.strategy}`")
    lines.append(f"- mean gain against that of the best other strategy: {'; '.join(told)};")
    lines.append(f"- worst mean difference of a setting: {gains.min():+.1f} points.")
    if any(FIXED in one.areas for one in having):
        line = lines_of(having, other=FIXED, strategies=[OURS])[0]
        lines.append(
            f"- Against `{FIXED}`: {line.gain:+.2f} [{line.low:+.2f}, {line.high:+.2f}], above it in "
            f"{100 * line.above:.0f} % of the settings, {line.worst:+.1f} at worst."
        )
    return "\n".join(lines) + "\n"


def picture(settings, path, half):
    """A dot a setting and a bar for the mean, one line a strategy, one panel a budget."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    settings = [one for one in settings if one.half == half]
    order = [line.strategy for line in lines_of(settings)][::-1]
    figure, axes = plt.subplots(
        1, len(BUDGETS), figsize=(11, 1.2 + 0.32 * len(order)), sharey=True, layout="constrained"
    )
    colors = dict(zip(MODELS, ("#d95f02", "#1b6ca8", "#4d9a3f"), strict=True))
    for ax, (budget, plan) in zip(axes, BUDGETS.items(), strict=True):
        some = [one for one in settings if one.budget == budget]
        ax.axvspan(-30, 0, color="#f7dcd8", zorder=0)
        for place, name in enumerate(order):
            having = [one for one in some if name in one.areas]
            gains = np.array([one.gain(name) for one in having])
            if not len(gains):
                continue
            shift = np.linspace(-0.22, 0.22, len(gains))
            dots = [colors[one.model] for one in having]
            ax.scatter(np.clip(gains, -12, 12), place + shift, s=9, c=dots, alpha=0.55, linewidths=0, zorder=2)
            ax.plot([gains.mean()] * 2, [place - 0.38, place + 0.38], color="black", lw=2.5, zorder=3)
        last = plan["n_initial"] + plan["n_instances"] * plan["n_rounds"]
        ax.set(
            title=f"{budget}: {plan['n_initial']} to {last} labels", xlim=(-12.5, 12.5), xlabel="points above random"
        )
        ax.axvline(0, color="#a33", lw=1)
        ax.grid(axis="y", color="#eee")
        ax.set_axisbelow(True)
    axes[0].set_yticks(range(len(order)), order)
    for label in axes[0].get_yticklabels():
        label.set_fontweight("bold" if label.get_text() == OURS else "normal")
    handles = [plt.Line2D([], [], marker="o", ls="", color=color) for color in colors.values()]
    handles.append(plt.Line2D([], [], color="black", lw=2.5))
    figure.legend(
        handles, [*(name.replace("_", " ") for name in colors), "mean"], loc="outside lower center", ncols=4
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)
    plt.close(figure)


HEAD = f"""Points of accuracy by which the mean height of a strategy's curve is above that of `{BASELINE}` with the
same model, test rows, initial labels and seeds, paired by trial. A setting is a set, a model and a budget. Trials:
{{trials}} a setting.

```bash
{{command}}
```

Budgets: {{plans}}. A budget of more than half of a pool is left out. Of each set {{pool}} rows at most are the
pool and {{test}} the test part, drawn anew each trial; initial labels have the shares of the classes, at least
one of each where there is room. Models: naive Bayes, logistic regression, a forest of 20 trees, all behind a
scaler. Where a set has more than 128 columns it is read as 64 principal components, banking77's texts as 64
components of their TF-IDF.

Mean gain: over sets, of the mean within each; the interval is that over sets. Better, worse: settings with that
verdict after Holm's correction over the strategies of the study, 5 %; no verdict: too few trials for any.
Worst: the mean of the worst setting. Rank: among the strategies that all settings of the table have, and random
sampling. Query: median seconds.
"""
