"""Pages: every one in each language, nothing from elsewhere, what was reported shown harmless."""

import re
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from tests.makers import API, submission
from tocsin.desk.tables import report
from tocsin.node import Node
from tocsin.records import Receipt
from tocsin.web.layout import STATIC

HOSTILE = "<script>alert(1)</script> Your parcel is held, see http://evil.example/x"
PAGES = (
    "",
    "/campaigns",
    "/campaigns?order=largest",
    "/report",
    "/check",
    "/check?q=win+http://a.example",
    "/about",
)
ADDRESS = re.compile(
    r"""(?:href|src|action|srcset|poster|data)\s*=\s*["']?\s*(?:[a-z]+:)?//""", re.IGNORECASE
)
INLINE = re.compile(
    r"""<script(?![^>]*\bsrc=)|\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:""", re.IGNORECASE
)


def reported(node: Node, count: int = 5) -> tuple[str, str]:
    """Have different people report the hostile text; return a ticket and the campaign's id."""
    items = [(submission(content=HOSTILE, reporter=f"+44770090{n:04}"), API) for n in range(count)]
    first = node.desk.take(items)[0]
    assert isinstance(first, Receipt)
    with node.storage.reading() as connection:
        campaign = connection.execute(select(report.c.campaign_id).limit(1)).scalar_one()
    return first.ticket, campaign.hex()


def check_page(answer: Any, language: str) -> None:
    """Assert what is true of every page."""
    direction = {"en": "ltr", "ar": "rtl"}[language]
    assert f'<html lang="{language}" dir="{direction}">' in answer.text
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"https?:|\*", policy)
    assert not INLINE.search(answer.text)
    assert not ADDRESS.search(answer.text)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("full", [False, True])
def test_every_page_answers_in_each_language(
    served: Node, client: TestClient[Litestar], language: str, full: bool
) -> None:
    """On an empty node and a used one: status 200, language, direction, strict policy, nothing inline."""
    paths = [*PAGES]
    if full:
        ticket, campaign = reported(served)
        paths += [f"/reports/{ticket}", f"/campaigns/{campaign}"]
    for path in paths:
        answer = client.get(f"/{language}{path}")
        assert answer.status_code == 200, path
        check_page(answer, language)


def test_the_plain_address_asks_the_browser(client: TestClient[Litestar]) -> None:
    """Without a language in the address the reader's preference decides."""
    for language in ("en", "ar"):
        check_page(client.get("/", headers={"Accept-Language": f"{language},fr;q=0.5"}), language)


def test_reported_text_is_shown_escaped_and_defanged(served: Node, client: TestClient[Litestar]) -> None:
    """Neither markup nor a link in a reported message works on our pages."""
    _, campaign = reported(served)
    for path in (f"/en/campaigns/{campaign}", "/en/campaigns", "/en", "/fragments/front/en"):
        text = client.get(path).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text, path
        assert "hxxp://evil[.]example" in text
        assert "<script>alert" not in text
        assert "http://evil" not in text
        assert "evil.example" not in text


def test_what_is_typed_into_the_check_stays_text(client: TestClient[Litestar]) -> None:
    """A message to check comes back escaped."""
    answer = client.get("/en/check", params={"q": f'"><img src=x>{HOSTILE}'})
    assert answer.status_code == 200
    assert "<img src=x" not in answer.text
    assert "<script>alert" not in answer.text


def test_a_form_becomes_a_ticket(client: TestClient[Litestar]) -> None:
    """A sent form answers 303 to the page of its ticket, in the form's language."""
    form = {"channel": "sms", "content": "You won, call 07700 900123", "sender": "+447700900123"}
    answer = client.post("/ar/report", data=form, follow_redirects=False)
    assert answer.status_code == 303
    ticket = re.fullmatch(r"/ar/reports/(\w{5}-\w{5})", answer.headers["location"])
    assert ticket
    page = client.get(answer.headers["location"])
    assert page.status_code == 200
    assert ticket.group(1) in page.text
    check_page(page, "ar")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("jurisdiction", "Narnia", "اختر بلدًا"),
        ("channel", "pigeon", "اختر كيف وصلتك"),
        ("content", "x" * 200_000, "هذا النص أطول مما يمكن"),
        ("content", "nul\0", "في هذا النص محارف لا تُقرأ"),
        ("reporter", "x" * 351, "هذا النص أطول مما يمكن"),
    ],
)
def test_a_bad_field_shows_the_form_again(
    client: TestClient[Litestar], field: str, value: str, words: str
) -> None:
    """With 422, the reason in the page's language tied to its field, and all else that was given."""
    good = {"channel": "im", "content": "You <won>", "sender": "WINNER", "consent_to_share": "yes"}
    answer = client.post("/ar/report", data=good | {field: value})
    assert answer.status_code == 422
    check_page(answer, "ar")
    assert f'<a href="#{field}">{words}' in answer.text
    assert f'<p class="problem" id="{field}-problem">{words}' in answer.text
    assert re.search(
        rf'id="{field}"[^>]*aria-describedby="[^"]*{field}-problem"[^>]*aria-invalid', answer.text
    )
    assert 'value="WINNER"' in answer.text
    assert 'value="yes" checked' in answer.text
    if field != "channel":
        assert '<option value="im" selected>' in answer.text


