"""From files to the desk: batches, a progress bar, a file of what was refused, and a place to go on from."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tocsin.doors.files import csv_file, ftc_dnc, jsonl, mail_file, misp_event, stix_bundle
from tocsin.doors.files.formats import Reading, Row
from tocsin.doors.files.resuming import Place, Places, Rejects
from tocsin.errors import Misconfigured, Rejected
from tocsin.records import Envelope, Receipt, Source, Submission

FORMATS: dict[str, Callable[[Path, Reading], Iterator[Row]]] = {
    "jsonl": jsonl.read,
    "csv": csv_file.read,
    "ftc-dnc": ftc_dnc.read,
    "misp": misp_event.read,
    "stix": stix_bundle.read,
    "mbox": mail_file.read_mbox,
    "maildir": mail_file.read_folder,
    "eml": mail_file.read_folder,
}
FOLDERS = frozenset({"maildir", "eml"})
"""The formats that are folders, or may be one."""
_BATCH = 1000
Take = Callable[[list[tuple[Submission, Envelope]]], Sequence[Receipt | Rejected]]


class Order(NamedTuple):
    """What to import and how.

    Args:
        file_format: one of `FORMATS`.
        channel: taken by lines that name none.
        jurisdiction: taken by lines that name none.
        renames: `their=our` column names.
        rejects: where refusals go, a JSON object a line.
        source: how what the files say came to be known.
        places: the folder in which an interrupted import leaves its place; None forgets it.
        resume: whether to go on where an import of the same files and order was interrupted.
    """

    file_format: str
    channel: str = ""
    jurisdiction: str = ""
    renames: tuple[str, ...] = ()
    rejects: Path | None = None
    source: Source = Source.CONSUMER_REPORT
    places: Path | None = None
    resume: bool = False


class Summary(Struct):
    """Lines taken, known already and refused; lines passed over because an earlier run had done them."""

    taken: int = 0
    duplicates: int = 0
    refused: int = 0
    resumed: int = 0
    unused: list[str] = []


def run(take: Take, files: Sequence[Path], order: Order) -> Summary:
    """Import files in order.

    Raises:
        Misconfigured: no such format, a `--map` without `=`, or a folder where the format wants a file.
        Busy: the ledger can't be written; what was taken before stays, and `resume` goes on from there.
    """
    _check(files, order)
    summary = Summary()
    places = Places(order.places, files, order[:4])
    place = places.last() if order.resume else Place()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with ExitStack() as stack:
        rejects = stack.enter_context(Rejects(order.rejects, place.rejects))
        bar = stack.enter_context(Progress(*columns, console=Console(stderr=True)))
        for number, file in enumerate(files):
            task = bar.add_task(file.name, total=None)
            if number < place.file:
                continue
            skip = place.rows if number == place.file else 0
            summary.resumed += skip
            for done in _import(take, file, order, skip, summary, rejects):
                bar.update(task, completed=done)
                places.leave(Place(number, done, rejects.sync()))
    places.forget()
    return summary


def source_named(name: str) -> Source:
    """Return a source by its name.

    Raises:
        Misconfigured: there is none, or it is `simulation`, which files of real reports never are.
    """
    known = [source.value for source in Source if source != Source.SIMULATION]
    if name not in known:
        raise Misconfigured(f"no source is called {name!r}; known: {', '.join(known)}")
    return Source(name)


def _check(files: Sequence[Path], order: Order) -> None:
    if order.file_format not in FORMATS:
        raise Misconfigured(f"no format is called {order.file_format!r}; known: {', '.join(FORMATS)}")
    if any("=" not in pair for pair in order.renames):
        raise Misconfigured("--map takes their=our")
    for file in files:
        if file.is_dir() and order.file_format not in FOLDERS:
            raise Misconfigured(f"{file.name!r} is a folder; {order.file_format} is read from a file")


def _import(
    take: Take, file: Path, order: Order, skip: int, summary: Summary, rejects: Rejects
) -> Iterator[int]:
    """Import one file; yield after each batch how many of its rows are done."""
    renames = dict(pair.split("=", 1) for pair in order.renames)
    reading = Reading(f"file:{file.name}"[:64], order.channel, order.jurisdiction, renames)
    rows = FORMATS[order.file_format](file, reading)
    done = sum(1 for _ in islice(rows, skip))
    while batch := list(islice(rows, _BATCH)):
        for row, answer in _batch(take, batch, order.source):
            if isinstance(answer, Rejected):
                summary.refused += 1
                rejects.write(file, row, answer)
            elif answer.duplicate:
                summary.duplicates += 1
            else:
                summary.taken += 1
        done += len(batch)
        yield done
    summary.unused = sorted({*summary.unused, *reading.unused})


def _batch(take: Take, batch: list[Row], source: Source) -> Iterator[tuple[Row, Receipt | Rejected]]:
    """Hand in what can be taken of a batch; give each row's answer in order."""
    items = [
        (row.answer[0], msgspec.structs.replace(row.answer[1], source=source))
        for row in batch
        if not isinstance(row.answer, Rejected)
    ]
    answers = iter(take(items) if items else ())
    for row in batch:
        yield row, row.answer if isinstance(row.answer, Rejected) else next(answers)
