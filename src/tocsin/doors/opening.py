"""Opening the doors that the settings name, and keeping them open."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module

import structlog

from tocsin.doors.door import Door, House, Kind, configured
from tocsin.errors import Misconfigured
from tocsin.ports import Chance

KINDS: Mapping[str, str] = {
    "activitypub": "tocsin.doors.social.activitypub",
    "calls": "tocsin.doors.calls.door",
    "handset": "tocsin.doors.handset.door",
    "imap": "tocsin.doors.mail.imap",
    "matrix": "tocsin.doors.social.matrix",
    "platform": "tocsin.doors.social.platform",
    "sip": "tocsin.doors.sip.door",
    "smpp": "tocsin.doors.smpp.door",
    "smtp": "tocsin.doors.mail.door",
    "telegram": "tocsin.doors.bots.telegram",
    "whatsapp": "tocsin.doors.bots.whatsapp",
    "xmpp": "tocsin.doors.xmpp.door",
}
"""Each kind's module, which states it in `KIND`; imported only when a door of it is configured."""
LONGEST_NAME = 64
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
_log = structlog.get_logger(__name__)


def open_doors(house: House) -> list[Door]:
    """Make every configured door, closed still.

    Raises:
        Misconfigured: a kind is unknown, or a door's table can't work.
    """
    return [_open(name, dict(table), house) for name, table in house.settings.doors.items()]


def kind_named(name: str) -> Kind:
    """Import a kind of door.

    Raises:
        Misconfigured: there is none of this name.
    """
    if name not in KINDS:
        raise Misconfigured(f"no kind of door is called {name!r}; known: {', '.join(sorted(KINDS))}")
    kind: Kind = import_module(KINDS[name]).KIND
    return kind


def _open(name: str, table: dict[str, object], house: House) -> Door:
    if not 0 < len(name) <= LONGEST_NAME:
        raise Misconfigured(f"a door's name has 1 to {LONGEST_NAME} characters")
    kind = kind_named(str(table.pop("kind", "")))
    return kind.open(name, configured(kind, name, table), house)


async def keep_open(doors: Sequence[Door], chance: Chance) -> None:
    """Run doors until cancelled. One that fails is opened again, later and later; the others go on."""
    async with asyncio.TaskGroup() as tasks:
        for door in doors:
            tasks.create_task(_keep(door, chance), name=f"door {door.name}")


async def _keep(door: Door, chance: Chance) -> None:
    for wait in _waits(chance):
        try:
            _log.info("door.opens", door=door.name)
            await door.run()
        except Misconfigured as error:
            _log.error("door.misconfigured", door=door.name, detail=error.detail)
            return
        except Exception:  # noqa: BLE001 - whatever broke one door must not close the others
            _log.exception("door.failed", door=door.name, again_in_s=round(wait, 1))
        else:
            return
        await asyncio.sleep(wait)


def _waits(chance: Chance) -> Iterator[float]:
    """Give ever longer waits, scattered so that many doors do not knock at once."""
    wait = _FIRST_WAIT
    while True:
        yield wait * (0.5 + chance.bits(16) / 65536)
        wait = min(_LONGEST_WAIT, 2 * wait)
