"""The SMPP door: binds to an operator's message centre, hears the short code, holds the dialogue."""

import asyncio
from dataclasses import replace
from hashlib import blake2b
from typing import Annotated, Literal

import structlog
from msgspec import Meta, Struct

from tocsin.doors.dialogue.conversation import Conversation
from tocsin.doors.dialogue.profiles import profile
from tocsin.doors.door import Door, House, Kind, secret
from tocsin.doors.opening import keep_open
from tocsin.doors.smpp.esme import BIND_KINDS, Account, bind, tls_context
from tocsin.doors.smpp.hearing import Dialogue, Hearing, Terms
from tocsin.doors.smpp.numbers import Command
from tocsin.doors.smpp.pdus import Pdu, ShortMessage
from tocsin.doors.smpp.session import Limits, Session
from tocsin.doors.smpp.shelf import Shelf
from tocsin.doors.smpp.speaking import Speaking
from tocsin.doors.smpp.words import check_alphabet

STOOD_S = 30.0
"""A link that stood so long is opened again at once when it is lost; one that did not, later and later."""
_log = structlog.get_logger(__name__)

Port = Annotated[int, Meta(ge=1, le=65535)]
Count = Annotated[int, Meta(ge=1, le=10_000)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Text = Annotated[str, Meta(max_length=255)]


class SmppConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A door's table.

    Args:
        host: the message centre.
        port: its port.
        system_id: our name there, at most 15 characters.
        password: at most 8 characters; `env:NAME` or `file:PATH` keep it out of the table.
        system_type: what the operator asks for, often nothing.
        bind: `transceiver`; or `receiver`, with one transmitter beside it if the door answers.
        binds: links at the same time.
        tls: whether to speak TLS and check the centre's certificate.
        authority: PEM file of who signed it; empty for the system's list.
        certificate: our own PEM file, for centres that ask for one.
        key: its key.
        window: requests without an answer, each way and link.
        enquire_link_s: silence after which the centre is asked whether it is there.
        response_s: in which it must answer.
        code: our number, such as 7726.
        alphabet: what data_coding 0 means there: gsm7, gsm7-packed, ascii, latin-1 or utf-8.
        jurisdiction: ISO 3166-1 alpha-2 of the reporters; empty for the profile's.
        profile: how the dialogue is held.
        answer: whether prompts and thanks are sent.
        parts_s: in which the parts of a long message must come.
        again_s: in which an equal message may be a re-delivery.
    """

    host: Text
    port: Port = 2775
    system_id: Annotated[str, Meta(max_length=15)]
    password: str = ""
    system_type: Annotated[str, Meta(max_length=12)] = ""
    bind: Literal["transceiver", "receiver"] = "transceiver"
    binds: Annotated[int, Meta(ge=1, le=64)] = 1
    tls: bool = False
    authority: str = ""
    certificate: str = ""
    key: str = ""
    window: Count = 100
    enquire_link_s: Seconds = 30.0
    response_s: Seconds = 10.0
    code: Annotated[str, Meta(min_length=1, max_length=20)]
    alphabet: str = "gsm7"
    jurisdiction: Annotated[str, Meta(pattern="^([A-Z]{2})?$")] = ""
    profile: str = "default"
    answer: bool = True
    parts_s: Annotated[int, Meta(ge=1, le=86_400)] = 300
    again_s: Annotated[int, Meta(ge=1, le=86_400)] = 300


class _Mute:
    """Says nothing, for a door that must not answer."""

    def say(self, text: str, to: ShortMessage) -> None:
        """Say nothing."""


class _Link(Door):
    """One bind, open while it stands; the frame opens it again."""

    def __init__(self, name: str, kind: Command, door: "SmppDoor") -> None:
        super().__init__(name)
        self._kind, self._door = kind, door

    async def run(self) -> None:
        door, loop = self._door, asyncio.get_running_loop()
        session = await bind(door.account, self._kind, door.limits, door.take)
        door.links.add(session)
        session.gone.add_done_callback(lambda _: door.links.discard(session))
        _log.info("smpp.bound", door=self.name)
        since = loop.time()
        await asyncio.wait([session.gone])
        _log.warning("smpp.link_lost", door=self.name, stood_s=round(loop.time() - since, 1))
        if loop.time() - since < STOOD_S:
            raise ConnectionResetError("the link did not last")


class SmppDoor(Door):
    """One short code at one message centre.

    Args:
        name: the door's name.
        config: its table.
        house: the node's parts.
        dialogue: what hears; the profile's conversation by default.

    Raises:
        Misconfigured: the profile, the alphabet, the password or a certificate can't be had.
    """

    def __init__(self, name: str, config: SmppConfig, house: House, dialogue: Dialogue | None = None) -> None:
        super().__init__(name)
        self._config, self._house = config, house
        held = profile(config.profile)
        held = replace(held, jurisdiction=config.jurisdiction or held.jurisdiction)
        self._dialogue = dialogue or Conversation(name, house, held, our_codes=frozenset({config.code}))
        self._terms = Terms(
            name,
            held.jurisdiction or house.settings.jurisdiction,
            check_alphabet(config.alphabet),
            config.parts_s,
            config.again_s,
        )
        tls = tls_context(config.authority, config.certificate, config.key) if config.tls else None
        self.account = Account(
            config.host, config.port, config.system_id, secret(config.password), config.system_type, tls=tls
        )
        self.limits = Limits(
            config.window, config.enquire_link_s, config.response_s, config.response_s, config.response_s
        )
        self.links: set[Session] = set()
        self._hearing: Hearing | None = None

    def take(self, session: Session, pdu: Pdu) -> None:
        """Take a request of the message centre."""
        if self._hearing:
            self._hearing.take(session, pdu)

    async def run(self) -> None:
        """Hold the binds and the dialogue until cancelled."""
        named = blake2b(self.name.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        shelf = Shelf(self._house.settings.folder / f"smpp-{named}.parts")
        speaking = Speaking(
            self.name, self._config.code, self._terms.alphabet, self.links, self._house.chance
        )
        voice = speaking if self._config.answer else _Mute()
        hearing = self._hearing = Hearing(self._terms, self._house, self._dialogue, shelf, voice)
        heard = asyncio.create_task(hearing.run())
        others = [asyncio.create_task(self._keep(link)) for link in self._links()]
        if self._config.answer:
            others.append(asyncio.create_task(speaking.run()))
        try:
            await asyncio.gather(asyncio.shield(heard), *others)
        finally:
            hearing.close()
            await self._end(heard, others)
            shelf.close()

    async def _end(self, heard: asyncio.Task[None], others: list[asyncio.Task[None]]) -> None:
        """Answer what was taken, then take leave."""
        for task in others:
            task.cancel()
        await asyncio.gather(heard, *others, return_exceptions=True)
        await asyncio.gather(*(session.unbind() for session in list(self.links)))

    async def _keep(self, link: _Link) -> None:
        while True:
            await keep_open([link], self._house.chance)

    def _links(self) -> list[_Link]:
        kind = BIND_KINDS[self._config.bind]
        links = [_Link(f"{self.name} #{number}", kind, self) for number in range(1, self._config.binds + 1)]
        if kind == Command.BIND_RECEIVER and self._config.answer:
            links.append(_Link(f"{self.name} #out", Command.BIND_TRANSMITTER, self))
        return links


def _open(name: str, config: SmppConfig, house: House) -> SmppDoor:
    return SmppDoor(name, config, house)


KIND = Kind(SmppConfig, _open)
