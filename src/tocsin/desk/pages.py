"""The citizen's pages: report, see what came of it, check before reporting."""

from typing import Annotated, Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.handlers import BaseRouteHandler
from litestar.params import Body, FromPath, FromQuery
from litestar.response import Redirect
from msgspec import Struct

from tocsin.desk.api import status
from tocsin.desk.checking import LONGEST, look
from tocsin.desk.counter import Counter
from tocsin.errors import STATUS, Rejected
from tocsin.records import Channel, Envelope, Submission
from tocsin.screening.policy import spam_probability
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import Snapshot
from tocsin.settings import Settings
from tocsin.storage.engine import Storage
from tocsin.web.layout import countries, language_of, render
from tocsin.web.routing import page

_WEB = Envelope(door="web")
_LONGEST_TYPED = 20_000


class Form(Struct):
    """What the report form sends."""

    channel: str = "sms"
    content: str = ""
    sender: str = ""
    jurisdiction: str = ""
    reporter: str = ""
    consent_to_share: str = ""


def report_form(request: Request[Any, Any, Any]) -> Response[str]:
    """Show the form."""
    return _form(request, Form(), None)


async def report(
    request: Request[Any, Any, Any],
    data: Annotated[Form, Body(media_type=RequestEncodingType.URL_ENCODED)],
    counter: NamedDependency[Counter],
) -> Response[Any]:
    """Take a report and show its ticket; a bad field shows the form again, filled in."""
    submission = Submission(
        channel=data.channel,
        content=data.content,
        sender=data.sender,
        jurisdiction=data.jurisdiction,
        reporter=data.reporter,
        consent_to_share=data.consent_to_share == "yes",
    )
    [answer] = await counter.submit([(submission, _WEB)])
    if isinstance(answer, Rejected):
        again = _form(request, data, answer)
        again.status_code = 422
        return again
    return Redirect(f"/{language_of(request)}/reports/{answer.ticket}", status_code=303)


def find_ticket(request: Request[Any, Any, Any], ticket: FromQuery[str] = "") -> Redirect:
    """Go to the ticket that was typed in."""
    typed = "".join(letter for letter in ticket if letter.isalnum() or letter == "-")[:20]
    return Redirect(f"/{language_of(request)}/reports/{typed or 'none'}", status_code=303)


def ticket_page(
    request: Request[Any, Any, Any], ticket: FromPath[str], storage: NamedDependency[Storage]
) -> Response[str]:
    """Show what came of a report."""
    return render(request, "ticket.html", status=status(storage, ticket))


def check(
    request: Request[Any, Any, Any],
    storage: NamedDependency[Storage],
    screener: NamedDependency[Screener],
    snapshot: NamedDependency[Snapshot],
    settings: NamedDependency[Settings],
    q: FromQuery[str] = "",
) -> Response[str]:
    """Say what we know and what we make of a message, number or link; nothing is stored."""
    values: dict[str, Any] = {"q": q, "longest": LONGEST, "checked": None, "problem": None}
    if not q.strip():
        return render(request, "check.html", **values)
    try:
        with storage.reading() as connection:
            looked = look(connection, screener, snapshot, q, settings.jurisdiction)
    except Rejected as problem:
        again = render(request, "check.html", **values | {"problem": problem})
        again.status_code = STATUS[problem.kind].http
        return again
    spam = spam_probability(looked.verdict, "unwanted") if looked.verdict else None
    return render(request, "check.html", **values | {"checked": looked, "spam": spam})


def _form(request: Request[Any, Any, Any], values: Form, problem: Rejected | None) -> Response[str]:
    return render(
        request,
        "report.html",
        channels=[name.value for name in Channel],
        countries=countries(language_of(request)),
        values=values,
        problem=problem,
        longest=_LONGEST_TYPED,
    )


def routes() -> list[BaseRouteHandler]:
    """Return the citizen's pages."""
    return [
        *page("/report", report_form),
        *page("/report", report, method="POST"),
        *page("/reports", find_ticket),
        *page("/reports/{ticket:str}", ticket_page),
        *page("/check", check),
    ]
