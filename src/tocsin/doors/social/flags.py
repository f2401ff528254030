"""Reading the Fediverse's reports: ActivityPub's `Flag`, and Mastodon's webhook `report.created`.

Source: W3C Activity Streams 2.0 Vocabulary, "Flag"; Mastodon's administrators' guide, "Webhooks".
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from tocsin.doors.documents import read_json, require
from tocsin.doors.mail.plain import from_html
from tocsin.doors.social.facts import subject_of
from tocsin.errors import Rejected
from tocsin.records import Channel, Submission

MOST_OBJECTS = 100
EVENTS = ("report.created", "report.updated")
_SHOWN = 3
_LONGEST_COMMENT, _LONGEST_URI = 2000, 350
_Uri = Annotated[str, Meta(max_length=2000)]


class _Flag(Struct):
    id: _Uri
    type: str
    actor: _Uri | dict[str, Any]
    object: Any
    content: str | None = None


class Flag(Struct, frozen=True):
    """A Flag: its own id, who sent it, and what it reports."""

    id: str
    actor: str
    submission: Submission


def read_flag(document: bytes) -> Flag:
    """Read a `Flag`: the first object is the account, the others are its posts.

    Raises:
        Malformed: not JSON in UTF-8.
        Rejected: another activity, or no object.
    """
    flag = read_json(document, _Flag)
    if flag.type != "Flag":
        raise Rejected("type.unsupported", "type", "a Flag")
    objects = flag.object if isinstance(flag.object, list) else [flag.object]
    if len(objects) > MOST_OBJECTS:
        raise Rejected("object.too_many", "object", f"at most {MOST_OBJECTS}")
    uris = [uri for uri in map(_id, objects) if uri]
    if not uris:
        raise Rejected("object.missing", "object", "the account or the posts")
    actor = require(_id(flag.actor), "actor")
    words = [_html(one.get("content")) for one in objects if isinstance(one, dict)]
    submission = Submission(
        channel=Channel.SOCIAL,
        content="\n".join(filter(None, words)),
        sender=uris[0][:_LONGEST_URI],
        subject=_subject("Fediverse", "", uris[1:]),
        reporter=actor[:_LONGEST_URI],
        comment=(flag.content or "")[:_LONGEST_COMMENT],
    )
    return Flag(require(flag.id, "id"), actor, submission)


class _Profile(Struct, frozen=True):
    acct: str = ""
    url: str = ""
    uri: str = ""


class _Account(Struct, frozen=True):
    account: _Profile = _Profile()
    username: str = ""
    domain: str | None = None


class _Status(Struct, frozen=True):
    content: str = ""
    url: str | None = None
    uri: str = ""
    created_at: datetime | None = None


class _Report(Struct):
    id: Annotated[str, Meta(min_length=1, max_length=100)]
    target_account: _Account
    account: _Account = _Account()
    category: Annotated[str, Meta(max_length=100)] = ""
    comment: str | None = None
    statuses: Annotated[list[_Status], Meta(max_length=MOST_OBJECTS)] = []


class _Hook(Struct):
    event: str
    object: Any


def read_webhook(document: bytes) -> Submission:
    """Read Mastodon's webhook of a report; its message id is the report's.

    Raises:
        Malformed: not JSON in UTF-8.
        Rejected: another event, or a field is missing or wrong.
    """
    if read_json(document, _Hook).event not in EVENTS:
        raise Rejected("event.unsupported", "event", f"one of {', '.join(EVENTS)}")
    report = read_json(document, _Created).object
    statuses = report.statuses
    times = [one.created_at for one in statuses if one.created_at is not None]
    urls = [one.url or one.uri for one in statuses]
    return Submission(
        channel=Channel.SOCIAL,
        content="\n".join(filter(None, (_html(one.content) for one in statuses))),
        sender=_name(report.target_account),
        subject=_subject("Mastodon", report.category, urls),
        sent_at=times[0] if times and times[0].tzinfo else None,
        reporter=_name(report.account),
        comment=(report.comment or "")[:_LONGEST_COMMENT],
        message_id=report.id,
    )


class _Created(Struct):
    object: _Report


def _name(account: _Account) -> str:
    domain = f"@{account.domain}" if account.domain else ""
    handle = f"@{account.username}{domain}" if account.username else ""
    return (account.account.uri or account.account.url or handle)[:_LONGEST_URI]


def _id(value: object) -> str:
    found = value.get("id", "") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def _html(value: object) -> str:
    return from_html(value)[0] if isinstance(value, str) and value else ""


def _subject(platform: str, category: str, posts: Sequence[str]) -> str:
    facts: dict[str, str | int] = {"platform": platform, "category": category}
    facts |= {f"url {number}": url for number, url in enumerate(posts[:_SHOWN], 1)}
    facts["posts"] = len(posts)
    return subject_of("post" if posts else "profile", facts)
