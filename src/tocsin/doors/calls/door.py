"""The call-record feed: every call that reached a trap number is a report (ITU-T X.1246; R6).

A trap is a number nobody was given: whoever calls it calls at random or from a stolen list. Several calls by
one caller count each, so these reports name no reporter, and the trap stands as the recipient.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog
from msgspec import Struct

from tocsin.desk.intake import Item
from tocsin.doors.calls.positions import Positions
from tocsin.doors.calls.records import Call
from tocsin.doors.calls.rows import Form, Rows
from tocsin.doors.calls.tail import Line, Tail
from tocsin.doors.calls.traps import Traps
from tocsin.doors.door import Door, House, Kind
from tocsin.errors import Busy, Misconfigured, Rejected
from tocsin.records import Channel, Envelope, Source, Submission, moment

WITHHELD = "number withheld"
"""The topic of a call of which nothing else is known: a report needs something to go by."""
_log = structlog.get_logger(__name__)


class FeedConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """A feed's table.

    Args:
        folder: where the call-record files are.
        traps: numbers nobody was given; one that ends in `*` stands for all that begin so.
        traps_file: a file with more of them, one a line.
        pattern: which of the folder's files; `.gz` files are read unpacked.
        form: how they are written.
        channel: `voice` or `voip`.
        jurisdiction: ISO 3166-1 alpha-2 of the numbers; empty takes the node's.
        poll_s: seconds between looks into the folder.
        batch: most lines at once.
    """

    folder: str
    traps: tuple[str, ...] = ()
    traps_file: str = ""
    pattern: str = "*.csv*"
    form: Form = Form()
    channel: Channel = Channel.VOICE
    jurisdiction: str = ""
    poll_s: float = 1.0
    batch: int = 5000


class CallFeed(Door):
    """Follows a folder of call records.

    Args:
        name: the door's name.
        config: its table.
        house: the node.

    Raises:
        Misconfigured: the table or the remembered positions can't work.
    """

    def __init__(self, name: str, config: FeedConfig, house: House) -> None:
        super().__init__(name)
        self._config = config
        self._house = house
        self._country = config.jurisdiction or house.settings.jurisdiction
        self._rows = Rows(config.form, self._country)
        self._traps = Traps.read(config.traps, config.traps_file, self._country)
        self._positions = Positions(house.settings.folder, name)

    async def run(self) -> None:
        """Read what is new, hand it in, remember how far; over and over until cancelled."""
        positions = self._positions.load()
        folder, header = Path(self._config.folder), not self._config.form.header
        tail = Tail(folder, self._config.pattern, header, self._house.clock, positions)
        while True:
            lines = await asyncio.to_thread(tail.read, self._config.batch)
            if not lines:
                await asyncio.sleep(self._config.poll_s)
                continue
            refused: Counter[str] = Counter()
            await self._hand_in(list(self._items(lines, refused)), refused)
            tail.advance(lines)
            await asyncio.to_thread(self._positions.save, tail.positions)
            if refused:
                _log.warning("calls.refused", door=self.name, file=lines[0].file, codes=dict(refused))

    async def _hand_in(self, items: list[Item], refused: Counter[str]) -> None:
        while items:
            try:
                answers = await self._house.intake.submit(items)
            except Busy as busy:
                await asyncio.sleep(busy.retry_after)
                continue
            refused.update(answer.code for answer in answers if isinstance(answer, Rejected))
            return

    def _items(self, lines: list[Line], refused: Counter[str]) -> Iterator[Item]:
        """Give the calls that reached a trap.

        Raises:
            Misconfigured: a file has not the columns that the table names; none of it is passed over.
        """
        headers: dict[str, Sequence[str]] = {}
        for line in lines:
            try:
                if isinstance(line.text, Rejected):
                    raise line.text
                header = headers.get(line.file) or self._header(line)
                headers[line.file] = header
                call = self._rows.call(header, line.text)
            except Rejected as refusal:
                refused[refusal.code] += 1
                continue
            if call.called in self._traps:
                envelope = Envelope(door=self.name, source=Source.TRAP, received_at=call.began)
                yield self._submission(call, line.id), envelope

    def _header(self, line: Line) -> Sequence[str]:
        header = self._config.form.header or self._rows.split(line.header)
        if missing := self._rows.missing(header):
            raise Misconfigured(
                f"door {self.name!r}: call-record file {line.file} has no column {missing[0]!r}"
            )
        return header

    def _submission(self, call: Call, message_id: str) -> Submission:
        return Submission(
            channel=self._config.channel.value,
            sender=call.calling,
            subject="" if call.calling else WITHHELD,
            sent_at=moment(call.began),
            recipient=call.called,
            jurisdiction=self._country,
            message_id=message_id,
            route=call.route,
            call=call.facts,
        )


KIND = Kind(FeedConfig, CallFeed)
