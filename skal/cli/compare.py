"""Commands that rehearse: compare strategies on rows whose labels are known, and report."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from skal.cli._app import COMPARE, app, console, failed
from skal.cli._tables import print_found


@app.command(rich_help_panel=COMPARE)
def compare(
    config: Annotated[Path | None, typer.Option(help="TOML file of these choices; options come before it.")] = None,
    data: Annotated[str | None, typer.Option(help="Name of a data set, or a path.")] = None,
    target: Annotated[str | None, typer.Option(help="Column to predict, where the data are a table.")] = None,
    estimator: Annotated[
        str | None,
        typer.Option(
            help="Task model: logistic, linear_svm, forest, ..., NAME:parameter=value,...; or your own, "
            "package.module:function or file.py:name, whose code is run."
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="Use of a column, NAME=KIND: number, category, text, date, boolean, or drop to leave it out. "
            "May be repeated. All others are decided on and printed."
        ),
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
    from skal.features import uses_as_text
    from skal.report import write_recipe_report, write_report
    from skal.study import RecipeComparison, StudyError
    from skal.study.request import Request

    start = time.perf_counter()
    given = {
        "data": data,
        "target": target,
        "estimator": estimator,
        "columns": column,
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
        for note in request.dataset.notes:
            console.print(note, highlight=False, markup=False, soft_wrap=True)
        if request.uses:
            console.print(uses_as_text(request.uses), highlight=False, markup=False, soft_wrap=True)
        columns = (TextColumn("{task.description:<38}"), BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("starting", total=request.n_rounds_in_all)

            def step(name: str, trial: int, round_: int) -> None:
                bar.update(task, description=f"trial {trial + 1}: {name}", advance=1)

            found = request.run(out=out, n_jobs=n_jobs, progress=step)
        found.save(out / "comparison.json")
        page = write_recipe_report(found, out) if isinstance(found, RecipeComparison) else write_report(found, out)
    except (ValueError, TypeError, OSError, ImportError, StudyError) as error:
        raise failed(error) from error
    print_found(found)
    console.print(f"\n{time.perf_counter() - start:.0f} s. Report: {page}, picture: {out / 'curves.png'}")


@app.command(rich_help_panel=COMPARE)
def report(
    folders: Annotated[list[Path], typer.Argument(help="Folders of studies.")],
    out: Annotated[
        Path | None, typer.Option(help="Where the report goes; the folder itself for one, else runs/report.")
    ] = None,
) -> None:
    """Write the report of studies that were run: one page, and pictures of curves and of ranks over studies."""
    from skal.report import write_recipe_report, write_report
    from skal.study import StudyError, holds_recipes, load_comparison, load_recipe_comparison

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
        raise failed(error) from error
    for folder, comparison in found.items():
        console.print(f"\n[bold]{folder}[/]", highlight=False)
        print_found(comparison)
    console.print(f"\nReport: {page}")


@app.command(rich_help_panel=COMPARE)
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
        raise failed(error) from error


@app.command(rich_help_panel=COMPARE)
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


@app.command(rich_help_panel=COMPARE)
def strategies() -> None:
    """List the query strategies, what each reads, and what it does."""
    from skal.query import strategies as known

    for name, function in known().items():
        console.print(f"[bold]{name}[/] reads {', '.join(function.info.reads) or 'nothing'}", highlight=False)
        console.print(Padding(function.info.summary, (0, 0, 0, 4)), highlight=False)
