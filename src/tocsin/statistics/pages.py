"""The front page: live figures, the newest campaigns, and where to report or check."""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup

from tocsin.errors import NotFound
from tocsin.ports import Clock
from tocsin.records import Source
from tocsin.screening.snapshot import Snapshot
from tocsin.statistics import store
from tocsin.statistics.front import figures
from tocsin.storage.engine import Storage
from tocsin.web.i18n import LANGUAGES
from tocsin.web.layout import language_of, render
from tocsin.web.routing import page
from tocsin.web.shared import Shared


def front(
    request: Request[Any, Any, Any],
    storage: NamedDependency[Storage],
    clock: NamedDependency[Clock],
    shared: NamedDependency[Shared],
) -> Response[str]:
    """Show the front page."""
    moving = figures(shared, storage, clock, language_of(request))
    return render(request, "front.html", figures=Markup(moving.html))  # noqa: S704 - our own template's output


@get("/fragments/front/{language:str}", include_in_schema=False, sync_to_thread=True)
def front_fragment(
    request: Request[Any, Any, Any],
    language: FromPath[str],
    storage: NamedDependency[Storage],
    clock: NamedDependency[Clock],
    shared: NamedDependency[Shared],
) -> Response[str]:
    """Give the part of the front page that moves, or say that it did not (304)."""
    if language not in LANGUAGES:
        raise NotFound("no such language")
    moving = figures(shared, storage, clock, language)
    headers = {"ETag": moving.etag, "Cache-Control": "no-cache"}
    if moving.etag in request.headers.get("if-none-match", ""):
        return Response("", status_code=304, headers=headers, media_type="text/html")
    return Response(moving.html, media_type="text/html", headers=headers)


def demo(
    request: Request[Any, Any, Any],
    storage: NamedDependency[Storage],
    play_demo: NamedDependency[Callable[[], None]],
) -> Redirect:
    """Start the demonstration on an empty node, and go back to the front page."""
    with storage.reading() as connection:
        empty = not any(store.has(connection, source) for source in Source)
    if empty:
        play_demo()
    return Redirect(f"/{language_of(request)}", status_code=303)


def about(request: Request[Any, Any, Any], snapshot: NamedDependency[Snapshot]) -> Response[str]:
    """Say how the figures come to be."""
    return render(request, "about.html", method=snapshot.method)


def routes() -> list[BaseRouteHandler]:
    """Return the pages of the statistics."""
    return [
        *page("/", front),
        *page("/demo", demo, method="POST"),
        *page("/about", about),
        front_fragment,
    ]
