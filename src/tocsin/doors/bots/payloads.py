"""Reading webhook bodies: JSON into declared shapes; what has another shape is nothing to us."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from litestar import MediaType, Response

from tocsin.errors import Malformed

S = TypeVar("S", bound=msgspec.Struct)


def read_payload(body: bytes, shape: type[S]) -> S | None:
    """Decode a webhook's body.

    Returns:
        the payload; None when it is JSON of a shape that we do not know: the service may grow new ones, and
        would deliver a refused one again and again.

    Raises:
        Malformed: not JSON.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _leniently(body, shape)


def _leniently(body: bytes, shape: type[S]) -> S | None:
    """Read what the strict decoder refuses for one lone surrogate, which would hold up all later messages."""
    try:
        whole = json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace")
        return msgspec.json.decode(whole, type=shape)
    except msgspec.ValidationError:
        return None
    except (ValueError, RecursionError) as error:
        raise Malformed("body.json", "body", "not JSON") from error


def each(raws: Sequence[msgspec.Raw], shape: type[S]) -> Iterator[S]:
    """Decode items one by one, passing over those of a shape that we do not know."""
    for raw in raws:
        try:
            yield msgspec.json.decode(raw, type=shape)
        except msgspec.DecodeError:
            continue


def with_links(text: str, links: list[str]) -> str:
    """Add links that a message shows only as words or buttons, for they are what it is about."""
    hidden = [link for link in dict.fromkeys(links) if link and link not in text]
    return "\n".join([text, *hidden]) if hidden else text


def nothing() -> Response[Any]:
    """Answer that a delivery was taken, and no more."""
    return Response(b"", media_type=MediaType.TEXT, status_code=200)
