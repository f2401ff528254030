"""Joining the dialogue to the house: batches of messages in, answers out, everything durable in between.

A batch is: load the conversations → step each message → report all that is reported at once → name senders
→ write the conversations → give the answers back. A crash anywhere in between loses nothing that was
acknowledged and doubles nothing: the network delivers the batch again, the desk knows a report by its
message id and gives its first ticket, and the conversation, unwritten, asks its question then.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from tocsin.desk.intake import Item
from tocsin.doors.dialogue.messages import Heard, Incoming, Reply
from tocsin.doors.dialogue.profiles import Profile
from tocsin.doors.dialogue.records import Event, Report, Said, Session
from tocsin.doors.dialogue.senders import canonical, is_service
from tocsin.doors.dialogue.steps import expires_at, step
from tocsin.doors.dialogue.store import Sessions, session_key
from tocsin.doors.dialogue.turns import Checker, Errands, Turn, sent_at
from tocsin.doors.door import House
from tocsin.records import Channel, Envelope, Submission

__all__ = ["Conversation", "Heard", "Incoming", "Reply"]

_PHONE_CHANNELS = frozenset({Channel.SMS, Channel.MMS, Channel.RCS, Channel.VOICE})


class Conversation:
    """Holds the dialogue of one door with all its reporters.

    Args:
        door: the door's configured name.
        house: the node's parts.
        profile: how the dialogue is held.
        channel: what the reported messages came by.
        our_codes: numbers of ours besides the profile's, to which nothing is ever sent.
        checker: screens what someone asks about; None where nobody may ask.
    """

    def __init__(
        self,
        door: str,
        house: House,
        profile: Profile,
        channel: Channel = Channel.SMS,
        our_codes: frozenset[str] = frozenset(),
        checker: Checker | None = None,
    ) -> None:
        country = profile.jurisdiction or house.settings.jurisdiction
        codes = frozenset(canonical(code, country) for code in our_codes | profile.codes)
        self._house = house
        self._envelope = Envelope(door=door)
        self._channel = channel
        self._profile = replace(
            profile, jurisdiction=country, codes=codes, checks=profile.checks and checker is not None
        )
        self._sessions = Sessions(house.storage)
        self._errands = Errands(house.intake, checker)
        self._turn = asyncio.Lock()

    async def hear(self, batch: Sequence[Incoming]) -> list[Heard]:
        """Take a batch of messages.

        Returns:
            what became of each, in order; durable.

        Raises:
            Busy: say "later" in the protocol's own words; delivering the batch again is safe.
        """
        async with self._turn:  # in order, so that no message overtakes another of its reporter
            return await self._hear(batch)

    async def _hear(self, batch: Sequence[Incoming]) -> list[Heard]:
        now = self._house.clock.now()
        turns = [Turn(incoming, self._key(incoming)) for incoming in batch]
        people = {turn.key for turn in turns if turn.key}
        before = await asyncio.to_thread(self._sessions.load, people, now) if people else {}
        sessions = dict(before)
        for turn in turns:
            if turn.key:
                self._step(sessions, turn, self._said(turn.incoming), now)
        for turn, event in await self._errands.run(turns, self._item):
            self._step(sessions, turn, event, now)
        changed = {
            key: (session, expires_at(session, self._profile, now))
            for key, session in sessions.items()
            if session is not before[key]
        }
        if changed:
            await asyncio.to_thread(self._sessions.save, changed, now)
        return [turn.heard() for turn in turns]

    def _step(self, sessions: dict[bytes, Session], turn: Turn, event: Event, now: int) -> None:
        sessions[turn.key], actions = step(sessions[turn.key], event, self._profile, now)
        turn.want(actions)

    def _key(self, incoming: Incoming) -> bytes:
        """Return the reporter's session key; empty for a machine, which is neither heard nor answered."""
        profile, country = self._profile, self._profile.jurisdiction
        if self._channel in _PHONE_CHANNELS and is_service(
            incoming.reporter, country, profile.codes, profile.services
        ):
            return b""
        pseudonym = self._house.keyring.pseudonym(incoming.reporter, country)
        return session_key(self._envelope.door, pseudonym) if pseudonym else b""

    def _said(self, incoming: Incoming) -> Said:
        return Said(
            ref=blake2b(incoming.id.encode("utf-8", "surrogatepass"), digest_size=8).digest(),
            text=incoming.text,
            own=canonical(incoming.reporter, self._profile.jurisdiction),
            sender=incoming.sender,
            forwarded=incoming.forwarded,
            sent_at=incoming.sent_at,
            language=incoming.language,
        )

    def _item(self, turn: Turn, report: Report) -> Item:
        submission = Submission(
            channel=report.channel or self._channel,
            content=report.text,
            sender=report.sender,
            sent_at=sent_at(report, self._profile.zone, self._house.clock.now()),
            reporter=turn.incoming.reporter,
            jurisdiction=self._profile.jurisdiction,
            message_id=turn.incoming.id,
        )
        return submission, self._envelope
