"""Reports of posts, profiles, advertisements and search results, as a platform or an app sends them.

Three shapes of JSON, one for each place where people meet such spam: a social network (R8), a search engine
(R9), an app (R10). What the canonical report has no field for stands readable in its subject.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from tocsin.doors.social.facts import subject_of
from tocsin.errors import Rejected
from tocsin.records import Channel, Submission

Name = Annotated[str, Meta(max_length=200)]
Link = Annotated[str, Meta(max_length=2000)]
Words = Annotated[str, Meta(max_length=2000)]
Text = Annotated[str, Meta(max_length=100_000)]
_LONGEST_SENDER = 350


class SocialKind(StrEnum):
    """What of a social network is reported."""

    POST = "post"
    COMMENT = "comment"
    PROFILE = "profile"
    ADVERTISEMENT = "advertisement"


class _Report(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every shape has.

    Args:
        id: the platform's own id of this report: the same one twice is one report.
        text: what was seen, as words.
        seen_at: when; RFC 3339 with an offset.
        reporter: who reports; becomes a pseudonym; empty for anonymous.
        jurisdiction: ISO 3166-1 alpha-2 of the reporter's country.
        category: a vocabulary category the reporter chose.
        comment: the reporter's own words.
        consent_to_share: whether the words may leave the member, redacted.
    """

    id: Annotated[str, Meta(max_length=255)] = ""
    text: Text = ""
    seen_at: datetime | None = None
    reporter: Annotated[str, Meta(max_length=350)] = ""
    jurisdiction: Annotated[str, Meta(max_length=2)] = ""
    category: Name = ""
    comment: Words = ""
    consent_to_share: bool = False


class Social(_Report, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A post, comment, profile or advertisement of a social network.

    Args:
        platform: the network's name or host.
        kind: what of it.
        account: the handle or address of who posted.
        account_url: the profile's page.
        post_url: the post's page.
        advertiser: who paid, as the advertisement says.
        link: where it leads.
    """

    platform: Annotated[str, Meta(min_length=1, max_length=200)]
    kind: SocialKind = SocialKind.POST
    account: Name = ""
    account_url: Link = ""
    post_url: Link = ""
    advertiser: Name = ""
    link: Link = ""


class Search(_Report, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A result of a web search.

    Args:
        engine: the search engine's name or host.
        query: what was searched for.
        url: where the result leads.
        position: its place among the results, from 1; 0 when unknown.
        sponsored: whether it was marked as an advertisement.
    """

    engine: Annotated[str, Meta(min_length=1, max_length=200)]
    query: Annotated[str, Meta(min_length=1, max_length=500)]
    url: Annotated[str, Meta(min_length=1, max_length=2000)]
    position: Annotated[int, Meta(ge=0, le=10_000)] = 0
    sponsored: bool = False


class InApp(_Report, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An advertisement inside an app.

    Args:
        app: the app's id in its store.
        network: the advertising network.
        creative_url: the advertisement's picture, film or page.
        link: where it leads.
        placement: where it stood: banner, interstitial, rewarded, native, notification.
        action: what it did by itself: redirect, download, call, subscribe.
    """

    app: Annotated[str, Meta(min_length=1, max_length=200)]
    network: Name = ""
    creative_url: Link = ""
    link: Link = ""
    placement: Name = ""
    action: Name = ""


def from_social(report: Social) -> Submission:
    """Make a submission; its sender is the account, else the profile's page, else the advertiser.

    Raises:
        Rejected: it names neither account, page nor words.
    """
    sender = report.account or report.account_url or report.advertiser or report.post_url or report.link
    if not (sender or report.text):
        raise Rejected("account.missing", "account", "an account, a page or the words")
    facts = {
        "platform": report.platform,
        "profile": report.account_url,
        "url": report.post_url,
        "advertiser": report.advertiser,
    }
    return _submission(report, Channel.SOCIAL, sender, subject_of(report.kind, facts), report.link)


def from_search(report: Search) -> Submission:
    """Make a submission; its sender is the page that the result leads to."""
    facts: dict[str, str | int] = {
        "engine": report.engine,
        "position": report.position,
        "query": report.query,
    }
    kind = "sponsored result" if report.sponsored else "search result"
    return _submission(report, Channel.WEB_SEARCH, report.url, subject_of(kind, facts), report.url)


def from_in_app(report: InApp) -> Submission:
    """Make a submission; its sender is where the advertisement leads, else its network.

    Raises:
        Rejected: it names neither link, creative, network nor words.
    """
    sender = report.link or report.creative_url or report.network
    if not (sender or report.text):
        raise Rejected("link.missing", "link", "a link, a creative, a network or the words")
    facts = {
        "app": report.app,
        "network": report.network,
        "placement": report.placement,
        "action": report.action,
        "creative": report.creative_url,
    }
    return _submission(report, Channel.IN_APP, sender, subject_of("advertisement", facts), report.link)


def _submission(report: _Report, channel: Channel, sender: str, subject: str, link: str) -> Submission:
    links = [link] if link and link not in report.text else []
    return Submission(
        channel=channel,
        content="\n".join(filter(None, (report.text, *links))),
        sender=sender[:_LONGEST_SENDER],
        subject=subject,
        sent_at=report.seen_at,
        reporter=report.reporter,
        jurisdiction=report.jurisdiction,
        claimed_category=report.category,
        comment=report.comment,
        consent_to_share=report.consent_to_share,
        message_id=report.id,
    )
