"""Server transactions (RFC 3261, section 17.2): a request that comes again is answered again, not done again.

Held in bounded memory for 64 × T1, as long as a peer may go on repeating itself.
"""

import asyncio
from collections.abc import Callable

from tocsin.doors.sip.link import Link
from tocsin.doors.sip.message import Request
from tocsin.doors.sip.values import read_sequence, read_via
from tocsin.errors import Busy

T2_S = 4.0
LIFE = 64
"""Times T1: how long a transaction is remembered, and a message repeated."""
_MAGIC = "z9hG4bK"


class Transaction:
    """One request and what it was answered.

    Args:
        request: the request.
        link: where it came from.
    """

    def __init__(self, request: Request, link: Link) -> None:
        self.request = request
        self.link = link
        self.via = read_via(request.headers.first("via"))
        self.final = 0
        self.task: asyncio.Task[None] | None = None
        self.acknowledged = asyncio.Event()
        self._sent = b""

    def send(self, data: bytes, *, at_once: bool = True) -> None:
        """Send a response, to be sent again whenever the request comes again.

        Args:
            data: the response.
            at_once: False where `repeat` sends it first.
        """
        self._sent = data
        if at_once:
            self.again()

    def again(self) -> None:
        """Send the last response once more, if there is one (RFC 3261, section 18.2.2; RFC 3581)."""
        if self._sent:
            port = self.link.port if "rport" in self.via.params else self.via.port or 5060
            self.link.send(self._sent, port)


class Transactions:
    """Those under way and lately ended.

    Args:
        most: held at once; no new one is taken beyond.
        life_s: seconds for which one is remembered after its start.
        now: a monotonic clock, in seconds.
    """

    def __init__(self, most: int, life_s: float, now: Callable[[], float]) -> None:
        self._most = most
        self._life_s = life_s
        self._now = now
        self._held: dict[tuple[str, ...], tuple[Transaction, float]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def find(self, request: Request, method: str = "") -> Transaction | None:
        """Return the transaction that a request belongs to.

        Args:
            request: any request.
            method: of the transaction sought: INVITE for an ACK or a CANCEL.
        """
        self._forget()
        held = self._held.get(key(request, method or request.method))
        return held[0] if held else None

    def open(self, request: Request, link: Link) -> Transaction:
        """Begin a transaction.

        Raises:
            Busy: too many are held.
            Malformed: the request names no way back.
        """
        if len(self._held) >= self._most:
            raise Busy("too many SIP transactions")
        transaction = Transaction(request, link)
        self._held[key(request, request.method)] = (transaction, self._now() + self._life_s)
        return transaction

    def _forget(self) -> None:
        # Lives are equally long, so that the front ends first.
        now = self._now()
        while self._held:
            first = next(iter(self._held))
            transaction, ends = self._held[first]
            if ends > now:
                return
            del self._held[first]
            if transaction.task is not None and not transaction.task.done():
                self._held[first] = (transaction, now + self._life_s)


def key(request: Request, method: str) -> tuple[str, ...]:
    """Tell transactions apart (RFC 3261, section 17.2.3), also those of RFC 2543.

    Raises:
        Malformed: Via or CSeq can't be read.
    """
    headers = request.headers
    via = read_via(headers.first("via"))
    branch = via.params.get("branch", "")
    if branch.startswith(_MAGIC):
        return branch, via.host, str(via.port), method
    number = str(read_sequence(headers.first("cseq")).number)
    return headers.first("call-id"), number, headers.first("from"), headers.first("via"), method


async def repeat(send: Callable[[], None], until: asyncio.Event, t1_s: float) -> bool:
    """Send, and send again at T1, 2 T1, 4 T1… at most T2 apart, until an event or 64 × T1.

    Returns:
        whether the event came.
    """
    wait = t1_s
    try:
        async with asyncio.timeout(LIFE * t1_s):
            while True:
                send()
                try:
                    async with asyncio.timeout(wait):
                        await until.wait()
                except TimeoutError:
                    wait = min(2 * wait, T2_S)
                else:
                    return True
    except TimeoutError:
        return False
