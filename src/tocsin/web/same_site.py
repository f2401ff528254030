"""Forms are taken from our own pages only: another site cannot make a visitor's browser send one."""

from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import BaseRouteHandler

REFUSED = "This form was sent from another site. Open it here and send it again."


def same_site(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Refuse a form that a browser says comes from elsewhere.

    `Sec-Fetch-Site` (W3C Fetch Metadata) decides where the browser sends it; else `Origin` (RFC 6454,
    section 7) against `Host`. A request with neither is no browser's, and carries nobody's session.

    Raises:
        PermissionDeniedException: the form comes from another site.
    """
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        allowed = site in {"same-origin", "none"}
    else:
        origin = connection.headers.get("origin")
        allowed = origin is None or _host(origin) == connection.headers.get("host", "").lower()
    if not allowed:
        raise PermissionDeniedException(REFUSED)


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
