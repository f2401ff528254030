"""Mails in files: mbox (RFC 4155, with `>From ` unescaped as mboxrd has it), maildir, and .eml files.

A feedback report or XARF among them counts as what it reports; any other mail is taken for the spam itself,
as someone saved it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from tocsin.doors.files.formats import LONGEST_LINE, Damaged, Reading, Row, opened, read_line, whole
from tocsin.doors.mail import mime
from tocsin.doors.mail.reports import Came, Mailbox, items
from tocsin.errors import Rejected
from tocsin.records import Channel

LONGEST = mime.STANDARD.size
"""Bytes of one mail; what is longer is passed over without being held."""
_MOST_CONTENT = 100_000


def read_mbox(path: Path, reading: Reading) -> Iterator[Row]:
    """Read a file of mails, also one packed by gzip."""
    for number, mail in enumerate(_mails(path), 1):
        yield from _rows(number, mail, reading)


def read_folder(path: Path, reading: Reading) -> Iterator[Row]:
    """Read a maildir (its `cur` and `new`), a folder of .eml files, or one such file."""
    for number, file in enumerate(_files(path), 1):
        try:
            mail: bytes | Rejected = whole(file)
        except Rejected as refusal:
            mail = refusal
        yield from _rows(number, mail, reading)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    boxes = [path / name for name in ("cur", "new") if (path / name).is_dir()]
    found = [file for box in boxes for file in box.iterdir()] if boxes else path.rglob("*.eml")
    # In order, so that an interrupted import goes on where it was; a link may lead anywhere.
    return sorted(file for file in found if file.is_file() and not file.is_symlink())


def _rows(number: int, mail: bytes | Rejected, reading: Reading) -> Iterator[Row]:
    if isinstance(mail, Rejected):
        yield Row(number, mail)
        return
    mailbox = Mailbox(reading.jurisdiction, channel=reading.channel or Channel.EMAIL, trap=True)
    try:
        came = Came(mime.read(mail), "", mailbox, datetime.now(UTC), _MOST_CONTENT)
        for item in items(came, reading.door):
            yield Row(number, item)
    except Rejected as refusal:
        yield Row(number, refusal)


def _mails(path: Path) -> Iterator[bytes | Rejected]:
    with opened(path) as file:
        yield from _split(file)


def _split(file: BinaryIO) -> Iterator[bytes | Rejected]:
    """Cut a file at its `From ` lines, which stand at its start or behind an empty line."""
    mail: list[bytes] = []
    size, begun, empty = 0, False, True
    while line := read_line(file):
        if isinstance(line, Damaged):
            yield line
            return
        if not isinstance(line, Rejected) and empty and line.startswith(b"From "):
            if begun:
                yield _joined(mail, size)
            mail, size, begun, empty = [], 0, True, False
            continue
        if not begun:
            yield Rejected("mbox.start", "line", "an mbox begins with a line `From `")
            return
        size += LONGEST_LINE if isinstance(line, Rejected) else len(line)
        empty = line in (b"\n", b"\r\n")
        if size <= LONGEST and not isinstance(line, Rejected):
            mail.append(line[1:] if line.lstrip(b">").startswith(b"From ") and line[:1] == b">" else line)
        else:
            mail, size = [], LONGEST + 1
    if begun:
        yield _joined(mail, size)


def _joined(mail: list[bytes], size: int) -> bytes | Rejected:
    if size > LONGEST:
        return Rejected("mail.too_large", "mail", f"at most {LONGEST} bytes")
    return b"".join(mail)
