"""The Telegram door: recorded shapes, who may speak, what counts, what is answered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doors.bots.payloads import (
    ANNE,
    CHANNEL,
    SECRET,
    SPAM,
    SPAMMER,
    forward,
    origin,
    packed,
    update,
    user,
)
from tests.doors.peers import Client, open_door, reports
from tocsin.doors.dialogue.words import words
from tocsin.doors.door import configured
from tocsin.doors.opening import kind_named
from tocsin.errors import Misconfigured
from tocsin.node import Node

pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")
TABLE = {"kind": "telegram", "secret": SECRET}
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "content-type": "application/json"}
EN = words("en").answers


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Client, Node]]:
    """A Telegram door in Britain."""
    with open_door(tmp_path / "data", TABLE, jurisdiction="GB") as pair:
        yield pair


def deliver(client: Client, payload: object, **headers: str) -> Any:
    return client.post("/doors/in/updates", content=packed(payload), headers=HEADERS | headers)


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return answer.json()["text"] if answer.content else ""


def test_a_forward_is_reported_with_its_origin_and_thanked(opened: tuple[Client, Node]) -> None:
    """The webhook's own answer carries ours; the reporter is a pseudonym."""
    client, node = opened
    answer = deliver(client, forward(1))
    assert answer.json()["method"] == "sendMessage"
    assert answer.json()["chat_id"] == ANNE
    [row] = reports(node)
    assert (row["channel"], row["content"], row["sender"]) == ("im", SPAM, "@quick_loans")
    assert row["jurisdiction"] == "GB"
    assert row["ticket"] in text_of(answer)
    assert not any(str(ANNE) in str(value) for value in row.values())


@pytest.mark.parametrize(
    ("shape", "sender"),
    [
        ({"forward_origin": origin("user", sender_user=SPAMMER | {"username": ""})}, "quick loans"),
        ({"forward_origin": origin("hidden_user", sender_user_name="Prize Office")}, "prize office"),
        (
            {
                "forward_origin": origin(
                    "chat", sender_chat={"id": -5, "type": "supergroup", "title": "Loans"}
                )
            },
            "loans",
        ),
        ({"forward_origin": origin("channel", chat=CHANNEL, message_id=7)}, "@prizes_now"),
        ({"forward_from": SPAMMER, "forward_date": 1772280000}, "@quick_loans"),
        ({"forward_sender_name": "Prize Office", "forward_date": 1772280000}, "prize office"),
        ({"forward_from_chat": CHANNEL, "forward_date": 1772280000}, "@prizes_now"),
    ],
)
def test_every_kind_of_origin_names_the_sender(
    opened: tuple[Client, Node], shape: dict[str, Any], sender: str
) -> None:
    """Of Bot API 7.0, and of before."""
    client, node = opened
    deliver(client, update(1, text=SPAM, **shape))
    [row] = reports(node)
    assert row["sender"] == sender
    assert row["sent_at"] == 1772280000_000_000


def test_a_forward_of_ones_own_message_blames_nobody(opened: tuple[Client, Node]) -> None:
    """The reporter copied it from somewhere."""
    client, node = opened
    answer = deliver(
        client, update(1, text=SPAM, forward_origin=origin("user", sender_user=user(username="anne")))
    )
    assert text_of(answer) == EN["ask"]
    assert reports(node)[0]["sender"] == ""


def test_a_pasted_message_is_asked_about_and_a_contact_answers(opened: tuple[Client, Node]) -> None:
    """A shared contact is a number."""
    client, node = opened
    assert text_of(deliver(client, update(1, text=SPAM))) == EN["ask"]
    contact = {"phone_number": "+447700900123", "first_name": "Spam"}
    assert "counts" in text_of(deliver(client, update(2, contact=contact)))
    assert reports(node)[0]["sender"] == "+447700900123"


def test_a_replayed_update_counts_once(opened: tuple[Client, Node]) -> None:
    """And is answered once."""
    client, node = opened
    assert text_of(deliver(client, forward(1)))
    assert text_of(deliver(client, forward(1))) == ""
    assert len(reports(node)) == 1


