"""modAL on today's scikit-learn and pandas: a mend for those who stay with it, and a word to those who need one."""

from skal.compat._modal import patch_modal, warn_of_broken_modal

__all__ = ["patch_modal", "warn_of_broken_modal"]
