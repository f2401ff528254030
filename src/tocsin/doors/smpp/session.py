"""One SMPP link, seen from either end: frames, sequence numbers, window, time-outs, enquire_link.

A session answers enquire_link, unbind and what it can't read by itself; every other request is given to its
owner, who answers when it can. It owes at most a window of answers: beyond that it stops reading, so that a
flood waits in the sender's own buffers.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from msgspec import Struct

from tocsin.doors.smpp.numbers import HEADER, LAST_SEQUENCE, RESPONSE, Command, Status
from tocsin.doors.smpp.pdus import Body, Nothing, Pdu
from tocsin.doors.smpp.reading import Unreadable, read, read_header
from tocsin.doors.smpp.writing import write


class Limits(Struct, frozen=True):
    """What a session allows; times in seconds.

    Args:
        window: requests without an answer, each way.
        enquire_s: silence after which the peer is asked whether it is there.
        response_s: in which the peer must answer, and must read what was written.
        frame_s: in which a PDU that began must end.
        bind_s: in which a peer that connected must bind.
    """

    window: int = 100
    enquire_s: float = 30.0
    response_s: float = 10.0
    frame_s: float = 10.0
    bind_s: float = 10.0


class LinkLost(ConnectionError):
    """The link ended before an answer came; whether the request arrived is unknown."""


class Session(asyncio.Protocol):
    """A link over a connection that `asyncio` makes.

    Args:
        limits: what it allows.
        requests: is given each request that the session does not answer by itself.
        opened: is told when the connection stands.
        closed: is told when it is gone.
    """

    def __init__(
        self,
        limits: Limits,
        requests: Callable[["Session", Pdu], None],
        opened: Callable[["Session"], None] | None = None,
        closed: Callable[["Session"], None] | None = None,
    ) -> None:
        self._limits = limits
        self._requests = requests
        self._opened, self._closed = opened, closed
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._out: list[bytes] = []
        self._pending: dict[int, asyncio.Future[Pdu]] = {}
        self._sequence = 0
        self._room = asyncio.Semaphore(limits.window)
        self._owed = 0
        self._slow_since: float | None = None
        self._begun_at: float | None = None
        self._connected_at = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._enquiring: asyncio.Task[None] | None = None
        self.heard_at = self._loop.time()
        self.bound = 0
        self.system_id = ""
        self.gone = self._loop.create_future()

    @property
    def can_receive(self) -> bool:
        """Whether this bind takes deliver_sm."""
        return self.bound in (Command.BIND_RECEIVER, Command.BIND_TRANSCEIVER) and not self.gone.done()

    @property
    def can_transmit(self) -> bool:
        """Whether this bind gives submit_sm."""
        return self.bound in (Command.BIND_TRANSMITTER, Command.BIND_TRANSCEIVER) and not self.gone.done()

    @property
    def owed(self) -> int:
        """Answers that the peer still waits for."""
        return self._owed

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; called by asyncio."""
        self._transport = cast("asyncio.Transport", transport)
        self._tick()
        if self._opened:
            self._opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        """End: whoever waits for an answer hears that it will not come; called by asyncio."""
        if self._timer:
            self._timer.cancel()
        for future in self._pending.values():
            if not future.done():
                future.set_exception(LinkLost("the link ended before the answer"))
        self._pending.clear()
        if not self.gone.done():
            self.gone.set_result(error)
        if self._closed:
            self._closed(self)

    def data_received(self, data: bytes) -> None:
        """Take octets, and act on every whole PDU among them; called by asyncio."""
        self.heard_at = self._loop.time()
        buffer = self._buffer
        buffer += data
        at = 0
        try:
            while len(buffer) - at >= HEADER:
                header = read_header(buffer, at)
                if len(buffer) - at < header.length:
                    break
                frame = bytes(memoryview(buffer)[at : at + header.length])
                at += header.length
                self._begun_at = None
                self._act(header.command, header.sequence, frame)
        except Unreadable as unreadable:  # no one can tell where the next PDU begins
            self.answer_nack(0, unreadable.status)
            self.close()
            return
        del buffer[:at]
        if buffer and self._begun_at is None:
            self._begun_at = self.heard_at

    def _act(self, command: int, sequence: int, frame: bytes) -> None:
        try:
            pdu = read(frame)
        except Unreadable as unreadable:
            if command & RESPONSE:
                self._settle(sequence, Pdu(command, Status.SYSTEM_ERROR, sequence, Nothing()))
            elif unreadable.status == Status.INVALID_COMMAND:
                self.answer_nack(sequence, unreadable.status)
            else:
                self._write(write(command | RESPONSE, sequence, None, unreadable.status))
            return
        if command & RESPONSE:
            self._settle(sequence, pdu)
        elif command == Command.ENQUIRE_LINK:
            self._write(write(Command.ENQUIRE_LINK_RESP, sequence))
        elif command == Command.UNBIND:
            self._write(write(Command.UNBIND_RESP, sequence))
            self.bound = 0
            self.close()
        else:
            self._owed += 1
            if self._owed >= self._limits.window and self._transport:
                self._transport.pause_reading()
            self._requests(self, pdu)

    def _settle(self, sequence: int, pdu: Pdu) -> None:
        future = self._pending.pop(sequence, None)
        if future and not future.done():
            future.set_result(pdu)

    def answer(self, request: Pdu, status: int = Status.OK, body: Body | None = None) -> None:
        """Answer a request that the owner was given; each exactly once. Nothing happens on a lost link."""
        self._owed -= 1
        if status == Status.OK or body is not None:
            self._write(write(request.command | RESPONSE, request.sequence, body, status))
        else:
            self._write(write(request.command | RESPONSE, request.sequence, None, status))
        self._read_on()

    def answer_nack(self, sequence: int, status: int) -> None:
        """Say that a PDU was not understood at all (SMPP 3.4, 4.3)."""
        self._write(write(Command.GENERIC_NACK, sequence, None, status))

    def refuse(self, request: Pdu, status: int) -> None:
        """Answer a request that nobody here serves by generic_nack."""
        self._owed -= 1
        self.answer_nack(request.sequence, status)
        self._read_on()

    def pass_over(self) -> None:
        """Owe no answer to a request that has none: outbind, alert_notification."""
        self._owed -= 1
        self._read_on()

    def _read_on(self) -> None:
        transport, room = self._transport, self._owed < self._limits.window and self._slow_since is None
        if transport and room and not transport.is_closing():
            transport.resume_reading()

    async def request(self, command: int, body: Body | None = None, timeout_s: float = 0) -> Pdu:
        """Send a request when the window has room, and wait for its answer.

        Raises:
            LinkLost: the link is gone; whether the request arrived is unknown.
            TimeoutError: no answer came in time.
            ValueError: a field can't be written.
        """
        async with self._room:
            if self.gone.done() or self._transport is None or self._transport.is_closing():
                raise ConnectionResetError("there is no link")
            sequence = self._next_sequence()
            frame = write(command, sequence, body)
            future = self._pending[sequence] = self._loop.create_future()
            self._write(frame)
            try:
                async with asyncio.timeout(timeout_s or self._limits.response_s):
                    answer: Pdu = await future
                    return answer
            finally:
                self._pending.pop(sequence, None)

    def _next_sequence(self) -> int:
        self._sequence = self._sequence % LAST_SEQUENCE + 1
        return self._sequence

    def _write(self, frame: bytes) -> None:
        # Answers to one burst leave in one packet.
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(frame)

    def _flush(self) -> None:
        if self._transport and self._out and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def pause_writing(self) -> None:
        """Stop reading from a peer that does not read; called by asyncio."""
        self._slow_since = self._loop.time()
        if self._transport:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on; called by asyncio."""
        self._slow_since = None
        self._read_on()

    def _tick(self) -> None:
        limits, now = self._limits, self._loop.time()
        late = (
            (self._begun_at is not None and now - self._begun_at > limits.frame_s)
            or (self._slow_since is not None and now - self._slow_since > limits.response_s)
            or (not self.bound and now - self._connected_at > limits.bind_s)
        )
        if late:
            self.abort()
            return
        if self.bound and now - self.heard_at >= limits.enquire_s and self._enquiring is None:
            self._enquiring = self._loop.create_task(self._enquire())
        pause = min(limits.enquire_s, limits.response_s, limits.frame_s, limits.bind_s) / 4
        self._timer = self._loop.call_later(pause, self._tick)

    async def _enquire(self) -> None:
        # It does not wait for room in the window: a full window is one reason to ask.
        sequence = self._next_sequence()
        future = self._pending[sequence] = self._loop.create_future()
        self._write(write(Command.ENQUIRE_LINK, sequence))
        try:
            async with asyncio.timeout(self._limits.response_s):
                await future
        except (TimeoutError, ConnectionError):
            self.abort()
        finally:
            self._pending.pop(sequence, None)
            self._enquiring = None

    async def unbind(self) -> None:
        """Take leave: unbind, wait for the answer, close."""
        if self.bound and not self.gone.done():
            with suppress(TimeoutError, ConnectionError):
                await self.request(Command.UNBIND)
        self.close()

    def close(self) -> None:
        """Send what is written, then close."""
        self._flush()
        if self._transport:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport:
            self._transport.abort()
