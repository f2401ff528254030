"""One batch's errands: reporting, naming and checking what the conversations want, all at once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from tocsin.desk.intake import Item
from tocsin.doors.dialogue.messages import Heard, Incoming, Reply
from tocsin.doors.dialogue.records import (
    Action,
    Check,
    Checked,
    Decline,
    Event,
    Name,
    Named,
    Refused,
    Report,
    Say,
    Taken,
)
from tocsin.doors.door import Intake
from tocsin.errors import Rejected
from tocsin.records import Receipt, moment

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
Checker = Callable[[Sequence[str]], Awaitable[Sequence[str]]]
"""Screens texts without reporting them; gives for each the key of the sentence that says what it thinks."""
W = TypeVar("W", Report, Name, Check)


@dataclass(slots=True, eq=False)
class Turn:
    """One message on its way through a batch.

    Args:
        incoming: the message.
        key: of its reporter's session; empty for a machine's message.
        wanted: what the conversation wants done.
        refused: why it can't be taken.
        said: the answer to it, if any.
    """

    incoming: Incoming
    key: bytes
    wanted: list[Action] = field(default_factory=list)
    refused: Rejected | None = None
    said: list[Say] = field(default_factory=list)

    def want(self, actions: Sequence[Action]) -> None:
        """Note what the conversation wants."""
        for action in actions:
            match action:
                case Say():
                    self.said.append(action)
                case Decline():
                    self.refused = Rejected("reporter.too_many", "reporter", "too many messages in an hour")
                case _:
                    self.wanted.append(action)

    def heard(self) -> Heard:
        """Say what became of it."""
        answers = tuple(Reply(self.incoming.reporter, said.text, said.language) for said in self.said)
        return Heard(self.refused, answers)


class Errands:
    """Does what a batch's conversations want.

    Args:
        intake: takes reports and senders.
        checker: screens what someone asks about; None where nobody may ask.
    """

    def __init__(self, intake: Intake, checker: Checker | None) -> None:
        self._intake = intake
        self._checker = checker

    async def run(
        self, turns: Sequence[Turn], item: Callable[[Turn, Report], Item]
    ) -> list[tuple[Turn, Event]]:
        """Run a batch's errands.

        Args:
            turns: the batch.
            item: makes what is handed in of a report.

        Returns:
            what came of each errand, in the messages' order.

        Raises:
            Busy: not everything was done; doing it all again is safe.
        """
        events = await self._report(_wanted(turns, Report), item)
        events |= await self._name(_wanted(turns, Name), events)
        events |= await self._check(_wanted(turns, Check))
        return [(turn, events[turn]) for turn in turns if turn in events]

    async def _report(
        self, wanted: Sequence[tuple[Turn, Report]], item: Callable[[Turn, Report], Item]
    ) -> dict[Turn, Event]:
        if not wanted:
            return {}
        answers = await self._intake.submit([item(turn, report) for turn, report in wanted])
        events: dict[Turn, Event] = {}
        for (turn, report), answer in zip(wanted, answers, strict=True):
            if isinstance(answer, Receipt):
                events[turn] = Taken(report, answer.ticket)
            else:
                turn.refused = answer
                events[turn] = Refused(report)
        return events

    async def _name(
        self, wanted: Sequence[tuple[Turn, Name]], reported: Mapping[Turn, Event]
    ) -> dict[Turn, Event]:
        tickets = {
            (turn.key, event.report.ref): event.ticket
            for turn, event in reported.items()
            if isinstance(event, Taken)
        }
        found = [
            (turn, name, name.ticket or tickets.get((turn.key, name.report), "")) for turn, name in wanted
        ]
        named = {turn: Named(name, ticket) for turn, name, ticket in found if ticket}
        # A refusal means that the report has its sender already: named before a crash, or by another door.
        await asyncio.gather(
            *(
                self._intake.name_sender(event.ticket, event.name.sender)
                for event in named.values()
                if event.name.sender
            )
        )
        return dict(named)

    async def _check(self, wanted: Sequence[tuple[Turn, Check]]) -> dict[Turn, Event]:
        if not wanted or self._checker is None:
            return {}
        opinions = await self._checker([check.text for _, check in wanted])
        return {turn: Checked(check, said) for (turn, check), said in zip(wanted, opinions, strict=True)}


def _wanted(turns: Sequence[Turn], kind: type[W]) -> list[tuple[Turn, W]]:
    return [(turn, want) for turn in turns for want in turn.wanted if isinstance(want, kind)]


def sent_at(report: Report, zone: ZoneInfo, now: int) -> datetime | None:
    """Return when the reported message came, if that is known and can be: never a reason to refuse it.

    Args:
        report: perhaps with a moment, or with a day alone, of which noon is taken.
        zone: where its reporter writes days.
        now: the instant.
    """
    given = report.sent_at
    if report.sent_on is not None:
        given = datetime.combine(report.sent_on, time(12), zone)
    if given is None or given.tzinfo is None or given < _EARLIEST:
        return None
    present = moment(now)
    return None if given > present + timedelta(days=1) else min(given, present)
