"""Building what this door sends: responses to requests, refused media, and the BYE that ends a call."""

from collections.abc import Iterable
from typing import NamedTuple

from tocsin.doors.sip.message import Headers, Request, Response
from tocsin.doors.sip.values import read_address, split
from tocsin.errors import Malformed

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS"
PHRASES = {
    100: "Trying",
    200: "OK",
    302: "Moved Temporarily",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    420: "Bad Extension",
    433: "Anonymity Disallowed",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    500: "Server Internal Error",
    503: "Service Unavailable",
    603: "Decline",
}
_COPIED = ("via", "from", "to", "call-id", "cseq")
_MOST_MEDIA = 16


class Reply(NamedTuple):
    """What to answer: a status, further headers, a body."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def later(seconds: int) -> Reply:
    """Say "not now" (RFC 3261, section 21.5.4)."""
    return Reply(503, (("Retry-After", str(seconds)),))


def response(request: Request, reply: Reply, tag: str, received: str = "") -> Response:
    """Answer a request (RFC 3261, section 8.2.6).

    Args:
        request: what is answered; its Via, From, To, Call-ID and CSeq are given back.
        reply: the answer.
        tag: ours for the To header, where it has none; 100 carries none.
        received: `;received=` and `;rport=` for the topmost Via.
    """
    headers = Headers()
    vias = [value for line in request.headers.all("via") for value in split(line, ",")]
    for place, via in enumerate(vias):
        headers.add("via", _marked(via, received) if received and place == 0 else via)
    for name in _COPIED[1:]:
        value = request.headers.first(name)
        if name == "to" and reply.status > 100 and not tag_of(value):  # noqa: PLR2004 - Trying
            value = f"{value};tag={tag}"
        headers.add(name, value)
    for name, value in reply.headers:
        headers.add(name, value)
    return Response(reply.status, PHRASES.get(reply.status, "Answer"), headers, reply.body)


def _marked(via: str, received: str) -> str:
    # RFC 3581: an empty `rport` is filled in, not repeated.
    return ";".join(part for part in split(via, ";") if part.lower() != "rport") + received


def tag_of(address: str) -> str:
    """Return the tag of a From or To value; empty when it has none."""
    try:
        return read_address(address).params.get("tag", "")
    except Malformed:
        return ""


def without_media(offer: bytes, address: str) -> bytes:
    """Answer an SDP offer by refusing each stream (RFC 3264, section 6); without an offer, offer none.

    Args:
        offer: the request's body.
        address: this door's, for the session's origin.
    """
    family = "IP6" if ":" in address else "IP4"
    lines = ["v=0", f"o=- 0 0 IN {family} {address}", "s=-", f"c=IN {family} {address}", "t=0 0"]
    lines += _refused(offer.decode("utf-8", "replace").splitlines())
    return "".join(f"{line}\r\n" for line in lines).encode()


def _refused(lines: Iterable[str]) -> list[str]:
    media = [line[2:].split() for line in lines if line.startswith("m=")][:_MOST_MEDIA]
    return [f"m={words[0]} 0 {' '.join(words[2:10])}" for words in media if len(words) >= 4]  # noqa: PLR2004


def bye(invite: Request, tag: str, via: str) -> Request:
    """Write the BYE that ends a call this door answered (RFC 3261, section 12.2.1.1).

    Args:
        invite: the request that opened the call.
        tag: ours.
        via: this door's Via.
    """
    remote = invite.headers.first("from")
    contact = next(split(invite.headers.first("contact"), ",")) or remote
    headers = Headers([("via", via), ("max-forwards", "70")])
    for line in invite.headers.all("record-route"):
        headers.add("route", line)
    headers.add("from", f"{invite.headers.first('to')};tag={tag}")
    headers.add("to", remote)
    headers.add("call-id", invite.headers.first("call-id"))
    headers.add("cseq", "1 BYE")
    headers.add("reason", 'SIP;cause=200;text="Report received"')
    return Request("BYE", read_address(contact).uri, headers)
