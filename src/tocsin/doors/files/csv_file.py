"""CSV with a header line; columns carry the names of `Submission`'s fields or are renamed by `--map`."""

import csv
from collections.abc import Iterator
from pathlib import Path

from tocsin.doors.files.formats import Reading, Row, lines
from tocsin.doors.files.jsonl import submission
from tocsin.errors import Rejected
from tocsin.records import Envelope

_TRUE = frozenset({"1", "true", "yes", "y"})


def rows(path: Path) -> Iterator[tuple[int, dict[str, str] | Rejected]]:
    """Read a CSV file's rows as named values; a quoted value may span lines."""
    csv.field_size_limit(10_000_000)
    refused: list[tuple[int, Rejected]] = []

    def texts() -> Iterator[str]:
        for number, text in lines(path):
            if isinstance(text, Rejected):
                refused.append((number, text))
            else:
                yield text

    reader = csv.DictReader(texts(), strict=False)
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            yield reader.line_num, Rejected("line.csv", "line", "not CSV")
            continue
        yield from refused
        refused.clear()
        if row is None:
            return
        yield (
            reader.line_num,
            {name: value for name, value in row.items() if isinstance(name, str) and isinstance(value, str)},
        )


def read(path: Path, reading: Reading) -> Iterator[Row]:
    """Read a CSV file of reports."""
    for number, row in rows(path):
        if isinstance(row, Rejected):
            yield Row(number, row)
            continue
        values: dict[str, object] = {name: value for name, value in row.items() if value}
        if "consent_to_share" in values:
            values["consent_to_share"] = row["consent_to_share"].strip().lower() in _TRUE
        try:
            yield Row(number, (submission(values, number, reading), Envelope(reading.door)))
        except Rejected as refusal:
            yield Row(number, refusal)
