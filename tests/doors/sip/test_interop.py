"""The SIP door with real peers: sipp as telephones, also over a bad line, and Kamailio as a proxy."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.doors.calls.makers import call, reports, until
from tests.doors.sip.makers import REPORTER, SPAMMER, serving
from tests.makers import Node, open_node, settings
from tocsin.doors.calls.records import Call
from tocsin.doors.sip.door import SipDoor
from tocsin.records import SECOND, Instant

pytestmark = [pytest.mark.anyio, pytest.mark.interop]
SCENARIOS = Path(__file__).parent / "scenarios"
KAMAILIO = Path("/usr/sbin/kamailio")
REPORTERS = [f"+4477009001{n:02}" for n in range(20)]
needs_sipp = pytest.mark.skipif(not shutil.which("sipp"), reason="sipp (Debian: sip-tester) is not installed")
needs_kamailio = pytest.mark.skipif(not KAMAILIO.exists(), reason="Kamailio is not installed")


def free_port() -> int:
    """Find a free UDP port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@asynccontextmanager
async def running(*command: str | Path, cwd: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program; end it in the end."""
    log = (cwd / f"{Path(command[0]).name}-{free_port()}.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        log.close()


def sipp(scenario: str, *options: str) -> list[str]:
    """Write a sipp command."""
    fixed = ["-i", "127.0.0.1", "-p", str(free_port()), "-nostdin", "-timeout", "60", "-timeout_error"]
    return ["sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), *fixed, *options]


async def finished(process: asyncio.subprocess.Process) -> int:
    """Wait for a program's end."""
    async with asyncio.timeout(90):
        return await process.wait()


def calls_to_all(node: Node) -> list[Call]:
    """Give each reporter a spam call a second ago."""
    began = Instant(node.clock.now() - SECOND)
    return [call(called=reporter, began=began) for reporter in REPORTERS]


def fields(tmp_path: Path, rows: list[str]) -> str:
    """Write sipp's file of values."""
    file = tmp_path / "fields.csv"
    file.write_text("SEQUENTIAL\n" + "".join(f"{row};\n" for row in rows), encoding="utf-8")
    return str(file)


def target(door: SipDoor) -> str:
    """Say where a door is."""
    assert door.address is not None
    return f"{door.address[0]}:{door.address[1]}"


@needs_sipp
@pytest.mark.parametrize("line", [["-t", "u1"], ["-t", "u1", "-lost", "20"], ["-t", "t1"]])
async def test_telephones_report_their_last_call(tmp_path: Path, line: list[str]) -> None:
    """Twenty telephones over UDP, over UDP that loses every fifth message, and over TCP: twenty reports."""
    with open_node(settings(tmp_path / "node")) as node:
        async with serving(node, calls_to_all(node), t1_s=0.1) as door:
            options = ["-inf", fields(tmp_path, REPORTERS), "-m", "20", "-r", "20", *line, target(door)]
            async with running(*sipp("report", *options), cwd=tmp_path) as telephones:
                status = await finished(telephones)
        assert len(reports(node)) == 20
    assert status == 0


@asynccontextmanager
async def proxy(tmp_path: Path, door: SipDoor, subscriber: int) -> AsyncIterator[str]:
    """Run Kamailio in front of the door and a subscriber."""
    port = free_port()
    assert door.address is not None
    text = (SCENARIOS / "kamailio.cfg").read_text(encoding="utf-8")
    ports = {"@PROXY@": port, "@DOOR@": door.address[1], "@SUBSCRIBER@": subscriber}
    for mark, value in ports.items():
        text = text.replace(mark, str(value))
    file = tmp_path / "kamailio.cfg"
    file.write_text(text, encoding="utf-8")
    command = (
        KAMAILIO,
        "-f",
        file,
        "-DD",
        "-E",
        "-m",
        "32",
        "-M",
        "4",
        "-Y",
        tmp_path,
        "-P",
        tmp_path / "pid",
    )
    async with running(*command, cwd=tmp_path):
        await until(lambda: answers(port))
        yield f"127.0.0.1:{port}"


def answers(port: int) -> bool:
    """Ask a proxy whether it is there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        probe.settimeout(0.2)
        here = probe.getsockname()[1]
        probe.connect(("127.0.0.1", port))
        question = (
            f"OPTIONS sip:127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{here};branch=z9hG4bK1\r\n"
            "From: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:b@127.0.0.1>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        try:
            probe.send(question.encode())
            return bool(probe.recv(2000))
        except OSError:
            return False


@needs_sipp
@needs_kamailio
async def test_telephones_report_through_a_proxy(tmp_path: Path) -> None:
    """Kamailio records its route; the door's BYE finds the telephone through it."""
    with open_node(settings(tmp_path / "node")) as node:
        async with serving(node, calls_to_all(node), t1_s=0.1) as door, proxy(tmp_path, door, 9) as front:
            options = ["-inf", fields(tmp_path, REPORTERS), "-m", "20", "-r", "20", front]
            async with running(*sipp("report", *options), cwd=tmp_path) as telephones:
                status = await finished(telephones)
        assert len(reports(node)) == 20
    assert status == 0


@needs_sipp
@needs_kamailio
@pytest.mark.parametrize(("behaviour", "answered"), [("hangs_up", 1), ("refuses", 0)])
async def test_an_unwanted_call_through_a_proxy_is_a_report(
    tmp_path: Path, behaviour: str, answered: int
) -> None:
    """The proxy copies the BYE that says 607, or the 607 itself, to the door."""
    subscriber = free_port()
    with open_node(settings(tmp_path / "node")) as node:
        async with serving(node, [], t1_s=0.1) as door, proxy(tmp_path, door, subscriber) as front:
            taking = sipp(behaviour, "-m", "1", "-p", str(subscriber), front)
            calling = sipp("spammer", "-inf", fields(tmp_path, [f"{SPAMMER};{REPORTER}"]), "-m", "1", front)
            async with (
                running(*taking, cwd=tmp_path) as telephone,
                running(*calling, cwd=tmp_path) as spammer,
            ):
                statuses = [await finished(spammer), await finished(telephone)]
            await until(lambda: reports(node))
        (report,) = reports(node)
        assert report["reporter"] == node.keyring.pseudonym(REPORTER, "GB")
    assert (report["sender"], report["call_answered"], statuses) == (SPAMMER, answered, [0, 0])
