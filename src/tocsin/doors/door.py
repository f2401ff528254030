"""What every door is: a protocol without a policy, between the world and the desk.

A door turns bytes into `Submission`s, hands them to the intake, and says the answer in its protocol's own
words (`errors.STATUS`). It is configured by a table in `tocsin.toml`, named by its operator:

    [doors.gb-7726]
    kind = "smpp"
    host = "192.0.2.1"
    password = "env:SMSC_PASSWORD"
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from tocsin.desk.intake import Answer, Item
from tocsin.desk.pseudonyms import Keyring
from tocsin.errors import Misconfigured
from tocsin.ports import Chance, Clock
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import Snapshot
from tocsin.settings import Settings
from tocsin.storage.engine import Storage


class Intake(Protocol):
    """Where a door hands in what it heard; `desk.counter.Counter` is the real one."""

    async def submit(self, items: Sequence[Item]) -> list[Answer]:
        """Hand in reports and wait until they are durable.

        Raises:
            Busy: nothing was taken; say "later" in the protocol's own words.
        """
        ...

    async def name_sender(self, ticket: str, sender: str) -> Answer:
        """Say who sent the message of a report that was taken with its sender unknown.

        Returns:
            the report's receipt; a refusal when the sender can't be read or the report names one already.

        Raises:
            Busy: nothing was changed.
        """
        ...


@dataclass(frozen=True, slots=True)
class House:
    """What a door is given of the node; it looks nothing up for itself.

    Args:
        intake: takes reports.
        storage: the ledger, for a door's own tables and for questions.
        keyring: makes pseudonyms of reporters.
        screener: judges a message that someone only asks about.
        snapshot: what the screener judges by.
        clock: the time.
        chance: random bits.
        settings: the node's settings.
    """

    intake: Intake
    storage: Storage
    keyring: Keyring
    screener: Screener
    snapshot: Snapshot
    clock: Clock
    chance: Chance
    settings: Settings


class Door(ABC):
    """One way in, open while `run` runs.

    Args:
        name: what its operator calls it; the envelope's door, at most 64 characters.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    async def run(self) -> None:
        """Serve until cancelled; on cancellation stop taking, answer what was taken, then return.

        Raises:
            OSError: the link or the address can't be had now; it is tried again, later and later.
            Misconfigured: it never will; the node says so and goes on without this door.
        """

    def routes(self) -> Sequence[BaseRouteHandler]:
        """Return what this door serves by HTTP, mounted in the node's own application."""
        return ()


class Kind(NamedTuple):
    """A kind of door, as its module states it in `KIND`.

    Args:
        config: the table's fields; unknown ones are refused.
        open: makes the door of its name, its configuration and the house; raises Misconfigured.
    """

    config: type[Struct]
    open: Callable[[str, Any, House], Door]


def secret(value: str) -> str:
    """Read a secret: `env:NAME` from the environment, `file:PATH` from a file, anything else is itself.

    Raises:
        Misconfigured: there is no such variable or file.
    """
    try:
        match value.partition(":"):
            case ("env", ":", name):
                return os.environ[name]
            case ("file", ":", path):
                return Path(path).read_text(encoding="utf-8").strip()
            case _:
                return value
    except (KeyError, OSError) as error:
        raise Misconfigured(f"a door's secret can't be read from {value!r}") from error


def configured(kind: Kind, name: str, table: dict[str, object]) -> Any:
    """Read a door's table into its kind's configuration.

    Raises:
        Misconfigured: a field is unknown, missing or of the wrong type.
    """
    try:
        return msgspec.convert(table, kind.config)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"door {name!r}: {error}") from error
