"""The message centre's side: for tests, exercises and benches, and later for filtering in line.

It binds whoever knows a password, hands on submit_sm and data_sm, delivers deliver_sm to those bound as
receivers in turn, and answers query, cancel and replace in the least way that is true.
"""

import asyncio
import hmac
import ssl
from collections.abc import Callable, Mapping

from tocsin.doors.smpp.numbers import BINDS, RESPONSE, Command, Status
from tocsin.doors.smpp.pdus import (
    Answer,
    Bind,
    Body,
    Bound,
    Cancel,
    Multi,
    MultiAnswer,
    Nothing,
    Pdu,
    Query,
    QueryAnswer,
    Replace,
    ShortMessage,
)
from tocsin.doors.smpp.session import Limits, Session

Taken = Callable[[ShortMessage], int]
"""Is given each submitted message, and returns the status to answer."""
_DELIVERED = 2
_MOST_SESSIONS = 1000


def take_all(_message: ShortMessage) -> int:
    """Take every message."""
    return Status.OK


class Smsc:
    """A message centre.

    Args:
        accounts: passwords by system_id.
        taken: is given what the bound submit.
        limits: of every session.
    """

    def __init__(
        self, accounts: Mapping[str, str], taken: Taken = take_all, limits: Limits | None = None
    ) -> None:
        self._accounts = accounts
        self._taken = taken
        self._limits = limits or Limits()
        self._server: asyncio.Server | None = None
        self._last_id = 0
        self._turn = 0
        self._changed = asyncio.Event()
        self.sessions: list[Session] = []

    async def open(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Listen.

        Returns:
            the port.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, host, port, ssl=tls)
        listening: int = self._server.sockets[0].getsockname()[1]
        return listening

    async def close(self) -> None:
        """Unbind everybody and stop listening."""
        if self._server:
            self._server.close()
        await asyncio.gather(*(session.unbind() for session in list(self.sessions)))
        if self._server:
            await self._server.wait_closed()

    def _session(self) -> Session:
        return Session(self._limits, self._request, self._opened, self._gone)

    def _opened(self, session: Session) -> None:
        if len(self.sessions) >= _MOST_SESSIONS:
            session.abort()
        self.sessions.append(session)

    def _gone(self, session: Session) -> None:
        self.sessions.remove(session)
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def bound(self, count: int = 1) -> list[Session]:
        """Wait until so many are bound; returns them."""
        while len(found := [session for session in self.sessions if session.bound]) < count:
            await self._changed.wait()
        return found

    async def deliver(self, message: ShortMessage, timeout_s: float = 0) -> int:
        """Deliver a message to a bound receiver, each in turn.

        Returns:
            the status it answered.

        Raises:
            ConnectionError: nobody is bound, or the link was lost before the answer.
            TimeoutError: no answer came in time.
        """
        receivers = [session for session in self.sessions if session.can_receive]
        if not receivers:
            raise ConnectionResetError("nobody is bound as a receiver")
        self._turn += 1
        session = receivers[self._turn % len(receivers)]
        return (await session.request(Command.DELIVER_SM, message, timeout_s)).status

    def _request(self, session: Session, pdu: Pdu) -> None:
        if pdu.command in BINDS:
            self._bind(session, pdu)
        elif not session.bound:
            session.answer(pdu, Status.INVALID_BIND_STATE)
        else:
            self._serve(session, pdu)

    def _bind(self, session: Session, pdu: Pdu) -> None:
        assert isinstance(pdu.body, Bind)  # noqa: S101 - what its command is read as
        wanted, password = pdu.body, self._accounts.get(pdu.body.system_id)
        if session.bound:
            session.answer(pdu, Status.ALREADY_BOUND)
        elif password is None:
            session.answer(pdu, Status.INVALID_SYSTEM_ID)
        elif not hmac.compare_digest(password.encode(), wanted.password.encode()):
            session.answer(pdu, Status.INVALID_PASSWORD)
        else:
            session.bound, session.system_id = pdu.command, wanted.system_id
            session.answer(pdu, Status.OK, Bound("tocsin", ((0x0210, b"\x34"),)))
            self._tell()

    def _serve(self, session: Session, pdu: Pdu) -> None:
        match pdu.body:
            case ShortMessage() if pdu.command in (Command.SUBMIT_SM, Command.DATA_SM):
                self._submit(session, pdu, pdu.body)
            case Multi():
                session.answer(pdu, Status.OK, self._multi(pdu.body))
            case Query():
                session.answer(pdu, Status.OK, QueryAnswer(pdu.body.message_id, "", _DELIVERED))
            case Cancel() | Replace():  # what is taken has been handed on already
                session.answer(pdu, Status.INVALID_MESSAGE_ID, Nothing())
            case _ if pdu.command in (Command.ALERT_NOTIFICATION, Command.OUTBIND) or pdu.command & RESPONSE:
                session.pass_over()
            case _:
                session.refuse(pdu, Status.INVALID_COMMAND)

    def _submit(self, session: Session, pdu: Pdu, message: ShortMessage) -> None:
        if not session.can_transmit:
            session.answer(pdu, Status.INVALID_BIND_STATE)
            return
        status = self._taken(message)
        body: Body | None = Answer(self._next_id()) if status == Status.OK else None
        session.answer(pdu, status, body)

    def _multi(self, multi: Multi) -> MultiAnswer:
        """Take a message for each address; distribution lists are none of ours and fail."""
        for dest in multi.dests:
            if not isinstance(dest, str):
                self._taken(multi.message)
        return MultiAnswer(self._next_id())

    def _next_id(self) -> str:
        self._last_id += 1
        return f"{self._last_id:08x}"
