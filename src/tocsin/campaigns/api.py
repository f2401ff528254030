"""JSON routes of the campaigns."""

from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from tocsin.campaigns import store
from tocsin.errors import NotFound
from tocsin.records import SMALLEST_COUNT, moment
from tocsin.storage.engine import Storage


class PublicCampaign(Struct, frozen=True):
    """A campaign as anybody may see it.

    Args:
        id: UUID.
        first_seen: RFC 3339, UTC.
        last_seen: RFC 3339, UTC.
        reports: how many; null when fewer than 5.
        suppressed: whether the count is withheld.
        channel: medium of its first report.
        language: BCP 47, `und` when unknown.
        category: vocabulary id.
        unwanted: mean probability that it is unwanted, 0 to 1.
        jurisdiction: ISO 3166-1 alpha-2 of its first report.
        simulated: whether it belongs to a simulation.
    """

    id: UUID
    first_seen: str
    last_seen: str
    reports: int | None
    suppressed: bool
    channel: str
    language: str
    category: str
    unwanted: float
    jurisdiction: str
    simulated: bool


class CampaignPage(Struct, frozen=True):
    """Some campaigns; `next` is the cursor of what follows, empty at the end."""

    campaigns: list[PublicCampaign]
    next: str


@get(
    "/api/v1/campaigns", tags=["campaigns"], summary="Campaigns, newest or largest first", sync_to_thread=True
)
def list_campaigns(
    storage: NamedDependency[Storage],
    order: FromQuery[str] = "newest",
    limit: FromQuery[int] = 20,
    cursor: FromQuery[str] = "",
    min_reports: FromQuery[int] = 1,
    channel: FromQuery[str] = "",
) -> CampaignPage:
    """List campaigns page by page; with `channel` those of five reports at least, newest first."""
    with storage.reading() as connection:
        page = store.page(connection, order, limit, cursor, min_reports, channel=channel)
    return CampaignPage([public(one) for one in page.campaigns], page.next)


@get("/api/v1/campaigns/{campaign:str}", tags=["campaigns"], summary="One campaign", sync_to_thread=True)
def one_campaign(campaign: FromPath[str], storage: NamedDependency[Storage]) -> PublicCampaign:
    """Show one campaign."""
    with storage.reading() as connection:
        return public(store.get(connection, identity(campaign)))


def identity(text: str) -> bytes:
    """Read a campaign's id as it stands in a path.

    Raises:
        NotFound: it is no UUID.
    """
    try:
        return UUID(text).bytes
    except ValueError as error:
        raise NotFound("no campaign has this id") from error


def public(one: store.Campaign) -> PublicCampaign:
    """Return what anybody may see of a campaign: never its text, small counts withheld."""
    small = one.reports < SMALLEST_COUNT
    return PublicCampaign(
        id=one.id,
        first_seen=moment(one.first_seen).isoformat().replace("+00:00", "Z"),
        last_seen=moment(one.last_seen).isoformat().replace("+00:00", "Z"),
        reports=None if small else one.reports,
        suppressed=small,
        channel=one.channel,
        language=one.language,
        category=one.category,
        unwanted=round(one.unwanted, 4),
        jurisdiction=one.jurisdiction,
        simulated=one.simulated,
    )


def routes() -> list[BaseRouteHandler]:
    """Return the campaigns' JSON routes."""
    return [list_campaigns, one_campaign]
