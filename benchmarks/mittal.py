"""The questions of Mittal et al. (2019), at a scale for one processor: one command and one picture each.

Run from the repository root; fashion_mnist_6k.npz is read from the folder given, for the start from other images:

    OMP_NUM_THREADS=1 python benchmarks/mittal.py --question augmentation
    OMP_NUM_THREADS=1 python benchmarks/mittal.py --question semi_supervised
    OMP_NUM_THREADS=1 python benchmarks/mittal.py --question low_budget
    OMP_NUM_THREADS=1 python benchmarks/mittal.py --question start --archives DATA
    python benchmarks/mittal.py --table docs/results/mittal.md --images docs/images

Each runs what ``skal compare`` runs with the arms of the question, and prints that command. Questions share their
studies: what one has run, another reads. Studies go on where they were stopped; the last command runs nothing.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from _studies import BASELINE
from _tables import interval, versions_line
from matplotlib.figure import Figure

from skal.datasets import load_dataset
from skal.neural import NeuralClassifier
from skal.report.curve_plot import COLOURS, save_figure
from skal.statistics import Difference, differences_of_pairs, mean_interval
from skal.study import RecipeComparison, StudyError, load_recipe_comparison
from skal.study.recipe_comparison import holds_recipes
from skal.study.request import Request

WIDTH, N_TRIALS, N_ROUNDS = 16, 5, 2
SUPERVISED = "supervised"
AUGMENTED = "augmented:flip=false"
UDA = "uda:flip=false,max_steps=300"
LATENT = "pretrained:module=MLPVAE"
BUDGETS = {"few": 40, "fewest": 10}  # labels to start with, and a round
STRATEGIES = {"few": ("margin_sampling", "core_set"), "fewest": ("margin_sampling", "typiclust")}
RECIPE_NAMES = {SUPERVISED: "supervised", AUGMENTED: "augmented", UDA: "UDA", LATENT: "features of the pool's VAE"}
FROM_CLOTHES = "start from clothes"


@dataclass(frozen=True)
class Question:
    """What is asked, on which budget, of which recipes; and the pairs whose differences answer it."""

    title: str
    budget: str
    recipes: tuple[str, ...]
    asks: str
    pairs: Callable[[RecipeComparison], dict[Any, Any]]
    paper: str


# Pairs: by (recipe, strategy), the areas of one and of what it is compared with.


def within_recipes(found):
    """Every strategy against random sampling under the same recipe."""
    areas = found.areas()
    return {
        (recipe, strategy): (areas[recipe, strategy], areas[recipe, BASELINE])
        for recipe in found.recipes
        for strategy in found.strategies
        if strategy != BASELINE
    }


def over_supervised(found):
    """Random sampling under the recipe against every strategy supervised, random sampling too."""
    areas = found.areas()
    (recipe,) = found.recipes[1:]
    return {
        (recipe, f"random, less {strategy} supervised"): (areas[recipe, BASELINE], areas[SUPERVISED, strategy])
        for strategy in found.strategies
    }


def questions(out):
    """By name; the weights that a recipe starts from are kept beside the studies."""
    clothes = f"pretrained:weights={out / 'clothes.safetensors'}"
    RECIPE_NAMES[clothes] = FROM_CLOTHES
    return {
        "augmentation": Question(
            "Does augmentation blur the differences between strategies?",
            "few",
            (AUGMENTED,),
            "Each strategy less random sampling, both under the recipe.",
            within_recipes,
            "On CIFAR-10 learning loss was 3.2 points above random sampling without augmentation; with it all "
            "strategies were within 0.4.",
        ),
        "semi_supervised": Question(
            "Does random sampling with UDA beat every supervised strategy?",
            "few",
            (UDA,),
            "Random sampling under UDA less each strategy, supervised, with as many labels.",
            over_supervised,
            "On CIFAR-10 random sampling with UDA at 5000 labels was about as good as supervised strategies at "
            "20 000.",
        ),
        "low_budget": Question(
            "Does any strategy beat random sampling at a low budget?",
            "fewest",
            (UDA,),
            "Each strategy less random sampling, both under the recipe.",
            within_recipes,
            "No strategy beat random sampling consistently at 250 to 2000 labels of CIFAR-10.",
        ),
        "start": Question(
            "Does a pretrained or a self-trained start change it?",
            "few",
            (LATENT, clothes),
            "Each strategy less random sampling, both under the recipe.",
            within_recipes,
            "UDA from scratch was better than an ImageNet-pretrained ResNet-18 that was fine-tuned.",
        ),
    }


def choices(question):
    """What `skal compare` is asked for."""
    n = BUDGETS[question.budget]
    return {
        "data": "digits_images",
        "estimator": f"cnn:module__width={WIDTH}",
        "strategies": list(STRATEGIES[question.budget]),
        "recipes": list(question.recipes),
        "n_initial": n,
        "n_instances": n,
        "n_rounds": N_ROUNDS,
        "n_trials": N_TRIALS,
    }


def command(question, out):
    """The same on the command line."""
    options = {"strategies": "strategy", "recipes": "recipe"}
    words = [
        f"--{options.get(name, name).replace('_', '-')} {value}"
        for name, values in choices(question).items()
        for value in (values if isinstance(values, list) else [values])
    ]
    lines = [""]
    for word in [*words, f"--out {out / question.budget}"]:
        if len(lines[-1]) + len(word) > 104:
            lines.append("   ")
        lines[-1] += f" {word}"
    return "skal compare" + " \\\n".join(lines)


def run(question, arguments):
    if any("weights=" in recipe for recipe in question.recipes):
        train_on_clothes(arguments)
    request = Request.of(None, {**choices(question), **arguments.changed})
    return request.run(
        out=arguments.out / question.budget,
        n_jobs=arguments.n_jobs,
        progress=lambda name, trial, number: print(f"{question.budget}: {trial}, {name}, {number}", flush=True),
    )


def train_on_clothes(arguments):
    """The same net, trained on Fashion-MNIST in the size of the digits, kept beside the studies."""
    kept = arguments.out / "clothes.safetensors"
    if kept.exists():
        return
    if arguments.archives is None:
        raise SystemExit("The start from clothes needs --archives, a folder with fashion_mnist_6k.npz.")
    data = load_dataset(str(arguments.archives / "fashion_mnist_6k.npz"))
    images = torch.from_numpy(np.asarray(data.X)).float()
    small = F.interpolate(images, (8, 8), mode="area").round().to(torch.uint8).numpy()
    arguments.out.mkdir(parents=True, exist_ok=True)
    NeuralClassifier("SmallCNN", module__width=WIDTH, random_state=0).fit(small, data.y).save(kept)


def read(question, out):
    """The trials of a question that are complete; None where there are none."""
    folder = out / question.budget
    if not holds_recipes(folder):
        return None
    try:
        found = load_recipe_comparison(folder)
    except StudyError as error:
        print(f"{folder}: {error}")
        return None
    if set(question.recipes) - set(found.recipes):
        return None
    return RecipeComparison({name: found.comparisons[name] for name in (SUPERVISED, *question.recipes)})


# What comes out.


def spreads(found):
    """By recipe: how far apart the strategies are, the standard deviation of their areas, one number a trial."""
    areas = found.areas()
    return {
        recipe: np.std([areas[recipe, strategy] for strategy in found.strategies], axis=0, ddof=1)
        for recipe in found.recipes
    }


def label(cell):
    recipe, strategy = cell
    return RECIPE_NAMES[recipe], strategy.replace(BASELINE, "random").replace("_sampling", "")


def verdict(difference, baseline="the other"):
    return difference.verdict.replace("random", baseline)


def table(judged):
    lines = ["| recipe | strategy | difference [95 %] | p, Holm | verdict |", "|---|---|---|---|---|"]
    for cell, d in judged.items():
        recipe, strategy = label(cell)
        said = verdict(d, "it" if "less" in strategy else "random")
        lines.append(
            f"| {recipe} | {strategy} | {interval(d.mean, d.low, d.high, '+')} | {d.p_adjusted:.3f} | {said} |"
        )
    return "\n".join(lines)


def short(strategy):
    return strategy.replace("_sampling", "")


def recipes_table(found):
    """Random sampling under each recipe, the recipe's part of the gain, and the spread of the strategies."""
    areas, apart = found.areas(), spreads(found)
    base = areas[SUPERVISED, BASELINE]
    gains = differences_of_pairs({r: (areas[r, BASELINE], base) for r in found.recipes[1:]})
    blurred = differences_of_pairs({r: (apart[r], apart[SUPERVISED]) for r in found.recipes[1:]})
    lines = [
        "| recipe | random sampling, area [95 %] | over supervised [95 %] | verdict | strategies apart by "
        "| over supervised [95 %] | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    for recipe in found.recipes:
        cells = [RECIPE_NAMES[recipe], interval(*mean_interval(areas[recipe, BASELINE]))]
        for values, own in ((None, gains), (apart[recipe], blurred)):
            if values is not None:
                cells.append(f"{100 * values.mean():.2f}")
            d = own.get(recipe)
            words = {"better": "higher", "worse": "lower", "not": "not distinguishable", "too": "too few trials"}
            cells += ["", ""] if d is None else [interval(d.mean, d.low, d.high, "+"), words[d.verdict.split()[0]]]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def counted(judged):
    """One sentence: how many of each verdict."""
    words = {"better": 0, "worse": 0, "not distinguishable": 0, "too few trials to tell": 0}
    for d in judged.values():
        (known,) = [word for word in words if d.verdict.startswith(word)]
        words[known] += 1
    told = ", ".join(f"{count} {word}" for word, count in words.items() if count)
    return f"Of {len(judged)} differences: {told}."


def picture(question, found, judged, path):
    """Mean curves, and the differences that answer the question; filled marks have a verdict other than "not"."""
    figure = Figure(figsize=(11, 4.4), layout="constrained")
    curves, forest = figure.subplots(1, 2, width_ratios=(1, 1.1))
    colours = {recipe: COLOURS[place] for place, recipe in enumerate(found.recipes)}
    dashes = dict(zip(found.strategies, ("--", "-", "-.", ":"), strict=False))
    for recipe, comparison in found.comparisons.items():
        for strategy, values in comparison.scores.items():
            mean, low, high = mean_interval(100 * values)
            curves.plot(found.axis, mean, color=colours[recipe], linestyle=dashes[strategy], linewidth=1.4)
            if strategy == BASELINE:
                curves.fill_between(found.axis, low, high, color=colours[recipe], alpha=0.13, linewidth=0)
    handles = [*map(lambda r: line(colours[r], "-", RECIPE_NAMES[r], 4), found.recipes)]
    handles += [line("0.2", dashes[s], short(s), 1.4) for s in found.strategies]
    curves.legend(handles=handles, frameon=False, fontsize=8, loc="lower right", ncols=2)
    curves.set(xlabel="labels", ylabel="accuracy on test data, %", xticks=found.axis)
    for place, (cell, d) in enumerate(judged.items()):
        colour, said = colours[cell[0]], d.verdict.startswith(("better", "worse"))
        forest.plot([100 * d.low, 100 * d.high], [place, place], color=colour, linewidth=1.6)
        forest.plot(100 * d.mean, place, "o", color=colour, markerfacecolor=colour if said else "white", markersize=7)
    forest.axvline(0, color="0.3", linewidth=0.8)
    forest.set_yticks(range(len(judged)), [": ".join(label(cell)) for cell in judged], fontsize=8)
    forest.invert_yaxis()
    forest.set_xlabel("points of area [95 %]; filled: better or worse")
    for axes in (curves, forest):
        axes.grid(color="0.5", alpha=0.2)
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(question.title, x=0.01, ha="left", fontsize=12)
    save_figure(figure, path)


def line(colour, style, name, width):
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, linestyle=style, label=name, linewidth=width)


