"""What is said of a name or an option that does not exist: the same sentence for every kind of thing."""

from __future__ import annotations

from collections.abc import Iterable

from skal.spec._values import near_names, shown


def no_name(kind: str, name: object, known: Iterable[str], listing: str = "", remedy: str = "") -> str:
    """Say that there is nothing of this name.

    Parameters
    ----------
    kind : str
        Such as "strategy".
    name : object
        What was asked for.
    known : iterable of str
        What there is.
    listing : str, default=""
        How to see all names, instead of the names themselves, where there are many.
    remedy : str, default=""
        A sentence that follows.

    Returns
    -------
    str

    Examples
    --------
    >>> no_name("cost", "click", ["images", "clicks"])
    "There is no cost 'click'; there are images, clicks. Did you mean clicks?"
    """
    known = list(known)
    near = near_names(name, known) if isinstance(name, str) else []
    if listing:
        there, hint = "", f" {listing}"
    else:
        there, hint = f"; there {'is' if len(known) == 1 else 'are'} {', '.join(known)}", ""
    if near:
        hint = f" Did you mean {' or '.join(near)}?"
    return f"There is no {kind} {shown(name)}{there}.{hint}{f' {remedy}' if remedy else ''}"


def no_option(kind: str, name: str, unknown: Iterable[str], known: Iterable[str]) -> str:
    """Say that something has no such option.

    Parameters
    ----------
    kind, name : str
        Such as "cost" and "clicks".
    unknown, known : iterable of str
        Options that were given and do not exist, and those that do.

    Returns
    -------
    str

    Examples
    --------
    >>> no_option("cost", "clicks", ["tolerence"], ["tolerance", "holes"])
    'The cost clicks has no option tolerence; it has tolerance, holes. Did you mean tolerance?'
    """
    unknown, known = list(unknown), list(known)
    near = [found[0] for one in unknown if (found := near_names(one, known, 1))]
    hint = f" Did you mean {' and '.join(near)}?" if near else ""
    return f"The {kind} {name} has no option {', '.join(unknown)}; it has {', '.join(known) or 'none'}.{hint}"
