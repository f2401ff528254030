"""The door for handsets and their gateways: MARS, RCS spam reports and XARF by HTTP POST.

    [doors.handsets]
    kind = "handset"
    token = "env:HANDSET_TOKEN"
    jurisdiction = "GB"

Each answers 201 and a ticket once the report is durable, 200 when it had it already.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

import msgspec
from litestar import Response
from litestar.handlers import BaseRouteHandler

from tocsin.doors.door import House, Kind, secret
from tocsin.doors.handset import mars, rcs, xarf
from tocsin.doors.webhooks import (
    Asked,
    OpenTo,
    WebhookDoor,
    body_of,
    repeat_key,
    taken,
    with_defaults,
)
from tocsin.errors import Rejected
from tocsin.records import Submission

_IDENTITY = re.compile(r"(?:[^<>]{0,200}<)?(?:sips?|tel):([^\s<>;?,]{1,350})[^<>]{0,300}>?", re.IGNORECASE)


class HandsetDoor(WebhookDoor):
    """Serves `/doors/NAME/mars`, `/doors/NAME/rcs` and `/doors/NAME/xarf`."""

    def __init__(self, name: str, config: OpenTo, house: House) -> None:
        super().__init__(name, house, secret(config.token), config.longest)
        self._jurisdiction = config.jurisdiction

    def routes(self) -> Sequence[BaseRouteHandler]:
        """Return one route a format."""
        return [
            self._route("/mars", (mars.CONTENT_TYPE,), mars.read),
            self._route("/rcs", (rcs.CONTENT_TYPE,), rcs.read),
            self._route("/xarf", xarf.CONTENT_TYPES, xarf.read),
        ]

    def _route(
        self, path: str, types: Collection[str], read: Callable[[bytes], Submission]
    ) -> BaseRouteHandler:
        async def serve(request: Asked) -> Response[Any]:
            self.admit(request)
            document = await body_of(request, types)
            submission = read(document)
            if not submission.reporter:
                submission = msgspec.structs.replace(submission, reporter=_asserted(request))
            # XARF's report id is one report's own. MARS and RCS ids are the sender's, who could give all his
            # messages one id to be counted once: there the document and its reporter make the id.
            own = submission.message_id if read is xarf.read else ""
            message_id = own or self.fingerprint(path, repeat_key(request) or document, submission.reporter)
            return taken(await self.hand_in(with_defaults(submission, message_id, self._jurisdiction)))

        return self.route(path, serve)


def _asserted(request: Asked) -> str:
    """Return whom the gateway says the report is from (P-Asserted-Identity, RFC 3325); empty when no one.

    Raises:
        Rejected: it is not a SIP or tel URI.
    """
    header = request.headers.get("p-asserted-identity", "").strip()
    if not header:
        return ""
    found = _IDENTITY.fullmatch(header)
    if found is None:
        raise Rejected("P-Asserted-Identity.invalid", "P-Asserted-Identity", "a SIP or tel URI")
    user, _, _host = found.group(1).partition("@")
    return user if user.startswith("+") else found.group(1)


def _open(name: str, config: OpenTo, house: House) -> HandsetDoor:
    return HandsetDoor(name, config, house)


KIND = Kind(OpenTo, _open)
