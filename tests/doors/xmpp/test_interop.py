"""The XMPP door with real peers: a slixmpp client blocks with a report and Prosody relays it."""

import asyncio
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

import tocsin.doors.xmpp
from tests.doors.calls.makers import reports, until
from tests.makers import Node, open_node, settings
from tocsin.doors.xmpp.door import XmppConfig, XmppDoor

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.interop,
    pytest.mark.skipif(not shutil.which("prosody"), reason="Prosody is not installed"),
]
HERE = Path(__file__).parent
MODULES = Path(tocsin.doors.xmpp.__file__).parent / "data"


class Ports(NamedTuple):
    """Where Prosody listens for clients and for components."""

    clients: int
    components: int


def free_ports() -> Ports:
    """Find two free ports."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return Ports(one.getsockname()[1], other.getsockname()[1])


@asynccontextmanager
async def prosody(folder: Path, ports: Ports) -> AsyncIterator[Path]:
    """Run Prosody with two users; give its log."""
    accounts = folder / "data" / "example%2etest" / "accounts"
    accounts.mkdir(parents=True, exist_ok=True)
    for name in ("juliet", "romeo"):
        (accounts / f"{name}.dat").write_text('return { ["password"] = "secret" };\n')
    text = (HERE / "prosody.cfg.lua").read_text(encoding="utf-8")
    marks = {"@FOLDER@": folder, "@MODULES@": MODULES, "@CLIENTS@": ports[0], "@COMPONENTS@": ports[1]}
    for mark, value in marks.items():
        text = text.replace(mark, str(value))
    config = folder / "prosody.cfg.lua"
    config.write_text(text, encoding="utf-8")
    log = folder / "prosody.log"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            "prosody", "--config", config, cwd=folder, stdin=-3, stdout=output, stderr=output
        )
        try:
            await until(lambda: listens(ports.clients) or process.returncode is not None)
            yield log
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


def listens(port: int) -> bool:
    """Say whether something listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@asynccontextmanager
async def component(node: Node, port: int) -> AsyncIterator[XmppDoor]:
    """Keep our component connected, as the frame does."""
    config = XmppConfig("spam.example.test", "quay", ("example.test",), port=port)
    door = XmppDoor("im", config, node.house)
    task = asyncio.create_task(again_and_again(door))
    try:
        await asyncio.wait_for(door.connected.wait(), 20)
        yield door
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def again_and_again(door: XmppDoor) -> None:
    """Open a door again whenever its link ends."""
    while True:
        try:
            await door.run()
        except OSError:
            await asyncio.sleep(0.05)


async def block(folder: Path, port: int) -> None:
    """Run the client until its block is answered."""
    with (folder / "client.log").open("ab") as log:
        command = (sys.executable, HERE / "client.py", str(port), "juliet", "romeo")
        process = await asyncio.create_subprocess_exec(*command, stdout=-1, stderr=log)
        assert process.stdout is not None
        async with asyncio.timeout(60):
            said = await process.stdout.read()
            await process.wait()
    assert said == b"sent\n", (folder / "client.log").read_text()


async def test_a_client_blocks_with_a_report(tmp_path: Path) -> None:
    """The ledger has the message from the archive, the words and the consent; no JID of the reporter."""
    ports = free_ports()
    with open_node(settings(tmp_path / "node")) as node:
        async with prosody(tmp_path, ports), component(node, ports.components):
            await block(tmp_path, ports.clients)
            await until(lambda: reports(node))
        (report,) = reports(node)
        assert report["reporter"] == node.keyring.pseudonym("juliet@example.test", "ZZ")
    assert (report["channel"], report["sender"]) == ("im", "romeo@example.test")
    assert report["content"] == "Your parcel is held at parcel.example"
    assert report["comment"] == "Never came trouble to my house like this."
    assert report["consent_to_share"]
    assert report["sent_at"] is not None


async def test_a_report_waits_for_the_component(tmp_path: Path) -> None:
    """Prosody keeps a report while the node is away, and sends it when it is back: it counts once."""
    ports = free_ports()
    with open_node(settings(tmp_path / "node")) as node:
        async with prosody(tmp_path, ports):
            await block(tmp_path, ports.clients)
            async with component(node, ports.components):
                await until(lambda: reports(node))
        assert len(reports(node)) == 1


async def test_the_component_comes_back_after_the_server(tmp_path: Path) -> None:
    """The server restarts; the frame connects again, and the next report arrives."""
    ports = free_ports()
    with open_node(settings(tmp_path / "node")) as node:
        async with AsyncExitStack() as stack:
            async with prosody(tmp_path, ports):
                door = await stack.enter_async_context(component(node, ports.components))
            await until(lambda: not door.connected.is_set())
            async with prosody(tmp_path, ports):
                await asyncio.wait_for(door.connected.wait(), 20)
                await block(tmp_path, ports.clients)
                await until(lambda: reports(node))
