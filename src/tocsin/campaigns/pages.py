"""The campaigns' pages."""

from typing import Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery

from tocsin.campaigns import store
from tocsin.campaigns.api import identity
from tocsin.storage.engine import Storage
from tocsin.web.layout import render
from tocsin.web.routing import page


def campaigns(
    request: Request[Any, Any, Any],
    storage: NamedDependency[Storage],
    order: FromQuery[str] = "newest",
    cursor: FromQuery[str] = "",
) -> Response[str]:
    """List campaigns that at least five people reported."""
    with storage.reading() as connection:
        found = store.page(connection, order, 20, cursor, min_reports=5)
    return render(request, "campaigns.html", campaigns=found.campaigns, next=found.next, order=order)


def campaign(
    request: Request[Any, Any, Any], campaign: FromPath[str], storage: NamedDependency[Storage]
) -> Response[str]:
    """Show one campaign."""
    with storage.reading() as connection:
        one = store.get(connection, identity(campaign))
    return render(request, "campaign.html", one=one)


def routes() -> list[BaseRouteHandler]:
    """Return the campaigns' pages."""
    return [
        *page("/campaigns", campaigns),
        *page("/campaigns/{campaign:str}", campaign),
    ]
