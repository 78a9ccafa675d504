"""Commands for a person who labels: the next rows out, answers in, how far, and the result."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from skal.cli._app import LABEL, app, console, failed
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


@app.command("next", rich_help_panel=LABEL)
def next_rows(
    data: Data,
    n: Annotated[int | None, typer.Option("-n", min=1, help="Number of rows to choose; 50 by default.")] = None,
    out: Annotated[Path | None, typer.Option(help="Sheet to write (CSV), or folder of files to sort.")] = None,
    annotator: Annotated[str, typer.Option(help="Who will answer.")] = "",
    overlap: Annotated[int, typer.Option(min=0, help="Rows among them that somebody else has labelled.")] = 0,
    again: Annotated[
        bool, typer.Option("--again", help="Hand out the open questions again instead of new ones.")
    ] = False,
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
) -> None:
    """Choose the rows to label next and write them to a sheet. The first call creates the project."""
    from skal.labeling import ProjectError, check_not_data, check_on_sheets, counted, write_files, write_sheet

    try:
        said = {
            **{"target": target, "id": id, "classes": classes, "new_classes": new_classes, "columns": column},
            **{"estimator": estimator, "strategy": strategy, "random_share": random_share, "seed": seed},
            **{"audit": audit, "audit_size": audit_size, "audit_strata": audit_strata, "find": find},
            **{"trial": trial, "trial_budget": trial_budget},
            **{"encoding": encoding, "separator": separator, "unlabeled": unlabeled},
            **{"answer": answer, "range": range},
        }
        given = settings_given(said)
        with _project(data, project, given) as opened:
            check_on_sheets(opened)
            is_folder = opened.data_path.is_dir()
            path = out or Path("next" if is_folder else "next.csv")
            if not is_folder and path.suffix.lower() != ".csv":
                raise ProjectError(f"{path}: a sheet is a CSV file; its name ends in .csv.")
            check_not_data(opened, path)
            places = opened.data_rows.places
            waiting = 0 if again else sum(row in places for row in opened.read_answers().open())
            questions = opened.ask(n, annotator, overlap=overlap, again=again, deliver=False)
            _say(opened.notes)
            opened.notes.clear()
            (write_files if is_folder else write_sheet)(opened, questions, path)
            opened.delivered(questions.batch)
    except (ValueError, TypeError, OSError, ImportError, RuntimeError) as error:
        raise failed(error) from error
    _say([*opened.notes, *questions.notes])
    if waiting:
        handed = f"skal next {_again(data, project)} --again"
        _say([f"Earlier questions that are still open: {waiting} ({handed} hands them out again)."])
    hint = f" ({opened.kind.hint})" if opened.kind.hint else ""
    how = f"fill the column {opened.settings.target!r}{' of its sheet.csv' if is_folder else ''}{hint}"
    if is_folder and opened.kind.sorts_files:
        how = "sort them into folders of classes there"
    rows = counted(len(questions), "row")
    ending = f"To label: {rows}, in {path}. To answer, {how}, then: skal take {_again(data, project)} {path}"
    console.print(ending, highlight=False, soft_wrap=True)


def _again(data: Path, project: Path | None) -> str:
    """The data as the next command names them, with the project where it is none of the usual name."""
    return f"{data}" if project is None else f"{data} --project {project}"


@app.command("explain", rich_help_panel=LABEL)
def explain(
    label: Annotated[
        Path | None, typer.Argument(help="The table or folder that is labelled.", show_default=False)
    ] = None,
    n_instances: Annotated[int, typer.Option("-n", "--n-instances", min=1, help="Number of rows to choose.")] = 10,
    annotator: Annotated[str, typer.Option(help="Who will answer.")] = "",
    again: Annotated[
        bool, typer.Option("--again", help="Hand out the open questions again instead of new ones.")
    ] = False,
    data: Annotated[str, typer.Option(help="Rehearsal: name of a data set with known labels, or a path.")] = "digits",
    target: Annotated[str | None, typer.Option(help="Column of the labels.")] = None,
    estimator: Annotated[str, typer.Option(help="Rehearsal: task model.")] = "logistic",
    strategy: Annotated[str, typer.Option(help="Rehearsal: query strategy.")] = "margin_sampling",
    n_initial: Annotated[int, typer.Option(min=1, help="Rehearsal: random labels to train on.")] = 50,
    seed: Annotated[int, typer.Option(min=0, help="Rehearsal: random seed.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder for the sheet and the page.")] = Path("runs/explain"),
    project: Where = None,
) -> None:
    """Like next, but also show why each row was chosen: a sheet to fill in, and a page.

    Without a table or folder, a data set whose labels are known is used instead.
    """
    from skal.labeling import ProjectError, check_on_sheets, write_explained
    from skal.study.request import explain_first_query

    try:
        if label is not None:
            with _project(label, project, {"target": target} if target else {}) as opened:
                check_on_sheets(opened)
                if opened.kind.name == "labels":
                    raise ProjectError(
                        "skal explain shows one class or number a row, and in this project a row has several labels: "
                        f"skal next {_again(label, project)} writes the sheet."
                    )
                _say(opened.notes)
                questions = opened.ask(n_instances, annotator, again=again, deliver=False)
                sheet = write_explained(opened, questions, out)
                back = out if opened.data_path.is_dir() else sheet
                opened.delivered(questions.batch)
            _say(questions.notes)
            filled = f"to fill; then: skal take {_again(label, project)} {back}"
            n_rows, files = len(questions), f"{sheet} ({filled}) and {out}/query.html"
        else:
            found = explain_first_query(data, target, estimator, strategy, n_initial, n_instances, seed)
            out.mkdir(parents=True, exist_ok=True)
            found.to_csv(out / "query.csv")
            found.to_html(out / "query.html")
            n_rows, files = len(found.rows), f"{out / 'query.csv'}, {out / 'query.html'}"
    except (ValueError, TypeError, OSError, ImportError, RuntimeError) as error:
        raise failed(error) from error
    console.print(f"Rows explained: {n_rows}, in {files}", highlight=False, soft_wrap=True)


@app.command("take", rich_help_panel=LABEL)
def take(
    data: Data,
    sheets: Annotated[list[Path], typer.Argument(help="Sheets, folders of sorted files, or JSON of Label Studio.")],
    annotator: Annotated[
        str | None,
        typer.Option(help="Who answered; by default whom the rows were asked of, else the name of the file."),
    ] = None,
    new_class: Annotated[list[str] | None, typer.Option(help="Allow this new class; may be repeated.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of the sheets, such as latin-1; by default UTF-8.")] = None,
    control: Annotated[
        str | None, typer.Option(help="Of Label Studio: the control with the answers, if there are several.")
    ] = None,
    project: Where = None,
) -> None:
    """Read answers back from sheets, or from Label Studio. What cannot be taken is returned with the reason."""
    from skal.labeling import take_files, take_sheet
    from skal.labeling.formats import take_label_studio

    try:
        with _project(data, project, None) as opened:
            _say(opened.notes)
            took_none = True
            for sheet in sheets:
                if sheet.is_dir():
                    taken, refused = take_files(opened, sheet, annotator, new_class or [])
                elif sheet.suffix.lower() == ".json":
                    taken, refused = take_label_studio(opened, sheet, annotator, new_class or [], control)
                else:
                    taken, refused = take_sheet(opened, sheet, annotator, new_class or [], encoding)
                took_none = took_none and bool(taken.refused) and not taken.new + taken.changed + taken.repeated
                console.print(f"{sheet}: {taken}", highlight=False, soft_wrap=True, markup=False)
                for one in taken.refused[:10]:
                    console.print(f"  {one.id}: {one.reason}", highlight=False, soft_wrap=True, markup=False)
                if refused is not None:
                    console.print(
                        f"  Refused answers: {refused}. Correct them there, and take that file.",
                        highlight=False,
                        soft_wrap=True,
                    )
    except (ValueError, TypeError, OSError, ImportError, RuntimeError) as error:
        raise failed(error) from error
    if took_none:
        raise typer.Exit(1)


@app.command("status", rich_help_panel=LABEL)
def status(
    data: Data,
    recall: Annotated[
        list[str] | None, typer.Option(help="Class whose recall is told, from audit rows; may be repeated.")
    ] = None,
    project: Where = None,
    stop: Annotated[
        str | None,
        typer.Option(
            metavar="<name>",
            help="Criterion that says whether to stop, such as value:value_per_point=200,cost_per_label=0.4.",
        ),
    ] = None,
) -> None:
    """Show progress: classes, annotators, open questions, conflicts and accuracy."""
    try:
        with _project(data, project, None) as opened:
            found = opened.status(recall=recall or [], stop=stop)
    except (ValueError, TypeError, OSError, ImportError, RuntimeError) as error:
        raise failed(error) from error
    console.print(str(found), highlight=False, soft_wrap=True, markup=False)


@app.command("release", rich_help_panel=LABEL)
def release(data: Data, project: Where = None) -> None:
    """Give the audit rows to the training, and keep the last estimate that they served for."""
    try:
        with _project(data, project, None) as opened:
            found = opened.release()
    except (ValueError, OSError, ImportError, RuntimeError) as error:
        raise failed(error) from error
    said = "Nothing was known of the accuracy yet." if found is None else str(found)
    console.print(f"{said}\nModels learn from the audit rows now.", highlight=False, soft_wrap=True, markup=False)


@app.command("trial", rich_help_panel=LABEL)
def trial(
    action: Annotated[Literal["status", "end"], typer.Argument(help="What to do: show it, or end it for good.")],
    data: Data,
    project: Where = None,
) -> None:
    """Show or end the trial of the strategy, which `skal next --audit 0.15 --trial` begins."""
    from skal.labeling import ProjectError

    try:
        with _project(data, project, None) as opened:
            found = opened.end_trial() if action == "end" else opened.trial()
            if found is None:
                raise ProjectError(
                    f"No trial was begun in {opened.folder}: skal next {_again(data, project)} --audit 0.15 --trial "
                    "begins one."
                )
    except (ValueError, OSError, ImportError, RuntimeError) as error:
        raise failed(error) from error
    console.print(str(found), highlight=False, soft_wrap=True, markup=False)


@app.command("export", rich_help_panel=LABEL)
def export(
    data: Data,
    out: Annotated[Path | None, typer.Option(help="File to write; by default labeled.csv.")] = None,
    format: Annotated[
        str | None,
        typer.Option(help="csv, parquet, jsonl, label-studio or coco (masks); by default as the file ends."),
    ] = None,
    predict: Annotated[bool, typer.Option(help="Predictions for the rows without a label.")] = True,
    raw: Annotated[bool, typer.Option("--raw", help="Keep cells that look like formulas unchanged.")] = False,
    project: Where = None,
) -> None:
    """Write the table with its labels, who gave them, and predictions for the remaining rows."""
    from skal.labeling import ProjectError, check_export, exported, project_of, salvaged, write_export
    from skal.labeling.formats import export_format, write_coco, write_label_studio

    try:
        out, name = export_format(out, format)
        try:
            with _project(data, project, None) as opened:
                check_export(opened, out)
                if name == "label-studio":
                    paths, notes = write_label_studio(opened, out, predict=predict)
                    _say([*opened.notes, *notes])
                    console.print(f"Tasks for Label Studio: {paths[0]}", highlight=False, soft_wrap=True)
                    return
                if name == "coco":
                    n_images = write_coco(opened, out)
                    _say(opened.notes)
                    console.print(f"Images with a mask: {n_images}, in {out}", highlight=False, soft_wrap=True)
                    return
                frame, notes = exported(opened, predict=predict, typed=out.suffix.lower() != ".csv")
                notes = [*opened.notes, *notes]
        except ProjectError as error:
            if "damaged" not in str(error):
                raise
            console.print(str(error), style="red", highlight=False, soft_wrap=True, markup=False)
            frame, notes = salvaged(project or project_of(data))
        path, more = write_export(frame, out, raw=raw)
    except (ValueError, OSError, ImportError, RuntimeError) as error:
        raise failed(error) from error
    _say([*notes, *more])
    n_labeled = int((frame.filter(regex="^(skal_)?state$").iloc[:, -1] == "labelled").sum())
    console.print(f"Rows with a label: {n_labeled} of {len(frame)}, in {path}", highlight=False, soft_wrap=True)


def _project(data: Path, folder: Path | None, given: dict[str, Any] | None) -> Any:
    """Open the project of the data; with settings make it if it is not there."""
    from skal.labeling import opened_or_made

    return opened_or_made(data, folder, given)


def _say(notes: list[str]) -> None:
    for note in notes:
        console.print(note, highlight=False, markup=False, soft_wrap=True)
