"""The conformance suite of query strategies, for skal's own and for anybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from skal.testing._checks import CHECKS as ROW_CHECKS
from skal.testing._harness import CheckFailed, CheckSkipped
from skal.testing._pixel_checks import PIXEL_CHECKS

__all__ = ["CHECKS", "CheckFailed", "CheckSkipped", "check_query_strategy"]

CHECKS: dict[str, Callable[[Any, Any], None]] = {**ROW_CHECKS, **PIXEL_CHECKS}


def check_query_strategy(
    strategy: Callable[..., Any],
    *,
    make_learner: Callable[[Any, Any], Any] | None = None,
    checks: Iterable[str] | None = None,
    on_fail: str | None = "raise",
) -> dict[str, str]:
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
    checks : iterable of str, default=None
        Names of the checks to run, of ``skal.testing.CHECKS``: a few for a strategy that trains a net at every query.
        None: all of them.
    on_fail : {"raise", None}, default="raise"
        None: only return the findings.

    Returns
    -------
    dict of str to str
        By the name of the check: ``"passed"``; ``"skipped: "`` and why the check says nothing about this strategy; or
        ``"failed: "`` and what is wrong.

    Raises
    ------
    CheckFailed
        Naming every check that failed.
    ValueError
        For a check that does not exist, and for a name that does not stand in a list.

    Examples
    --------
    >>> from skal.query import entropy_sampling
    >>> findings = check_query_strategy(entropy_sampling)
    >>> findings["check_batch"], findings["check_non_finite_features"]
    ('passed', 'skipped: it reads no features')
    """
    if on_fail not in ("raise", None):
        raise ValueError(f"check_query_strategy: on_fail must be 'raise' or None, got {on_fail!r}.")
    if isinstance(checks, str):
        raise ValueError(f"check_query_strategy: checks must be a list of names, got {checks!r}. Pass [{checks!r}].")
    names = list(CHECKS if checks is None else checks)
    if unknown := [name for name in names if name not in CHECKS]:
        raise ValueError(f"check_query_strategy: checks must be of {', '.join(CHECKS)}, got {', '.join(unknown)}.")
    findings = {name: _finding(CHECKS[name], strategy, make_learner) for name in names}
    failed = [f"{name}: {found[len(_FAILED) :]}" for name, found in findings.items() if found.startswith(_FAILED)]
    if failed and on_fail == "raise":
        raise CheckFailed("\n".join([f"{len(failed)} of {len(findings)} checks failed.", *failed]))
    return findings


_FAILED = "failed: "


def _finding(check: Callable[[Any, Any], None], strategy: Any, make_learner: Any) -> str:
    try:
        check(strategy, make_learner)
    except CheckSkipped as reason:
        return f"skipped: {reason}"
    except CheckFailed as error:
        return f"{_FAILED}{error}"
    except Exception as error:
        return f"{_FAILED}{type(error).__name__}: {error}"
    return "passed"
