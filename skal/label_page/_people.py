"""Who may answer: names, and hashes of the tokens in their links."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from skal.labeling import ProjectError, checked_name
from skal.whole_file import write_whole

FILE = "people.json"
KEY = "page.key"


class People:
    """The annotators of a project who have a link, in a file of its folder.

    Parameters
    ----------
    folder : Path
        Of the project.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     people = People(Path(folder))
    ...     token = people.add("first")
    ...     People(Path(folder)).name_of(token), people.name_of("guessed"), token in Path(folder, FILE).read_text()
    ('first', None, False)
    """

    def __init__(self, folder: Path) -> None:
        self.path = Path(folder) / FILE
        self._hashes: dict[str, str] = {}
        try:
            read = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            raise ProjectError(f"{self.path} cannot be read: {error}. Without it all links are made anew.") from error
        if not isinstance(read, dict) or not all(isinstance(one, str) for one in read.values()):
            raise ProjectError(f"{self.path} is not a list of people. Without it all links are made anew.")
        self._hashes = read

    @property
    def names(self) -> list[str]:
        """Those who have a link."""
        return list(self._hashes)

    def add(self, name: str) -> str:
        """Return a new token of a person; an older one is no longer valid.

        Parameters
        ----------
        name : str
            Not empty.
        """
        name = checked_name(name)
        if not name:
            raise ProjectError("An annotator needs a name: --annotator NAME.")
        token = secrets.token_urlsafe(32)
        self._write({**self._hashes, name: _hash(token)})
        return token

    def name_of(self, token: str) -> str | None:
        """Return whose token this is; None if it is nobody's."""
        given = _hash(token)
        found = None
        for name, known in self._hashes.items():  # all of them, so that time tells nothing
            if secrets.compare_digest(known, given):
                found = name
        return found

    def _write(self, hashes: dict[str, str]) -> None:
        try:
            write_whole(self.path, json.dumps(hashes, indent=1, ensure_ascii=False) + "\n")
        except OSError as error:
            raise ProjectError(f"{self.path} cannot be written: {error.strerror}. No link was made.") from error
        self._hashes = hashes


class OnePerson:
    """The person at this machine, who needs no link: the page is given the token, and no other site can read it.

    Parameters
    ----------
    folder : Path
        Of the project. The token outlives a restart, so that a page that is open goes on.
    name : str, default=""
        Who answers.
    """

    def __init__(self, folder: Path, name: str = "") -> None:
        self._name = checked_name(name)
        self.token = _kept_token(Path(folder) / KEY)

    @property
    def names(self) -> list[str]:
        """Who answers."""
        return [self._name]

    def name_of(self, token: str) -> str | None:
        """Return whose token this is; None if it is nobody's."""
        return self._name if secrets.compare_digest(_hash(self.token), _hash(token)) else None


def links(people: People, named: Sequence[str], anew: Sequence[str], address: str) -> list[str]:
    """Return what to tell of each person who is named: a link, or that there is one.

    Parameters
    ----------
    people : People
        Of the project; those who are new are added.
    named, anew : sequence of str
        Who is to have a link, and who is to have another one.
    address : str
        Of the page.

    Raises
    ------
    ProjectError
        If someone is to have another link who has none.
    """
    for name in anew:
        if name not in people.names and name not in named:
            raise ProjectError(
                f"--new-link {name}: nobody of this name has a link; {', '.join(people.names) or 'nobody'} has. "
                f"--annotator {name!r} makes the first one."
            )
    said = []
    for name in dict.fromkeys([*anew, *named]):
        if name in people.names and name not in anew:
            said.append(f"{name} has a link already; --new-link {name!r} makes another, and ends the first.")
        else:
            said.append(f"{name}: {address}#token={people.add(name)}")
    return said


def _hash(token: str) -> str:
    # 256 random bits need no salt and no slow hash.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _kept_token(path: Path) -> str:
    try:
        token = path.read_text(encoding="ascii").strip()
        if len(token) >= 32:
            return token
    except (OSError, ValueError):
        pass
    token = secrets.token_urlsafe(32)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(token)
    except OSError:
        return token  # a folder that cannot be written to: valid until the server ends
    return token
