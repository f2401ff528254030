"""A number for each request, to be quoted by whoever asks what went wrong: in the answer and in the log."""

import secrets
from typing import cast

from litestar.types import Scope

_KEY = "tocsin_request_id"


def request_id(scope: Scope) -> str:
    """Return a request's number, 16 hexadecimal digits; one that a client sends is not taken over.

    Args:
        scope: the request's ASGI scope.
    """
    state = scope["state"]
    return cast("str", state.setdefault(_KEY, secrets.token_hex(8)))
