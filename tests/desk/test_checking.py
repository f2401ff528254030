"""Checking before reporting: what others reported is named, and what is unknown is said to be."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.makers import API, submission
from tocsin.node import Node
from tocsin.records import Envelope, Source

CHECK = "/api/v1/check"
PARCEL = "Your parcel is held. Pay the fee of 2 at http://parcel.example/pay or call +447700900555"


def report(node: Node, people: int = 6, envelope: Envelope = API, **changes: Any) -> None:
    """Have some people report the same."""
    values = {"content": PARCEL} | changes
    items = [submission(reporter=f"+44770090{n:04}", **values) for n in range(people)]
    node.desk.take([(one, envelope) for one in items])


def checked(client: TestClient[Litestar], q: str, **more: str) -> dict[str, Any]:
    answer = client.get(CHECK, params={"q": q} | more)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    "q",
    [
        "YOUR PARCEL is held. Pay the fee of 9 at http://parcel.example/other or call +447700900555",
        "look: http://parcel.example/anything",
        "parcel.example",
        "+44 7700 900555",
    ],
)
def test_what_others_reported_is_named(served: Node, client: TestClient[Litestar], q: str) -> None:
    """By its words, its link, its host or a number in it."""
    report(served)
    found = checked(client, q)
    assert found["seen"]
    assert found["campaign"]["reports"] == 6
    page = client.get("/en/check", params={"q": q}).text
    assert "Others have reported this" in page
    assert f"/en/campaigns/{found['campaign']['id']}" in page


def test_a_caller_is_known_by_the_number(served: Node, client: TestClient[Litestar]) -> None:
    """A number that people reported calls from; there are no words to judge."""
    report(served, channel="voice", content="")
    found = checked(client, "07700 900123", country="GB")
    assert found["seen"]
    assert found["verdict"] is None


@pytest.mark.parametrize("people", [0, 4])
def test_few_reports_are_not_seen(served: Node, client: TestClient[Litestar], people: int) -> None:
    """Whoever sent it must not learn that its one recipient reported it."""
    if people:
        report(served, people)
    found = checked(client, PARCEL)
    assert (found["seen"], found["campaign"]) == (False, None)
    assert "does not make it safe" in found["meaning"]
    assert "Not seen here." in client.get("/en/check", params={"q": PARCEL}).text


def test_a_simulated_campaign_is_labelled(served: Node, client: TestClient[Litestar]) -> None:
    """So that the demonstration can be tried, and is never taken for people's reports."""
    report(served, envelope=Envelope("simulation", "North", Source.SIMULATION))
    assert checked(client, PARCEL)["campaign"]["simulated"]
    assert "Simulated data." in client.get("/en/check", params={"q": PARCEL}).text


def test_too_much_is_refused_by_name_not_cut(client: TestClient[Litestar]) -> None:
    """422 with the field for programs; the form again with all that was typed for people."""
    q = "é" * 5001
    answer = client.get(CHECK, params={"q": q})
    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [("q", "q.too_long")]
    page = client.get("/ar/check", params={"q": q})
    assert page.status_code == 422
    assert q in page.text
    assert 'aria-describedby="q-problem"' in page.text
    assert "5000" in page.text


def test_nothing_is_an_empty_question(client: TestClient[Litestar]) -> None:
    """Named for programs, the form for people."""
    assert client.get(CHECK, params={"q": "  "}).json()["errors"][0]["code"] == "q.empty"
    assert client.get("/en/check", params={"q": "  "}).status_code == 200


def test_checking_stores_nothing(client: TestClient[Litestar]) -> None:
    """The ledger is as it was."""
    before = client.get("/api/v1/campaigns").json()
    checked(client, "You won 1,000,000 at http://prize.example")
    assert client.get("/api/v1/campaigns").json() == before
