"""The web application's frame: headers, errors, assets and limits, around whatever the rooms serve."""

from collections.abc import Callable, Sequence
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.params import FromPath
from litestar.types import Message, Scope

from tocsin.errors import NotFound, TocsinError
from tocsin.storage.engine import Storage
from tocsin.web import errors, live
from tocsin.web.changes import Changes
from tocsin.web.layout import STATIC
from tocsin.web.shared import Shared

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@get("/assets/{name:str}", include_in_schema=False, sync_to_thread=True)
def asset(name: FromPath[str]) -> Response[bytes]:
    """Serve a file of ours; its address changes with its content, so it may be kept for a year."""
    files = {file.name: file for file in STATIC.iterdir()}
    if name not in files:
        raise NotFound("no such asset")
    return Response(
        files[name].read_bytes(),
        media_type=_TYPES[files[name].suffix],
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )


@get("/favicon.ico", include_in_schema=False, sync_to_thread=True)
def favicon() -> Response[bytes]:
    """Serve the icon to browsers that ask by habit."""
    return Response((STATIC / "icon.svg").read_bytes(), media_type="image/svg+xml")


_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


async def _add_headers(message: Message, _scope: Scope) -> None:
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], *_RAW_HEADERS]


def _shared(storage: NamedDependency[Storage]) -> Shared:
    return Shared(Changes(storage).number)


class _Described(JsonRenderPlugin):
    """The OpenAPI document, with what the framework can't see for itself."""

    def __init__(self, describe: Callable[[dict[str, Any]], None]) -> None:
        super().__init__(path="/openapi.json")
        self._describe = describe

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Complete the document and write it."""
        self._describe(openapi_schema)
        return super().render(request, openapi_schema)


def application(
    handlers: Sequence[BaseRouteHandler],
    dependencies: dict[str, Provide],
    openapi: OpenAPIConfig,
    describe: Callable[[dict[str, Any]], None],
    body_limit: int,
    lifespan: list[Callable[..., Any]],
) -> Litestar:
    """Build the application.

    Args:
        handlers: the rooms' routes.
        dependencies: the node's parts, by the name under which handlers take them.
        openapi: what the API's document says of itself.
        describe: completes that document.
        body_limit: longest request body, bytes.
        lifespan: entered at start, left at the end.
    """
    openapi.render_plugins = [_Described(describe)]
    openapi.path = "/api/v1"
    return Litestar(
        route_handlers=[*handlers, *live.routes(), asset, favicon],
        dependencies={"shared": Provide(_shared, use_cache=True, sync_to_thread=False)} | dependencies,
        openapi_config=openapi,
        exception_handlers={
            TocsinError: errors.tocsin_error,
            HTTPException: errors.http_error,
            Exception: errors.unexpected,
        },
        before_send=[_add_headers],
        request_max_body_size=body_limit,
        lifespan=lifespan,
        logging_config=None,
    )
