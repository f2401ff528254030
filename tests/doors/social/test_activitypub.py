"""The Fediverse door: signed Flags and Mastodon's webhook; forgeries are refused, replays count once."""

import base64
import hmac
import json
from collections.abc import Iterator
from contextlib import suppress
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.doors.peers import Client, open_door, reports
from tocsin.doors.social import flags
from tocsin.doors.social.signatures import Forged, Request, signer
from tocsin.errors import Misconfigured, Rejected
from tocsin.node import Node
from tocsin.ports import SystemClock
from tocsin.records import DAY, moment

pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")
INBOX, HOOK = "/doors/in/inbox", "/doors/in/mastodon"
KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)
COVERED = "(request-target) host date digest"
FLAG: dict[str, Any] = {
    "@context": "https://www.w3.org/ns/activitystreams",
    "id": "https://social.example/f/1",
    "type": "Flag",
    "actor": "https://social.example/actor",
    "content": "selling coins",
    "object": ["https://other.example/users/spam", "https://other.example/p/1", "https://other.example/p/2"],
}
REPORT: dict[str, Any] = {
    "event": "report.created",
    "created_at": "2026-10-26T13:34:00.351Z",
    "object": {
        "id": "8437",
        "category": "spam",
        "comment": "coins",
        "account": {
            "id": "1",
            "username": "me",
            "domain": None,
            "account": {"uri": "https://a.example/users/me"},
        },
        "target_account": {
            "id": "2",
            "username": "spam",
            "domain": "other.example",
            "account": {"uri": "https://other.example/users/spam", "acct": "spam@other.example"},
        },
        "statuses": [
            {
                "id": "3",
                "created_at": "2026-10-26T11:29:13.000Z",
                "url": "https://other.example/@spam/3",
                "content": "<p>Free <b>coins</b></p>",
            }
        ],
    },
}


def pem(key: Any) -> str:
    """Write a key's public half."""
    text: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return text.decode()


def table(**changes: Any) -> dict[str, object]:
    """Make a Fediverse door's table."""
    return {
        "kind": "activitypub",
        "keys": {"Social.example": pem(KEY)},
        "webhook_secret": "shh",
        "host": "testserver.local",
    } | changes


def signed(body: bytes, key: Any = KEY, **changes: str) -> dict[str, str]:
    """Sign a request to the inbox as Mastodon does; `changes` are what a forger would alter afterwards."""
    headers = {
        "host": changes.pop("host", "testserver.local"),
        "date": changes.pop("date", format_datetime(moment(SystemClock().now()), usegmt=True)),
        "digest": "SHA-256=" + base64.b64encode(sha256(body).digest()).decode(),
        "content-type": "application/activity+json",
    }
    covered = changes.pop("covered", COVERED)
    values = headers | {"(request-target)": f"post {INBOX}"}
    text = "\n".join(f"{name}: {values[name]}" for name in covered.split())
    signature = base64.b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()
    key_id = changes.pop("key_id", "https://social.example/actor#main-key")
    headers["signature"] = (
        f'keyId="{key_id}",algorithm="rsa-sha256",headers="{covered}",signature="{signature}"'
    )
    return headers | changes


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Client, Node]]:
    """A Fediverse door that knows one server."""
    with open_door(tmp_path / "data", table()) as pair:
        yield pair


def test_a_signed_flag_is_taken(opened: tuple[Client, Node]) -> None:
    """202; the account is the sender, its posts stand in the subject."""
    client, node = opened
    body = json.dumps(FLAG).encode()
    assert client.post(INBOX, content=body, headers=signed(body)).status_code == 202
    (row,) = reports(node)
    assert (row["channel"], row["sender"]) == ("social", "https://other.example/users/spam")
    posts = "url 1: https://other.example/p/1; url 2: https://other.example/p/2; posts: 2"
    assert row["subject"] == f"post; platform: Fediverse; {posts}"
    assert row["comment"] == "selling coins"


def test_a_replayed_flag_counts_once(opened: tuple[Client, Node]) -> None:
    """The same signed request twice is answered alike and is one report."""
    client, node = opened
    body = json.dumps(FLAG).encode()
    headers = signed(body)
    assert [client.post(INBOX, content=body, headers=headers).status_code for _ in range(2)] == [202, 202]
    assert len(reports(node)) == 1


_forgeries: dict[str, dict[str, Any]] = {
    "by another key": {"key": OTHER_KEY},
    "by an unknown server": {"key_id": "https://evil.example/actor#main-key"},
    "the digest not covered": {"covered": "(request-target) host date"},
    "of long ago": {"date": format_datetime(moment(SystemClock().now() - DAY), usegmt=True)},
    "of no date": {"date": "soon"},
    "of a date out of the calendar": {"date": "Mon, 01 Jan 0001 00:00:00 +2359"},
    "a digest altered": {"digest": "SHA-256=" + base64.b64encode(sha256(b"x").digest()).decode()},
    "for another host": {"host": "elsewhere.example"},
    "not at all": {"signature": ""},
    "with nonsense": {"signature": 'keyId="https://social.example/actor",signature="%"'},
}


