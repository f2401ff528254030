"""The Matrix door: the report endpoints' shapes, answered in Matrix's own words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doors.peers import Client, open_door, reports
from tocsin.errors import Misconfigured
from tocsin.node import Node

pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")
TABLE = {"kind": "matrix", "token": "letmein", "jurisdiction": "DE", "longest": 5000}
TOKEN = {"authorization": "Bearer letmein"}
BASE = "/doors/in/_matrix/client/v3"
EVENT = f"{BASE}/rooms/%21room%3Ahome.example/report/%24a%2Fb"
BODY = {
    "reason": "spam",
    "score": -100,
    "event": {
        "sender": "@spammer:other.example",
        "origin_server_ts": 1_790_000_000_000,
        "content": {"msgtype": "m.text", "body": "Free coins at http://coins.example"},
    },
}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Client, Node]]:
    """A Matrix door."""
    with open_door(tmp_path / "data", TABLE) as pair:
        yield pair


def test_a_reported_event_is_taken_with_its_words(opened: tuple[Client, Node]) -> None:
    """200 and an empty object; the event's sender and text, the room and event in the subject."""
    client, node = opened
    answer = client.post(f"{EVENT}?user_id=%40me%3Ahome.example", json=BODY, headers=TOKEN)
    assert (answer.status_code, answer.json()) == (200, {})
    (row,) = reports(node)
    assert (row["channel"], row["sender"]) == ("im", "@spammer:other.example")
    assert row["subject"] == "message; room: !room:home.example; event: $a/b; score: -100"
    assert (row["content"], row["comment"]) == ("Free coins at http://coins.example", "spam")
    assert row["reporter"] is not None


@pytest.mark.parametrize(
    ("path", "sender", "subject"),
    [
        ("/rooms/%21room%3Ahome.example/report", "", "room; room: !room:home.example"),
        ("/users/%40bad%3Ahome.example/report", "@bad:home.example", "profile"),
    ],
)
def test_rooms_and_users_are_reported(
    opened: tuple[Client, Node], path: str, sender: str, subject: str
) -> None:
    """The endpoints of Matrix 1.13 and 1.14, whose body is a reason only."""
    client, node = opened
    assert client.post(f"{BASE}{path}", json={"reason": "spam"}, headers=TOKEN).status_code == 200
    (row,) = reports(node)
    assert (row["sender"], row["subject"]) == (sender, subject)


def test_the_same_reporter_of_an_event_counts_once(opened: tuple[Client, Node]) -> None:
    """A retry is answered alike; another reporter of the same event counts."""
    client, node = opened
    for user in ("a", "a", "b"):
        url = f"{EVENT}?user_id=%40{user}%3Ahome.example"
        assert client.post(url, json=BODY, headers=TOKEN).status_code == 200
    assert len(reports(node)) == 2


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{}", {}, 401, "M_UNKNOWN_TOKEN"),
        (b"{}", {"authorization": "Bearer wrong"}, 401, "M_UNKNOWN_TOKEN"),
        (b"{", TOKEN, 400, "M_NOT_JSON"),
        (b'{"score": 5}', TOKEN, 400, "M_BAD_JSON"),
        (b'{"event": {"content": {"body": 1}}}', TOKEN, 400, "M_BAD_JSON"),
        (b" " * 5001, TOKEN, 413, "M_TOO_LARGE"),
    ],
)
def test_refusals_are_matrix_errors(
    opened: tuple[Client, Node], body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    """A status, an errcode and an error; nothing is taken."""
    client, node = opened
    headers = headers | {"content-type": "application/json"}
    answer = client.post(EVENT, content=body, headers=headers)
    assert (answer.status_code, answer.json()["errcode"]) == (status, code)
    assert reports(node) == []


def test_a_full_desk_is_a_limit_exceeded(tmp_path: Path) -> None:
    """429 with the milliseconds after which to come again."""
    with open_door(tmp_path / "data", TABLE, desk_queue=0) as (client, _):
        answer = client.post(EVENT, json=BODY, headers=TOKEN)
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["errcode"]) == (429, "M_LIMIT_EXCEEDED")
    assert body["retry_after_ms"] > 0


def test_a_matrix_door_needs_a_token(tmp_path: Path) -> None:
    """An empty one stops the node at the start."""
    opening = open_door(tmp_path / "data", {"kind": "matrix", "token": ""})
    with pytest.raises(Misconfigured, match="token"), opening:
        pass
