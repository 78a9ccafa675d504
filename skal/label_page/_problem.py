"""What the page is told where something cannot be done: a code for the page, a sentence for the person."""

from __future__ import annotations

STATUS = {
    "malformed": 400,
    "token": 401,
    "origin": 403,
    "no_such_page": 404,
    "unknown_row": 404,
    "no_picture": 404,
    "method": 405,
    "slow": 408,
    "nothing": 409,
    "too_large": 413,
    "not_json": 415,
    "host": 421,
    "refused": 422,
    "fault": 500,
    "busy": 503,
    "not_kept": 503,
}


class Problem(Exception):
    """A request that is not carried out; nothing was changed by it.

    Parameters
    ----------
    code : str
        One of `STATUS`; the page acts on it. "not_kept": the answer is not on the disk, send it again.
    error : str
        A sentence for the person, in English.
    reason : str, default=""
        Name of the sentence in the page's files of texts, as ``refused.REASON``: what a person can bring about is
        told in the language of the page. What only a program can is told by the code.
    """

    def __init__(self, code: str, error: str, reason: str = "") -> None:
        super().__init__(error)
        self.code = code
        self.error = error
        self.reason = reason

    @property
    def status(self) -> int:
        """Status of the HTTP response."""
        return STATUS[self.code]

    def as_dict(self) -> dict[str, str]:
        """As the page is told it."""
        return {"error": self.error, "code": self.code, **({"reason": self.reason} if self.reason else {})}
