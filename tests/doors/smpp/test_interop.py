"""Three independent stacks and one dissector: Kannel, npm smpp, smpplib, tshark."""

import asyncio
import http.server
import json
import re
import shutil
import socket
import subprocess
import threading
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.doors.smpp.centres import PATIENCE_S, SPAM, forward, in_parts, open_door, until
from tests.makers import open_node, settings
from tocsin.doors.smpp import pdus
from tocsin.doors.smpp.headers import take_apart
from tocsin.doors.smpp.numbers import Command, Status
from tocsin.doors.smpp.smsc import Smsc
from tocsin.doors.smpp.words import decode, encode
from tocsin.doors.smpp.writing import write

pytestmark = pytest.mark.interop
ROOT = Path(__file__).parents[3]
NPM = ROOT / "build" / "npm" / "node_modules" / "smpp"
PEERS = Path(__file__).parent / "peers"
UNICODE = "恭喜您中奖了 😀"
RIGHT_TICKET = re.compile(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}")


def words(message: pdus.ShortMessage) -> str:
    """Read a submitted message's words."""
    return decode(take_apart(message, "gsm7").octets, message.data_coding)


class Peer:
    """A peer program that speaks JSON lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.told: list[dict[str, Any]] = []

    async def hear(self, name: str, count: int = 1) -> list[Any]:
        """Wait until it told something so many times; returns what."""
        assert self._process.stdout
        while len(found := [row[name] for row in self.told if name in row]) < count:
            async with asyncio.timeout(PATIENCE_S):
                line = await self._process.stdout.readline()
            assert line, self.told
            self.told.append(json.loads(line))
            assert "error" not in self.told[-1], self.told[-1]
        return found

    def say(self, what: dict[str, Any]) -> None:
        """Tell it something."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(what).encode() + b"\n")


