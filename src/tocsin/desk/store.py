"""The desk's queries: writing a batch, and finding a report by its ticket."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Connection, Row, Select, select, text
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.desk.tables import method, report, verdict
from tocsin.records import WANTED_ABOVE, Instant, Method, Receipt, Report, Verdict
from tocsin.statistics.cells import UNKNOWN, Fact
from tocsin.storage.bulk import insert_rows

_PAGE = 10_000


class Filed(Struct, frozen=True):
    """What a reporter may know of a report: never who else reported.

    Args:
        ticket: the report's ticket.
        received_at: when it was taken.
        channel: the medium.
        source: how it came to be known.
        campaign_id: 16 bytes.
        category: screening's category.
        probabilities: for each of `records.CLASSES`.
    """

    ticket: str
    received_at: Instant
    channel: str
    source: str
    campaign_id: bytes
    category: str
    probabilities: tuple[float, float, float, float, float]


def write(
    connection: Connection,
    reports: Sequence[Report],
    verdicts: Sequence[Verdict],
    campaigns: Sequence[bytes],
    key_epoch: int,
) -> None:
    """Insert reports and their verdicts, in the caller's transaction.

    Args:
        connection: the transaction.
        reports: fresh ones only.
        verdicts: one for each report.
        campaigns: the campaign id of each report.
        key_epoch: the key that made the pseudonyms.
    """
    _remember_methods(connection, {verdict.method for verdict in verdicts})
    rows = [_report_row(item, campaign, key_epoch) for item, campaign in zip(reports, campaigns, strict=True)]
    insert_rows(connection, report, _REPORT_COLUMNS, rows)
    judged = [_verdict_row(item, judged) for item, judged in zip(reports, verdicts, strict=True)]
    insert_rows(connection, verdict, _VERDICT_COLUMNS, judged)


def by_ticket(connection: Connection, ticket: str) -> Filed | None:
    """Find a report by its ticket in canonical form; None if there is none."""
    query = select(report, verdict).join(verdict).where(report.c.ticket == ticket)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    chances = (row.p_fraud, row.p_malware, row.p_commercial, row.p_nuisance, row.p_wanted)
    return Filed(
        row.ticket, Instant(row.received_at), row.channel, row.source, row.campaign_id, row.category, chances
    )


def with_tickets(connection: Connection, tickets: Sequence[str]) -> dict[str, Row[Any]]:
    """Find reports by tickets in canonical form, with what their facts need; by ticket."""
    found: dict[str, Row[Any]] = {}
    for start in range(0, len(tickets), _CHUNK):
        chunk = tickets[start : start + _CHUNK]
        for row in connection.execute(_COUNTED.where(report.c.ticket.in_(chunk))):
            found[row.ticket] = row
    return found


def receipt(row: Row[Any], *, duplicate: bool) -> Receipt:
    """Make the receipt of a report that is in the ledger."""
    return Receipt(row.ticket, UUID(bytes=row.id), duplicate)


def of_unknown_origin(connection: Connection, people: Iterable[bytes], begin: int, end: int) -> list[Fact]:
    """Return what some reporters' reports of unknown origin, received in `[begin, end)`, add to the cells."""
    ordered = sorted(people)
    found: list[Fact] = []
    for start in range(0, len(ordered), _CHUNK):
        query = unknown_origin(ordered[start : start + _CHUNK], begin, end)
        found += [fact(row) for row in connection.execute(query)]
    return found


def unknown_origin(people: Sequence[bytes], begin: int, end: int) -> Select[Any]:
    """Return the query of `of_unknown_origin`."""
    return _COUNTED.where(
        report.c.reporter.in_(people),
        report.c.received_at >= begin,
        report.c.received_at < end,
        text("report.sender_country = '' AND report.route_origin = ''"),  # as the index says it
    )


def fact(row: Row[Any], sender_country: str | None = None) -> Fact:
    """Return what a stored report adds to the cells.

    Args:
        row: a report with its verdict.
        sender_country: taken instead of the row's.
    """
    country = row.sender_country if sender_country is None else sender_country
    return Fact(
        row.received_at,
        (
            row.source,
            row.channel,
            row.category,
            row.route_origin or country or UNKNOWN,
            row.route_kind,
            row.jurisdiction,
            row.member,
        ),
        row.p_wanted <= WANTED_ABOVE,
        row.reporter,
    )


def counted(connection: Connection) -> Iterator[Fact]:
    """Walk what every report adds to the cells, in id order, page by page."""
    last = b""
    while True:
        query = _COUNTED.where(report.c.id > last).order_by(report.c.id).limit(_PAGE)
        rows = connection.execute(query).all()
        if not rows:
            return
        yield from map(fact, rows)
        last = rows[-1].id


_FACTS = (
    "id",
    "received_at",
    "source",
    "channel",
    "sender_country",
    "route_kind",
    "route_origin",
    "jurisdiction",
    "member",
    "reporter",
    "campaign_id",
    "ticket",
    "sender",
)
_JUDGED = ("category", "p_fraud", "p_malware", "p_commercial", "p_nuisance", "p_wanted")
_COUNTED = select(*(report.c[name] for name in _FACTS), *(verdict.c[name] for name in _JUDGED)).join(verdict)
_CHUNK = 1000


@lru_cache(maxsize=64)
def method_id(used: Method) -> bytes:
    """Return the 16-byte id under which a method is stored: a digest of its versions."""
    text = f"{used.model}\0{used.rules}\0{used.vocabulary}"
    return blake2b(text.encode(), digest_size=16).digest()


def _remember_methods(connection: Connection, methods: set[Method]) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    rows = [
        {"id": method_id(used), "model": used.model, "rules": used.rules, "vocabulary": used.vocabulary}
        for used in methods
    ]
    connection.execute(dialect.insert(method).on_conflict_do_nothing(), rows)


def _report_row(item: Report, campaign: bytes, key_epoch: int) -> tuple[object, ...]:
    message, call = item.message, item.message.call
    return (
        item.id.bytes,
        item.ticket,
        item.received_at,
        item.door,
        item.member,
        item.source.value,
        item.message_id,
        item.reporter,
        key_epoch,
        item.jurisdiction,
        item.claimed_category,
        item.consent_to_share,
        item.comment,
        message.channel.value,
        message.sent_at,
        message.sender.kind.value,
        message.sender.value,
        message.sender.raw,
        message.sender.country,
        message.recipient,
        message.subject,
        message.content,
        message.route.kind.value,
        message.route.origin,
        message.route.network,
        call.duration_s if call else None,
        call.answered if call else None,
        call.recorded if call else None,
        campaign,
    )


def _verdict_row(item: Report, judged: Verdict) -> tuple[object, ...]:
    fraud, malware, commercial, nuisance, wanted = judged.probabilities
    return (
        item.id.bytes,
        fraud,
        malware,
        commercial,
        nuisance,
        wanted,
        judged.category,
        judged.language,
        method_id(judged.method),
    )


_REPORT_COLUMNS = tuple(column.name for column in report.columns)
_VERDICT_COLUMNS = tuple(column.name for column in verdict.columns)
