"""Pages have three addresses: the plain one, which asks the browser for its language, and one a language."""

import inspect
from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import Any, Literal

from anyio import to_thread
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from tocsin.web.i18n import LANGUAGES
from tocsin.web.same_site import same_site


def page(
    path: str, function: Callable[..., Any], method: Literal["GET", "POST"] = "GET"
) -> list[BaseRouteHandler]:
    """Return a page's handlers, one for each of its addresses.

    Args:
        path: the plain address.
        function: what answers; a synchronous one runs in a thread.
        method: `GET`, or `POST` for a form, which is taken from our own pages only.
    """
    paths = [path, *(f"/{language}{path.rstrip('/')}" for language in LANGUAGES)]
    guards = [same_site] if method == "POST" else []
    return [
        HTTPRouteHandler(one, http_method=method, guards=guards, include_in_schema=False)(_awaited(function))
        for one in paths
    ]


def _awaited(function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Give each address a function of its own: the framework wraps the one it is given, in place."""

    @wraps(function)
    async def answer(**values: Any) -> Any:
        if inspect.iscoroutinefunction(function):
            return await function(**values)
        return await to_thread.run_sync(partial(function, **values))

    return answer