@pytest.mark.parametrize("change", _forgeries.values(), ids=_forgeries.keys())
def test_a_forged_flag_is_refused(opened: tuple[Client, Node], change: dict[str, Any]) -> None:
    """401 with a challenge; nothing is taken, and a true one is taken after it."""
    client, node = opened
    body = json.dumps(FLAG).encode()
    answer = client.post(INBOX, content=body, headers=signed(body, **change))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Signature ")
    assert reports(node) == []
    assert client.post(INBOX, content=body, headers=signed(body)).status_code == 202


def test_a_server_speaks_for_its_own_actors_only(opened: tuple[Client, Node]) -> None:
    """A Flag whose actor is of another domain than the key is refused."""
    client, node = opened
    body = json.dumps(FLAG | {"actor": "https://else.example/actor"}).encode()
    assert client.post(INBOX, content=body, headers=signed(body)).status_code == 401
    assert reports(node) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "Like"}, "type"),
        ({"object": []}, "object"),
        ({"object": 5}, "object"),
        ({"object": ["https://a.example"] * 101}, "object"),
        ({"actor": 5}, "actor"),
        ({"id": ""}, "id"),
    ],
)
def test_another_activity_is_refused_by_the_field(change: dict[str, Any], field: str) -> None:
    """Only Flags of a bounded number of objects are read."""
    with pytest.raises(Rejected) as caught:
        flags.read_flag(json.dumps(FLAG | change).encode())
    assert caught.value.field == field


def test_a_flag_with_its_posts_inside_keeps_their_words() -> None:
    """Objects may be whole posts: their HTML becomes text."""
    post = {"id": "https://other.example/p/1", "type": "Note", "content": "<p>Free <b>coins</b></p>"}
    flag = flags.read_flag(json.dumps(FLAG | {"object": ["https://other.example/u", post]}).encode())
    assert flag.submission.content == "Free coins"


@pytest.mark.parametrize("read", [flags.read_flag, flags.read_webhook])
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(read: Any, document: bytes) -> None:
    """Nothing but Rejected comes out of any bytes."""
    with suppress(Rejected):
        read(document)


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_signature_header_is_refused(signature: str, date: str) -> None:
    """Nothing but Forged comes out of any signature, and never a domain."""
    headers = {"signature": signature, "date": date, "digest": signature, "host": date}
    with pytest.raises(Forged):
        signer(Request("POST", "/", headers, b""), {"social.example": KEY.public_key()}, 0)


def hub(body: bytes, key: bytes = b"shh") -> dict[str, str]:
    """Sign a webhook."""
    return {
        "content-type": "application/json",
        "x-hub-signature": "sha256=" + hmac.new(key, body, sha256).hexdigest(),
    }


def test_mastodons_webhook_is_taken_once(opened: tuple[Client, Node]) -> None:
    """202; text, sender and time are the status's; replayed or updated it is the same report."""
    client, node = opened
    for event in ("report.created", "report.created", "report.updated"):
        body = json.dumps(REPORT | {"event": event}).encode()
        assert client.post(HOOK, content=body, headers=hub(body)).status_code == 202
    (row,) = reports(node)
    assert (row["content"], row["sender"]) == ("Free coins", "https://other.example/users/spam")
    assert row["subject"].startswith(
        "post; platform: Mastodon; category: spam; url 1: https://other.example/@spam/3"
    )
    assert row["reporter"] is not None


@pytest.mark.parametrize("signature", ["", "sha256=00", "sha1=00", "sha256"])
def test_a_webhook_without_its_signature_is_refused(opened: tuple[Client, Node], signature: str) -> None:
    """401; nothing is taken."""
    client, node = opened
    body = json.dumps(REPORT).encode()
    answer = client.post(HOOK, content=body, headers=hub(body) | {"x-hub-signature": signature})
    assert answer.status_code == 401
    assert reports(node) == []


def test_a_webhook_of_another_event_is_refused(opened: tuple[Client, Node]) -> None:
    """422; Mastodon does not send it again."""
    client, _ = opened
    body = json.dumps({"event": "status.created", "object": {}}).encode()
    assert client.post(HOOK, content=body, headers=hub(body)).status_code == 422


def test_a_full_desk_makes_the_server_come_again(tmp_path: Path) -> None:
    """503 with Retry-After."""
    with open_door(tmp_path / "data", table(), desk_queue=0) as (client, _):
        body = json.dumps(REPORT).encode()
        answer = client.post(HOOK, content=body, headers=hub(body))
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"keys": {}, "webhook_secret": ""},
        {"keys": {"a.example": "not a key"}},
        {"keys": {"a.example": pem(rsa.generate_private_key(65537, 1024))}},  # noqa: S505 - to be refused
        {"keys": {"a.example": pem(ec.generate_private_key(ec.SECP256R1()))}},
        {"keys": {"a.example": "file:/nowhere/a.pem"}},
    ],
)
def test_a_door_that_could_hear_no_one_stops_the_node(tmp_path: Path, changes: dict[str, Any]) -> None:
    """No keys and no secret, or a key that is too weak or none."""
    opening = open_door(tmp_path / "data", table(**changes))
    with pytest.raises(Misconfigured), opening:
        pass
