"""Looking at a message, number or link before anybody reports it: nothing of it is stored."""

from typing import NamedTuple

from sqlalchemy import Connection

from tocsin.campaigns import store as campaigns
from tocsin.errors import Rejected
from tocsin.records import SMALLEST_COUNT, Message, Observable, Verdict
from tocsin.screening.api import as_message
from tocsin.screening.observables import observables
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import Snapshot

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
