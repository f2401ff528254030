"""The door for WhatsApp: the webhook of a Cloud API number.

    [doors.whatsapp-tips]
    kind = "whatsapp"
    app_secret = "env:WHATSAPP_APP_SECRET"
    verify_token = "env:WHATSAPP_VERIFY_TOKEN"
    access_token = "env:WHATSAPP_ACCESS_TOKEN"
    phone_number_id = "106540352242922"

Meta is told the address `https://NODE/doors/whatsapp-tips/webhook` and the verify token. It proves each
delivery by `X-Hub-Signature-256`, an HMAC over the body's very bytes (developers.facebook.com, "Webhooks:
Getting started"). Answers go out by the Graph API after the report is durable.
"""

import hmac
from collections.abc import Sequence
from typing import Any

import httpx
import structlog
from litestar import MediaType, Response, get
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from tocsin.doors.bots.cloud_messages import Notification, incoming, messages
from tocsin.doors.bots.payloads import nothing, read_payload
from tocsin.doors.bots.replies import HttpSender, Letter, Postbox, Sender
from tocsin.doors.bots.tipline import tip_line
from tocsin.doors.door import House, Kind, secret
from tocsin.doors.webhooks import Asked, WebhookDoor, body_of, same, unauthorised
from tocsin.errors import Misconfigured

LONGEST = 3_000_000
"""Bytes of one notification; the service sends at most so many."""
_LONGEST_CHALLENGE = 200
_log = structlog.get_logger(__name__)


class Config(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A WhatsApp door's table.

    Args:
        app_secret: the app's secret, by which deliveries are signed.
        verify_token: what the service shows once to prove who set the webhook up.
        access_token: lets us answer.
        phone_number_id: our number's id at the service.
        profile: how the dialogue is held.
        api: the Graph API's address, with its version.
    """

    app_secret: str
    verify_token: str
    access_token: str
    phone_number_id: str
    profile: str = "default"
    api: str = "https://graph.facebook.com/v23.0"


class CloudSender(HttpSender):
    """Sends answers by the Cloud API's messages endpoint."""

    def __init__(self, config: Config, transport: httpx.AsyncBaseTransport | None = None) -> None:
        headers = {"authorization": f"Bearer {secret(config.access_token)}"}
        super().__init__(f"{config.api.rstrip('/')}/{config.phone_number_id}/messages", headers, transport)

    def body(self, letter: Letter) -> dict[str, Any]:
        """Write an answer as the Cloud API takes it."""
        return {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": letter.to,
            "type": "text",
            "text": {"preview_url": False, "body": letter.text},
        }


class WhatsAppDoor(WebhookDoor):
    """Serves `/doors/NAME/webhook`.

    Args:
        name: what its operator calls it.
        config: its table.
        house: what it is given of the node.
        sender: sends answers.
    """

    def __init__(self, name: str, config: Config, house: House, sender: Sender) -> None:
        super().__init__(name, house, longest=LONGEST)
        self._app_secret = secret(config.app_secret).encode()
        self._verify_token = secret(config.verify_token).encode()
        if not (self._app_secret and self._verify_token and config.phone_number_id.isdecimal()):
            raise Misconfigured(f"door {name!r}: app_secret, verify_token and phone_number_id are needed")
        self._number_id = config.phone_number_id
        self._talk = tip_line(name, house, config.profile)
        self._postbox = Postbox(name, sender)

    def routes(self) -> Sequence[BaseRouteHandler]:
        """Return the webhook, and its proof of who set it up."""

        async def prove(request: Asked) -> Response[str]:
            return self._prove(request)

        path = f"/doors/{self.name}/webhook"
        proof = get(path, include_in_schema=False, name=f"door {self.name} proof")(prove)
        return [self.route("/webhook", self._notified), proof]

    async def run(self) -> None:
        """Send answers until cancelled."""
        await self._postbox.empty()

    def _prove(self, request: Asked) -> Response[str]:
        asked = request.query_params
        challenge = asked.get("hub.challenge", "")
        known = same(asked.get("hub.verify_token", "").encode(), self._verify_token)
        if asked.get("hub.mode") != "subscribe" or not known:
            raise PermissionDeniedException("not the webhook's verify token")
        if not (challenge.isalnum() and challenge.isascii() and len(challenge) <= _LONGEST_CHALLENGE):
            raise PermissionDeniedException("not a challenge")
        return Response(challenge, media_type=MediaType.TEXT)

    async def _notified(self, request: Asked) -> Response[Any]:
        signature = request.headers.get("x-hub-signature-256")
        if signature is None:
            raise unauthorised("a signature is needed", "Signature")
        body = await body_of(request, ("application/json",))
        self._know(signature, body)
        notification = read_payload(body, Notification)
        if notification is None:
            _log.info("bot.unreadable", door=self.name)
        found = list(messages(notification, self._number_id)) if notification else []
        if found:
            heard = await self._talk.hear([incoming(one, self.fingerprint(one.id)) for one in found])
            for message, became in zip(found, heard, strict=True):
                for reply in became.replies:
                    self._postbox.put(Letter(message.author, reply.text))
        return nothing()

    def _know(self, signature: str, body: bytes) -> None:
        """Refuse what was not signed by the service, before anything of it is understood."""
        expected = "sha256=" + hmac.digest(self._app_secret, body, "sha256").hex()
        if not same(signature.encode(), expected.encode()):
            raise PermissionDeniedException("not the service's signature")


def _open(name: str, config: Config, house: House) -> WhatsAppDoor:
    return WhatsAppDoor(name, config, house, CloudSender(config))


KIND = Kind(Config, _open)
