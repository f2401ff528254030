"""The doors' handbook is true: each example can be read, and each kind has one."""

import re
import tomllib
from pathlib import Path

from tocsin.doors.door import configured
from tocsin.doors.opening import KINDS, kind_named

TEXT = (Path(__file__).parents[2] / "docs" / "doors.md").read_text(encoding="utf-8")


def test_every_example_can_be_read() -> None:
    """A table copied from the handbook opens a door."""
    shown = set()
    for block in re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL):
        for name, table in tomllib.loads(block).get("doors", {}).items():
            kind = table.pop("kind")
            configured(kind_named(kind), name, table)
            shown.add(kind)
    assert shown | {"imap"} == set(KINDS)
    assert "`imap`" in TEXT
