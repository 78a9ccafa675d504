"""The table of all settings, for the documentation."""

from __future__ import annotations

from typing import Any

from skal.study.settings.declarations import SETTINGS

__all__ = ["settings_table"]


def settings_table() -> str:
    """Return all settings as a table in Markdown: name, option, default, allowed values, meaning."""
    rows = ["| setting | option | default | allowed | meaning |", "|---|---|---|---|---|"]
    for name, setting in SETTINGS.items():
        option = (
            f"`{setting.flag}`{', may be repeated' if setting.repeated else ''}" if setting.flag else "in files only"
        )
        cells = (f"`{name}`", option, _default(setting.default), setting.allowed.words, setting.help)
        rows.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(rows) + "\n"


def _default(value: Any) -> str:
    if value is None or value in ([], {}):
        return "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
