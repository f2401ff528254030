"""Who signed an HTTP request: HTTP Signatures as the Fediverse uses them, and WebSub's HMAC.

Source: draft-cavage-http-signatures-12 with `rsa-sha256` (also called `hs2019`), the `Digest` header of
RFC 3230, and `X-Hub-Signature` of W3C WebSub, section 7. Keys come from the configuration: none is fetched.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tocsin.errors import Misconfigured
from tocsin.records import HOUR, instant

WINDOW = 12 * HOUR
"""How far a request's date may lie from now, microseconds; a replay within it counts once by its id."""
SIGNED = frozenset({"(request-target)", "host", "date", "digest"})
"""What a signature must cover."""
_ALGORITHMS = frozenset({"rsa-sha256", "hs2019", ""})
_LONGEST_HEADER = 8192
_FIELD = re.compile(r'([a-zA-Z]{1,20})="([^"]{0,4096})"')
_SMALLEST_KEY = 2048


class Forged(Exception):
    """A request that does not prove who sent it."""


class Request(NamedTuple):
    """What a signature covers: method, target with query, headers in lower case, body."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


def read_key(domain: str, pem: str) -> RSAPublicKey:
    """Read a public key.

    Raises:
        Misconfigured: not the PEM of an RSA key of at least 2,048 bits.
    """
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Misconfigured(f"the key of {domain!r} is not a public key in PEM") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < _SMALLEST_KEY:
        raise Misconfigured(f"the key of {domain!r} is not RSA of {_SMALLEST_KEY} bits")
    return key


def signer(request: Request, keys: Mapping[str, RSAPublicKey], now: int) -> str:
    """Return the domain whose key signed a request.

    Args:
        request: what came.
        keys: public keys by domain.
        now: the present instant, microseconds.

    Raises:
        Forged: no signature, an unknown key, too little signed, a wrong date or digest, or a wrong signature.
    """
    fields = _fields(request.headers.get("signature", ""))
    domain = domain_of(fields.get("keyid", ""))
    key = keys.get(domain)
    if key is None:
        raise Forged("no signature by a known key")
    covered = fields.get("headers", "date").lower().split()
    if not set(covered) >= SIGNED or fields.get("algorithm", "") not in _ALGORITHMS:
        raise Forged("the signature covers too little")
    _check_date(request.headers.get("date", ""), now)
    _check_digest(request.headers.get("digest", ""), request.body)
    try:
        signature = base64.b64decode(fields.get("signature", ""), validate=True)
        key.verify(signature, _covered(request, covered).encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise Forged("the signature is wrong") from error
    return domain


def domain_of(uri: str) -> str:
    """Return the host of a web address, lower case; empty when it has none."""
    try:
        return (urlsplit(uri).hostname or "").lower()
    except ValueError:
        return ""


def hub_signed(header: str, body: bytes, key: bytes) -> bool:
    """Say whether `X-Hub-Signature: sha256=HEX` is the HMAC of a body."""
    method, _, given = header.partition("=")
    wanted = hmac.new(key, body, sha256).hexdigest()
    return method == "sha256" and hmac.compare_digest(given.lower().encode(), wanted.encode())


def _fields(header: str) -> dict[str, str]:
    if len(header) > _LONGEST_HEADER:
        raise Forged("the signature is too long")
    return {name.lower(): value for name, value in _FIELD.findall(header)}


def _check_date(header: str, now: int) -> None:
    try:
        date = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise Forged("the date can't be read") from error
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    if abs(instant(_clamped(date)) - now) > WINDOW:
        raise Forged("the date is not of today")


def _clamped(date: datetime) -> datetime:
    # The first and last years of the calendar have no instant in every zone.
    return date if 1 < date.year < 9999 else datetime(1970, 1, 1, tzinfo=UTC)  # noqa: PLR2004


def _check_digest(header: str, body: bytes) -> None:
    wanted = base64.b64encode(sha256(body).digest()).decode()
    given = dict(one.strip().partition("=")[::2] for one in header.split(","))
    if not hmac.compare_digest(given.get("SHA-256", given.get("sha-256", "")).encode(), wanted.encode()):
        raise Forged("the digest is not the body's")


def _covered(request: Request, names: list[str]) -> str:
    target = f"{request.method.lower()} {request.target}"
    lines = []
    for name in names:
        value = target if name == "(request-target)" else request.headers.get(name)
        if value is None:
            raise Forged("the signature covers a header that did not come")
        lines.append(f"{name}: {value}")
    return "\n".join(lines)
