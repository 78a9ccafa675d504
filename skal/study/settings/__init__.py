"""The settings of a comparison, each declared once; everything else that knows them is made of the declarations."""

from skal.study.settings.checked import checked_arguments, checked_settings, settings_of_texts, unknown_settings
from skal.study.settings.column_kinds import columns_of
from skal.study.settings.declarations import DEFAULTS, SETTINGS
from skal.study.settings.setting import Setting, SettingError
from skal.study.settings.table import settings_table
from skal.study.settings.trial_numbers import read_trials, write_trials

__all__ = [
    "DEFAULTS",
    "SETTINGS",
    "Setting",
    "SettingError",
    "checked_arguments",
    "checked_settings",
    "columns_of",
    "read_trials",
    "settings_of_texts",
    "settings_table",
    "unknown_settings",
    "write_trials",
]
