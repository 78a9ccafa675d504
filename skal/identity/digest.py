"""The door: the digest of the code of one function, class or object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from skal.identity._walk import Walk


@dataclass(frozen=True)
class CodeDigest:
    """The code behind an object, as one digest.

    Attributes
    ----------
    digest : str or None
        64 hexadecimal digits; None if nothing of the object could be digested.
    unseen : tuple of str
        What the digest does not cover, each with the reason: "table: an open file, ...". Sorted.
    """

    digest: str | None
    unseen: tuple[str, ...] = ()


def code_digest(thing: Any, *, values: bool = False) -> CodeDigest:
    """Return a digest of the code of a function, a class or an object, with all of the user's code that it refers to.

    The digest is that of what runs: bodies, default arguments, variables of closures, methods, base classes, and the
    functions, classes, constants and modules that the code names, followed through the user's own modules. Code of
    installed packages counts by its name and version. Code of Python, skal, NumPy, SciPy, scikit-learn, skorch and
    torch counts by its name alone, since a study stores these versions with every row. Comments, docstrings,
    annotations, formatting, the place in a file and the name of the module do not count.

    Parameters
    ----------
    thing : object
        A function, lambda, method, `functools.partial`, decorated function (by its ``__wrapped__``), class, estimator
        or any other object, which counts by its class and by the state that pickle would write.
    values : bool, default=False
        Whether plain values (numbers, texts, arrays) count where they are options: parameters of an estimator
        (``get_params``) and arguments of a `functools.partial`; and the weights of a torch module. Without it,
        options count only as far as they are code: an inner estimator, a function, a class. This is for `thing`
        itself and the estimators and partials among its options; wherever else code refers to, all values count.

    Returns
    -------
    CodeDigest
        The same in every process and on every machine that imports the code, whatever PYTHONHASHSEED is.

    Notes
    -----
    A function is read from its source if the source compiles to the same code as the function runs. Otherwise (code
    of ``exec`` or a prompt, a file edited since its import, two lambdas on one line, code that was sent to another
    process by cloudpickle) it is read from the compiled code, which ignores comments and formatting too, but differs
    between versions of Python. So take the digest where the code was imported, not in a worker.

    A package that is installed in ``site-packages`` counts by its version: edits to it without a new version are not
    seen, except in an editable installation. A global variable or an attribute of a class counts by its value; one
    that its module changes later, such as a cache or a counter, by what the source assigns to it. Attributes that
    code looks up on its arguments (``learner.anything``) are not followed.

    Examples
    --------
    >>> from functools import partial
    >>> def half(x, share=0.5):
    ...     return share * x
    >>> code_digest(half) == code_digest(half)
    True
    >>> def third(x, share=0.33):
    ...     return share * x
    >>> code_digest(half) == code_digest(third)
    False
    >>> code_digest(partial(half, share=0.1)) == code_digest(partial(half, share=0.2))
    True
    >>> code_digest(partial(half, share=0.1), values=True) == code_digest(partial(half, share=0.2), values=True)
    False
    """
    walk = Walk(values)
    try:
        walk.visit(thing, _name(thing))
    except RecursionError:
        return CodeDigest(None, (*walk.unseen(), f"{_name(thing)}: nested too deeply to be followed"))
    return CodeDigest(None if walk.failed_at_once else walk.hexdigest(), walk.unseen())


def _name(thing: Any) -> str:
    return getattr(thing, "__name__", None) or type(thing).__name__
