"""A running node: the one place that knows every part and wires them together."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import structlog
from litestar import Litestar
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import License

import tocsin
from tocsin import health
from tocsin.campaigns import api as campaigns_api
from tocsin.campaigns import pages as campaigns_pages
from tocsin.campaigns.grouping import Grouper
from tocsin.definitions import api as definitions_api
from tocsin.desk import api as desk_api
from tocsin.desk import pages as desk_pages
from tocsin.desk.counter import Counter
from tocsin.desk.duplicates import Duplicates
from tocsin.desk.intake import Desk
from tocsin.desk.pseudonyms import open_keyring
from tocsin.desk.validation import Validator
from tocsin.doors.door import House
from tocsin.doors.opening import keep_open, open_doors
from tocsin.errors import TocsinError
from tocsin.exercises import simulation
from tocsin.ports import Clock, SystemChance, SystemClock
from tocsin.records import HOUR
from tocsin.screening import api as screening_api
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import load_snapshot
from tocsin.settings import Settings
from tocsin.statistics import api as statistics_api
from tocsin.statistics import pages as statistics_pages
from tocsin.storage.engine import Storage
from tocsin.storage.schema import create
from tocsin.web import kit
from tocsin.web.live import Live

_log = structlog.get_logger(__name__)


class Node:
    """The parts of one node. Use `open_node`, which also closes them.

    Args:
        settings: what to open and how.
        clock: stamps what comes in.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        settings.folder.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.clock = clock or SystemClock()
        self.chance = SystemChance()
        self.keyring = open_keyring(settings.folder)
        self.storage = Storage(settings.database_url)
        create(self.storage)
        self.live = Live()
        self.screener = Screener()
        self.snapshot = load_snapshot()
        self.desk = Desk(
            storage=self.storage,
            validator=Validator(
                keyring=self.keyring,
                chance=self.chance,
                member=settings.member,
                jurisdiction=settings.jurisdiction,
                content_limit=settings.content_limit,
            ),
            screener=self.screener,
            snapshot=self.snapshot,
            grouper=Grouper(),
            duplicates=Duplicates(settings.duplicate_window_h * HOUR),
            clock=self.clock,
            committed=self.live.announce,
        )
        self.counter = Counter(self.desk, settings.desk_queue, settings.desk_batch)
        self.house = House(
            intake=self.counter,
            storage=self.storage,
            keyring=self.keyring,
            screener=self.screener,
            snapshot=self.snapshot,
            clock=self.clock,
            chance=self.chance,
            settings=self.settings,
        )
        try:
            self.doors = open_doors(self.house)
        except TocsinError:
            self.close()
            raise
        self._demo: threading.Thread | None = None

    def close(self) -> None:
        """Finish what was taken in, then let go of everything."""
        self.counter.close()
        self.storage.close()

    def play_demo(self) -> None:
        """Start the simulation through the real desk, unless it plays already."""
        if self._demo is not None and self._demo.is_alive():
            return
        self._demo = threading.Thread(target=self._play, name="demo", daemon=True)
        self._demo.start()

    def _play(self) -> None:
        for _ in simulation.play(self.desk.take, self.clock):
            pass
        _log.info("demo.ended")

    def app(self, *, rooms: bool = True) -> Litestar:
        """Build the web application of this node.

        Args:
            rooms: whether it serves the rooms' pages and API, or its doors and health alone.
        """
        handlers = [*health.routes(), *(route for door in self.doors for route in door.routes())]
        return kit.application(
            handlers=[*handlers, *_rooms()] if rooms else handlers,
            dependencies=self._dependencies(),
            openapi=_openapi(),
            describe=desk_api.describe if rooms else _describe_nothing,
            body_limit=self.settings.body_limit,
            lifespan=[self._lifespan],
        )

    def _dependencies(self) -> dict[str, Provide]:
        parts: dict[str, Any] = {
            "settings": self.settings,
            "storage": self.storage,
            "counter": self.counter,
            "screener": self.screener,
            "snapshot": self.snapshot,
            "clock": self.clock,
            "live": self.live,
            "play_demo": self.play_demo,
        }
        return {name: Provide(_giving(part), sync_to_thread=False) for name, part in parts.items()}

    @asynccontextmanager
    async def _lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        _log.info("node.started", member=self.settings.member)
        doors = asyncio.create_task(keep_open(self.doors, self.chance))
        yield
        doors.cancel()
        await asyncio.gather(doors, return_exceptions=True)
        self.close()


def _rooms() -> list[BaseRouteHandler]:
    return [
        *desk_api.routes(),
        *screening_api.routes(),
        *campaigns_api.routes(),
        *definitions_api.routes(),
        *statistics_api.routes(),
        *statistics_pages.routes(),
        *desk_pages.routes(),
        *campaigns_pages.routes(),
    ]


def _describe_nothing(_document: dict[str, Any]) -> None:
    """Leave an OpenAPI document as it is."""


def _giving(part: object) -> Callable[[], Any]:
    def give() -> Any:
        return part

    return give


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Tocsin",
        version=tocsin.__version__,
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        description="Report spam, screen messages, read campaigns and statistics.",
        path="/api/v1/openapi",
    )


@contextmanager
def open_node(settings: Settings, clock: Clock | None = None) -> Iterator[Node]:
    """Open a node without serving it, for commands that work on its ledger; closes it at the end."""
    node = Node(settings, clock)
    try:
        yield node
    finally:
        node.close()
