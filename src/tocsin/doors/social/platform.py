"""The door for platforms and apps: reports of posts, search results and in-app advertising as JSON.

    [doors.platforms]
    kind = "platform"
    token = "env:PLATFORM_TOKEN"

Each answers 201 and a ticket once the report is durable, 200 when it had it already.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from litestar import Response
from litestar.handlers import BaseRouteHandler

from tocsin.doors.documents import read_json
from tocsin.doors.door import House, Kind, secret
from tocsin.doors.social import forms
from tocsin.doors.webhooks import (
    Asked,
    OpenTo,
    WebhookDoor,
    body_of,
    repeat_key,
    taken,
    with_defaults,
)
from tocsin.records import Submission

T = TypeVar("T")


class PlatformDoor(WebhookDoor):
    """Serves `/doors/NAME/social`, `/doors/NAME/search` and `/doors/NAME/in-app`."""

    def __init__(self, name: str, config: OpenTo, house: House) -> None:
        super().__init__(name, house, secret(config.token), config.longest)
        self._jurisdiction = config.jurisdiction

    def routes(self) -> Sequence[BaseRouteHandler]:
        """Return one route a shape."""
        return [
            self._route("/social", forms.Social, forms.from_social),
            self._route("/search", forms.Search, forms.from_search),
            self._route("/in-app", forms.InApp, forms.from_in_app),
        ]

    def _route(self, path: str, shape: type[T], submission_of: Callable[[T], Submission]) -> BaseRouteHandler:
        async def serve(request: Asked) -> Response[Any]:
            self.admit(request)
            document = await body_of(request, ("application/json",))
            submission = submission_of(read_json(document, shape))
            message_id = self.fingerprint(path, submission.message_id or repeat_key(request) or document)
            return taken(await self.hand_in(with_defaults(submission, message_id, self._jurisdiction)))

        return self.route(path, serve)


def _open(name: str, config: OpenTo, house: House) -> PlatformDoor:
    return PlatformDoor(name, config, house)


KIND = Kind(OpenTo, _open)
