"""JSON routes of national definitions: what each country counts as spam, and what that makes of a message."""

from litestar import get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from tocsin.definitions.questions import Question, answer
from tocsin.definitions.reading import chosen, jurisdictions
from tocsin.definitions.records import Judgement, Jurisdiction
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import Snapshot


class Listed(Struct, frozen=True):
    """One definition, in short.

    Args:
        jurisdiction: ISO 3166-1 alpha-2, or EU.
        id: the definition's name.
        title: by language.
        status: such as `in_force`.
        confidence: `read`, `mixed` or `memory-only`, which is not verified.
    """

    jurisdiction: str
    id: str
    title: dict[str, str]
    status: str
    confidence: str


@get("/api/v1/definitions", tags=["definitions"], summary="All national definitions", sync_to_thread=True)
def definitions() -> list[Listed]:
    """List every definition."""
    return [
        Listed(one.jurisdiction, definition.id, definition.title, definition.status, definition.confidence)
        for one in jurisdictions().values()
        for definition in one.definitions
    ]


@get(
    "/api/v1/definitions/{jurisdiction:str}",
    tags=["definitions"],
    summary="One country's definitions",
    sync_to_thread=True,
)
def definition(jurisdiction: FromPath[str]) -> Jurisdiction:
    """Give a jurisdiction's definitions with their sources."""
    return chosen([jurisdiction])[0]


@post(
    "/api/v1/definitions/judge",
    tags=["definitions"],
    summary="One message by national definitions",
    status_code=200,
    sync_to_thread=True,
)
def judge(
    data: JSONBody[Question], screener: NamedDependency[Screener], snapshot: NamedDependency[Snapshot]
) -> list[Judgement]:
    """Say, criterion by criterion, whether a message is spam by each definition: met, not met or unknown.

    What was not told is unknown and never guessed. It is no legal advice.
    """
    return answer(data, screener, snapshot)


def routes() -> list[BaseRouteHandler]:
    """Return these routes."""
    return [definitions, definition, judge]
