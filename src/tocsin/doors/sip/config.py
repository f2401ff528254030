"""The table of a SIP door."""

from msgspec import Struct

from tocsin.doors.calls.sources import RecordsConfig
from tocsin.errors import Misconfigured
from tocsin.records import Channel

_FINAL, _LAST = 300, 699


class SipConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """A SIP door.

    Args:
        numbers: what people call to report: `7726`, or `+` and digits.
        trusted: addresses and prefixes of the operator's own proxies; nobody else is listened to.
        records: where the operator's call records are.
        host: address to listen on.
        port: port to listen on, for UDP and TCP; 0 for any.
        transports: `udp`, `tcp` or both.
        advertise: address that peers reach this door at, where `host` is not.
        jurisdiction: ISO 3166-1 alpha-2 of the subscribers; empty takes the node's.
        channel: `voice` or `voip`.
        window_s: seconds before the report in which the call must have begun.
        patience_s: seconds to wait for a call record that is not written yet.
        answer: 200 and then BYE, or a final status such as 302, 486 or 603 that charges nobody.
        answer_without_call: the final status when there was no call to report.
        thanks: a URI for the Contact of a 302, such as the operator's announcement.
        most_calls: reporting calls at once.
        most_transactions: requests remembered at once.
        most_connections: TCP connections at once.
        idle_s: seconds after which a silent TCP connection is closed.
        message_s: seconds from the first byte of a message over TCP to its last.
        t1_s: RFC 3261's estimate of the round trip.
    """

    numbers: tuple[str, ...]
    trusted: tuple[str, ...]
    records: RecordsConfig = RecordsConfig()
    host: str = "127.0.0.1"
    port: int = 5060
    transports: tuple[str, ...] = ("udp", "tcp")
    advertise: str = ""
    jurisdiction: str = ""
    channel: Channel = Channel.VOICE
    window_s: int = 900
    patience_s: float = 5.0
    answer: int = 200
    answer_without_call: int = 404
    thanks: str = ""
    most_calls: int = 500
    most_transactions: int = 20_000
    most_connections: int = 100
    idle_s: float = 300.0
    message_s: float = 10.0
    t1_s: float = 0.5

    def check(self) -> None:
        """Refuse a table that can't work.

        Raises:
            Misconfigured: it says why.
        """
        if not self.numbers or not self.trusted:
            raise Misconfigured("a SIP door needs its numbers and its trusted peers")
        if not set(self.transports) <= {"udp", "tcp"} or not self.transports:
            raise Misconfigured("a SIP door's transports are udp and tcp")
        if self.answer != 200 and not _FINAL <= self.answer <= _LAST:  # noqa: PLR2004 - OK
            raise Misconfigured("a SIP door answers 200, or a final status of 300 to 699")
        if not _FINAL <= self.answer_without_call <= _LAST:
            raise Misconfigured("without a call a SIP door answers a final status of 300 to 699")
        if self.channel not in {Channel.VOICE, Channel.VOIP}:
            raise Misconfigured("a SIP door's channel is voice or voip")
        if self.host in {"0.0.0.0", "::", ""} and not self.advertise:  # noqa: S104 - it is asked about
            raise Misconfigured("a SIP door that listens everywhere needs the address to `advertise`")
        if self.answer == 302 and not self.thanks:  # noqa: PLR2004 - Moved Temporarily
            raise Misconfigured("a 302 needs the URI to move to, in `thanks`")
        if any(letter in self.thanks for letter in "<>\r\n\0 "):
            raise Misconfigured("`thanks` is not a URI")
