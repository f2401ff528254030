"""From files to the desk: batches, a progress bar, and a file of what was refused."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tocsin.doors.files import csv_file, ftc_dnc, jsonl
from tocsin.doors.files.formats import Reading, Row
from tocsin.errors import Misconfigured, Rejected
from tocsin.records import Envelope, Receipt, Submission

FORMATS: dict[str, Callable[[Path, Reading], Iterator[Row]]] = {
    "jsonl": jsonl.read,
    "csv": csv_file.read,
    "ftc-dnc": ftc_dnc.read,
}
_BATCH = 1000
Take = Callable[[list[tuple[Submission, Envelope]]], Sequence[Receipt | Rejected]]


class Order(NamedTuple):
    """What to import and how: format, defaults, `their=our` column names, where refusals go."""

    file_format: str
    channel: str = ""
    jurisdiction: str = ""
    renames: tuple[str, ...] = ()
    rejects: Path | None = None


class Summary(Struct):
    """Lines taken, known already and refused; columns that were of no use."""

    taken: int = 0
    duplicates: int = 0
    refused: int = 0
    unused: list[str] = []


def run(take: Take, files: Sequence[Path], order: Order) -> Summary:
    """Import files in order.

    Raises:
        Misconfigured: no such format, or a `--map` without `=`.
        Busy: the ledger can't be written; what was taken before stays, and importing again resumes.
    """
    if order.file_format not in FORMATS:
        raise Misconfigured(f"no format is called {order.file_format!r}; known: {', '.join(FORMATS)}")
    if any("=" not in pair for pair in order.renames):
        raise Misconfigured("--map takes their=our")
    summary = Summary()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with ExitStack() as stack:
        rejects = stack.enter_context(order.rejects.open("w", encoding="utf-8")) if order.rejects else None
        bar = stack.enter_context(Progress(*columns, console=Console(stderr=True)))
        for file in files:
            task = bar.add_task(file.name, total=None)
            for lines in _import(take, file, order, summary, rejects):
                bar.advance(task, lines)
    return summary


def _import(take: Take, file: Path, order: Order, summary: Summary, rejects: TextIO | None) -> Iterator[int]:
    renames = dict(pair.split("=", 1) for pair in order.renames)
    reading = Reading(f"file:{file.name}", order.channel, order.jurisdiction, renames)
    rows = FORMATS[order.file_format](file, reading)
    while batch := list(islice(rows, _BATCH)):
        _batch(take, file, batch, summary, rejects)
        yield len(batch)
    summary.unused = sorted({*summary.unused, *reading.unused})


def _batch(take: Take, file: Path, batch: list[Row], summary: Summary, rejects: TextIO | None) -> None:
    items = [row.answer for row in batch if not isinstance(row.answer, Rejected)]
    answers = iter(take(items) if items else ())
    for row in batch:
        answer = row.answer if isinstance(row.answer, Rejected) else next(answers)
        if isinstance(answer, Rejected):
            summary.refused += 1
            if rejects:
                why = {"file": file.name, "line": row.line, "code": answer.code, "field": answer.field}
                rejects.write(json.dumps(why | {"detail": answer.detail}) + "\n")
        elif answer.duplicate:
            summary.duplicates += 1
        else:
            summary.taken += 1
