"""SMPP: our parse against smpplib's in one run, and deliver_sm acknowledged after the commit (R13)."""

import asyncio
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from smpplib.client import Client
from smpplib.smpp import parse_pdu

from bench.serving import peak_mb, quantile
from tocsin.doors.smpp.numbers import Command, Status
from tocsin.doors.smpp.pdus import ShortMessage
from tocsin.doors.smpp.reading import read
from tocsin.doors.smpp.session import Limits
from tocsin.doors.smpp.smsc import Smsc
from tocsin.doors.smpp.words import encode
from tocsin.doors.smpp.writing import write
from tocsin.exercises.simulation import generate
from tocsin.ports import SystemClock

MESSAGES = 30_000
WARM_UP = 1000
PARSED = 20_000
ROUNDS = 5
WINDOW = 100
_TABLE = """
[doors.bench]
kind = "smpp"
host = "127.0.0.1"
port = {port}
system_id = "tocsin"
password = "secret"
code = "7726"
profile = "gb"
window = {window}
answer = {answer}
"""


def run() -> list[dict[str, Any]]:
    """Measure `smpp.codec` in PDUs/s, and `smpp.deliver` in messages/s: silent, and with prompts."""
    return [
        codec(),
        asyncio.run(deliver("smpp.deliver", "false")),
        asyncio.run(deliver("smpp.answer", "true")),
    ]


def codec() -> dict[str, Any]:
    """Parse the same deliver_sm PDUs by turns; the best round of each counts."""
    frames = [write(Command.DELIVER_SM, 1, message) for message in messages(PARSED // 10, 7)] * 10
    logging.disable(logging.DEBUG)
    client = Client("127.0.0.1", 1, allow_unknown_opt_params=True)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for frame in frames:
            read(frame)
        ours.append(time.perf_counter() - started)
        started = time.perf_counter()
        for frame in frames:
            parse_pdu(frame, client=client, allow_unknown_opt_params=True)
        theirs.append(time.perf_counter() - started)
    figure = {"name": "smpp.codec", "value": PARSED / min(ours), "unit": "PDUs/s", "peer": "smpplib"}
    return figure | {"ratio": round(min(theirs) / min(ours), 1)}


def messages(count: int, seed: int) -> list[ShortMessage]:
    """Make forwarded spam, each from a reporter of its own, in the wording mix of the simulation."""
    made = []
    for number, (submission, _) in enumerate(generate(SystemClock().now(), seed, count)):
        written = encode(submission.content)
        made.append(
            ShortMessage(
                source_ton=1,
                source_npi=1,
                source=f"4477009{seed % 10}{number:05}",
                dest="7726",
                data_coding=written.coding,
                text=written.parts[0],
            )
        )
    return made


async def deliver(name: str, answer: str) -> dict[str, Any]:
    """Deliver through one bind; every answer must be OK."""
    smsc = Smsc({"tocsin": "secret"}, limits=Limits(window=WINDOW, response_s=60))
    port = await smsc.open()
    with node(port, answer) as pid:
        await smsc.bound()
        await load(smsc, messages(WARM_UP, 8))
        made = messages(MESSAGES, 52)
        started = time.perf_counter()
        waits = await load(smsc, made)
        rate = MESSAGES / (time.perf_counter() - started)
        peak = peak_mb(pid)
        await smsc.close()
    figure = {"name": name, "value": rate, "unit": "messages/s", "peak_rss_mb": peak}
    return figure | {"p50": quantile(waits, 0.5), "p99": quantile(waits, 0.99)}


async def load(smsc: Smsc, made: list[ShortMessage]) -> list[float]:
    """Keep a window full; returns each message's wait for its answer in ms."""
    waits: list[float] = []
    rest = iter(made)

    async def sender() -> None:
        for message in rest:
            started = time.perf_counter()
            if (status := await smsc.deliver(message)) != Status.OK:
                raise SystemExit(f"refused: 0x{status:x}")
            waits.append((time.perf_counter() - started) * 1000)

    await asyncio.gather(*(sender() for _ in range(WINDOW)))
    return waits


@contextmanager
def node(port: int, answer: str) -> Iterator[int]:
    """Run the door on a ledger of its own in a process of its own; gives the process id."""
    with TemporaryDirectory() as folder:
        table = _TABLE.format(port=port, window=WINDOW, answer=answer)
        Path(folder, "tocsin.toml").write_text(table, encoding="utf-8")
        command = [sys.executable, "-m", "tocsin.cli", "door", "bench", "--data", folder]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                yield process.pid
            finally:
                process.terminate()
