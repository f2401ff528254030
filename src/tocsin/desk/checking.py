"""Looking at a message, number or link before anybody reports it: nothing of it is stored."""

from typing import NamedTuple

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.campaigns import store as campaigns
from tocsin.campaigns.api import PublicCampaign, public
from tocsin.errors import Rejected
from tocsin.records import SMALLEST_COUNT, Message, Observable, Verdict
from tocsin.screening.api import Judged, as_message, judged
from tocsin.screening.observables import observables
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import Snapshot
from tocsin.settings import Settings
from tocsin.storage.engine import Storage

LONGEST = 5000
"""Characters of a question: in any script its address stays under the 64 KB that servers take."""


class Looked(NamedTuple):
    """What is known of something.

    Args:
        message: it, read as a call when it is a number alone, as a text otherwise.
        verdict: what screening makes of its words; None when it has none.
        traces: links, hosts and numbers in it.
        campaign: the campaign of at least five reports that it belongs to; None when there is none.
    """

    message: Message
    verdict: Verdict | None
    traces: tuple[Observable, ...]
    campaign: campaigns.Campaign | None


def look(connection: Connection, screener: Screener, snapshot: Snapshot, q: str, country: str) -> Looked:
    """Look at something that a person typed.

    Args:
        connection: a reading connection.
        screener: judges its words.
        snapshot: what it judges by.
        q: a message, number or link, at most 5,000 characters.
        country: ISO 3166-1 alpha-2 by which national numbers are read, in either case.

    Raises:
        Rejected: it is empty or too long, or the country is none.
    """
    text = q.strip()
    if not text:
        raise Rejected("q.empty", "q", "a message, number or link")
    if len(q) > LONGEST:
        raise Rejected("q.too_long", "q", f"at most {LONGEST} characters; report a longer one instead")
    # Numbers once read are remembered together with their country: it must not be a page of text.
    if len(country) != 2 or not (country.isascii() and country.isalpha()):  # noqa: PLR2004 - alpha-2
        raise Rejected("country.invalid", "country", "two letters of ISO 3166-1, such as SA")
    country = country.upper()
    message = as_message(text, country)
    traces = observables(text, country)
    verdict = screener.screen([message], snapshot)[0] if message.content else None
    return Looked(message, verdict, traces, _campaign(connection, message, traces))


def _campaign(
    connection: Connection, message: Message, traces: tuple[Observable, ...]
) -> campaigns.Campaign | None:
    """Find its campaign: people's reports first, then the demonstration's, which are labelled.

    A campaign of few reports is not named: whoever sent it could learn that its one recipient reported it.
    """
    for simulated in (False, True):
        found = campaigns.find(connection, message, traces, simulated=simulated)
        if found is not None and found.reports >= SMALLEST_COUNT:
            return found
    return None


class Checked(Struct, frozen=True):
    """What is known of a message, number or link.

    Args:
        verdict: what screening makes of its words; null when it has none, such as a number alone.
        observables: the traces in it.
        seen: whether a campaign of at least five reports matches.
        campaign: that campaign, or null.
        meaning: what the answer says, and what it does not.
    """

    verdict: Judged | None
    observables: list[Observable]
    seen: bool
    campaign: PublicCampaign | None
    meaning: str


SEEN = "Others reported the same, and their reports form this campaign."
NOT_SEEN = (
    "No campaign of at least five reports matches: nobody reported it here yet, or only a few did. "
    "That does not make it safe."
)


@get("/api/v1/check", tags=["screening"], summary="Check a message, number or link", sync_to_thread=True)
def check(
    q: FromQuery[str],
    storage: NamedDependency[Storage],
    screener: NamedDependency[Screener],
    snapshot: NamedDependency[Snapshot],
    settings: NamedDependency[Settings],
    country: FromQuery[str | None] = None,
) -> Checked:
    """Say what is known of something before it is reported; nothing is stored.

    National numbers are read by `country`, two letters of ISO 3166-1, or else as those of the node's.
    """
    here = settings.jurisdiction if country is None else country
    with storage.reading() as connection:
        looked = look(connection, screener, snapshot, q, here)
    verdict = looked.verdict
    reasons = screener.explain(looked.message, snapshot) if verdict else []
    return Checked(
        verdict=judged("", verdict, "unwanted", reasons) if verdict else None,
        observables=list(looked.traces),
        seen=looked.campaign is not None,
        campaign=public(looked.campaign) if looked.campaign else None,
        meaning=SEEN if looked.campaign else NOT_SEEN,
    )
