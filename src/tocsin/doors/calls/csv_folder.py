"""Call records in a folder of CSV files that the operator's systems write and rotate."""

import asyncio
import threading
from pathlib import Path

import structlog
from msgspec import Struct

from tocsin.doors.calls.index import CallIndex
from tocsin.doors.calls.records import Call, Window
from tocsin.doors.calls.rows import Form, Rows
from tocsin.doors.calls.tail import Line, Tail
from tocsin.errors import Busy, Rejected
from tocsin.ports import Clock
from tocsin.records import SECOND

_CHUNK = 10_000
_log = structlog.get_logger(__name__)


class FolderConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """A folder of call records, and how much of it to hold.

    Args:
        folder: where the files are.
        pattern: which of its files; `.gz` files are read unpacked.
        form: how they are written.
        keep_s: seconds for which a call is remembered.
        most: called numbers remembered at once; 200,000 take about 100 MB.
        poll_s: seconds between looks into the folder.
    """

    folder: str
    pattern: str = "*.csv*"
    form: Form = Form()
    keep_s: int = 86_400
    most: int = 200_000
    poll_s: float = 1.0


class FolderCalls:
    """Follows the folder and answers from a bounded index; the files are never searched.

    Args:
        config: which folder, in which form.
        country: ISO 3166-1 alpha-2 by which national numbers are read.
        clock: the time.

    Raises:
        Misconfigured: the form can't be.
    """

    def __init__(self, config: FolderConfig, country: str, clock: Clock) -> None:
        self._config = config
        self._rows = Rows(config.form, country)
        self._index = CallIndex(clock, config.keep_s * SECOND, config.most)
        header = not config.form.header
        self._tail = Tail(Path(config.folder), config.pattern, header, clock, {})
        self._reading = threading.Lock()

    async def last_to(self, called: str, window: Window) -> Call | None:
        """Return the newest call to a number that began within a window, of all that is written by now."""
        try:
            await asyncio.to_thread(self.catch_up)
        except OSError as error:
            raise Busy("the call records can't be read") from error
        return self._index.find(called, window)

    async def follow(self) -> None:
        """Read what is new every `poll_s` seconds, so that no question waits for a long reading."""
        while True:
            await asyncio.to_thread(self.catch_up)
            await asyncio.sleep(self._config.poll_s)

    def catch_up(self) -> None:
        """Read what is new, in a thread.

        Raises:
            OSError: the folder can't be read.
        """
        with self._reading:
            while lines := self._tail.read(_CHUNK):
                refused = sum(not self._take(line) for line in lines)
                self._tail.advance(lines)
                if refused:
                    _log.warning("calls.lines_refused", lines=refused, file=lines[0].file)

    def _take(self, line: Line) -> bool:
        if isinstance(line.text, Rejected):
            return False
        try:
            header = self._config.form.header or self._rows.split(line.header)
            self._index.add(self._rows.call(header, line.text))
        except Rejected:
            return False
        return True
