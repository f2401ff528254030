"""The desk's queries: writing a batch, and finding a report by its ticket."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b

from msgspec import Struct
from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.desk.tables import method, report, verdict
from tocsin.records import Instant, Method, Report, Verdict
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


def counted(connection: Connection) -> Iterator[Row[tuple[object, ...]]]:
    """Walk all reports with what the cells are counted from, in id order, page by page."""
    columns = (
        *(report.c[name] for name in _FACTS),
        *(
            verdict.c[name]
            for name in ("category", "p_fraud", "p_malware", "p_commercial", "p_nuisance", "p_wanted")
        ),
    )
    last = b""
    while True:
        query = select(*columns).join(verdict).where(report.c.id > last).order_by(report.c.id).limit(_PAGE)
        rows = connection.execute(query).all()
        if not rows:
            return
        yield from rows
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
)


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
