"""``skal label``: the page on which people label."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

from skal.cli._app import LABEL, app, failed
from skal.cli._options import (
    Answer,
    Audit,
    AuditSize,
    AuditStrata,
    Classes,
    Column,
    Data,
    Encoding,
    Estimator,
    Find,
    Id,
    NewClasses,
    RandomShare,
    Range,
    Seed,
    Separator,
    Strategy,
    Target,
    Trial,
    TrialBudget,
    Unlabeled,
    Where,
    settings_given,
)

_EXTRA = 'The labelling page needs starlette and uvicorn: pip install "skal[label]".'


@app.command("label", rich_help_panel=LABEL)
def label(
    data: Data,
    target: Target = None,
    id: Id = None,
    classes: Classes = None,
    new_classes: NewClasses = None,
    answer: Answer = None,
    range: Range = None,
    column: Column = None,
    estimator: Estimator = None,
    strategy: Strategy = None,
    random_share: RandomShare = None,
    audit: Audit = None,
    audit_size: AuditSize = None,
    audit_strata: AuditStrata = None,
    find: Find = None,
    trial: Trial = None,
    trial_budget: TrialBudget = None,
    seed: Seed = None,
    encoding: Encoding = None,
    separator: Separator = None,
    unlabeled: Unlabeled = None,
    project: Where = None,
    show: Annotated[list[str] | None, typer.Option(help="Column to show; may be repeated. Default: all.")] = None,
    show_guess: Annotated[
        bool, typer.Option("--show-guess", help="Show what the model takes a row for. It biases people.")
    ] = False,
    name: Annotated[str | None, typer.Option("--as", help="Who answers, at this machine.")] = None,
    annotator: Annotated[
        list[str] | None, typer.Option(help="Someone who gets a link of his own; may be repeated.")
    ] = None,
    new_link: Annotated[
        list[str] | None, typer.Option(help="Someone who gets another link; the first ends. May be repeated.")
    ] = None,
    overlap: Annotated[float, typer.Option(help="Share of the rows, drawn at random, that several answer.")] = 0.0,
    people_per_row: Annotated[int, typer.Option(help="How many these are.")] = 2,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Questions a round; by default that of the project.")
    ] = None,
    ahead: Annotated[
        int | None,
        typer.Option(min=0, help="Questions left when the next are chosen; by default a fifth of a round."),
    ] = None,
    reserve: Annotated[
        int | None,
        typer.Option(min=0, help="Random rows for the time of a training; by default two fifths of a round."),
    ] = None,
    wait_for_model: Annotated[
        bool, typer.Option("--wait-for-model", help="Ask nothing while a model is trained.")
    ] = False,
    lease: Annotated[
        float, typer.Option(help="Seconds without a word of a person after which others get his questions.")
    ] = 600.0,
    training_limit: Annotated[
        float, typer.Option(help="Seconds after which a training is ended; labelling goes on.")
    ] = 3600.0,
    host: Annotated[str, typer.Option(help="Address to listen at; other than this machine with --annotator.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: any that is free.")] = 8737,
    public_name: Annotated[
        list[str] | None,
        typer.Option(help="Further name of the page, such as https://label.example.org of a proxy; may be repeated."),
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
    language: Annotated[str | None, typer.Option(help="en or de; by default that of the browser.")] = None,
    log: Annotated[bool, typer.Option("--log", help="Write a line for each request, without its content.")] = False,
    log_content: Annotated[
        bool, typer.Option("--log-content", help="Log rows and labels too, to look for a fault.")
    ] = False,
) -> None:
    """Label on a page in the browser, while a model learns beside it. The first call creates the project."""
    if find_spec("starlette") is None or find_spec("uvicorn") is None:  # they are loaded later, beside the trainer
        raise failed(ImportError(_EXTRA))
    from skal.label_page import DeskOptions, PageOptions, Patience, serve
    from skal.labeling import ProjectError

    try:
        if language not in (None, "en", "de"):
            raise ProjectError(f"--language is en or de, got {language!r}.")
        said = {
            **{"target": target, "id": id, "classes": classes, "new_classes": new_classes, "columns": column},
            **{"estimator": estimator, "strategy": strategy, "random_share": random_share, "seed": seed},
            **{"audit": audit, "audit_size": audit_size, "audit_strata": audit_strata, "find": find},
            **{"trial": trial, "trial_budget": trial_budget},
            **{"encoding": encoding, "separator": separator, "unlabeled": unlabeled},
            **{"answer": answer, "range": range},
        }
        given = settings_given(said)
        options = PageOptions(
            data=data,
            folder=project,
            given=given,
            show=tuple(show or ()),
            desk=DeskOptions(
                ahead=ahead,
                reserve=reserve,
                wait_for_model=wait_for_model,
                lease=lease,
                overlap=overlap,
                people_per_row=people_per_row,
                show_guess=show_guess,
            ),
            patience=Patience(work=training_limit),
            name=name,
            annotators=tuple(annotator or ()),
            new_links=tuple(new_link or ()),
            host=host,
            port=port,
            names=tuple(public_name or ()),
            batch=batch,
            language=language,
            browser=not no_browser,
            log=log,
            log_content=log_content,
        )
        serve(options, _say)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (ValueError, TypeError, OSError, ImportError, RuntimeError) as error:
        raise failed(error) from error


def _say(line: str) -> None:
    typer.echo(line)
