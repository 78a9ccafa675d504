"""Labels as people write them, and the classes they mean."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

_SHORT = 3  # letters; in shorter words a changed letter is as a rule another word
_OFTEN = 5  # times as often: then the rare one of two like words is taken for the slip


@dataclass(frozen=True)
class Cleaned:
    """What became of labels.

    Attributes
    ----------
    labels : list of str or None
        One per label given; None where it is missing or refused.
    mapped : dict of (str, str) to int
        Labels as written and as taken, and how often, where the two differ.
    refused : dict of int to str
        Positions of labels that are not taken, and why.
    new_classes : list of str
        Classes that were not known before.
    """

    labels: list[str | None]
    mapped: dict[tuple[str, str], int] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    new_classes: list[str] = field(default_factory=list)


def cleaned(
    given: Iterable[Any], classes: Sequence[str], *, allowed: Collection[str] = (), any_new: bool = False
) -> Cleaned:
    """Turn labels as written into classes.

    Surrounding blanks are removed. A label that differs from a known class only in case, in inner blanks or, for a
    number, in how it is written (1 and 1.0) means that class. A near miss of a class is refused; so is any other
    unknown label, unless new classes are allowed.

    Parameters
    ----------
    given : iterable
        Labels; None, NaN and blank text are missing.
    classes : sequence of str
        Known classes. Empty: the labels themselves say which there are.
    allowed : collection of str, default=()
        New classes that are allowed by name, near misses or not.
    any_new : bool, default=False
        Whether any new class is allowed.

    Returns
    -------
    Cleaned
        Labels, and what was done to them.
    """
    texts = [label_text(label) for label in given]
    known = {_key(name): name for name in (*classes, *map(str.strip, allowed))}
    exact = {*classes, *map(str.strip, allowed)}
    new: list[str] = [name for name in map(str.strip, allowed) if name not in classes]
    spellings: dict[str, Counter[str]] = {}
    for text in texts:
        if text is not None:
            spellings.setdefault(_key(text.strip()), Counter())[text.strip()] += 1
    counts = {key: sum(found.values()) for key, found in spellings.items()}
    reasons: dict[str, str] = {}
    for key, _ in sorted(counts.items(), key=lambda item: -item[1]):  # the frequent ones become classes first
        if key in known:
            continue
        name = spellings[key].most_common(1)[0][0]
        near = _near(name, known.values())
        from_scratch = not classes and not allowed
        rare = near is not None and (not from_scratch or counts[key] * _OFTEN <= counts.get(_key(near), 0))
        if near is not None and rare:
            reasons[key] = f"{name!r} is not a class; {near!r} is one. Correct it, or allow it: --new-class {name!r}."
        elif any_new or from_scratch:
            known[key] = name
            new.append(name)
        else:
            reasons[key] = (
                f"{name!r} is not a class; the classes are {_listed(classes)}. To allow it: --new-class {name!r}."
            )
    return _applied(texts, known, exact, reasons, new)


def label_text(label: Any) -> str | None:
    """Return a label as text, exactly as it was given; None where it is missing (None, NaN, NA, blank)."""
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(label, float):
        if label != label:
            return None
        return str(int(label)) if label == int(label) else str(label)
    text = normal(str(label))
    return text if text.strip() else None


def normal(text: str) -> str:
    """Return text in the form in which an umlaut is one character; files of macOS have it as two."""
    return unicodedata.normalize("NFC", text)


def _applied(
    texts: list[str | None], known: dict[str, str], exact: set[str], reasons: dict[str, str], new: list[str]
) -> Cleaned:
    labels: list[str | None] = []
    mapped: Counter[tuple[str, str]] = Counter()
    refused: dict[int, str] = {}
    used: set[str] = set()
    for position, text in enumerate(texts):
        key = None if text is None else _key(text.strip())
        label = text.strip() if text is not None and text.strip() in exact else known.get(key or "")
        labels.append(label)
        if key is not None and label is None:
            refused[position] = reasons[key]
        elif text is not None and label is not None:
            used.add(label)
            if text != label:
                mapped[text, label] += 1
    return Cleaned(labels, dict(mapped), refused, [name for name in new if name in used])


def _key(label: str) -> str:
    """Labels with the same key mean the same class."""
    text = " ".join(label.split()).casefold()
    if re.fullmatch(r"[+-]?(0|[1-9]\d*)\.\d+", text):  # 2.50 and 2.5, 1.0 and 1; but 007 is not 7
        text = text.rstrip("0").removesuffix(".")
    return text


def _near(label: str, classes: Iterable[str]) -> str | None:
    """Return the class that a label is probably a slip for."""
    words = re.findall(r"\w+", label.casefold())
    for name in classes:
        others = re.findall(r"\w+", name.casefold())
        if len(words) != len(others):
            continue
        different = [(a, b) for a, b in zip(words, others, strict=True) if a != b]
        if len(different) == 1 and _is_slip(*different[0]):
            return name
    return None


def _is_slip(a: str, b: str) -> bool:
    """Whether two words differ by one letter, or by two neighbours exchanged."""
    if any(letter.isdigit() for letter in a + b):
        return False  # type1 and type2 are two classes
    if len(a) == len(b):
        places = [place for place, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
        if len(places) == 2 and places[1] == places[0] + 1:
            i, j = places
            return len(a) >= _SHORT and a[i] == b[j] and a[j] == b[i]
        return len(places) == 1 and len(a) > _SHORT
    short, long = sorted((a, b), key=len)
    added = [k for k in range(len(long)) if long[:k] + long[k + 1 :] == short]
    doubled = any(k and long[k] == long[k - 1] for k in added)
    return bool(added) and (len(short) > _SHORT or (doubled and len(short) == _SHORT))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:20])
    return f"{shown} and {len(names) - 20} more" if len(names) > 20 else shown
