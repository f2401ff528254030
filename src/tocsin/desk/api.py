"""JSON routes of the desk: hand in reports, ask what came of one, check before reporting."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from tocsin.campaigns import store as campaigns
from tocsin.desk import store
from tocsin.desk.checking import check
from tocsin.desk.counter import Counter
from tocsin.desk.intake import Item
from tocsin.desk.wire import MOST, read_body
from tocsin.errors import NotFound, Rejected
from tocsin.ports import canonical_ticket
from tocsin.records import CLASSES, Envelope, Receipt, Submission, moment
from tocsin.storage.engine import Storage

_API = Envelope(door="api")
_LARGE = 65_536
"""Bytes of a body from which it is read beside the event loop."""


class Accepted(Struct, frozen=True):
    """One report that is durable: its ticket, its UUIDv7, and whether it had been reported before."""

    ticket: str
    id: UUID
    duplicate: bool


class Refused(Struct, frozen=True):
    """One report of a batch that was not taken: a stable code, the offending field, a sentence."""

    code: str
    field: str
    detail: str


class ItemResult(Struct, frozen=True, omit_defaults=True):
    """What came of one report of a batch: either its ticket and id, or its error."""

    ticket: str = ""
    id: UUID | None = None
    duplicate: bool = False
    error: Refused | None = None


class BatchAnswer(Struct, frozen=True):
    """The answer to a batch: `results` stand in the order of the request."""

    accepted: int
    rejected: int
    results: list[ItemResult]


class ReportStatus(Struct, frozen=True):
    """What came of a report.

    Args:
        ticket: the report's ticket.
        state: `received`, or `grouped` once others reported the same campaign.
        received_at: RFC 3339, UTC.
        channel: the medium.
        category: screening's category, a vocabulary id.
        classes: probability of each message class.
        campaign: the campaign's id, a UUID.
        simulated: whether it belongs to a simulation.
    """

    ticket: str
    state: str
    received_at: str
    channel: str
    category: str
    classes: dict[str, float]
    campaign: UUID
    simulated: bool


@post(
    "/api/v1/reports",
    tags=["reports"],
    summary="Report one message, or up to 1,000",
    status_code=201,
)
async def take_reports(
    request: Request[Any, Any, Any], counter: NamedDependency[Counter]
) -> Response[Accepted | BatchAnswer]:
    """Take reports; the answer comes after they are durable.

    One object answers 201 (200 for a repeated report) or 422. An array answers 201 when all were taken,
    207 when some were, 422 when none was; each item has its own result.
    """
    body = await request.body()
    large = len(body) > _LARGE
    items, single = await asyncio.to_thread(read_body, body) if large else read_body(body)
    handed_in: list[Item] = [(item, _API) for item in items if isinstance(item, Submission)]
    taken = iter(await counter.submit(handed_in)) if handed_in else iter(())
    answers = [item if isinstance(item, Rejected) else next(taken) for item in items]
    if single:
        answer = answers[0]
        if isinstance(answer, Rejected):
            raise answer
        return Response(_accepted(answer), status_code=200 if answer.duplicate else 201)
    accepted = sum(isinstance(answer, Receipt) for answer in answers)
    status = 201 if accepted == len(answers) else 207 if accepted else 422
    results = [_result(answer) for answer in answers]
    return Response(BatchAnswer(accepted, len(answers) - accepted, results), status_code=status)


@get("/api/v1/reports/{ticket:str}", tags=["reports"], summary="What came of a report", sync_to_thread=True)
def report_status(ticket: FromPath[str], storage: NamedDependency[Storage]) -> ReportStatus:
    """Say what came of a report, to whoever holds its ticket."""
    return status(storage, ticket)


def status(storage: NamedDependency[Storage], ticket: str) -> ReportStatus:
    """Look a ticket up, as typed by a person.

    Raises:
        NotFound: no report has this ticket.
    """
    with storage.reading() as connection:
        filed = store.by_ticket(connection, canonical_ticket(ticket))
        if filed is None:
            raise NotFound("no report has this ticket")
        campaign = campaigns.get(connection, filed.campaign_id)
    return ReportStatus(
        ticket=filed.ticket,
        state="grouped" if campaign.reports > 1 else "received",
        received_at=moment(filed.received_at).isoformat().replace("+00:00", "Z"),
        channel=filed.channel,
        category=filed.category,
        classes={
            name.value: round(chance, 4) for name, chance in zip(CLASSES, filed.probabilities, strict=True)
        },
        campaign=UUID(bytes=filed.campaign_id),
        simulated=filed.source == "simulation",
    )


def _accepted(receipt: Receipt) -> Accepted:
    return Accepted(receipt.ticket, receipt.report_id, receipt.duplicate)


def _result(answer: Receipt | Rejected) -> ItemResult:
    if isinstance(answer, Rejected):
        return ItemResult(error=Refused(answer.code, answer.field, answer.detail))
    return ItemResult(answer.ticket, answer.report_id, answer.duplicate)


def describe(document: dict[str, Any]) -> None:
    """State the reports' body in an OpenAPI document: its handler reads it itself, to keep good items."""
    _, components = msgspec.json.schema_components([Submission], ref_template="#/components/schemas/{name}")
    document["components"]["schemas"] |= components
    one = _reference("Submission")
    body = {"oneOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": MOST}]}
    operation = document["paths"]["/api/v1/reports"]["post"]
    operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    operation["responses"] |= {
        "200": _json("one report that had been reported before: the first one's ticket", "Accepted"),
        "207": _json("an array of which some were taken", "BatchAnswer"),
        "422": _json("an array of which none was taken; one alone is refused as a problem", "BatchAnswer"),
    }
    problem = {"application/problem+json": {"schema": _reference("Problem")}}
    operation["responses"]["422"]["content"] |= problem


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(description: str, name: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _reference(name)}}}


def routes() -> list[BaseRouteHandler]:
    """Return the desk's JSON routes."""
    return [take_reports, report_status, check]