def test_hidden_links_are_part_of_the_message(opened: tuple[Client, Node]) -> None:
    """A link behind a word, a button, a caption."""
    client, node = opened
    entity = {"type": "text_link", "offset": 0, "length": 4, "url": "http://hidden.example"}
    keyboard = {"inline_keyboard": [[{"text": "Win", "url": "http://button.example"}]]}
    shape = forward(1)
    del shape["message"]["text"]
    shape["message"] |= {"caption": "Click here", "caption_entities": [entity], "reply_markup": keyboard}
    deliver(client, shape)
    assert reports(node)[0]["content"] == "Click here\nhttp://hidden.example\nhttp://button.example"


@pytest.mark.parametrize(
    "payload",
    [
        update(1, text=SPAM, chat={"id": -9, "type": "group", "title": "Family"}),
        update(1, text=SPAM, **{"from": user(5, is_bot=True)}),
        {"update_id": 1, "edited_message": update(1, text=SPAM)["message"]},
        {"update_id": 1, "channel_post": {"chat": CHANNEL, "text": SPAM}},
        {"update_id": 1, "my_chat_member": {}},
        {"update_id": 1, "message": {"unheard_of": True}},
        {"update_id": "one"},
        [],
    ],
)
def test_what_is_no_persons_message_is_passed_over(opened: tuple[Client, Node], payload: Any) -> None:
    """Answered 200: refused, it would be delivered again and again."""
    client, node = opened
    assert text_of(deliver(client, payload)) == ""
    assert reports(node) == []


def test_start_and_chat_are_answered_by_help(opened: tuple[Client, Node]) -> None:
    """In the language of the person's device."""
    client, node = opened
    assert text_of(deliver(client, update(1, text="/start"))).startswith(EN["help"])
    french = deliver(client, update(2, text="/help@tocsin_bot", **{"from": user(language_code="fr-CA")}))
    assert text_of(french).startswith(words("fr").answers["help"])
    assert reports(node) == []


def test_check_answers_and_stores_nothing(opened: tuple[Client, Node]) -> None:
    """One calm sentence, that never repeats what was asked."""
    client, node = opened
    answer = text_of(
        deliver(client, update(1, text="/check URGENT you have WON £1000! Claim now http://win.example/x"))
    )
    assert answer in {EN[key] for key in EN if key.startswith("check_")}
    assert reports(node) == []


@pytest.mark.parametrize("headers", [{}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}])
def test_a_stranger_is_refused(opened: tuple[Client, Node], headers: dict[str, str]) -> None:
    """Without the secret, and with a wrong one; the body is not even read."""
    client, node = opened
    for body in (packed(forward(1)), b"{"):
        answer = client.post(
            "/doors/in/updates", content=body, headers={"content-type": "application/json"} | headers
        )
        assert answer.status_code == (403 if headers else 401)
    assert reports(node) == []


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"\xff\xfe", 400), (b'{"x":' * 40_000, 400), (b" " * 300_000, 413)]
)
def test_a_body_that_cannot_be_read_is_refused(opened: tuple[Client, Node], body: bytes, status: int) -> None:
    """And the next one is taken."""
    client, node = opened
    assert client.post("/doors/in/updates", content=body, headers=HEADERS).status_code == status
    assert text_of(deliver(client, forward(1)))
    assert len(reports(node)) == 1


def test_a_lone_surrogate_does_not_hold_up_the_bot(opened: tuple[Client, Node]) -> None:
    """A refused update would be delivered again, before all others."""
    client, node = opened
    body = packed(forward(1)).replace(b"parcel is", b"parcel \\ud800 is")
    assert client.post("/doors/in/updates", content=body, headers=HEADERS).status_code == 200
    assert len(reports(node)) == 1


def test_another_media_type_is_refused(opened: tuple[Client, Node]) -> None:
    """The service sends JSON."""
    client, _ = opened
    assert deliver(client, forward(1), **{"content-type": "text/plain"}).status_code == 415


@pytest.mark.parametrize("secret", ["", "short", "a secret with spaces in it", "env:TOCSIN_TEST_NO_SUCH"])
def test_a_secret_that_telegram_would_not_take_is_misconfigured(tmp_path: Path, secret: str) -> None:
    """At start, not at the first delivery."""
    with pytest.raises(Misconfigured), open_door(tmp_path, TABLE | {"secret": secret}):
        pass


def test_an_unknown_profile_or_field_is_misconfigured(tmp_path: Path) -> None:
    """At start."""
    with pytest.raises(Misconfigured), open_door(tmp_path, TABLE | {"profile": "xx"}):
        pass
    with pytest.raises(Misconfigured):
        configured(kind_named("telegram"), "in", {"secret": SECRET, "secrets": "no"})
