"""A node with doors, spoken to by HTTP, and the reports it took."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text

from tests.makers import settings
from tocsin.node import Node
from tocsin.settings import Settings

Client = TestClient[Litestar]


@contextmanager
def open_door(folder: Path, table: dict[str, object], **changes: Any) -> Iterator[tuple[Client, Node]]:
    """Open a node whose one door is called `in`; HTTP is spoken in memory."""
    node = Node(Settings(vars(settings(folder, **changes)), {"in": table}))
    with TestClient(node.app(), raise_server_exceptions=False) as client:
        yield client, node


def reports(node: Node) -> list[dict[str, Any]]:
    """Return what the ledger holds, oldest first."""
    with node.storage.reading() as connection:
        rows = connection.execute(text("SELECT * FROM report ORDER BY id")).mappings()
        return [dict(row) for row in rows]
