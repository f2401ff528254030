"""What every request meets: foreign forms refused, assets kept, refusals numbered, bodies bounded."""

import http.client
import json
import re
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.node.test_kill import serving
from tocsin.web.layout import asset

FORM = {"channel": "sms", "content": "You won a prize"}
HERE = "http://testserver.local"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": HERE}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[broken"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": HERE}, 403),
    ],
)
def test_a_form_from_another_site_is_refused(
    client: TestClient[Litestar], headers: dict[str, str], status: int
) -> None:
    """By what the browser says of it; a program says nothing and is no visitor's browser."""
    answer = client.post("/en/report", data=FORM, headers=headers, follow_redirects=False)
    assert answer.status_code == status


def test_the_refusal_is_in_the_page_s_language(client: TestClient[Litestar]) -> None:
    """A page for people and a problem for programs, both in Arabic under /ar."""
    headers = {"Sec-Fetch-Site": "cross-site"}
    page = client.post("/ar/demo", headers=headers | {"Accept": "text/html"})
    problem = client.post("/ar/demo", headers=headers)
    assert (page.status_code, problem.status_code) == (403, 403)
    assert "أُرسل هذا النموذج من موقع آخر" in page.text
    assert "أُرسل هذا النموذج من موقع آخر" in problem.json()["detail"]
    assert problem.headers["content-type"].startswith("application/problem+json")


def test_an_asset_is_kept_only_by_the_address_of_its_present_content(client: TestClient[Litestar]) -> None:
    """An old page's address must not pin new content under an old name."""
    right = asset("app.css")
    assert "immutable" in client.get(right).headers["cache-control"]
    for address in ("/assets/app.css", "/assets/app.css?v=0123456789ab"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-cache"


def test_a_refusal_carries_its_number(client: TestClient[Litestar]) -> None:
    """In the body, as instance and alone, and in the header; every answer has one of its own."""
    answers = [client.get("/api/v1/campaigns/none") for _ in range(2)]
    for answer in answers:
        number = answer.headers["x-request-id"]
        assert re.fullmatch(r"[0-9a-f]{16}", number)
        assert answer.json()["request_id"] == number
        assert answer.json()["instance"] == f"urn:tocsin:request:{number}"
    assert answers[0].headers["x-request-id"] != answers[1].headers["x-request-id"]
    assert client.get("/healthz").headers["x-request-id"]


def test_a_client_s_own_number_is_not_taken_over(client: TestClient[Litestar]) -> None:
    """It could forge another's trace in the log."""
    answer = client.get("/api/v1/nothing", headers={"X-Request-ID": "forged"})
    assert answer.json()["request_id"] != "forged"
    assert "forged" not in answer.headers["x-request-id"]


def test_the_log_has_the_number_and_nothing_that_was_sent(
    client: TestClient[Litestar], capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the ticket that was asked for nor the body."""
    answer = client.get("/en/reports/SECRT-TCKET", headers={"Accept": "text/html"})
    logged = capsys.readouterr().out
    assert answer.headers["x-request-id"] in logged
    assert "SECRT" not in logged
    assert answer.headers["x-request-id"] in answer.text


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A real server that takes 5,000 bytes at most."""
    folder = tmp_path_factory.mktemp("limited") / "data"
    folder.mkdir()
    Path(folder / "tocsin.toml").write_text("body_limit = 5000\n", encoding="utf-8")
    with serving(folder) as (_, address):
        yield int(address.rpartition(":")[2])


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused_by_a_real_server(port: int, chunked: bool) -> None:
    """413 as a problem, whether its length was announced or not."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body: Any = b'{"channel": "sms", "content": "' + b"x" * 9000 + b'"}'
    sent = iter([body[:4000], body[4000:]]) if chunked else body
    headers = {"Content-Type": "application/json"}
    client.request("POST", "/api/v1/reports", sent, headers, encode_chunked=chunked)
    answer = client.getresponse()
    problem = json.loads(answer.read())
    client.close()
    assert answer.status == 413
    assert problem["status"] == 413
    assert problem["request_id"] == answer.headers["x-request-id"]


def test_a_form_over_the_limit_is_refused_in_the_page_s_language(port: int) -> None:
    """413 as a page in Arabic."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    client.request("POST", "/ar/report", b"channel=sms&content=" + b"x" * 9000, headers)
    answer = client.getresponse()
    page = answer.read().decode()
    client.close()
    assert answer.status == 413
    assert "هذا أطول مما يمكن قبوله" in page
