"""The campaigns' pages."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import BaseRouteHandler

from tocsin.campaigns import store
from tocsin.campaigns.api import identity
from tocsin.storage.engine import Storage
from tocsin.web.layout import both, render


@get(both("/campaigns"), include_in_schema=False, sync_to_thread=True)
def campaigns(
    request: Request[Any, Any, Any], storage: Storage, order: str = "newest", cursor: str = ""
) -> Response[str]:
    """List campaigns that at least five people reported."""
    with storage.reading() as connection:
        page = store.page(connection, order, 20, cursor, min_reports=5)
    return render(request, "campaigns.html", campaigns=page.campaigns, next=page.next, order=order)


@get(both("/campaigns/{campaign:str}"), include_in_schema=False, sync_to_thread=True)
def campaign(request: Request[Any, Any, Any], campaign: str, storage: Storage) -> Response[str]:
    """Show one campaign."""
    with storage.reading() as connection:
        one = store.get(connection, identity(campaign))
    return render(request, "campaign.html", one=one)


def routes() -> list[BaseRouteHandler]:
    """Return the campaigns' pages."""
    return [campaigns, campaign]
