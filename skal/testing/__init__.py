"""The conformance suite of query strategies, for skal's own and for anybody's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skal.testing._checks import CHECKS as ROW_CHECKS
from skal.testing._harness import CheckFailed
from skal.testing._pixel_checks import PIXEL_CHECKS

__all__ = ["CHECKS", "CheckFailed", "check_query_strategy"]

CHECKS: dict[str, Callable[[Any, Any], None]] = {**ROW_CHECKS, **PIXEL_CHECKS}


def check_query_strategy(
    strategy: Callable[..., Any],
    *,
    make_learner: Callable[[Any, Any], Any] | None = None,
    on_fail: str | None = "raise",
) -> dict[str, str | None]:
    """Check that a query strategy keeps the contract.

    Parameters
    ----------
    strategy : callable
        A query strategy, or a `functools.partial` of one.
    make_learner : callable, default=None
        ``make_learner(X_labeled, y_labeled)`` giving a fitted learner that the strategy can read. None:
        what the strategy reads decides: logistic regression, a committee of five of them, a multilabel model, or
        logistic regression with outputs that only nets have; and, for images whose pixels are labelled, the same on
        the channels of each pixel.
    on_fail : {"raise", None}, default="raise"
        None: only return the findings.

    Returns
    -------
    dict of str to str or None
        By the name of the check: None where it passed, else what is wrong.

    Raises
    ------
    CheckFailed
        Naming every check that failed.

    Examples
    --------
    >>> from skal.query import entropy_sampling
    >>> findings = check_query_strategy(entropy_sampling)
    >>> len(findings) >= 15, set(findings.values())
    (True, {None})
    """
    if on_fail not in ("raise", None):
        raise ValueError(f"check_query_strategy: on_fail must be 'raise' or None, got {on_fail!r}.")
    findings: dict[str, str | None] = {}
    for name, check in CHECKS.items():
        try:
            check(strategy, make_learner)
            findings[name] = None
        except Exception as error:
            findings[name] = str(error) if isinstance(error, CheckFailed) else f"{type(error).__name__}: {error}"
    failed = [f"{name}: {found}" for name, found in findings.items() if found is not None]
    if failed and on_fail == "raise":
        raise CheckFailed("\n".join([f"{len(failed)} of {len(findings)} checks failed.", *failed]))
    return findings
