"""The campaigns' queries, by keyset cursors: no page costs more than the first."""

import base64
import struct
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, TextClause, func, select, tuple_

from tocsin.campaigns.grouping import Known
from tocsin.campaigns.keys import fingerprint
from tocsin.campaigns.tables import PUBLIC, campaign
from tocsin.errors import NotFound, Rejected
from tocsin.records import Channel, Instant, Message, Observable

MOST = 100


class Campaign(Struct, frozen=True):
    """One campaign as the ledger knows it.

    Args:
        id: UUID of the report that opened it.
        first_seen: received first.
        last_seen: received last.
        reports: how many.
        channel: of the first report.
        language: BCP 47.
        category: vocabulary id.
        unwanted: mean probability that it is unwanted.
        jurisdiction: ISO 3166-1 alpha-2 of the first report.
        example: redacted text of the first report.
        simulated: whether it belongs to a simulation.
    """

    id: UUID
    first_seen: Instant
    last_seen: Instant
    reports: int
    channel: str
    language: str
    category: str
    unwanted: float
    jurisdiction: str
    example: str
    simulated: bool


class Page(Struct, frozen=True):
    """Some campaigns, and the cursor of what follows; empty at the end."""

    campaigns: list[Campaign]
    next: str


_ORDERS = {"newest": campaign.c.last_seen, "largest": campaign.c.reports}


def page(
    connection: Connection,
    order: str = "newest",
    limit: int = 20,
    after: str = "",
    min_reports: int = 1,
    *,
    simulated: bool | None = None,
    channel: str = "",
) -> Page:
    """Return campaigns in an order.

    Args:
        connection: a reading connection.
        order: `newest` or `largest`.
        limit: 1 to 100.
        after: the cursor of the page before; empty for the first page.
        min_reports: leave smaller campaigns out.
        simulated: only simulated ones, or only real ones; None for both.
        channel: only those of a channel, newest first, of five reports at least; empty for all.

    Raises:
        Rejected: an unknown order, limit, channel or cursor, or an order that a channel can't be had in.
    """
    column = _ORDERS.get(order)
    if column is None:
        raise Rejected("order.unknown", "order", f"one of {', '.join(_ORDERS)}")
    if not 1 <= limit <= MOST:
        raise Rejected("limit.invalid", "limit", f"1 to {MOST}")
    query = select(campaign).where(campaign.c.reports >= min_reports)
    if channel:
        query = query.where(*_of_channel(channel, order))
    if simulated is not None:
        query = query.where(campaign.c.simulated == simulated)
    if after:
        query = query.where(tuple_(column, campaign.c.id) < tuple_(*_cursor(after)))
    rows = connection.execute(query.order_by(column.desc(), campaign.c.id.desc()).limit(limit + 1)).all()
    return Page([_campaign(row) for row in rows[:limit]], _next(rows, limit, column.name))


def get(connection: Connection, identity: bytes) -> Campaign:
    """Return one campaign.

    Raises:
        NotFound: there is none with this id.
    """
    row = connection.execute(select(campaign).where(campaign.c.id == identity)).one_or_none()
    if row is None:
        raise NotFound("no campaign has this id")
    return _campaign(row)


def _of_channel(channel: str, order: str) -> tuple[ColumnElement[bool], TextClause]:
    if channel not in set(Channel):
        raise Rejected("channel.unknown", "channel", f"one of {', '.join(Channel)}")
    if order != "newest":
        raise Rejected("order.unindexed", "order", "a channel's campaigns come newest first")
    return campaign.c.channel == channel, PUBLIC


def active(connection: Connection, since: int, *, simulated: bool) -> int:
    """Count the campaigns of five reports and more that were reported since an instant."""
    query = (
        select(func.count())
        .select_from(campaign)
        .where(
            PUBLIC,
            campaign.c.channel.in_([one.value for one in Channel]),
            campaign.c.last_seen >= since,
            campaign.c.simulated == simulated,
        )
    )
    return int(connection.execute(query).scalar_one())


def newest(connection: Connection, before: int, *, simulated: bool) -> Instant | None:
    """Return when the newest report before an instant was received; None when there is none."""
    query = (
        select(campaign.c.last_seen)
        .where(campaign.c.last_seen < before, campaign.c.simulated == simulated)
        .order_by(campaign.c.last_seen.desc())
        .limit(1)
    )
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else Instant(found)


def find(
    connection: Connection, message: Message, observables: tuple[Observable, ...], *, simulated: bool = False
) -> Campaign | None:
    """Return the campaign that a message would join if it were reported; None when there is none yet.

    Args:
        connection: a reading connection.
        message: as it would be reported.
        observables: the traces in it.
        simulated: look among simulated campaigns, which never mix with real ones.
    """
    prints = fingerprint([message], [observables], [simulated])
    found = Known(connection, prints).campaign(prints[0])
    if found is None:
        return None
    row = connection.execute(select(campaign).where(campaign.c.id == found)).one_or_none()
    return None if row is None else _campaign(row)


def _campaign(row: Row[Any]) -> Campaign:
    return Campaign(
        id=UUID(bytes=row.id),
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        reports=row.reports,
        channel=row.channel,
        language=row.language,
        category=row.category,
        unwanted=row.p_unwanted / row.reports,
        jurisdiction=row.jurisdiction,
        example=row.example,
        simulated=row.simulated,
    )


def _next(rows: Sequence[Row[Any]], limit: int, column: str) -> str:
    if len(rows) <= limit:
        return ""
    last = rows[limit - 1]
    return base64.urlsafe_b64encode(struct.pack(">q", getattr(last, column)) + last.id).decode()


def _cursor(text: str) -> tuple[int, bytes]:
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
        (value,) = struct.unpack(">q", raw[:8])
    except (ValueError, struct.error) as error:
        raise Rejected("cursor.invalid", "cursor", "not a cursor of this node") from error
    if len(raw) != 24:  # noqa: PLR2004 - 8 bytes of value, 16 of id
        raise Rejected("cursor.invalid", "cursor", "not a cursor of this node")
    return value, raw[8:]
