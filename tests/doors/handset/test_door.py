"""The handset door: what each request is answered, and what counts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.doors.peers import Client, open_door, reports
from tocsin.doors.handset import mars, rcs
from tocsin.errors import Misconfigured
from tocsin.node import Node
from tocsin.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")
TOKEN = {"authorization": "Bearer letmein"}
TABLE = {"kind": "handset", "token": "letmein", "jurisdiction": "GB", "longest": 5000}
MARS = {
    "v": "1",
    "u": "Operator/Messages/2.3",
    "s": "+447700900123",
    "r": "+447700900999",
    "m": {"p": "sms", "t": "2026-11-01T12:00:00Z", "c": "Your parcel is held at http://parcel.example"},
}
RCS = (
    f'<SR xmlns="{rcs.NAMESPACE}"><Chatbot>sip:parcel@bot.example</Chatbot><Message-ID>m1</Message-ID>'
    "<spam-type></spam-type><free-text>Not my parcel</free-text></SR>"
).encode()
XML = {"content-type": rcs.CONTENT_TYPE}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Client, Node]]:
    """A handset door that wants a token."""
    with open_door(tmp_path / "data", TABLE) as pair:
        yield pair


def test_a_mars_report_is_durable_when_it_is_answered(opened: tuple[Client, Node]) -> None:
    """201 with a ticket; the ledger has the message, and the reporter as a pseudonym only."""
    client, node = opened
    answer = client.post("/doors/in/mars", json=MARS, headers=TOKEN)
    assert (answer.status_code, set(answer.json())) == (201, {"ticket", "id", "duplicate"})
    (row,) = reports(node)
    assert (row["door"], row["channel"], row["sender"]) == ("in", "sms", "+447700900123")
    assert row["jurisdiction"] == "GB"
    assert not any("900999" in str(value) for value in row.values())


def test_a_repeated_delivery_counts_once(opened: tuple[Client, Node]) -> None:
    """The same document again is answered 200 with the same ticket."""
    client, node = opened
    first, again = (client.post("/doors/in/mars", json=MARS, headers=TOKEN) for _ in range(2))
    assert (again.status_code, again.json()) == (200, first.json() | {"duplicate": True})
    assert len(reports(node)) == 1


def test_one_conversation_id_does_not_hide_other_reports(opened: tuple[Client, Node]) -> None:
    """Two reporters of one conversation count twice: its id is the sender's to choose."""
    client, node = opened
    conversation = {"i": "20275d91-690f-4908-a191-f1a16d0a770b"}
    for reporter in ("+447700900998", "+447700900997"):
        assert client.post(
            "/doors/in/mars", json=MARS | conversation | {"r": reporter}, headers=TOKEN
        ).is_success
    assert len(reports(node)) == 2


def test_an_idempotency_key_tells_equal_documents_apart(opened: tuple[Client, Node]) -> None:
    """Anonymous reports in the same words count each, when the relay names each delivery."""
    client, node = opened
    anonymous = {name: value for name, value in MARS.items() if name != "r"}
    for key in ("1", "2", "2"):
        assert client.post(
            "/doors/in/mars", json=anonymous, headers=TOKEN | {"idempotency-key": key}
        ).is_success
    assert len(reports(node)) == 2


