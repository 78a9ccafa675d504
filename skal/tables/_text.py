"""Bytes as text: byte order marks, strict UTF-8, and any other encoding that is named."""

from __future__ import annotations

import codecs

# UTF-32 comes first: its mark for little-endian begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "UTF-8", "utf-8"),
    (codecs.BOM_UTF32_LE, "UTF-32", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "UTF-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16-be"),
)


def decode_text(data: bytes, name: str, encoding: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Decode the bytes of a file.

    Parameters
    ----------
    data : bytes
        Content of the file.
    name : str
        What messages call it.
    encoding : str, default=None
        One of Python's encodings, such as "latin-1". None: what a byte order mark says, else UTF-8.

    Returns
    -------
    text : str
        Without a byte order mark; ends of lines are left as they are.
    notes : tuple of str
        What was found out.

    Raises
    ------
    ValueError
        If the bytes are not of that encoding; the message names the line and the byte. Never guessed: almost any
        bytes are valid latin-1.
    """
    mark, family, marked = next((entry for entry in _MARKS if data.startswith(entry[0])), (b"", "", "utf-8"))
    notes = (f"{name} begins with a byte order mark: it was read as {family}.",) if mark else ()
    if encoding is not None:
        marked = _checked(encoding, name, family, marked)
    try:
        text = data[len(mark) :].decode(marked)
    except UnicodeDecodeError as error:
        raise ValueError(_undecodable(data[len(mark) :], name, encoding, marked, error)) from error
    return text, notes


def _checked(encoding: str, name: str, family: str, marked: str) -> str:
    try:
        asked = codecs.lookup(encoding).name
    except LookupError as error:
        raise ValueError(
            f"{name}: there is no encoding {encoding!r}; there are utf-8, utf-16, latin-1, cp1252 and others."
        ) from error
    if not family:
        return encoding
    if not asked.replace("_", "-").startswith(family.lower()):
        raise ValueError(
            f"{name} begins with the byte order mark of {family}, but encoding={encoding!r} was given. Leave it out."
        )
    return marked


def _undecodable(data: bytes, name: str, encoding: str | None, marked: str, error: UnicodeDecodeError) -> str:
    wide = marked.startswith(("utf-16", "utf-32", "utf_16", "utf_32"))
    ahead = data[: error.start].decode(marked, "ignore") if wide else data[: error.start].decode("latin-1")
    line = ahead.count("\n") + 1
    where = f"{name}, line {line}: byte {error.start} (0x{data[error.start]:02x})"
    if encoding is not None or wide:
        return (
            f"{where} is not valid {encoding or marked}: {error.reason}. Pass the right encoding, or mend the file."
        )
    if b"\0" in data:
        return f'{where} is not valid UTF-8, and there are NUL bytes: it may be UTF-16. Pass encoding="utf-16-le".'
    return (
        f"{where} is not valid UTF-8: {error.reason}. Save the file as UTF-8, or name its encoding, mostly "
        'encoding="latin-1" or encoding="cp1252".'
    )
