"""The conformance suites of query strategies and of nets, for skal's own and for anybody's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sklearn.base import clone

from skal.testing._checks import CHECKS as ROW_CHECKS
from skal.testing._harness import CheckFailed, CheckSkipped
from skal.testing._module_checks import MODULE_CHECKS, estimator_around
from skal.testing._pixel_checks import PIXEL_CHECKS

__all__ = ["CHECKS", "MODULE_CHECKS", "CheckFailed", "CheckSkipped", "check_module", "check_query_strategy"]

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
    return _findings("check_query_strategy", CHECKS, checks, on_fail, (strategy, make_learner))


def check_module(
    module: Any,
    X: Any,
    y: Any,
    *,
    estimator: Any = None,
    checks: Iterable[str] | None = None,
    on_fail: str | None = "raise",
) -> dict[str, str]:
    """Check that a net can be trained and read by skal's estimators.

    Parameters
    ----------
    module : class, function, Module or name in `skal.nets`
        As an estimator's ``module``.
    X : container of n rows
        A few dozen rows such as it is meant for: a table (n, d), tokens, images (n, C, H, W).
    y : array-like
        Their labels: classes, numbers, 0 and 1 for each of several labels, or masks.
    estimator : estimator, default=None
        What trains it, such as ``UDAClassifier(max_steps=5)``; its `module` is set. None: the estimator of
        `skal.neural` for such labels, with two passes.
    checks : iterable of str, default=None
        Names of the checks to run, of ``skal.testing.MODULE_CHECKS``. None: all of them.
    on_fail : {"raise", None}, default="raise"
        None: only return the findings.

    Returns
    -------
    dict of str to str
        As of `check_query_strategy`.

    Raises
    ------
    CheckFailed
        Naming every check that failed.
    ValueError
        For a check that does not exist, and for a name that does not stand in a list.

    Notes
    -----
    Each check trains anew, most of them once and none more than twice: some ten short trainings in all.

    Examples
    --------
    >>> import numpy as np
    >>> from torch import nn
    >>> X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    >>> findings = check_module(nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2)), X, X[:, 0] > 0)
    >>> findings["check_seeded"], findings["check_dropout"].partition(":")[0]
    ('passed', 'skipped')
    """
    whole = estimator_around(module, y) if estimator is None else clone(estimator).set_params(module=module)
    return _findings("check_module", MODULE_CHECKS, checks, on_fail, (whole, X, y))


_FAILED = "failed: "


def _findings(
    who: str,
    known: Mapping[str, Callable[..., None]],
    checks: Iterable[str] | None,
    on_fail: str | None,
    arguments: tuple[Any, ...],
) -> dict[str, str]:
    """Run checks and say of each what was found."""
    if on_fail not in ("raise", None):
        raise ValueError(f"{who}: on_fail must be 'raise' or None, got {on_fail!r}.")
    if isinstance(checks, str):
        raise ValueError(f"{who}: checks must be a list of names, got {checks!r}. Pass [{checks!r}].")
    names = list(known if checks is None else checks)
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"{who}: checks must be of {', '.join(known)}, got {', '.join(unknown)}.")
    findings = {name: _finding(known[name], *arguments) for name in names}
    failed = [f"{name}: {found[len(_FAILED) :]}" for name, found in findings.items() if found.startswith(_FAILED)]
    if failed and on_fail == "raise":
        raise CheckFailed("\n".join([f"{len(failed)} of {len(findings)} checks failed.", *failed]))
    return findings


def _finding(check: Callable[..., None], *arguments: Any) -> str:
    try:
        check(*arguments)
    except CheckSkipped as reason:
        return f"skipped: {reason}"
    except CheckFailed as error:
        return f"{_FAILED}{error}"
    except Exception as error:
        return f"{_FAILED}{type(error).__name__}: {error}"
    return "passed"
