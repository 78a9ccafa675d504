"""Write the table of settings into docs/settings.md; run it when a setting has changed."""

from pathlib import Path

from skal.study.settings import settings_table

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
START = "<!-- The table is written by tools/write_settings_page.py. -->\n\n"

if __name__ == "__main__":
    above = PAGE.read_text().partition(START)[0]
    PAGE.write_text(above + START + settings_table())
