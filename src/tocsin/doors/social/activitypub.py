"""The door for the Fediverse: an inbox for signed `Flag`s, and a receiver of Mastodon's webhook.

    [doors.fediverse]
    kind = "activitypub"
    webhook_secret = "env:MASTODON_SECRET"

    [doors.fediverse.keys]
    "social.example" = "file:/etc/tocsin/social.example.pem"

Who does not prove to be one of the configured servers is answered 401. No key is fetched from the network.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from litestar import Response
from litestar.handlers import BaseRouteHandler
from msgspec import Meta, Struct

from tocsin.doors.door import House, Kind, secret
from tocsin.doors.social import flags
from tocsin.doors.social.signatures import Forged, Request, domain_of, hub_signed, read_key, signer
from tocsin.doors.webhooks import LONGEST, Asked, WebhookDoor, body_of, unauthorised, with_defaults
from tocsin.errors import Misconfigured

_ACTIVITY = ("application/activity+json", "application/ld+json")
_CHALLENGE = 'Signature realm="tocsin",headers="(request-target) host date digest"'


class Config(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A Fediverse door's table.

    Args:
        keys: the PEM of each server's RSA key by its domain; `file:` and `env:` are read.
        webhook_secret: the secret that Mastodon shows for its webhook.
        host: our own name, which signatures must cover; empty takes any.
        jurisdiction: ISO 3166-1 alpha-2 of those who report here.
        longest: bytes of one report.
    """

    keys: dict[str, str] = {}
    webhook_secret: str = ""
    host: str = ""
    jurisdiction: str = ""
    longest: Annotated[int, Meta(ge=1000, le=20_000_000)] = LONGEST


class ActivityPubDoor(WebhookDoor):
    """Serves `/doors/NAME/inbox` to servers of known keys, `/doors/NAME/mastodon` by a shared secret."""

    def __init__(self, name: str, config: Config, house: House) -> None:
        super().__init__(name, house, longest=config.longest)
        self._keys = {domain.lower(): read_key(domain, secret(pem)) for domain, pem in config.keys.items()}
        self._secret = secret(config.webhook_secret).encode()
        if not (self._keys or self._secret):
            raise Misconfigured(f"door {name!r}: keys or webhook_secret must say whom it hears")
        self._config = config

    def routes(self) -> Sequence[BaseRouteHandler]:
        """Return the inbox if there are keys, and the webhook if there is a secret."""
        inbox = [self.route("/inbox", self._inbox)] if self._keys else []
        return [*inbox, *([self.route("/mastodon", self._webhook)] if self._secret else [])]

    async def _inbox(self, request: Asked) -> Response[Any]:
        document = await body_of(request, _ACTIVITY)
        try:
            domain = signer(_signed(request, document), self._keys, self.house.clock.now())
        except Forged as error:
            raise unauthorised(str(error), _CHALLENGE) from error
        if self._config.host not in ("", request.headers.get("host", "")):
            raise unauthorised("the signature is for another host", _CHALLENGE)
        flag = flags.read_flag(document)
        # A server speaks for its own actors only.
        if domain_of(flag.actor) != domain:
            raise unauthorised("the actor is not of the signing server", _CHALLENGE)
        message_id = self.fingerprint("flag", domain, flag.id)
        await self.hand_in(with_defaults(flag.submission, message_id, self._config.jurisdiction))
        return Response(None, status_code=202)

    async def _webhook(self, request: Asked) -> Response[Any]:
        document = await body_of(request, ("application/json",))
        if not hub_signed(request.headers.get("x-hub-signature", ""), document, self._secret):
            raise unauthorised("X-Hub-Signature is missing or wrong", "X-Hub-Signature")
        submission = flags.read_webhook(document)
        message_id = self.fingerprint("mastodon", submission.message_id)
        await self.hand_in(with_defaults(submission, message_id, self._config.jurisdiction))
        return Response(None, status_code=202)


def _signed(request: Asked, body: bytes) -> Request:
    query = request.scope.get("query_string", b"").decode("latin-1")
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    target = raw.decode("latin-1") + (f"?{query}" if query else "")
    return Request(request.method, target, {k.lower(): v for k, v in request.headers.items()}, body)


def _open(name: str, config: Config, house: House) -> ActivityPubDoor:
    return ActivityPubDoor(name, config, house)


KIND = Kind(Config, _open)