def section(name, question, found, judged, images):
    return f"""## {question.title}

```bash
OMP_NUM_THREADS=1 python benchmarks/mittal.py --question {name}{" --archives DATA" if name == "start" else ""}
{command(question, Path("runs/mittal"))}
```

{question.paper} (Mittal et al.) Here, {found.n_trials} trials, {found.axis[0]} to {found.axis[-1]} labels:

{recipes_table(found)}

{question.asks}

{table(judged)}

{counted(judged)}

![{question.title}](../images/{picture_name(name)})
"""


def picture_name(name):
    return f"mittal_{name}.png"


HEAD = f"""# Four questions of Mittal et al., at a small scale

Mittal, Tatarchenko, Cicek & Brox, "Parting with illusions about deep active learning" (2019), asked how much of
what active learning gains is left under augmentation and semi-supervised training. Here the same questions on digits
of 8 x 8 pixels, with `skal.nets.SmallCNN` of {WIDTH} channels in the first block: what a CPU affords in the place of
CIFAR-10 and a WRN-28-2. Verdicts are about this scale, and no reproduction of theirs.

Every trial has a test quarter and initial labels of its own, the same for all recipes and strategies; areas are mean
heights of curves of {N_ROUNDS} rounds, in points of accuracy. Verdicts: t test paired by trial, Holm's correction
over a table's differences, 5 %. Intervals stand alone. "Apart by" is the standard deviation of the strategies' areas
within a trial: it has the noise of fits in it, so it is never 0.

"augmented" is `skal.augment.Strong` without flips; UDA takes 300 steps of 32 labelled and 128 unlabelled images, a
third of what [the page on recipes](recipes.md) gives it. "{FROM_CLOTHES}" fine-tunes the net from weights that were
trained with labels on 5000 images of Fashion-MNIST in 8 x 8 pixels; "{RECIPE_NAMES[LATENT]}" is a linear classifier
on a variational autoencoder that was fitted to the pool without labels, once a trial. The first command of each
question draws its picture and prints its tables, the second runs the same study and has skal's own report.

Beside the paper, as it came out when this was written, with five trials, which leave large differences possible:

- Augmentation: how far apart the strategies are did not change distinguishably. Core-set was better than random
  sampling without augmentation and not distinguishable from it with, at a wide interval. As a recipe augmentation
  itself did not help here.
- UDA: random sampling with these few steps was not distinguishable from any supervised strategy, random among them.
- Low budget: no strategy was distinguishable from random sampling, as in the paper; `typiclust` was the highest
  under both recipes, and its intervals leave gains of many points possible.
- Starts: features of the pool's autoencoder were worse than training the net, weights from clothes made no
  distinguishable difference, and strategies gained about as much as without.
"""


