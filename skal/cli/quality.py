"""Commands for the quality of labels: how far people agree, and which labels look wrong."""

from __future__ import annotations

from typing import Annotated

import typer

from skal.cli._app import LABEL, app, console, failed
from skal.cli._options import Data, Where


@app.command("check", rich_help_panel=LABEL)
def check(
    data: Data,
    n: Annotated[
        int | None, typer.Option("-n", min=0, help="Rows to ask again, the worst first; by default a batch at most.")
    ] = None,
    annotator: Annotated[str, typer.Option(help="Who will answer them; by default anybody.")] = "",
    project: Where = None,
) -> None:
    """Find labels that look wrong, and ask these rows again before all others, without the label in sight."""
    from skal.labeling import ask_again, counted, opened_or_made, suspicious_labels

    try:
        with opened_or_made(data, project, None) as opened:
            found = suspicious_labels(opened)
            n_asked = min(len(found), opened.settings.batch if n is None else n)
            asked = ask_again(opened, found.ids[:n_asked], annotator) if n_asked else []
            notes = opened.notes
    except (ValueError, TypeError, OSError, ImportError, RuntimeError) as error:
        raise failed(error) from error
    for line in [*notes, str(found)]:
        console.print(line, highlight=False, soft_wrap=True, markup=False)
    if asked:
        rows = counted(len(asked), "row")
        named = f" --annotator {annotator}" if annotator else ""
        console.print(
            f"To be asked again: {rows}. skal next {data}{named} hands them out.", highlight=False, soft_wrap=True
        )


@app.command("agreement", rich_help_panel=LABEL)
def agreement(data: Data, project: Where = None) -> None:
    """Show how far people agree, overall and by class, and how good each of them is."""
    from skal.labeling import ProjectError, consensus_of, opened_or_made

    try:
        with opened_or_made(data, project, None) as opened:
            found = opened.agreement()
            lines = list(opened.notes)
            nobody = "No row has answers of several people"
            lines.append(f"{nobody}." if found is None else f"Agreement: {found}.")
            if found is not None and found.by_class:
                parts = [
                    f"{name} {'not known' if one is None else format(one, '.2f')}"
                    for name, one in found.by_class.items()
                ]
                lines.append(f"By class: {', '.join(parts)}.")
            try:
                lines.append(str(consensus_of(opened)))
            except (ProjectError, ImportError) as error:
                if found is None:
                    lines[-1] = f"{nobody}. Ask for some: skal next {data} --overlap 10 --annotator NAME."
                else:
                    lines.append(f"The quality of annotators is not known. {error}")
    except (ValueError, TypeError, OSError, ImportError, RuntimeError) as error:
        raise failed(error) from error
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True, markup=False)
