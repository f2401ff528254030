"""The documents agree with the program."""

import re
from pathlib import Path

from tocsin.settings import SETTINGS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_settings_table_is_the_programs() -> None:
    """Each setting stands in operations.md with its default and help, in order, and no other does."""
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(.*)` \| (.*) \|$", text, re.MULTILINE)
    assert rows == [(s.name, str(s.default), s.help) for s in SETTINGS]


def test_every_requirement_has_a_status() -> None:
    """R1 to R24 each have one row that says built, partial or later."""
    text = (DOCS / "requirements.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (R\d+) \|.*\| (?:built|partial|later)\b", text, re.MULTILINE)
    assert rows == [f"R{number}" for number in range(1, 25)]
