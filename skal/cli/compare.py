"""Commands that rehearse: compare strategies on rows whose labels are known, and report."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from rich.padding import Padding

from skal.cli._app import COMPARE, MADE_LATER, app, console, failed, read_folder, show_warning
from skal.cli._tables import print_found

if TYPE_CHECKING:
    from skal.study.settings import Setting


def compare(
    config: Annotated[
        Path | None, typer.Option(help="TOML file with these settings; options on the command line come before it.")
    ] = None,
    setup: Annotated[
        str | None, typer.Option(help="Published setup, see skal setups; options on the command line come before it.")
    ] = None,
    scale: Annotated[str, typer.Option(help="Scale of the published setup: full, or small, for CPUs.")] = "full",
    n_jobs: Annotated[int, typer.Option(help="Worker processes.")] = 1,
    out: Annotated[
        Path,
        typer.Option(parser=read_folder, metavar="PATH", help="Folder of the study; an existing study is resumed."),
    ] = Path("runs/compare"),
    stop: Annotated[
        list[str] | None,
        typer.Option(
            metavar="<name>",
            help="Where would it have stopped, at what loss? Criterion: kappa, gain:gain=0.01, ... May be repeated.",
        ),
    ] = None,
    arm: Annotated[list[str] | None, typer.Option(hidden=True)] = None,
    protocol: Annotated[str | None, typer.Option(hidden=True)] = None,
    **texts: Any,
) -> None:
    """Compare query strategies with random sampling: table, verdicts and picture."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from skal.features import uses_as_text
    from skal.report import write_recipe_report, write_report
    from skal.study import RecipeComparison, StudyError
    from skal.study.request import Request
    from skal.study.settings import settings_of_texts
    from skal.study.stopped import read_stops

    start = time.perf_counter()
    if arm:
        show_warning("--arm is now called --recipe; the old name will be removed.")
        texts["recipes"] = [*(texts.get("recipes") or []), *arm]
    if protocol:
        show_warning("--protocol is now called --setup; the old name will be removed.")
        setup = setup or protocol
    try:
        read_stops(stop)  # wrong names before the data are read
        request = Request.of(config, settings_of_texts(texts), setup, cast(Any, scale))
        for note in request.dataset.notes:
            console.print(note, highlight=False, markup=False, soft_wrap=True)
        if request.uses:
            console.print(uses_as_text(request.uses), highlight=False, markup=False, soft_wrap=True)
        columns = (TextColumn("{task.description:<38}"), BarColumn(20), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("starting", total=request.n_rounds_in_all)

            def step(name: str, trial: int, round_: int) -> None:
                bar.update(task, description=f"trial {trial + 1}: {name}", advance=1)

            found = request.run(out=out, n_jobs=n_jobs, progress=step, stop=stop)
        found.save(out / "comparison.json")
        page = write_recipe_report(found, out) if isinstance(found, RecipeComparison) else write_report(found, out)
    except (ValueError, TypeError, OSError, ImportError, StudyError) as error:
        raise failed(error) from error
    print_found(found)
    one = found.supervised if isinstance(found, RecipeComparison) else found
    for said in filter(None, [one.kept, one.stored]):
        console.print(f"\n{said}", highlight=False, markup=False, soft_wrap=True)
    console.print(
        f"\n{time.perf_counter() - start:.0f} s. Report: {page}, picture: {out / 'curves.png'}", soft_wrap=True
    )


def _own_options() -> list[inspect.Parameter]:
    """Options of `compare` that are no settings of a comparison."""
    return [
        one
        for one in inspect.signature(compare, eval_str=True).parameters.values()
        if one.kind is not one.VAR_KEYWORD
    ]


def _as_command(parameters: list[inspect.Parameter]) -> Callable[..., None]:
    """The function of `compare` with these options."""

    def command(**given: Any) -> None:
        compare(**given)

    command.__doc__ = compare.__doc__
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {}
    return command


@functools.cache
def _with_settings() -> Any:
    """The command `compare` with an option for each setting: all are texts here, read and checked by the settings."""
    from skal.study.settings import SETTINGS

    own = {one.name: one for one in _own_options()}
    first = [own.pop("config"), own.pop("setup"), own.pop("scale")]
    settings = [_option_of(setting) for setting in SETTINGS.values() if setting.flag]
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command("compare")(_as_command([*first, *settings, *own.values()]))
    return typer.main.get_command(single)


def _option_of(setting: Setting) -> inspect.Parameter:
    kind: Any = bool if isinstance(setting.default, bool) else list[str] if setting.repeated else str
    flag = f"{setting.flag}/--no-{setting.flag[2:]}" if kind is bool else setting.flag
    default = "" if setting.default in (None, [], {}) else f"  [default: {str(setting.default).lower()}]"
    more = " May be repeated." if setting.repeated else ""
    option = typer.Option(flag, metavar=setting.allowed.metavar or None, help=f"{setting.help}{more}{default}")
    annotation = Annotated[kind | None, option]
    return inspect.Parameter(
        setting.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=annotation
    )


app.command("compare", rich_help_panel=COMPARE)(_as_command(_own_options()))  # for the list of commands
MADE_LATER["compare"] = _with_settings


@app.command(rich_help_panel=COMPARE)
def merge(
    folders: Annotated[list[Path], typer.Argument(help="Folders of studies with the same settings.")],
    out: Annotated[
        Path, typer.Option(parser=read_folder, metavar="PATH", help="Folder of the study that has the trials of all.")
    ],
) -> None:
    """Join studies that ran parts of the same comparison, such as other trials or other strategies."""
    from skal.study import StudyError, merge_studies

    try:
        console.print(str(merge_studies(folders, out)), highlight=False, markup=False, soft_wrap=True)
    except (ValueError, TypeError, OSError, StudyError) as error:
        raise failed(error) from error


@app.command(rich_help_panel=COMPARE)
def report(
    folders: Annotated[list[Path], typer.Argument(help="Folders of studies.")],
    out: Annotated[
        Path | None,
        typer.Option(
            parser=read_folder,
            metavar="PATH",
            help="Where the report goes; the folder itself for one, else runs/report.",
        ),
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
        console.print(f"\n[bold]{folder}[/]", highlight=False, soft_wrap=True)
        print_found(comparison)
    console.print(f"\nReport: {page}", soft_wrap=True)


@app.command(rich_help_panel=COMPARE)
def protocol(
    study: Annotated[str, typer.Argument(help="Folder of a study.")],
    scale: Annotated[str, typer.Option(hidden=True)] = "full",
) -> None:
    """Print the protocol of a study, all its settings, as TOML for compare --config."""
    from skal.study import SETUPS, StudyError, study_as_toml

    try:
        published = study in SETUPS and not Path(study).exists()  # as before there was skal setup
        print(SETUPS[study].to_toml(cast(Any, scale)) if published else study_as_toml(study), end="")
    except (ValueError, StudyError) as error:
        raise failed(error) from error


@app.command(rich_help_panel=COMPARE)
def setup(
    name: Annotated[str, typer.Argument(help="Name of a published setup.")],
    scale: Annotated[str, typer.Option(help="full, or small, for CPUs.")] = "full",
) -> None:
    """Print the settings of a published setup as TOML for compare --config."""
    from skal.study.published import find_setup

    try:
        print(find_setup(name).to_toml(cast(Any, scale)), end="")
    except ValueError as error:
        raise failed(error) from error


@app.command("protocols", hidden=True)
@app.command(rich_help_panel=COMPARE)
def setups() -> None:
    """List the published setups, what each needs, and what of it is not verified."""
    from skal.study import SETUPS

    for known in SETUPS.values():
        console.print(f"[bold]{known.name}[/] {known.summary}", highlight=False)
        full, small = known.choices("full"), known.choices("small")
        lines = [f"Source: {known.source}.", f"Data: {known.needs}."]
        for scale, one in (("full", full), ("small, for CPUs", small)):
            more = f"; recipes {', '.join(one['recipes'])}" if one.get("recipes") else ""
            last = one["n_initial"] + one["n_rounds"] * one["n_instances"]
            lines.append(
                f"{scale}: {one['data']}, {one['estimator']}, {one['n_initial']} labels ({one['initial']}) to "
                f"{last}, {one['n_instances']} per round, {one['n_trials']} trials; "
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
