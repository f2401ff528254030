"""The info/query stanzas of a component (RFC 6120, section 8.2.3): results, errors, routine, forwarding."""

from tocsin.doors.xmpp.link import COMPONENT
from tocsin.doors.xmpp.report import BLOCKING, FORWARD, REPORTING
from tocsin.doors.xmpp.xml import Element
from tocsin.errors import Rejected

_DISCO = "http://jabber.org/protocol/disco#info"
_PING = "urn:xmpp:ping"
_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas"
_CLIENT = frozenset({"jabber:client", COMPONENT})
_TYPES = {
    "bad-request": "modify",
    "forbidden": "auth",
    "internal-server-error": "wait",
    "resource-constraint": "wait",
    "service-unavailable": "cancel",
}


class Refused(Exception):
    """A request that is not for this component, or not from this sender.

    Args:
        condition: RFC 6120's name of the error.
        detail: for a person.
    """

    def __init__(self, condition: str, detail: str) -> None:
        super().__init__(detail)
        self.condition = condition
        self.detail = detail


def answer_of(iq: Element, payload: Element | None = None) -> Element:
    """Write the result of a request."""
    return Element(COMPONENT, "iq", _back(iq, "result"), [payload] if payload else [])


def refusal_of(iq: Element, condition: str, detail: str) -> Element:
    """Write the error of a request."""
    named = [Element(_ERRORS, condition)]
    if detail:
        named.append(Element(_ERRORS, "text", text=detail))
    error = Element(COMPONENT, "error", {"type": _TYPES[condition]}, named)
    return Element(COMPONENT, "iq", _back(iq, "error"), [error])


def routine(iq: Element) -> Element | None:
    """Answer what every entity is asked: whether it is there (XEP-0199), and what it can do (XEP-0030)."""
    payload = iq.children[0] if iq.children else None
    if payload is None or iq.get("type") != "get":
        return None
    if (payload.namespace, payload.name) == (_PING, "ping"):
        return answer_of(iq)
    if (payload.namespace, payload.name) != (_DISCO, "query"):
        return None
    identity = {"category": "component", "type": "generic", "name": "Spam reports"}
    features = [Element(_DISCO, "feature", {"var": var}) for var in (_DISCO, _PING, BLOCKING, REPORTING)]
    return answer_of(
        iq, Element(_DISCO, "query", children=[Element(_DISCO, "identity", identity), *features])
    )


def forwarded(payload: Element) -> Element:
    """Return the request that a server passes on for its user (XEP-0297).

    Raises:
        Rejected: there is none.
    """
    requests = [each for each in payload.children if each.name == "iq" and each.namespace in _CLIENT]
    if (
        (payload.namespace, payload.name) != (FORWARD, "forwarded")
        or not requests
        or not requests[0].children
    ):
        raise Rejected("xmpp.payload", "forwarded", "a server passes on its user's request")
    return requests[0]


def _back(iq: Element, kind: str) -> dict[str, str]:
    turned = {"type": kind, "id": iq.get("id"), "from": iq.get("to"), "to": iq.get("from")}
    return {name: value for name, value in turned.items() if value}
