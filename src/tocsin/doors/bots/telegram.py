"""The door for Telegram: a bot's webhook.

    [doors.telegram-tips]
    kind = "telegram"
    secret = "env:TELEGRAM_SECRET"

Telegram is told the address `https://NODE/doors/telegram-tips/updates` and the secret by `setWebhook`; it
sends the secret back in `X-Telegram-Bot-Api-Secret-Token` (core.telegram.org/bots/api#setwebhook). The
answer stands in the webhook's own answer, or is sent by the Bot API when the table has a `token`.
"""

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import httpx
import structlog
from litestar import Response
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from tocsin.doors.bots.payloads import nothing, read_payload
from tocsin.doors.bots.replies import HttpSender, Letter, Postbox, Sender
from tocsin.doors.bots.tipline import tip_line
from tocsin.doors.bots.updates import Update, incoming
from tocsin.doors.door import House, Kind, secret
from tocsin.doors.webhooks import Asked, WebhookDoor, body_of, same, unauthorised
from tocsin.errors import Misconfigured

LONGEST = 256_000
_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_SECRET = re.compile(r"[A-Za-z0-9_\-]{16,256}")
_log = structlog.get_logger(__name__)


class Config(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A Telegram door's table.

    Args:
        secret: 16 to 256 letters, digits, `_` and `-`, as given to `setWebhook`.
        token: the bot's token, to answer by the Bot API; empty answers in the webhook's answer.
        profile: how the dialogue is held.
        api: the Bot API's address.
    """

    secret: str
    token: str = ""
    profile: str = "default"
    api: str = "https://api.telegram.org"


class TelegramSender(HttpSender):
    """Sends answers by the Bot API's `sendMessage`."""

    def __init__(self, api: str, token: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        super().__init__(f"{api.rstrip('/')}/bot{token}/sendMessage", {}, transport)

    def body(self, letter: Letter) -> dict[str, Any]:
        """Write an answer as `sendMessage` takes it."""
        return _message(letter)


class TelegramDoor(WebhookDoor):
    """Serves `/doors/NAME/updates`.

    Args:
        name: what its operator calls it.
        config: its table.
        house: what it is given of the node.
        sender: sends answers; None to answer in the webhook's answer.
    """

    def __init__(self, name: str, config: Config, house: House, sender: Sender | None = None) -> None:
        super().__init__(name, house, longest=LONGEST)
        expected = secret(config.secret)
        if not _SECRET.fullmatch(expected):
            raise Misconfigured(f"door {name!r}: secret: 16 to 256 letters, digits, _ and -")
        self._secret = expected.encode()
        self._talk = tip_line(name, house, config.profile)
        self._postbox = Postbox(name, sender) if sender else None

    def routes(self) -> Sequence[BaseRouteHandler]:
        """Return the webhook."""
        return [self.route("/updates", self._update)]

    async def run(self) -> None:
        """Send answers until cancelled, or only wait where the webhook's answer holds them."""
        await (self._postbox.empty() if self._postbox else asyncio.Event().wait())

    async def _update(self, request: Asked) -> Response[Any]:
        self._know(request)
        update = read_payload(await body_of(request, ("application/json",)), Update)
        if update is None:
            _log.info("bot.unreadable", door=self.name)
        said = incoming(update) if update else None
        if said is None:
            return nothing()
        message, chat = said
        [heard] = await self._talk.hear([message])
        if not heard.replies:
            return nothing()
        letter = Letter(str(chat), heard.replies[0].text)
        if self._postbox is not None:
            self._postbox.put(letter)
            return nothing()
        return Response({"method": "sendMessage"} | _message(letter), status_code=200)

    def _know(self, request: Asked) -> None:
        """Refuse whoever is not Telegram, before anything of the body is read."""
        given = request.headers.get(_HEADER)
        if given is None:
            raise unauthorised("the webhook's secret is needed", "Telegram")
        if not same(given.encode(), self._secret):
            raise PermissionDeniedException("not the webhook's secret")


def _message(letter: Letter) -> dict[str, Any]:
    return {"chat_id": int(letter.to), "text": letter.text, "link_preview_options": {"is_disabled": True}}


def _open(name: str, config: Config, house: House) -> TelegramDoor:
    token = secret(config.token)
    return TelegramDoor(name, config, house, TelegramSender(config.api, token) if token else None)


KIND = Kind(Config, _open)
