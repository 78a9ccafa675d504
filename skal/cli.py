"""The command line: a thin layer over the Python interface."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)
console = Console()


@app.callback()
def _skal() -> None:
    """Tell which samples to label next, and prove whether the choice paid."""


@app.command()
def compare(
    config: Annotated[Path | None, typer.Option(help="TOML file of these choices; options come before it.")] = None,
    data: Annotated[str | None, typer.Option(help="Name of a data set, or a path.")] = None,
    target: Annotated[str | None, typer.Option(help="Column to predict, where the data are a table.")] = None,
    estimator: Annotated[
        str | None, typer.Option(help="Task model: logistic, forest, mlp, cnn, ..., or NAME:parameter=value,...")
    ] = None,
    strategy: Annotated[
        list[str] | None, typer.Option(help="NAME or NAME:option=value,...; may be repeated. Random is added.")
    ] = None,
    arm: Annotated[
        list[str] | None,
        typer.Option(
            help="Training recipe: augmented, uda, fixmatch, pseudo_label, pretrained, or NAME:option=value,...; may "
            "be repeated. Supervised is added."
        ),
    ] = None,
    protocol: Annotated[
        str | None, typer.Option(help="Published protocol, see skal protocols; options come before it.")
    ] = None,
    scale: Annotated[str, typer.Option(help="Of the protocol: full, or small, for CPUs.")] = "full",
    metric: Annotated[
        list[str] | None,
        typer.Option(
            help="scikit-learn's scorers, or ece; of masks miou, pixel_accuracy, iou; may be repeated. The first "
            "decides."
        ),
    ] = None,
    n_initial: Annotated[int | None, typer.Option(min=1, help="Labels to start with.")] = None,
    n_instances: Annotated[int | None, typer.Option(min=1, help="Labels a round.")] = None,
    n_rounds: Annotated[int | None, typer.Option(min=1, help="Rounds.")] = None,
    n_trials: Annotated[int | None, typer.Option(min=1, help="Repetitions, each with its own test split.")] = None,
    initial: Annotated[str | None, typer.Option(help="Initial labels: random, k_center, ...")] = None,
    initial_left_out: Annotated[
        int | None, typer.Option(min=0, help="Classes, drawn in each trial, that the initial labels leave out.")
    ] = None,
    oracle: Annotated[
        str | None, typer.Option(help="Who answers: noisy:rate=0.2,... for wrong labels; right ones if left out.")
    ] = None,
    cost: Annotated[
        str | None, typer.Option(help="What a label costs: clicks:tolerance=5,... for masks; one each if left out.")
    ] = None,
    round_budget: Annotated[
        float | None, typer.Option(help="Money a round, in units of the cost, in the place of --n-instances.")
    ] = None,
    budget_policy: Annotated[
        str | None, typer.Option(help="Where money does not pay for the next label: stop_before or overshoot.")
    ] = None,
    test_size: Annotated[float | None, typer.Option(help="Share of the rows that are tested on.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Everything random is drawn from it.")] = None,
    n_jobs: Annotated[int, typer.Option(help="Worker processes.")] = 1,
    out: Annotated[Path, typer.Option(help="Folder of the study; started again, it goes on.")] = Path("runs/compare"),
) -> None:
    """Compare query strategies with random sampling: table, verdicts and picture."""
    from skal.study import RecipeComparison, StudyError
    from skal.study.report import write_recipe_report, write_report
    from skal.study.request import Request

    start = time.perf_counter()
    given = {
        "data": data,
        "target": target,
        "estimator": estimator,
        "strategies": strategy,
        "recipes": arm,
        "metrics": metric,
        "n_initial": n_initial,
        "n_instances": n_instances,
        "n_rounds": n_rounds,
        "n_trials": n_trials,
        "initial": initial,
        "initial_left_out": initial_left_out,
        "oracle": oracle,
        "cost": cost,
        "round_budget": round_budget,
        "budget_policy": budget_policy,
        "test_size": test_size,
        "seed": seed,
    }
    try:
        chosen = {name: value for name, value in given.items() if value not in (None, [])}
        request = Request.of(config, chosen, protocol, cast(Any, scale))
        columns = (TextColumn("{task.description:<38}"), BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("starting", total=request.n_rounds_in_all)

            def step(name: str, trial: int, round_: int) -> None:
                bar.update(task, description=f"trial {trial + 1}: {name}", advance=1)

            found = request.run(out=out, n_jobs=n_jobs, progress=step)
        found.save(out / "comparison.json")
        page = write_recipe_report(found, out) if isinstance(found, RecipeComparison) else write_report(found, out)
    except (ValueError, TypeError, OSError, ImportError, StudyError) as error:
        raise _failed(error) from error
    _print_found(found)
    console.print(f"\n{time.perf_counter() - start:.0f} s. Report: {page}, picture: {out / 'curves.png'}")


@app.command()
def report(
    folders: Annotated[list[Path], typer.Argument(help="Folders of studies.")],
    out: Annotated[
        Path | None, typer.Option(help="Where the report goes; the folder itself for one, else runs/report.")
    ] = None,
) -> None:
    """Write the report of studies that were run: one page, and pictures of curves and of ranks over studies."""
    from skal.study import StudyError, holds_recipes, load_comparison, load_recipe_comparison
    from skal.study.report import write_recipe_report, write_report

    found: dict[str, Any]
    try:
        with_recipes = [folder for folder in folders if holds_recipes(folder)]
        if with_recipes and len(folders) > 1:
            raise ValueError(
                f"{with_recipes[0]} holds a comparison of recipes, whose report is its own: name it alone, or name "
                "the folders of the recipes in it."
            )
        single = len(folders) == 1
        where = out or (folders[0] if single else Path("runs/report"))
        if with_recipes:
            found = {str(folders[0]): load_recipe_comparison(folders[0])}
            page = write_recipe_report(found[str(folders[0])], where)
        else:
            found = {str(folder): load_comparison(folder) for folder in folders}
            page = write_report(next(iter(found.values())) if single else found, where)
    except (ValueError, OSError, StudyError) as error:
        raise _failed(error) from error
    for folder, comparison in found.items():
        console.print(f"\n[bold]{folder}[/]", highlight=False)
        _print_found(comparison)
    console.print(f"\nReport: {page}")


@app.command()
def explain(
    data: Annotated[str, typer.Option(help="Name of a data set, or a path.")] = "digits",
    target: Annotated[str | None, typer.Option(help="Column to predict, where the data are a table.")] = None,
    estimator: Annotated[str, typer.Option(help="Task model.")] = "logistic",
    strategy: Annotated[str, typer.Option(help="Query strategy, NAME or NAME:option=value,...")] = "margin_sampling",
    n_initial: Annotated[int, typer.Option(min=1, help="Random labels that the model is trained on.")] = 50,
    n_instances: Annotated[int, typer.Option(min=1, help="Rows to ask for.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Everything random is drawn from it.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder for query.csv and query.html.")] = Path("runs/explain"),
) -> None:
    """Ask once, and say of every picked row what spoke for it: a sheet as CSV and HTML.

    Rows that are images, or whose columns are called pixel_ROW_COLUMN, are shown.
    """
    from skal.study.request import explain_first_query

    try:
        found = explain_first_query(data, target, estimator, strategy, n_initial, n_instances, seed)
        out.mkdir(parents=True, exist_ok=True)
        found.to_csv(out / "query.csv")
        found.to_html(out / "query.html")
    except (ValueError, TypeError, OSError, ImportError) as error:
        raise _failed(error) from error
    console.print(f"{len(found.rows)} rows explained: {out / 'query.csv'}, {out / 'query.html'}")


@app.command()
def protocol(
    study: Annotated[str, typer.Argument(help="Folder of a study, or name of a published protocol.")],
    scale: Annotated[str, typer.Option(help="Of a published protocol: full, or small, for CPUs.")] = "full",
) -> None:
    """Print the protocol of a study, or a published one, as TOML for compare --config."""
    from skal.study import PROTOCOLS, StudyError, study_as_toml

    try:
        published = study in PROTOCOLS and not Path(study).exists()
        print(PROTOCOLS[study].to_toml(cast(Any, scale)) if published else study_as_toml(study), end="")
    except (ValueError, StudyError) as error:
        raise _failed(error) from error


@app.command()
def protocols() -> None:
    """List the published protocols, what each needs, and what of it is not verified."""
    from skal.study import PROTOCOLS

    for known in PROTOCOLS.values():
        console.print(f"[bold]{known.name}[/] {known.summary}", highlight=False)
        full, small = known.choices("full"), known.choices("small")
        lines = [f"Source: {known.source}.", f"Data: {known.needs}."]
        for scale, one in (("full", full), ("small, for CPUs", small)):
            more = f"; recipes {', '.join(one['recipes'])}" if one.get("recipes") else ""
            last = one["n_initial"] + one["n_rounds"] * one["n_instances"]
            lines.append(
                f"{scale}: {one['data']}, {one['estimator']}, {one['n_initial']} labels ({one['initial']}) to "
                f"{last}, {one['n_instances']} a round, {one['n_trials']} trials; "
                f"{', '.join(one['strategies'])}{more}."
            )
        lines += [*known.notes, *(f"Not verified: {said}" for said in known.unverified)]
        for said in lines:
            console.print(Padding(said, (0, 0, 0, 4)), highlight=False, markup=False)


@app.command()
def strategies() -> None:
    """List the query strategies, what each reads, and what it does."""
    from skal.query import strategies as known

    for name, function in known().items():
        console.print(f"[bold]{name}[/] reads {', '.join(function.info.reads) or 'nothing'}", highlight=False)
        console.print(Padding(function.info.summary, (0, 0, 0, 4)), highlight=False)


def main() -> None:
    """Run the command line."""
    app()


def _failed(error: Exception) -> typer.Exit:
    Console(stderr=True).print(f"skal: {error}", style="bold red", markup=False, highlight=False)
    return typer.Exit(2)


def _print_found(found: Any) -> None:
    from skal.study import RecipeComparison

    if isinstance(found, RecipeComparison):
        _print_gains(found)
    else:
        _print_tables(found)


def _print_gains(found: Any) -> None:
    """One table: every gain and its two parts, each with its interval below it."""
    from skal.study.metrics import metric_in_words
    from skal.study.report import floor_sentence

    gains = Table.grid(padding=(0, 2, 0, 0))
    gains.add_column(overflow="fold")
    gains.add_row("recipe, strategy", "area", "total", "recipe's part", "strategy's part", style="bold")
    for gain in found.gains():
        if gain.strategy == found.strategies[0]:
            gains.add_row(gain.recipe, style="bold")
        parts = [_part(part) for part in (gain.total, gain.of_recipe, gain.of_strategy)]
        if gain.total is None:
            parts[0] = "the baseline"
        gains.add_row(Padding(gain.strategy, (0, 0, 0, 2)), f"{100 * gain.area:.2f}", *parts)
    for said in found.conditions:
        console.print(f"\n{said}", highlight=False, markup=False)
    console.print(
        f"\nArea under the curve of {metric_in_words(found.metric)} (its mean height, %), paired by trial. Total: "
        "from random sampling, supervised. Recipe's part: random sampling under the recipe less that. Strategy's "
        "part: the strategy less random sampling, both under the recipe.\n",
        highlight=False,
    )
    console.print(gains, highlight=False)
    console.print(
        "\n+ better, - worse, = not distinguishable, ? too few trials (t test, Holm over each column); [95 %] each "
        f"by itself. {floor_sentence(found.n_trials)}".rstrip(),
        highlight=False,
        markup=False,
    )


def _part(difference: Any) -> str:
    if difference is None:
        return ""
    marks = {"better than random": "+", "worse than random": "-", "not distinguishable from random": "="}
    interval = f"{100 * difference.low:+.2f}, {100 * difference.high:+.2f}"
    return f"{100 * difference.mean:+.2f} {marks.get(difference.verdict, '?')}\n\\[{interval}]"


def _print_tables(found: Any) -> None:
    """Two narrow tables: they fit into 80 columns."""
    from skal.study.metrics import metric_in_words
    from skal.study.report import floor_sentence

    lines = found.summaries()
    # Names with parameters often begin alike: they are written whole, over several lines.
    overflow: Any = "fold" if any(":" in line.name for line in lines) else "ellipsis"
    curves = Table.grid(padding=(0, 1))
    curves.add_column(overflow=overflow)
    curves.add_row(found.unit, *(str(count) for count in found.n_labels), style="bold")
    for line in lines:
        curves.add_row(line.name, *(f"{100 * value:.1f}" for value in line.mean))
    verdicts = Table.grid(padding=(0, 2, 0, 0))
    verdicts.add_column(overflow=overflow)
    verdicts.add_row("strategy", "area", "difference [95 %]", "p, Holm", "against random", style="bold")
    for line in lines:
        verdicts.add_row(line.name, f"{100 * line.area:.2f}", *_against_random(line.difference))
    for said in found.conditions:
        console.print(f"\n{said}", highlight=False, markup=False)
    metric = metric_in_words(found.metric).removeprefix("mean ")
    console.print(f"\nMean {metric} (%) by number of {found.unit}\n", highlight=False)
    console.print(curves, highlight=False)
    console.print("\nArea under the curve (its mean height, %), difference from random by trial\n", highlight=False)
    console.print(verdicts, highlight=False)
    console.print(
        "\nVerdicts hold for all strategies together (t test, Holm); each interval stands alone. "
        f"{floor_sentence(len(found.scores['random_sampling']))}".rstrip(),
        highlight=False,
    )


def _against_random(difference: Any) -> tuple[str, str, str]:
    if difference is None:
        return "", "", "the baseline"
    interval = f"{100 * difference.mean:+.2f} [{100 * difference.low:+.2f}, {100 * difference.high:+.2f}]"
    verdict = difference.verdict.replace(" than random", "").replace(" from random", "")
    return interval, f"{difference.p_adjusted:.3f}", verdict


if __name__ == "__main__":
    main()
