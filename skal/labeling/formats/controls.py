"""Controls of Label Studio: what was chosen, typed or drawn there as an answer of a project, and the other way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from skal.labeling._errors import ProjectError
from skal.labeling.kinds import AnswerKind
from skal.labeling.project import Project

# Types of results, by the kind of answers that can be read from them.
READABLE = {
    "class": ("choices", "textarea"),
    "labels": ("choices", "textarea"),
    "number": ("number", "rating", "textarea"),
}


def check_readable(project: Project) -> None:
    """Refuse projects whose answers Label Studio does not know.

    Raises
    ------
    ProjectError
        With the kinds of answers that it knows.
    """
    if project.kind.name not in (*READABLE, "mask"):
        raise ProjectError(
            f"Label Studio and skal exchange classes, sets of labels, numbers and masks, not {project.kind.holds}."
        )


class Unreadable(ValueError):
    """A result that is no answer of the project; the message says why."""


def chosen_control(results: Sequence[Mapping[str, Any]], types: Sequence[str], name: str | None, target: str) -> str:
    """Return which control of a labelling page answers the question of a project.

    Parameters
    ----------
    results : sequence of dict
        Of one annotation.
    types : sequence of str
        That can be read.
    name : str or None
        The control, if it is said.
    target : str
        Of the project: the control of this name is taken if there are several.

    Raises
    ------
    Unreadable
        If it cannot be told.
    """
    names = list(dict.fromkeys(str(one.get("from_name")) for one in results if type_of(one) in types))
    if name is not None:
        if name not in {str(one.get("from_name")) for one in results}:
            raise Unreadable(f"there is no answer of the control {name!r}; there is {_listed(results)}.")
        if name not in names:
            raise Unreadable(f"the control {name!r} gives {_listed(results)}, and this needs {_either(types)}.")
        return name
    if len(names) == 1 or target in names:
        return target if target in names else names[0]
    if not names:
        raise Unreadable(f"there is {_listed(results)}, and this needs {_either(types)}.")
    raise Unreadable(f"several controls could be meant: {', '.join(names)}. Say which: --control {names[0]}.")


def answer_of(results: Sequence[Mapping[str, Any]], answer: str, target: str, control: str | None = None) -> Any:
    """Read an answer.

    Parameters
    ----------
    results : sequence of dict
        Of one annotation, not empty.
    answer : {"class", "labels", "number"}
        Kind of the answers of the project.
    target : str
        Of the project.
    control : str, default=None
        Name of the control.

    Returns
    -------
    str, list of str or number
        As `Project.tell` takes it.

    Raises
    ------
    Unreadable
        If there is no such answer.
    """
    types = READABLE[answer]
    name = chosen_control(results, types, control, target)
    values: list[Any] = []
    for one in results:
        if str(one.get("from_name")) == name and type_of(one) in types:
            values += _values(one)
    if answer == "labels":
        return values
    distinct = list(dict.fromkeys(values))
    if len(distinct) != 1:
        some = ", ".join(map(str, distinct[:5])) or "nothing"
        raise Unreadable(f"one {answer} is asked for, and the control {name!r} gives {some}.")
    return distinct[0]


def type_of(result: Mapping[str, Any]) -> str:
    """Return the type of a result, in small letters."""
    return str(result.get("type", "")).lower()


def _values(result: Mapping[str, Any]) -> list[Any]:
    kind = type_of(result)
    value = result.get("value")
    found = value.get({"textarea": "text"}.get(kind, kind)) if isinstance(value, Mapping) else None
    if kind in ("number", "rating"):
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            raise Unreadable(f"the {kind} must be a number, got {found!r}.")
        return [found]
    texts = [found] if isinstance(found, str) else found
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise Unreadable(f"the {kind} must be texts, got {found!r}.")
    return texts


def results_of(label: str, kind: AnswerKind, name: str, to_name: str, number: int) -> list[dict[str, Any]]:
    """Return a label as Label Studio writes it: one result, or none where no label applies.

    Parameters
    ----------
    label : str
        As the journal keeps it.
    kind : AnswerKind
        Of the project: one of classes, sets of labels or numbers.
    name, to_name : str
        Of the control, and of what it is about.
    number : int
        Makes the name of the result.
    """
    type_, value = ("number", _number(label)) if kind.name == "number" else ("choices", kind.parts(label))
    about = {"from_name": name, "to_name": to_name, "type": type_}
    return [] if value == [] else [{"id": f"skal-{number}", **about, "value": {type_: value}}]


def page_of(answer: str, name: str, shown: str, to_name: str, value: str, classes: Sequence[str], limits: Any) -> str:
    """Return the labelling configuration (XML) that Label Studio needs for the tasks.

    Parameters
    ----------
    answer : {"class", "labels", "number", "mask"}
        Kind of the answers.
    name, to_name : str
        Of the control, and of what it is about.
    shown : {"Text", "Image"}
        What that is.
    value : str
        Entry of the data of a task that is shown.
    classes : sequence of str
        To choose from.
    limits : (float, float) or None
        Of numbers.
    """
    about = f"name={quoteattr(name)} toName={quoteattr(to_name)}"
    lines = [f"  <{shown} name={quoteattr(to_name)} value={quoteattr('$' + value)}/>"]
    if answer == "number":
        between = "" if not limits else f' min="{limits[0]:g}" max="{limits[1]:g}"'
        lines.append(f"  <Number {about}{between}/>")
    elif answer == "mask":
        lines.append(f"  <BrushLabels {about}>")
        lines += [f"    <Label value={quoteattr(one)}/>" for one in classes]
        lines.append("  </BrushLabels>")
    else:
        lines.append(f'  <Choices {about} choice="{"multiple" if answer == "labels" else "single"}">')
        lines += [f"    <Choice value={quoteattr(one)}/>" for one in classes]
        lines.append("  </Choices>")
    return "\n".join(["<View>", *lines, "</View>", ""])


def _number(text: str) -> float | int:
    number = float(text)
    return int(number) if number.is_integer() else number


def _listed(results: Sequence[Mapping[str, Any]]) -> str:
    found = dict.fromkeys(f"{type_of(one) or 'something'} ({one.get('from_name')})" for one in results)
    return ", ".join(list(found)[:5]) or "no answer"


def _either(types: Sequence[str]) -> str:
    return " or ".join([", ".join(types[:-1]), types[-1]]) if len(types) > 1 else types[0]
