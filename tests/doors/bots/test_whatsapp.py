"""The WhatsApp door: proof, signatures, recorded shapes, and answers by the port."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient
from msgspec import structs

from tests.doors.bots.payloads import (
    ACCESS,
    ANNES_NUMBER,
    APP_SECRET,
    NUMBER_ID,
    OURS,
    SPAM,
    VERIFY,
    cloud_message,
    notification,
    packed,
    signed,
)
from tests.doors.peers import Client, reports
from tests.makers import settings
from tocsin.doors.bots.replies import KeptSender, Letter, Postbox
from tocsin.doors.bots.whatsapp import CloudSender, Config, WhatsAppDoor
from tocsin.doors.dialogue.words import words
from tocsin.errors import Misconfigured
from tocsin.node import Node

pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")
CONFIG = Config(app_secret=APP_SECRET, verify_token=VERIFY, access_token=ACCESS, phone_number_id=NUMBER_ID)
PATH = "/doors/tips/webhook"
EN = words("en").answers


class Opened:
    """A node with one WhatsApp door whose answers are kept."""

    def __init__(self, client: Client, node: Node, kept: KeptSender) -> None:
        self.client, self.node, self.kept = client, node, kept

    def deliver(self, payload: object) -> int:
        """Deliver a signed notification; returns the status."""
        body = packed(payload)
        return self.client.post(PATH, content=body, headers=signed(body)).status_code


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """A WhatsApp door in Britain; leaving sends what waits."""
    node = Node(settings(tmp_path / "data", jurisdiction="GB"))
    kept = KeptSender()
    node.doors = [WhatsAppDoor("tips", CONFIG, node.house, kept)]
    with TestClient(node.app(), raise_server_exceptions=False) as client:
        yield Opened(client, node, kept)


def test_the_service_is_told_its_challenge(opened: Opened) -> None:
    """Once, when the webhook is set up."""
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    answer = opened.client.get(PATH, params=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "change",
    [
        {"hub.verify_token": "wrong"},
        {"hub.verify_token": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": "<script>"},
        {"hub.challenge": "1" * 500},
        {"hub.challenge": ""},
    ],
)
def test_a_wrong_proof_is_refused(opened: Opened, change: dict[str, str]) -> None:
    """And nothing of it comes back."""
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    answer = opened.client.get(PATH, params=asked | change)
    assert answer.status_code == 403
    assert "script" not in answer.text


def test_a_forward_is_reported_and_the_answer_names_its_sender(opened: Opened) -> None:
    """WhatsApp says that a message was forwarded, never by whom it was sent."""
    assert opened.deliver(notification(cloud_message(1, forwarded=True))) == 200
    assert opened.deliver(notification(cloud_message(2, "+44 7700 900123"))) == 200
    [row] = reports(opened.node)
    assert (row["channel"], row["content"], row["sender"]) == ("im", SPAM, "+447700900123")


def test_neither_the_reporters_number_nor_the_message_id_is_kept(opened: Opened) -> None:
    """The id holds the number in base 64."""
    opened.deliver(notification(cloud_message(1, forwarded=True)))
    [row] = reports(opened.node)
    assert not any(ANNES_NUMBER in str(value) or "wamid" in str(value) for value in row.values())


def test_the_answers_go_out_by_the_port(tmp_path: Path) -> None:
    """After the report is durable; what waits when the node stops is sent then."""
    node = Node(settings(tmp_path / "data", jurisdiction="GB"))
    kept = KeptSender()
    node.doors = [WhatsAppDoor("tips", CONFIG, node.house, kept)]
    with TestClient(node.app()) as client:
        body = packed(notification(cloud_message(1, forwarded=True)))
        client.post(PATH, content=body, headers=signed(body))
    assert kept.sent == [Letter(ANNES_NUMBER, EN["ask"])]


def test_a_replayed_notification_counts_once(tmp_path: Path) -> None:
    """And is answered once."""
    node = Node(settings(tmp_path / "data", jurisdiction="GB"))
    kept = KeptSender()
    node.doors = [WhatsAppDoor("tips", CONFIG, node.house, kept)]
    with TestClient(node.app()) as client:
        body = packed(notification(cloud_message(1, forwarded=True)))
        for _ in range(3):
            assert client.post(PATH, content=body, headers=signed(body)).status_code == 200
        assert len(reports(node)) == 1
    assert len(kept.sent) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"x-hub-signature-256": ""}, 403),
        ({"x-hub-signature-256": "sha256="}, 403),
        ({"x-hub-signature-256": "sha1=" + "0" * 40}, 403),
        ({"x-hub-signature-256": "sha256=" + "0" * 64}, 403),
    ],
)
def test_a_forged_delivery_is_refused(opened: Opened, headers: dict[str, str], status: int) -> None:
    """Nothing of it is understood, nothing else disturbed."""
    body = packed(notification(cloud_message(1, forwarded=True)))
    answer = opened.client.post(PATH, content=body, headers={"content-type": "application/json"} | headers)
    assert answer.status_code == status
    assert reports(opened.node) == []
    assert opened.deliver(notification(cloud_message(1, forwarded=True))) == 200
    assert len(reports(opened.node)) == 1


def test_a_signature_is_of_the_very_bytes(opened: Opened) -> None:
    """One space more is another body; so is another key."""
    body = packed(notification(cloud_message(1)))
    assert opened.client.post(PATH, content=body + b" ", headers=signed(body)).status_code == 403
    assert opened.client.post(PATH, content=body, headers=signed(body, "other")).status_code == 403
    assert reports(opened.node) == []


@pytest.mark.parametrize(
    "payload",
    [
        notification(statuses=[{"id": "wamid.x", "status": "delivered", "recipient_id": ANNES_NUMBER}]),
        notification(cloud_message(1, forwarded=True), number_id="999"),
        notification(cloud_message(1, forwarded=True, **{"from": OURS})),
        notification(cloud_message(1, type="reaction", reaction={"emoji": "👍"})),
        notification(cloud_message(1, type="system", system={"body": "number changed"})),
        {"object": "page", "entry": [{"id": "1", "changes": [{"field": "feed", "value": {}}]}]},
        {"object": 5},
        [],
    ],
)
def test_what_is_no_persons_message_to_us_is_passed_over(opened: Opened, payload: Any) -> None:
    """Statuses, other numbers, our own words, reactions, other products."""
    assert opened.deliver(payload) == 200
    assert reports(opened.node) == []


def test_one_odd_message_does_not_spoil_its_notification(opened: Opened) -> None:
    """The service may grow new shapes."""
    good = cloud_message(2, forwarded=True)
    odd = cloud_message(1) | {"text": "not an object"}
    assert opened.deliver(notification(odd, {"id": 5}, "words", good)) == 200
    assert len(reports(opened.node)) == 1


@pytest.mark.parametrize(
    ("shape", "content"),
    [
        ({"type": "image", "image": {"id": "1", "caption": SPAM}}, SPAM),
        ({"type": "document", "document": {"filename": "a.pdf", "caption": SPAM}}, SPAM),
        ({"type": "text", "context": {"frequently_forwarded": True}}, SPAM),
    ],
)
def test_words_under_a_picture_are_reported(opened: Opened, shape: dict[str, Any], content: str) -> None:
    """The picture itself is not."""
    message = cloud_message(1, forwarded=True) | shape
    if shape["type"] != "text":
        del message["text"]
    opened.deliver(notification(message))
    assert [row["content"] for row in reports(opened.node)] == [content]


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"x":' * 50_000])
def test_a_signed_body_that_is_not_json_is_named(opened: Opened, body: bytes) -> None:
    """400, and the door stays open."""
    assert opened.client.post(PATH, content=body, headers=signed(body)).status_code == 400
    assert opened.deliver(notification(cloud_message(1))) == 200


def test_a_body_past_the_bound_is_refused(opened: Opened) -> None:
    """413."""
    body = b" " * 3_000_001
    assert opened.client.post(PATH, content=body, headers=signed(body)).status_code == 413


def test_the_real_sender_speaks_the_cloud_apis_shape() -> None:
    """Address, authorisation and body."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"messages": [{"id": "wamid.y"}]})

    async def send() -> None:
        sender = CloudSender(CONFIG, httpx.MockTransport(answer))
        await sender.send(Letter(ANNES_NUMBER, "Thank you"))
        await sender.close()

    asyncio.run(send())
    [request] = asked
    assert str(request.url) == f"https://graph.facebook.com/v23.0/{NUMBER_ID}/messages"
    assert request.headers["authorization"] == f"Bearer {ACCESS}"
    assert b'"to":"447700900999"' in request.content.replace(b": ", b":")