def answer(name, question, found, arguments):
    """Picture and section of a question."""
    judged: dict[Any, Difference] = differences_of_pairs(question.pairs(found))
    arguments.images.mkdir(parents=True, exist_ok=True)
    picture(question, found, judged, arguments.images / picture_name(name))
    return section(name, question, found, judged, arguments.images)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked = questions(Path("runs/mittal"))
    parser.add_argument("--question", action="append", choices=list(asked), default=[], help="run what it needs")
    parser.add_argument("--archives", type=Path, default=None, help="folder with fashion_mnist_6k.npz")
    parser.add_argument("--out", type=Path, default=Path("runs/mittal"))
    parser.add_argument("--images", type=Path, default=Path("runs/mittal"), help="folder for the pictures")
    parser.add_argument("--table", type=Path, default=None, help="markdown file to write, of all that was run")
    parser.add_argument("--n-jobs", type=int, default=1)
    parser.add_argument("--n-trials", type=int, default=None, help="fewer, to try the script")
    arguments = parser.parse_args()
    arguments.changed = {} if arguments.n_trials is None else {"n_trials": arguments.n_trials}
    asked = questions(arguments.out)
    for name in arguments.question:
        print(answer(name, asked[name], run(asked[name], arguments), arguments))
    if arguments.table:
        done = {name: (question, read(question, arguments.out)) for name, question in asked.items()}
        done = {name: both for name, both in done.items() if both[1] is not None}
        sections = [answer(name, question, found, arguments) for name, (question, found) in done.items()]
        if sections:
            versions = versions_line()
            arguments.table.parent.mkdir(parents=True, exist_ok=True)
            arguments.table.write_text("\n".join([HEAD, *sections, versions]) + "\n")


if __name__ == "__main__":
    main()