def test_an_rcs_report_names_its_reporter_by_the_gateways_header(opened: tuple[Client, Node]) -> None:
    """Two subscribers who send the same document count twice; a number in the header is not stored."""
    client, node = opened
    for identity in ("<sip:+447700900998@ims.example>", '"A" <tel:+447700900997>', "tel:+447700900997"):
        headers = TOKEN | XML | {"p-asserted-identity": identity}
        assert client.post("/doors/in/rcs", content=RCS, headers=headers).is_success
    rows = reports(node)
    assert [row["sender"] for row in rows] == ["parcel@bot.example"] * 2
    assert len({row["reporter"] for row in rows}) == 2


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer no"}, {"authorization": "Basic letmein"}])
def test_without_the_token_nothing_is_read(opened: tuple[Client, Node], headers: dict[str, str]) -> None:
    """401 with a challenge, as problem details; nothing is taken."""
    client, node = opened
    answer = client.post(
        "/doors/in/mars", content=b"{", headers=headers | {"content-type": "application/json"}
    )
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert reports(node) == []


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("mars", {"content-type": "text/plain"}, b"{}", 415),
        ("rcs", {"content-type": "application/xml"}, RCS, 415),
        ("mars", {"content-type": "application/json", "content-encoding": "gzip"}, b"{}", 415),
        ("mars", {"content-type": "application/json"}, b"x" * 5001, 413),
        ("mars", {"content-type": "application/json"}, b"{", 400),
        ("mars", {"content-type": "application/json"}, b"{}", 422),
        ("rcs", XML, b"<!DOCTYPE SR [<!ENTITY x 'y'>]><SR>&x;</SR>", 400),
        ("rcs", XML | {"p-asserted-identity": "nobody"}, RCS, 422),
        ("xarf", {"content-type": "application/json"}, b'{"xarf_version": "3"}', 422),
    ],
)
def test_what_can_not_be_taken_is_refused(
    opened: tuple[Client, Node], path: str, headers: dict[str, str], body: bytes, status: int
) -> None:
    """The wrong type, a packed body, too much, bad JSON, entities: a status and a reason each."""
    client, node = opened
    answer = client.post(f"/doors/in/{path}", content=body, headers=TOKEN | headers)
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert reports(node) == []


def test_a_refusal_names_the_field(opened: tuple[Client, Node]) -> None:
    """The problem's errors name `m.p` and a code."""
    client, _ = opened
    body = MARS | {"m": {**MARS["m"], "p": "pigeon"}}  # type: ignore[dict-item] - a nested object
    (error,) = client.post("/doors/in/mars", json=body, headers=TOKEN).json()["errors"]
    assert (error["field"], error["code"]) == ("m.p", "m.p.unsupported")


def test_a_full_desk_says_later(tmp_path: Path) -> None:
    """503 with Retry-After; the same report is taken later."""
    with open_door(tmp_path / "data", TABLE, desk_queue=0) as (client, node):
        answer = client.post("/doors/in/mars", json=MARS, headers=TOKEN)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert reports(node) == []


def test_a_door_without_a_token_lets_anyone_report(tmp_path: Path) -> None:
    """A public door; what the writer writes is what it takes."""
    with open_door(tmp_path / "data", {"kind": "handset"}) as (client, _):
        document: bytes = mars.write(mars.read(json.dumps(MARS).encode()))
        headers: dict[str, Any] = {"content-type": "application/json; charset=utf-8"}
        assert client.post("/doors/in/mars", content=document, headers=headers).status_code == 201


def test_two_doors_of_a_kind_are_apart(tmp_path: Path) -> None:
    """Each has its own address, token and reports: the same document counts at each."""
    tables = {"one": TABLE, "two": TABLE | {"token": "other"}}
    node = Node(Settings({"data": str(tmp_path / "data")}, tables))
    with TestClient(node.app(), raise_server_exceptions=False) as client:
        assert client.post("/doors/one/mars", json=MARS, headers=TOKEN).status_code == 201
        assert client.post("/doors/two/mars", json=MARS, headers=TOKEN).status_code == 401
        other = {"authorization": "Bearer other"}
        assert client.post("/doors/two/mars", json=MARS | {"r": "+447700900111"}, headers=other).is_success
        assert [row["door"] for row in reports(node)] == ["one", "two"]


def test_a_door_whose_name_is_no_address_stops_the_node(tmp_path: Path) -> None:
    """A name with a slash or a brace can't be served."""
    with pytest.raises(Misconfigured, match="letters"):
        Node(Settings({"data": str(tmp_path / "data")}, {"a/{b}": {"kind": "handset"}}))
