"""modAL on today's scikit-learn and pandas: a mend for those who stay with it, and a word to those who need one."""

from __future__ import annotations

import inspect
from typing import Any

import sklearn.utils
from sklearn.utils import check_X_y

from skal.compat._modal_frames import mend_frames
from skal.warning import warn

_warned = False


def patch_modal() -> bool:
    """Mend ``teach`` and ``fit`` of modAL's learners, on scikit-learn 1.8 and later and with data frames.

    modAL passes ``force_all_finite`` to scikit-learn's ``check_X_y``, which was renamed to ``ensure_all_finite`` in
    1.6 and removed in 1.8, so every release of modAL fails there. It appends frames by a method that pandas 2 has no
    more; 0.4.2.1 takes whole-numbered columns of a frame for its rows; a bootstrap and ``drop_rows`` take rows of a
    frame by name; ``data_hstack`` loses frames. All that is mended, in 0.4.1 and 0.4.2.1: names are replaced inside
    modAL, and nothing but frames and series is treated in another way than before; scikit-learn and pandas are not
    touched. Calling it again changes nothing.

    Returns
    -------
    bool
        Whether anything had to be mended.

    Raises
    ------
    ImportError
        If modAL is not installed, or the package of that name is another one.

    References
    ----------
    .. [1] modAL issue 196.
    """
    try:
        import modAL.models.base as base
        import modAL.models.learners as learners
    except ModuleNotFoundError as error:
        raise ImportError(
            "patch_modal needs modAL, which is called modAL-python on the package index: "
            "pip install 'skal[modal]'. (The package named modal, or modAL, is another project.)"
        ) from error
    mended = mend_frames()
    if not _needs_mending():
        return mended

    def check_with_old_name(*args: Any, force_all_finite: Any = None, **kwargs: Any) -> Any:
        if force_all_finite is not None:
            kwargs.setdefault("ensure_all_finite", force_all_finite)
        return check_X_y(*args, **kwargs)

    for module in (base, learners):
        if getattr(module, "check_X_y", None) is check_X_y:
            module.check_X_y = check_with_old_name
            mended = True
    return mended


def warn_of_broken_modal(learner: Any) -> None:
    """Warn once in a process when a modAL learner is met that cannot be taught on this scikit-learn."""
    global _warned
    if _warned or not any(cls.__module__.startswith("modAL.") for cls in type(learner).__mro__):
        return
    import modAL.models.base as base
    import modAL.models.learners as learners

    # 0.4.1 calls it in base, 0.4.2 in learners.
    if _needs_mending() and any(getattr(module, "check_X_y", None) is check_X_y for module in (base, learners)):
        _warned = True
        warn(
            "teach() and fit() of modAL's learners fail on scikit-learn >= 1.8. Add `import skal.compat; "
            "skal.compat.patch_modal()`, or use skal.ActiveLearner and skal.Committee in their place."
        )


def _needs_mending() -> bool:
    return "force_all_finite" not in inspect.signature(vars(sklearn.utils)["check_X_y"]).parameters
