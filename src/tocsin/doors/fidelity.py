"""Which field of the canonical report survives which format: the table that tests prove and docs show.

A cell is a `Fate`: kept, lost, or kept in part. Its function says exactly what is read back after a report
has been written. A channel that a format can't name, or a field it can't do without, is refused when
writing, by the field's name; nothing is written that says something else.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tocsin.doors.documents import report_uuid
from tocsin.doors.files import arf_report
from tocsin.doors.handset import mars, xarf
from tocsin.doors.mail.plain import tidy
from tocsin.doors.xmpp.report import bare
from tocsin.records import Channel, Route, Submission


class Fate(NamedTuple):
    """What becomes of a field: in words, and what is read back of it.

    Args:
        words: for the table.
        read_back: the field's value afterwards, from the whole report and the value.
    """

    words: str
    read_back: Callable[[Submission, Any], Any]


class Format(NamedTuple):
    """One format's row.

    Args:
        name: as people know it.
        channels: those it can name.
        needs: fields without which it refuses to write.
        fates: of the fields, by name; what is not named is lost.
    """

    name: str
    channels: tuple[str, ...]
    needs: tuple[str, ...]
    fates: Mapping[str, Fate]


def _empty(_: Submission, value: Any) -> Any:
    if isinstance(value, datetime):
        return None
    return type(value)() if value is not None else None


def _whole_seconds(_: Submission, value: datetime | None) -> datetime | None:
    return value.replace(microsecond=0) if value else None


def _disposition(_: Submission, value: str) -> str:
    return mars.LEGIT if value.partition(".")[0] == mars.LEGIT else ""


def _conversation(_: Submission, value: str) -> str:
    return value.lower() if mars.is_conversation(value) else ""


def _uuid(report: Submission, _: str) -> str:
    return str(report_uuid(report))


def _subject_where_there_is_one(report: Submission, value: str) -> str:
    return "" if report.channel in {Channel.SMS, Channel.MMS, Channel.RCS} else value


def _without_network(_: Submission, value: Route) -> Route:
    return Route(value.kind, value.origin)


def _tidied(_: Submission, value: str) -> str:
    return tidy(value, len(value))


def _tidied_line(report: Submission, value: str) -> str:
    return _tidied(report, " ".join(value.split()))


def _line_feeds(_: Submission, value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _feedback_type(_: Submission, value: str) -> str:
    claimed = value.partition(".")[0]
    return claimed if claimed in arf_report.TYPES else ""


HARASSMENT = "nuisance.harassment"
KEPT = Fate("kept", lambda _, value: value)
LOST = Fate("lost", _empty)
SECONDS = Fate("whole seconds", _whole_seconds)
_ALL = tuple(Channel)
_FACTS = ("jurisdiction", "claimed_category", "comment")


def _kept(*fields: str, **others: Fate) -> dict[str, Fate]:
    return dict.fromkeys(fields, KEPT) | others


TABLE: Mapping[str, Format] = {
    "mars": Format(
        "MARS",
        mars.CHANNELS,
        ("sender", "content", "sent_at"),
        _kept(
            "channel",
            "content",
            "sender",
            "reporter",
            sent_at=SECONDS,
            claimed_category=Fate("whether wanted", _disposition),
            message_id=Fate("if a UUIDv4", _conversation),
        ),
    ),
    "rcs": Format(
        "RCS spam report",
        (Channel.RCS,),
        ("sender",),
        _kept("channel", "sender", "claimed_category", "comment", "message_id"),
    ),
    "xarf": Format(
        "XARF 4.2",
        xarf.CHANNELS,
        ("sent_at",),
        _kept(
            "channel",
            "content",
            "sender",
            "sent_at",
            "jurisdiction",
            "claimed_category",
            subject=Fate("500 characters", lambda _, value: value[: xarf.LONGEST_SUBJECT]),
            comment=Fate("1,000 characters", lambda _, value: value[: xarf.LONGEST_COMMENT]),
            message_id=Fate("as a UUID", _uuid),
        ),
    ),
    "arf": Format(
        "ARF",
        (Channel.EMAIL,),
        (),
        _kept(
            "channel",
            sender=Fate("lower case", lambda _, value: value.lower()),
            content=Fate("spaces tidied", _tidied),
            subject=Fate("spaces tidied", _tidied_line),
            sent_at=SECONDS,
            claimed_category=Fate("whether fraud or wanted", _feedback_type),
        ),
    ),
    "xmpp": Format(
        "XEP-0377",
        (Channel.IM,),
        ("sender",),
        _kept(
            "channel",
            "consent_to_share",
            sender=Fate("bare JID", lambda _, value: bare(value)),
            content=Fate("lines end with LF", _line_feeds),
            comment=Fate("lines end with LF", _line_feeds),
            sent_at=Fate("with content", lambda report, value: value if report.content.strip() else None),
            claimed_category=Fate(
                "whether harassment", lambda _, value: value if value == HARASSMENT else ""
            ),
        ),
    ),
    "misp": Format(
        "MISP",
        (Channel.EMAIL, Channel.SMS, Channel.MMS, Channel.RCS, Channel.IM, Channel.SOCIAL),
        (),
        _kept(
            "channel",
            "content",
            "sender",
            "sent_at",
            *_FACTS,
            subject=Fate("not of SMS, MMS, RCS", _subject_where_there_is_one),
            message_id=Fate("as a UUID", _uuid),
            route=Fate("without network", _without_network),
        ),
    ),
    "stix": Format(
        "STIX 2.1",
        _ALL,
        ("sent_at",),
        _kept("channel", "content", "sender", "subject", "sent_at", *_FACTS, "message_id", "route", "call"),
    ),
}
"""Every format by a short name."""
FIELDS = Submission.__struct_fields__


def read_back(name: str, report: Submission) -> Submission:
    """Return what is read after a report has been written in a format.

    Args:
        name: the format's short name.
        report: one that the format does not refuse.
    """
    fates = TABLE[name].fates
    values = {field: getattr(report, field) for field in FIELDS}
    return Submission(**{f: fates.get(f, LOST).read_back(report, value) for f, value in values.items()})


def table() -> str:
    """Return the table in Markdown: a row a field, a column a format."""
    columns = list(TABLE.values())
    head = ["field", *(column.name for column in columns)]
    rows = [[f"`{field}`", *(column.fates.get(field, LOST).words for column in columns)] for field in FIELDS]
    channels = ["channels", *(_named(column.channels) for column in columns)]
    needs = ["refused without", *(", ".join(f"`{field}`" for field in column.needs) for column in columns)]
    lines = [head, ["---"] * len(head), *rows, channels, needs]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _named(channels: tuple[str, ...]) -> str:
    return "all" if set(channels) == set(_ALL) else " ".join(sorted(str(channel) for channel in channels))