@asynccontextmanager
async def npm(script: str, *arguments: str) -> AsyncIterator[Peer]:
    """Run a script over npm's smpp."""
    if not shutil.which("node") or not NPM.is_dir():
        pytest.skip("node and npm's smpp are not installed")
    process = await asyncio.create_subprocess_exec(
        "node", PEERS / script, NPM, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        yield Peer(process)
    finally:
        assert process.stdin
        process.stdin.close()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def test_npm_smpp_as_a_client_of_our_message_centre() -> None:
    """It binds, submits GSM and Unicode, is delivered to, unbinds."""
    taken: list[pdus.ShortMessage] = []

    async def played() -> None:
        smsc = Smsc({"peer": "secret"}, lambda message: taken.append(message) or 0)
        port = await smsc.open()
        async with npm("client.js", str(port), "Price: 5€ [net]", UNICODE) as peer:
            assert await peer.hear("bound") == [0]
            assert await peer.hear("submitted", 2) == [0, 0]
            assert await smsc.deliver(forward("Price: 5 {net} @home", data_coding=3)) == Status.OK
            assert await peer.hear("delivered") == ["Price: 5 {net} @home"]
        await until(lambda: not smsc.sessions)
        await smsc.close()

    asyncio.run(played())
    assert [words(message) for message in taken] == ["Price: 5€ [net]", UNICODE]


def test_our_door_bound_to_npm_smpp(tmp_path: Path) -> None:
    """It delivers to our door, gets the answer after the commit, the prompt and the thanks."""

    async def played() -> None:
        async with npm("server.js") as peer:
            (port,) = await peer.hear("port")
            with open_node(settings(tmp_path)) as node:
                door = open_door(node, port, enquire_link_s=0.3)
                running = asyncio.create_task(door.run())
                await peer.hear("bound")
                who = {"source_addr": "447700900999", "source_addr_ton": 1, "destination_addr": "7726"}
                peer.say(who | {"short_message": SPAM})
                assert await peer.hear("answered") == [0]
                assert "number" in (await peer.hear("submitted"))[0]
                peer.say(who | {"short_message": "07700 900123"})
                assert await peer.hear("answered", 2) == [0, 0]
                thanks = (await peer.hear("submitted", 2))[1]
                assert RIGHT_TICKET.search(thanks), thanks
                peer.say(who | {"short_message": UNICODE + " http://prize.example"})
                assert await peer.hear("answered", 3) == [0, 0, 0]
                await peer.hear("submitted", 3)
                await peer.hear("enquired")
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                await peer.hear("unbound")
            assert {row["to"] for row in peer.told if "to" in row} == {"447700900999"}

    asyncio.run(played())


def test_smpplib_as_a_client_of_our_message_centre() -> None:
    """It binds, submits, asks after its message, is delivered to, unbinds."""
    client_module = pytest.importorskip("smpplib.client")
    consts = pytest.importorskip("smpplib.consts")
    taken: list[pdus.ShortMessage] = []
    delivered: list[bytes] = []

    def session(port: int) -> None:
        client = client_module.Client("127.0.0.1", port, timeout=PATIENCE_S, allow_unknown_opt_params=True)
        client.set_message_received_handler(lambda pdu: delivered.append(pdu.short_message) or 0)
        client.connect()
        client.bind_transceiver(system_id="peer", password="secret")  # noqa: S106 - a test's
        client.send_message(
            source_addr="447700900999",
            destination_addr="7726",
            short_message=UNICODE.encode("utf-16-be"),
            data_coding=consts.SMPP_ENCODING_ISO10646,
        )
        client.read_once()
        client.query_message(
            message_id="00000001", source_addr_ton=1, source_addr_npi=1, source_addr="447700900999"
        )
        client.read_once()
        client.read_once()
        client.unbind()
        client.disconnect()

    async def centre(smsc: Smsc) -> None:
        await smsc.bound()
        await until(lambda: taken)
        assert await smsc.deliver(forward()) == Status.OK

    async def played() -> None:
        smsc = Smsc({"peer": "secret"}, lambda message: taken.append(message) or 0)
        port = await smsc.open()
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as both:  # either's fault ends both
            both.create_task(asyncio.to_thread(session, port))
            both.create_task(centre(smsc))
        await smsc.close()

    asyncio.run(played())
    assert words(taken[0]) == UNICODE
    assert delivered == [SPAM.encode()]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


KANNEL = """
group = core
admin-port = {admin}
smsbox-port = {box}
admin-password = admin
box-allow-ip = "127.0.0.1"
log-file = "{folder}/bearerbox.log"
log-level = 1

group = smsc
smsc = smpp
smsc-id = ours
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = "peer"
smsc-password = "secret"
system-type = ""
reconnect-delay = 1
enquire-link-interval = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}
global-sender = 7726
log-file = "{folder}/smsbox.log"
log-level = 1

group = sendsms-user
username = user
password = word
max-messages = 5
concatenation = true

group = sms-service
keyword = default
get-url = "http://127.0.0.1:{web}/mo?from=%p&text=%a"
accept-x-kannel-headers = true
max-messages = 3
concatenation = true
"""


class Web(http.server.BaseHTTPRequestHandler):
    """The service that Kannel asks; its page goes back to the handset."""

    asked: list[dict[str, list[str]]]

    def do_GET(self) -> None:
        """Answer with thanks."""
        type(self).asked.append(urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query))
        body = b"Thank you for reporting"
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def web() -> Iterator[int]:
    """Serve what Kannel asks; gives the port."""
    Web.asked = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def kannel(folder: Path, smsc: int, page: int) -> Iterator[int]:
    """Run Kannel's two boxes; gives the port of sendsms."""
    boxes = [shutil.which(name, path="/usr/sbin:/usr/bin") for name in ("bearerbox", "smsbox")]
    if None in boxes:
        pytest.skip("Kannel is not installed")
    ports = {"admin": free_port(), "box": free_port(), "send": free_port(), "smsc": smsc, "web": page}
    config = folder / "kannel.conf"
    config.write_text(KANNEL.format(folder=folder, **ports), encoding="utf-8")
    processes = []
    try:
        for box, port in zip(boxes, (ports["box"], ports["send"]), strict=True):
            processes.append(subprocess.Popen([str(box), str(config)], stderr=subprocess.DEVNULL))
            listening(port)
        yield ports["send"]
    finally:
        for process in reversed(processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def listening(port: int) -> None:
    """Wait until somebody listens."""
    patience = threading.Event()
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            patience.wait(0.1)
        else:
            return
    pytest.fail("Kannel did not listen")


def test_kannel_bound_to_our_message_centre(tmp_path: Path) -> None:
    """Forwards reach its service, the service's words and sendsms's come back, long ones in parts."""
    taken: list[pdus.ShortMessage] = []

    async def played() -> None:
        smsc = Smsc({"peer": "secret"}, lambda message: taken.append(message) or 0)
        port = await smsc.open()
        with web() as page:
            boxes = kannel(tmp_path, port, page)
            send = await asyncio.to_thread(boxes.__enter__)
            try:
                await exchange(smsc, send)
            finally:
                await asyncio.to_thread(boxes.__exit__, None, None, None)
        await smsc.close()

    async def exchange(smsc: Smsc, send: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await smsc.bound()
        assert await smsc.deliver(forward(), PATIENCE_S) == Status.OK
        await until(lambda: taken)
        assert (Web.asked[0]["text"], Web.asked[0]["from"]) == ([SPAM], ["+447700900999"])
        assert (words(taken[0]), taken[0].dest) == ("Thank you for reporting", "447700900999")
        long = "A long warning to everybody. " * 8
        for coding, text in ((0, long), (2, UNICODE)):
            query = {"username": "user", "password": "word", "to": "447700900998", "text": text}
            query |= {"coding": str(coding), "charset": "UTF-8"}
            url = f"http://127.0.0.1:{send}/cgi-bin/sendsms?{urllib.parse.urlencode(query)}"
            answer = await asyncio.to_thread(lambda url=url: urllib.request.urlopen(url, timeout=20).read())  # noqa: S310 - ours
            assert b"Accepted" in answer
        await until(lambda: len(taken) >= 4)
        parts = sorted(taken[1:3], key=lambda message: take_apart(message, "gsm7").part or ())
        assert "".join(map(words, parts)) == long
        assert words(taken[3]) == UNICODE

    asyncio.run(played())


def everything() -> list[bytes]:
    """Write one PDU of each command we can send, and messages of each kind."""
    message = forward(data_coding=3, tlvs=((0x0204, b"\0\1"),))
    written = encode("Thank you 😀. " * 12)
    parts = in_parts(b"".join(written.parts), 134, data_coding=8)
    sar = forward(tlvs=((0x020C, b"\0\1"), (0x020E, b"\2"), (0x020F, b"\1")))
    payload = forward(text=b"", tlvs=((0x0424, b"long" * 100),))
    bodies: list[tuple[int, pdus.Body | None]] = [
        (Command.BIND_TRANSCEIVER, pdus.Bind("tocsin", "secret", "SPAM")),
        (Command.BIND_TRANSCEIVER_RESP, pdus.Bound("smsc", ((0x0210, b"\x34"),))),
        (Command.BIND_RECEIVER, pdus.Bind("tocsin", "secret")),
        (Command.BIND_RECEIVER_RESP, pdus.Bound("smsc")),
        (Command.BIND_TRANSMITTER, pdus.Bind("tocsin", "secret")),
        (Command.BIND_TRANSMITTER_RESP, pdus.Bound("smsc")),
        (Command.OUTBIND, pdus.Outbind("smsc", "secret")),
        *((Command.SUBMIT_SM, one) for one in (message, *parts, sar, payload)),
        *((Command.DELIVER_SM, one) for one in (message, *parts, sar, payload)),
        (Command.SUBMIT_SM_RESP, pdus.Answer("7")),
        (Command.DELIVER_SM_RESP, pdus.Answer()),
        (Command.DATA_SM, payload),
        (Command.DATA_SM_RESP, pdus.Answer("7")),
        (Command.QUERY_SM, pdus.Query("7", 1, 1, "447700900999")),
        (Command.QUERY_SM_RESP, pdus.QueryAnswer("7", "", 2)),
        (Command.CANCEL_SM, pdus.Cancel("", "7")),
        (Command.CANCEL_SM_RESP, None),
        (Command.REPLACE_SM, pdus.Replace("7", text=b"other words")),
        (Command.REPLACE_SM_RESP, None),
        (Command.SUBMIT_MULTI, pdus.Multi((pdus.Address(1, 1, "447700900999"), "everyone"), message)),
        (Command.SUBMIT_MULTI_RESP, pdus.MultiAnswer("7", ((pdus.Address(1, 1, "447700900999"), 0x0B),))),
        (Command.ALERT_NOTIFICATION, pdus.Alert(1, 1, "447700900999", 0, 0, "7726")),
        (Command.ENQUIRE_LINK, None),
        (Command.ENQUIRE_LINK_RESP, None),
        (Command.UNBIND, None),
        (Command.UNBIND_RESP, None),
    ]
    frames = [write(command, number, body) for number, (command, body) in enumerate(bodies, 1)]
    refused = (Status.THROTTLED, Status.QUEUE_FULL, Status.INVALID_LENGTH)
    frames += [write(Command.DELIVER_SM_RESP, 1, None, status) for status in refused]
    return [*frames, write(Command.GENERIC_NACK, 1, None, Status.INVALID_COMMAND)]


def test_tshark_reads_everything_we_write_without_complaint(tmp_path: Path) -> None:
    """Every PDU is dissected to its end: none malformed, no expert's remark above a chat."""
    if not shutil.which("tshark") or not shutil.which("text2pcap"):
        pytest.skip("tshark is not installed")
    frames = everything()
    capture = captured(tmp_path, frames)
    packets = [packet["_source"]["layers"] for packet in json.loads(tshark(capture, "-T", "json"))]
    assert len(packets) == len(frames)
    assert all("smpp" in packet for packet in packets)
    assert tshark(capture, "-Y", COMPLAINTS) == ""
    # The same question finds a PDU that is wrong.
    broken = bytearray(write(Command.DELIVER_SM, 1, forward()))
    broken[-len(SPAM) - 1] = 0xFF
    assert tshark(captured(tmp_path, [bytes(broken)]), "-Y", COMPLAINTS) != ""


COMPLAINTS = "_ws.malformed || _ws.expert.severity >= 6291456"
"""Malformed, or an expert's remark from "warning" up."""


def captured(folder: Path, frames: list[bytes]) -> Path:
    """Write PDUs as a capture, a packet each."""
    dump, capture = folder / "dump.txt", folder / "dump.pcap"
    dump.write_text("".join(f"000000 {frame.hex(' ')}\n\n" for frame in frames), encoding="ascii")
    subprocess.run(["text2pcap", "-q", "-T", "40000,2775", dump, capture], check=True, capture_output=True)
    return capture


def tshark(capture: Path, *options: str) -> str:
    """Dissect a capture; octets of messages that are no UTF-8 are shown as such."""
    command = ["tshark", "-r", str(capture), "-d", "tcp.port==2775,smpp", *options]
    read = subprocess.run(command, check=True, capture_output=True)
    return read.stdout.decode("utf-8", "replace")
