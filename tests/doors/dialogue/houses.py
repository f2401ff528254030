"""A house for the dialogue's tests: a real node's parts, some of which a test may exchange."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from tests.makers import Node
from tocsin.desk.tables import report
from tocsin.doors.door import House


def house(node: Node, **parts: Any) -> House:
    """Return what a door is given of a node."""
    return replace(node.house, **parts)


def stored(node: Node) -> list[tuple[str, str, str]]:
    """Return content, sender and jurisdiction of every report, oldest first."""
    query = select(report.c.content, report.c.sender, report.c.jurisdiction).order_by(report.c.id)
    with node.storage.reading() as connection:
        return [tuple(row) for row in connection.execute(query)]


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a test's asynchronous part."""
    return asyncio.run(work)
