"""The operator's handbook says what a node really shows."""

import re
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from prometheus_client.parser import text_string_to_metric_families

from tocsin.cli import application

ROOT = Path(__file__).resolve().parents[2]
HANDBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "src" / "tocsin"
EVENT = re.compile(r"_log\.(debug|info|warning|error|exception)\(\s*\"([a-z_.]+)\"")
ROW = re.compile(r"^\| `([a-z]+\.[a-z_]+)` \| (\w+) \|", re.MULTILINE)


def test_the_metrics_are_those_that_are_served(client: TestClient[Litestar]) -> None:
    """Each metric of /metrics stands in the handbook with its type and help, and no other does."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    served = {(one.name, one.type, one.documentation) for one in families}
    written = re.findall(r"^\| `(tocsin_\w+)` \| (\w+) \| (.*) \|$", HANDBOOK, re.MULTILINE)
    assert set(written) == served


def logged() -> dict[str, set[tuple[str, str]]]:
    """Return the events that each file of the package logs, with their levels."""
    return {
        file.relative_to(PACKAGE).as_posix(): {
            (name, "error" if level == "exception" else level)
            for level, name in EVENT.findall(file.read_text(encoding="utf-8"))
        }
        for file in PACKAGE.rglob("*.py")
    }


def test_the_events_are_those_that_are_logged() -> None:
    """Each event outside the single doors stands in the handbook with its level, and no other does."""
    doors = re.compile(r"doors/\w+/")
    events = {event for file, found in logged().items() if not doors.match(file) for event in found}
    assert set(ROW.findall(HANDBOOK)) == events


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_health_is_where_the_handbook_says(client: TestClient[Litestar], address: str) -> None:
    """Both answer 200 on a new node."""
    assert f"`{address}`" in HANDBOOK
    assert client.get(address).status_code == 200


def test_every_verb_of_the_handbook_exists() -> None:
    """What it tells to type can be typed."""
    known = {
        command.name or (command.callback and command.callback.__name__.replace("_", "-"))
        for command in application().registered_commands
    }
    assert set(re.findall(r"tocsin ([a-z]+(?:-[a-z]+)*)\b", HANDBOOK)) <= known