@pytest.mark.parametrize("failure", [httpx.Response(500), httpx.Response(401), httpx.ConnectError("no")])
def test_an_answer_that_cannot_be_sent_is_given_up(failure: Any) -> None:
    """The report is durable; the next answer is sent."""
    outcomes = [failure, httpx.Response(200)]
    asked: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.content)
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def run() -> None:
        postbox = Postbox("tips", CloudSender(CONFIG, httpx.MockTransport(answer)))
        postbox.put(Letter("1", "one"))
        postbox.put(Letter("1", "two"))
        sending = asyncio.create_task(postbox.empty())
        while len(asked) < 2:  # noqa: ASYNC110 - waits for a condition that has no event
            await asyncio.sleep(0)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    asyncio.run(run())
    assert len(asked) == 2


@pytest.mark.parametrize(
    "change", [{"app_secret": ""}, {"verify_token": ""}, {"phone_number_id": "../etc"}, {"profile": "xx"}]
)
def test_a_table_that_cannot_work_is_misconfigured(tmp_path: Path, change: dict[str, str]) -> None:
    """At start."""
    node = Node(settings(tmp_path / "data"))
    table = {name: getattr(CONFIG, name) for name in CONFIG.__struct_fields__} | change
    with pytest.raises(Misconfigured):
        WhatsAppDoor("tips", Config(**table), node.house, KeptSender())
    node.close()


@pytest.mark.parametrize("api", ["ftp://x.example", "not an address"])
def test_an_address_that_is_none_is_misconfigured(api: str) -> None:
    """At start."""
    with pytest.raises(Misconfigured):
        CloudSender(structs.replace(CONFIG, api=api))
