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
    data: Annotated[str, typer.Option(help="Data set: digits, breast_cancer, iris or wine.")] = "digits",
    estimator: Annotated[str, typer.Option(help="Task model: logistic, bagged_logistic or forest.")] = "logistic",
    strategy: Annotated[list[str], typer.Option(help="Query strategy; may be repeated. Random is added.")] = [],  # noqa: B006
    n_initial: Annotated[int, typer.Option(min=1, help="Labels to start with.")] = 20,
    n_instances: Annotated[int, typer.Option(min=1, help="Labels a round.")] = 20,
    n_rounds: Annotated[int, typer.Option(min=1, help="Rounds.")] = 8,
    n_trials: Annotated[int, typer.Option(min=1, help="Repetitions, each with its own test split.")] = 5,
    initial: Annotated[str, typer.Option(help="Initial labels: random, k_center or stratified.")] = "random",
    seed: Annotated[int, typer.Option(min=0, help="Everything random is drawn from it.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder for curves.png and comparison.json.")] = Path("runs/compare"),
) -> None:
    """Compare query strategies with random sampling: table, verdicts and picture."""
    from skal.datasets import load_dataset
    from skal.study import compare as run
    from skal.study import make_estimator, plot_curves

    start = time.perf_counter()
    try:
        dataset = load_dataset(data)
        model = make_estimator(estimator)
        columns = (TextColumn("{task.description:<38}"), BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("starting", total=None)
            total = n_trials * (n_rounds + 1) * len({"random_sampling", *strategy})

            def step(name: str, trial: int, round_: int) -> None:
                bar.update(task, description=f"trial {trial + 1}: {name}", total=total, advance=1)

            found = run(
                dataset.X,
                dataset.y,
                model,
                strategy,
                n_initial=n_initial,
                n_instances=n_instances,
                n_rounds=n_rounds,
                n_trials=n_trials,
                initial=initial,  # type: ignore[arg-type]
                seed=seed,
                progress=step,
            )
        out.mkdir(parents=True, exist_ok=True)
    except (ValueError, TypeError, OSError) as error:
        raise _failed(error) from error
    found.save(out / "comparison.json")
    plot_curves(found, out / "curves.png", f"{data}, {estimator}: {n_trials} trials, {n_instances} labels a round")
    _print_tables(found)
    console.print(
        f"\n{time.perf_counter() - start:.0f} s. Picture: {out / 'curves.png'}, data: {out / 'comparison.json'}"
    )


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
    verdicts.add_row("strategy", "area", "difference [95 %]", "against random", style="bold")
    for line in lines:
        verdicts.add_row(line.name, f"{100 * line.area:.2f}", *_against_random(line.difference))
    console.print(f"\nMean {found.protocol['scoring']} (%) by number of labels\n", highlight=False)
    console.print(curves, highlight=False)
    console.print("\nArea under the curve (its mean height, %), difference from random by trial\n", highlight=False)
    console.print(verdicts, highlight=False)
    console.print(
        "\nEach interval stands alone: of 20 strategies without any effect, one is told apart by chance.",
        highlight=False,
    )


def _against_random(difference: Any) -> tuple[str, str]:
    if difference is None:
        return "", "the baseline"
    interval = f"{100 * difference.mean:+.2f} [{100 * difference.low:+.2f}, {100 * difference.high:+.2f}]"
    return interval, difference.verdict.replace(" than random", "").replace(" from random", "")


if __name__ == "__main__":
    main()
