"""Naming a sender later: a short-code dialogue asks for it after the message itself is durable.

The report's row, its campaign and its cells change in one transaction: what was counted under an unknown
origin moves to where the number is from, and a recount still equals the cells.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, update

from tocsin.campaigns.tables import campaign
from tocsin.desk import store
from tocsin.desk.tables import report
from tocsin.errors import Rejected
from tocsin.ports import canonical_ticket
from tocsin.records import DAY, Receipt, Sender, SenderKind
from tocsin.statistics import cells
from tocsin.text.senders import parse_sender

_Found = Row[Any]


class Naming(NamedTuple):
    """Who sent the message of a report.

    Args:
        ticket: the report's ticket, as its receipt gave it.
        sender: number or name, as a person wrote it.
    """

    ticket: str
    sender: str


def name_senders(connection: Connection, namings: Sequence[Naming]) -> list[Receipt | Rejected]:
    """Name senders, in the caller's transaction; the answers stand in order.

    Returns:
        the receipt of each report, as a duplicate if it named this sender before; a refusal where there is
        no such report, where it names another sender, or where the sender can't be read.
    """
    tickets = [canonical_ticket(naming.ticket) for naming in namings]
    found = store.with_tickets(connection, sorted(set(tickets)))
    answers: list[Receipt | Rejected] = []
    named: dict[bytes, tuple[_Found, Sender]] = {}
    for ticket, naming in zip(tickets, namings, strict=True):
        try:
            row, sender = _named(found.get(ticket), naming)
        except Rejected as refusal:
            answers.append(refusal)
            continue
        known = named[row.id][1].value if row.id in named else row.sender
        if known and known != sender.value:
            answers.append(Rejected("sender.named", "sender", "the report names its sender already"))
            continue
        answers.append(store.receipt(row, duplicate=bool(known)))
        if not known:
            named[row.id] = (row, sender)
    if named:
        _write(connection, list(named.values()))
    return answers


def _named(row: _Found | None, naming: Naming) -> tuple[_Found, Sender]:
    if row is None:
        raise Rejected("ticket.unknown", "ticket", "no report has this ticket")
    sender = parse_sender(naming.sender, row.jurisdiction)
    if sender.kind is SenderKind.WITHHELD:
        raise Rejected("sender.invalid", "sender", "no visible character")
    return row, sender


def _write(connection: Connection, named: Sequence[tuple[_Found, Sender]]) -> None:
    values = [
        {
            "report": row.id,
            "kind": sender.kind.value,
            "value": sender.value,
            "raw": sender.raw,
            "country": sender.country,
        }
        for row, sender in named
    ]
    connection.execute(_NAME_REPORT, values)
    connection.execute(_NAME_CAMPAIGN, [{"report": one["report"], "value": one["value"]} for one in values])
    moves = [(store.fact(row), store.fact(row, sender.country)) for row, sender in named]
    before = [old for old, new in moves if old != new]
    if not before:
        return
    days = [fact.received_at - fact.received_at % DAY for fact in before]
    people = {fact.reporter for fact in before if fact.reporter is not None}
    others = store.of_unknown_origin(connection, people, min(days), max(days) + DAY)
    cells.move(connection, before, [new for old, new in moves if old != new], others)


_NAME_REPORT = (
    update(report)
    .where(report.c.id == bindparam("report"))
    .values(
        sender_kind=bindparam("kind"),
        sender=bindparam("value"),
        sender_raw=bindparam("raw"),
        sender_country=bindparam("country"),
    )
)
# A campaign shows the sender of the report that opened it, and has that report's id.
_NAME_CAMPAIGN = (
    update(campaign).where(campaign.c.id == bindparam("report")).values(sender=bindparam("value"))
)
