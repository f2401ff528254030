"""The web application's frame: headers, errors, assets and limits, around whatever the rooms serve."""

from collections.abc import Callable, Sequence
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.params import FromPath, FromQuery
from litestar.types import Message, Scope

from tocsin.errors import NotFound, TocsinError
from tocsin.storage.engine import Storage
from tocsin.web import errors, live
from tocsin.web.changes import Changes
from tocsin.web.described import complete
from tocsin.web.layout import STATIC, digest
from tocsin.web.request_id import request_id
from tocsin.web.shared import Shared

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with it browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@get("/assets/{name:str}", include_in_schema=False, sync_to_thread=True)
def asset(name: FromPath[str], v: FromQuery[str] = "") -> Response[bytes]:
    """Serve a file of ours. By the address of its present content it may be kept for a year."""
    files = {file.name: file for file in STATIC.iterdir()}
    if name not in files:
        raise NotFound("no such asset")
    lasting = v == digest(name)
    return Response(
        files[name].read_bytes(),
        media_type=_TYPES[files[name].suffix],
        headers={"Cache-Control": "public, max-age=31536000, immutable" if lasting else "no-cache"},
    )


@get("/favicon.ico", include_in_schema=False, sync_to_thread=True)
def favicon() -> Response[bytes]:
    """Serve the icon to browsers that ask by habit."""
    return Response((STATIC / "icon.svg").read_bytes(), media_type="image/svg+xml")


_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


async def _add_headers(message: Message, scope: Scope) -> None:
    if message["type"] == "http.response.start":
        number = (b"x-request-id", request_id(scope).encode())
        message["headers"] = [*message["headers"], *_RAW_HEADERS, number]


def _shared(storage: NamedDependency[Storage]) -> Shared:
    return Shared(Changes(storage).number)


class _Described(JsonRenderPlugin):
    """The OpenAPI document, with what the framework can't see for itself."""

    def __init__(self, describe: Callable[[dict[str, Any]], None]) -> None:
        super().__init__(path="/openapi.json")
        self._describe = describe

    def route(self) -> BaseRouteHandler:
        """Return the document's usual address. Under a common root the framework would answer every 404."""

        @get("/api/v1/openapi.json", include_in_schema=False, sync_to_thread=True)
        def document(request: Request[Any, Any, Any]) -> Response[bytes]:
            written = self.render(request, request.app.openapi_schema.to_schema())
            return Response(written, media_type=self.media_type)

        return document

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Complete the document and write it."""
        complete(openapi_schema, request.app)
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
    described = _Described(describe)
    openapi.render_plugins = [described]
    openapi.path = "/api/v1/openapi"
    return Litestar(
        route_handlers=[*handlers, *live.routes(), described.route(), asset, favicon],
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
