"""The reporting platform's side: connecting and binding to a message centre (SMPP 3.4, 2.2 and 4.1)."""

import asyncio
import ssl
from collections.abc import Callable

from msgspec import Struct

from tocsin.doors.smpp.numbers import Command, Status
from tocsin.doors.smpp.pdus import Bind, Pdu
from tocsin.doors.smpp.session import Limits, Session
from tocsin.errors import Misconfigured

BIND_KINDS = {
    "transceiver": Command.BIND_TRANSCEIVER,
    "receiver": Command.BIND_RECEIVER,
    "transmitter": Command.BIND_TRANSMITTER,
}


class BindRefused(ConnectionError):
    """The message centre refused the bind; it is tried again, for its side may be at fault or restarting."""

    def __init__(self, status: int) -> None:
        named = Status(status).name if status in list(Status) else ""
        super().__init__(f"the bind was refused with status 0x{status:08x} {named}".rstrip())
        self.status = status


class Account(Struct, frozen=True):
    """Where to bind, as whom.

    Args:
        tls: a context, or None for plain TCP.
    """

    host: str
    port: int
    system_id: str
    password: str
    system_type: str = ""
    version: int = 0x34
    tls: ssl.SSLContext | None = None


def tls_context(authority: str = "", certificate: str = "", key: str = "") -> ssl.SSLContext:
    """Make a context that checks the message centre's certificate and host name.

    Args:
        authority: PEM file of who signed it; empty for the system's own list.
        certificate: our own, for centres that ask for one.
        key: its key, if not in the same file.

    Raises:
        Misconfigured: a file can't be read.
    """
    try:
        context = ssl.create_default_context(cafile=authority or None)
        if certificate:
            context.load_cert_chain(certificate, key or None)
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured("the certificates of an SMPP door can't be read") from error
    return context


async def bind(
    account: Account, kind: Command, limits: Limits, requests: Callable[[Session, Pdu], None]
) -> Session:
    """Connect and bind.

    Raises:
        OSError: there is no link, or the bind was refused or not answered in time.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(limits.bind_s):
        _, session = await loop.create_connection(
            lambda: Session(limits, requests), account.host, account.port, ssl=account.tls
        )
    wanted = Bind(account.system_id, account.password, account.system_type, account.version)
    try:
        answer = await session.request(kind, wanted)
    except BaseException:
        session.abort()
        raise
    if answer.status != Status.OK:
        session.close()
        raise BindRefused(answer.status)
    session.bound = kind
    return session