def test_a_report_of_nothing_says_what_is_missing(client: TestClient[Litestar]) -> None:
    """In words for people, not in the code's."""
    answer = client.post("/en/report", data={"channel": "sms", "content": "  "})
    assert answer.status_code == 422
    assert "Write the message, or who sent it." in answer.text
    assert "<title>Error:" in answer.text


def test_the_page_one_is_on_is_marked(served: Node, client: TestClient[Litestar]) -> None:
    """In the navigation, for screen readers too; a campaign belongs to the campaigns."""
    _, campaign = reported(served)
    marked = re.compile(r'<a href="([^"]+)" aria-current="(page|true)">')
    for path, current in {"": ("/en", "page"), "/check": ("/en/check", "page")}.items():
        assert marked.findall(client.get(f"/en{path}").text) == [current]
    assert marked.findall(client.get(f"/en/campaigns/{campaign}").text) == [("/en/campaigns", "true")]


def test_another_language_shows_the_same_question(client: TestClient[Litestar]) -> None:
    """The link to a page's translation keeps what stands behind the question mark, escaped."""
    text = client.get('/en/check?q=a"%26b').text
    assert 'href="/ar/check?q=a' in text
    assert '?q=a"' not in text


def test_an_unknown_ticket_or_campaign_is_a_page_that_says_so(client: TestClient[Litestar]) -> None:
    """404 for people is a page, in their language."""
    for path in ("/ar/reports/AAAAA-AAAAA", "/ar/campaigns/none", "/ar/nowhere"):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 404
        check_page(answer, "ar")


def test_an_hour_too_small_to_publish_is_not_shown_as_none(
    served: Node, client: TestClient[Litestar]
) -> None:
    """The front page's chart says that an hour is withheld, never that nobody reported."""
    reported(served, 4)
    served.clock.at += 3600 * 1_000_000  # type: ignore[attr-defined]
    items = [(submission(content=f"other {n}", reporter=f"+44770091{n:04}"), API) for n in range(6)]
    served.desk.take(items)
    text = client.get("/en").text
    assert "1 Nov 12:00: *</title>" in text
    assert "1 Nov 13:00: 6</title>" in text
    assert "1 Nov 11:00: 0</title>" in text


def test_the_front_page_is_light(served: Node, client: TestClient[Litestar]) -> None:
    """Its HTML, style and script together are under 100 KB."""
    reported(served)
    sizes = [
        len(client.get("/ar").content),
        *(len((STATIC / name).read_bytes()) for name in ("app.css", "live.js")),
    ]
    assert sum(sizes) < 100_000


def test_a_few_people_s_text_is_not_shown(served: Node, client: TestClient[Litestar]) -> None:
    """A campaign of fewer than five reports keeps its words to itself, whoever guesses its address."""
    ticket, campaign = reported(served, 4)
    page = client.get(f"/en/campaigns/{campaign}")
    assert page.status_code == 200
    assert "parcel" not in page.text
    assert "at least five" in page.text
    assert f"/en/campaigns/{campaign}" in client.get(f"/en/reports/{ticket}").text.replace("-", "")


def test_what_was_taken_out_is_said_in_the_reader_s_language(
    served: Node, client: TestClient[Litestar]
) -> None:
    """The slots of an example are words too."""
    items = [
        (submission(content="Call 07700 900123 to win a prize", reporter=f"{n}@a.example"), API)
        for n in range(6)
    ]
    served.desk.take(items)
    assert "⟨number⟩" in client.get("/en/campaigns").text
    assert "⟨رقم⟩" in client.get("/ar/campaigns").text
