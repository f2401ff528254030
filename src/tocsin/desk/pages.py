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
from tocsin.desk.counter import Counter
from tocsin.errors import Rejected
from tocsin.records import Channel, Envelope, Submission
from tocsin.screening.api import as_message, judged
from tocsin.screening.observables import observables
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import Snapshot
from tocsin.storage.engine import Storage
from tocsin.web.i18n import translate
from tocsin.web.layout import language_of, render
from tocsin.web.routing import page

_WEB = Envelope(door="web")
_SURE, _UNSURE = 0.8, 0.4


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
    screener: NamedDependency[Screener],
    snapshot: NamedDependency[Snapshot],
    q: FromQuery[str] = "",
) -> Response[str]:
    """Say what we make of a message, number or link; nothing is stored."""
    text = q[:2000].strip()
    if not text:
        return render(request, "check.html", q="", checked=None)
    message = as_message(text, "ZZ")
    [verdict] = screener.screen([message], snapshot)
    found = judged("", verdict, "unwanted", [])
    traces = observables(message.content or text, "ZZ")
    words = translate(language_of(request), _answer(found.spam))
    return render(
        request, "check.html", q=text, checked={"verdict": found, "observables": traces}, answer=words
    )


def _answer(spam: float) -> str:
    if spam >= _SURE:
        return "This is probably unwanted. Do not follow its links."
    if spam >= _UNSURE:
        return "We are not sure. Be careful."
    return "Nothing speaks against it."


def _form(request: Request[Any, Any, Any], values: Form, problem: Rejected | None) -> Response[str]:
    return render(
        request, "report.html", channels=[name.value for name in Channel], values=values, problem=problem
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
