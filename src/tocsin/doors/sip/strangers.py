"""Peers that nobody trusts: told so briefly and seldom, so that a forged source address harms nobody."""

from collections.abc import Callable

from tocsin.doors.sip.link import Link
from tocsin.doors.sip.message import Request, read_message
from tocsin.doors.sip.replies import Reply, response
from tocsin.doors.sip.transactions import Transaction
from tocsin.errors import Malformed

MOST_A_SECOND = 10


class Strangers:
    """Answers 403, never with more bytes than came, and never more than ten times a second.

    Args:
        now: a monotonic clock, in seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._second = 0
        self._answered = 0

    def receive(self, data: bytes, link: Link) -> None:
        """Take one message of a stranger."""
        if int(self._now()) != self._second:
            self._second, self._answered = int(self._now()), 0
        if self._answered >= MOST_A_SECOND:
            return
        try:
            request = read_message(data)
            if isinstance(request, Request) and request.method != "ACK":
                answer = response(request, Reply(403), tag="0").write()
                if len(answer) <= len(data):
                    self._answered += 1
                    Transaction(request, link).send(answer)
        except Malformed:
            return
