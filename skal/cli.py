"""The command line: a thin layer over the Python interface."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

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
    estimator: Annotated[str | None, typer.Option(help="Task model: logistic, forest, mlp, cnn, ...")] = None,
    strategy: Annotated[
        list[str] | None, typer.Option(help="NAME or NAME:option=value,...; may be repeated. Random is added.")
    ] = None,
    metric: Annotated[
        list[str] | None, typer.Option(help="scikit-learn's scorers, or ece; may be repeated. The first decides.")
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
    test_size: Annotated[float | None, typer.Option(help="Share of the rows that are tested on.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Everything random is drawn from it.")] = None,
    n_jobs: Annotated[int, typer.Option(help="Worker processes.")] = 1,
    out: Annotated[Path, typer.Option(help="Folder of the study; started again, it goes on.")] = Path("runs/compare"),
) -> None:
    """Compare query strategies with random sampling: table, verdicts and picture."""
    from skal.study import StudyError
    from skal.study.report import write_report
    from skal.study.request import Request

    start = time.perf_counter()
    given = {
        "data": data,
        "target": target,
        "estimator": estimator,
        "strategies": strategy,
        "metrics": metric,
        "n_initial": n_initial,
        "n_instances": n_instances,
        "n_rounds": n_rounds,
        "n_trials": n_trials,
        "initial": initial,
        "initial_left_out": initial_left_out,
        "oracle": oracle,
        "test_size": test_size,
        "seed": seed,
    }
    try:
        request = Request.of(config, {name: value for name, value in given.items() if value not in (None, [])})
        columns = (TextColumn("{task.description:<38}"), BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("starting", total=request.n_rounds_in_all)

            def step(name: str, trial: int, round_: int) -> None:
                bar.update(task, description=f"trial {trial + 1}: {name}", advance=1)

            found = request.run(out=out, n_jobs=n_jobs, progress=step)
        found.save(out / "comparison.json")
        page = write_report(found, out)
    except (ValueError, TypeError, OSError, ImportError, StudyError) as error:
        raise _failed(error) from error
    _print_tables(found)
    console.print(f"\n{time.perf_counter() - start:.0f} s. Report: {page}, picture: {out / 'curves.png'}")


@app.command()
def report(
    folders: Annotated[list[Path], typer.Argument(help="Folders of studies.")],
    out: Annotated[
        Path | None, typer.Option(help="Where the report goes; the folder itself for one, else runs/report.")
    ] = None,
) -> None:
    """Write the report of studies that were run: one page, and pictures of the curves."""
    from skal.study import StudyError, load_comparison
    from skal.study.report import write_report

    try:
        found = {str(folder): load_comparison(folder) for folder in folders}
        single = len(found) == 1
        page = write_report(
            next(iter(found.values())) if single else found, out or (folders[0] if single else Path("runs/report"))
        )
    except (ValueError, OSError, StudyError) as error:
        raise _failed(error) from error
    for folder, comparison in found.items():
        console.print(f"\n[bold]{folder}[/]", highlight=False)
        _print_tables(comparison)
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
def protocol(folder: Annotated[Path, typer.Argument(help="Folder of a study.")]) -> None:
    """Print the protocol of a study as TOML, for compare --config."""
    import tomli_w

    from skal.study import Store, StudyError

    try:
        print(tomli_w.dumps(Store(folder).meta("protocol")), end="")
    except StudyError as error:
        raise _failed(error) from error


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


def _print_tables(found: Any) -> None:
    """Two narrow tables: they fit into 80 columns."""
    lines = found.summaries()
    curves = Table.grid(padding=(0, 1))
    curves.add_row("labels", *(str(count) for count in found.n_labels), style="bold")
    for line in lines:
        curves.add_row(line.name, *(f"{100 * value:.1f}" for value in line.mean))
    verdicts = Table.grid(padding=(0, 2, 0, 0))
    verdicts.add_row("strategy", "area", "difference [95 %]", "p, Holm", "against random", style="bold")
    for line in lines:
        verdicts.add_row(line.name, f"{100 * line.area:.2f}", *_against_random(line.difference))
    for said in found.conditions:
        console.print(f"\n{said}", highlight=False, markup=False)
    console.print(f"\nMean {found.metric} (%) by number of labels\n", highlight=False)
    console.print(curves, highlight=False)
    console.print("\nArea under the curve (its mean height, %), difference from random by trial\n", highlight=False)
    console.print(verdicts, highlight=False)
    console.print(
        "\nVerdicts hold for all strategies together (t test, Holm); each interval stands alone.", highlight=False
    )


def _against_random(difference: Any) -> tuple[str, str, str]:
    if difference is None:
        return "", "", "the baseline"
    interval = f"{100 * difference.mean:+.2f} [{100 * difference.low:+.2f}, {100 * difference.high:+.2f}]"
    verdict = difference.verdict.replace(" than random", "").replace(" from random", "")
    return interval, f"{difference.p_adjusted:.3f}", verdict


if __name__ == "__main__":
    main()
