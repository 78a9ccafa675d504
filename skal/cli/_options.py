"""Options that several commands have: what a project is made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

Data = Annotated[Path, typer.Argument(help="The table or folder that is labelled, or the folder of its project.")]
Where = Annotated[Path | None, typer.Option(help="Folder of the project; by default beside the data: NAME.skal.")]
Target = Annotated[str | None, typer.Option(help="Column of the labels.")]
Id = Annotated[str | None, typer.Option(help="Column that identifies a row.")]
Classes = Annotated[list[str] | None, typer.Option(help="The classes, separated by commas; may be repeated.")]
NewClasses = Annotated[bool | None, typer.Option(help="Accept classes that are not known yet.")]
Answer = Annotated[
    str | None,
    typer.Option(help="What is answered: class (by default), labels (several a row), number, mask or region."),
]
Range = Annotated[str | None, typer.Option(help="Least and largest number that is taken, such as 0,10.")]
Column = Annotated[list[str] | None, typer.Option(help="What a column is used as, NAME=KIND; may be repeated.")]
Estimator = Annotated[str | None, typer.Option(help="Model; by default chosen by the columns.")]
Strategy = Annotated[str | None, typer.Option(help="Query strategy; by default uncertainty_herding.")]
RandomShare = Annotated[float | None, typer.Option(help="Share of random rows, 0.1 by default.")]
Audit = Annotated[
    float | None,
    typer.Option(help="Share of audit rows, such as 0.15: they measure the model, which does not learn from them."),
]
AuditSize = Annotated[int | None, typer.Option(min=1, help="How many audit rows are asked in all, if that is fixed.")]
Trial = Annotated[
    bool | None,
    typer.Option(
        "--trial/--no-trial",
        help="Try the strategy: its rounds and random ones take turns until it is decided which is better. Needs "
        "--audit.",
    ),
]
TrialBudget = Annotated[
    int | None, typer.Option(min=1, help="Questions after which a trial ends without a verdict; by default never.")
]
AuditStrata = Annotated[
    str | None,
    typer.Option(metavar="<column>", help="Column by whose cells the audit rows are drawn, each in proportion."),
]
Find = Annotated[
    list[str] | None,
    typer.Option(help="Search for the rows of this class, such as fraud; may be repeated.", metavar="<class>"),
]
Seed = Annotated[int | None, typer.Option(min=0, help="Random seed.")]
Encoding = Annotated[str | None, typer.Option(help="Of a CSV, such as latin-1.")]
Separator = Annotated[str | None, typer.Option(help="Of a CSV.")]
Unlabeled = Annotated[str | None, typer.Option(help="Folder of the files without a label.")]


def settings_given(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a project that were said, as `skal.labeling.Project.create` takes them."""
    found = {**said, "classes": _listed(said["classes"]), "columns": _columns(said["columns"])}
    found["range"] = _ends(said["range"])
    return {name: value for name, value in found.items() if value not in (None, [], {})}


def _columns(texts: list[str] | None) -> dict[str, str]:
    found = {}
    for text in texts or []:
        name, equals, kind = text.rpartition("=")
        if not equals:
            raise typer.BadParameter(f"--column is written NAME=KIND, got {text!r}.")
        found[name] = kind
    return found


def _listed(texts: list[str] | None) -> list[str]:
    return [name.strip() for text in texts or [] for name in text.split(",") if name.strip()]


def _ends(text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        low, high = (float(end) for end in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"--range is written LEAST,LARGEST, such as 0,10, got {text!r}.") from None
    return [low, high]
