"""The desk's JSON routes: what each kind of request is answered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.makers import NOW, settings
from tocsin.node import Node
from tocsin.ports import SetClock

REPORTS = "/api/v1/reports"
GOOD = {"channel": "sms", "content": "Your parcel is held", "reporter": "+447700900999", "jurisdiction": "GB"}
BAD = {"channel": "pigeon", "content": "coo"}


def problem(answer: Any, status: int) -> dict[str, Any]:
    """Assert that an answer is problem details of a status, and return them."""
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    return body


def test_one_report_gets_a_ticket_and_its_status(client: TestClient[Litestar]) -> None:
    """201, and the ticket leads to what came of it, however it is typed."""
    answer = client.post(REPORTS, json=GOOD)
    assert answer.status_code == 201
    ticket = answer.json()["ticket"]
    found = client.get(f"{REPORTS}/{ticket.lower().replace('-', '')}")
    assert found.status_code == 200
    assert found.json()["ticket"] == ticket
    assert found.json()["state"] == "received"
    assert sum(found.json()["classes"].values()) == pytest.approx(1, abs=0.001)


def test_a_repeated_report_gets_the_same_ticket(client: TestClient[Litestar]) -> None:
    """200 instead of 201, marked as a duplicate."""
    first = client.post(REPORTS, json=GOOD)
    again = client.post(REPORTS, json=GOOD)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"duplicate": True}


def test_a_batch_with_good_and_bad_keeps_the_good(client: TestClient[Litestar]) -> None:
    """207, each item with its own result, in order."""
    unknown = GOOD | {"colour": "red"}
    answer = client.post(REPORTS, json=[GOOD, BAD, unknown, GOOD | {"content": "other"}])
    assert answer.status_code == 207
    body = answer.json()
    assert (body["accepted"], body["rejected"]) == (2, 2)
    codes = [one.get("error", {}).get("code") for one in body["results"]]
    assert codes == [None, "channel.unknown", "field.unknown", None]
    assert body["results"][0]["ticket"]
    assert client.get(f"{REPORTS}/{body['results'][3]['ticket']}").status_code == 200


def test_a_batch_of_good_ones_is_created(client: TestClient[Litestar]) -> None:
    """201 and a ticket for each."""
    answer = client.post(REPORTS, json=[GOOD | {"content": f"text {n}"} for n in range(20)])
    assert answer.status_code == 201
    assert len({one["ticket"] for one in answer.json()["results"]}) == 20


def test_a_batch_of_bad_ones_is_refused(client: TestClient[Litestar]) -> None:
    """422, still with each item's reason."""
    answer = client.post(REPORTS, json=[BAD, 5, {}])
    assert answer.status_code == 422
    assert [one["error"]["code"] for one in answer.json()["results"]] == [
        "channel.unknown",
        "field.type",
        "field.missing",
    ]


def test_one_bad_report_names_its_field(client: TestClient[Litestar]) -> None:
    """422 with the field's path and a stable code."""
    body = problem(client.post(REPORTS, json=BAD), 422)
    assert [(one["field"], one["code"]) for one in body["errors"]] == [("channel", "channel.unknown")]


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"{", 400, "body.json"),
        (b"[{}, ", 400, "body.json"),
        (b"", 400, "body.json"),
        (b"[" * 100_000, 400, "body.json"),
        (b'{"channel": "sms", "content": "\xff"}', 422, "body.utf8"),
        (b"[]", 422, "body.empty"),
        (b"[" + b"{}," * 1000 + b"{}]", 422, "body.too_many"),
    ],
)
def test_a_body_that_can_not_be_taken_says_why(
    client: TestClient[Litestar], sent: bytes, status: int, code: str
) -> None:
    """Problem details with the code of what is wrong with the body."""
    answer = client.post(REPORTS, content=sent, headers={"Content-Type": "application/json"})
    assert problem(answer, status)["errors"][0]["code"] == code


def test_an_unknown_ticket_is_not_found(client: TestClient[Litestar]) -> None:
    """404 whatever is asked for."""
    for ticket in ("AAAAA-AAAAA", "x", "%00", "é" * 500):
        problem(client.get(f"{REPORTS}/{ticket}"), 404)


def test_a_full_desk_says_when_to_come_back(tmp_path: Path) -> None:
    """503 with Retry-After, for programs and people."""
    node = Node(settings(tmp_path / "data", desk_queue=0), SetClock(NOW))
    with TestClient(node.app(), raise_server_exceptions=False) as client:
        answer = client.post(REPORTS, json=GOOD)
        problem(answer, 503)
        assert int(answer.headers["retry-after"]) > 0
        page = client.post("/en/report", data=GOOD, headers={"Accept": "text/html"})
        assert page.status_code == 503
        assert int(page.headers["retry-after"]) > 0


def references(node: Any) -> Iterator[str]:
    """Walk a document's `$ref`s."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_api_document_is_whole(client: TestClient[Litestar]) -> None:
    """It lists the reports' route with its body, and every reference in it leads somewhere, each time."""
    for _ in range(2):
        document = client.get("/api/v1/openapi.json").json()
        body = document["paths"][REPORTS]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert {"$ref": "#/components/schemas/Submission"} in body["oneOf"]
        assert "channel" in document["components"]["schemas"]["Submission"]["properties"]
        found = set(references(document))
        assert found
        for reference in found:
            place = document
            for name in reference.removeprefix("#/").split("/"):
                place = place[name]
