"""Screening's JSON routes: what each kind of question is answered."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient


def test_answers_stand_in_the_order_of_the_questions(client: TestClient[Litestar]) -> None:
    """Each message comes back under the caller's own id."""
    asked = [{"id": str(number), "content": f"win prize {number}"} for number in range(20)]
    answer = client.post("/api/v1/screen", json={"messages": asked})
    assert (answer.status_code, [one["id"] for one in answer.json()]) == (200, [one["id"] for one in asked])


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"content": "x" * 100_001}, "messages[1].content"),
        ({"content": "x", "subject": "x" * 2001}, "messages[1].subject"),
        ({"content": "x", "sender": "\u200b"}, "messages[1].sender"),
    ],
)
def test_a_message_that_cannot_be_judged_is_named(
    client: TestClient[Litestar], bad: dict[str, str], field: str
) -> None:
    """A refusal says which message of the request it is about, and which field of it."""
    answer = client.post("/api/v1/screen", json={"messages": [{"content": "hello"}, bad]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_more_than_a_thousand_are_refused(client: TestClient[Litestar]) -> None:
    """One request asks about 1,000 messages at most."""
    answer = client.post("/api/v1/screen", json={"messages": [{"content": "a"}] * 1001})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "messages.too_many")


@pytest.mark.parametrize("country", ["", "G", "GBR", "12", "é!", "x" * 5000])
def test_a_country_is_two_letters(client: TestClient[Litestar], country: str) -> None:
    """A page of text in place of a country is refused before any number is read by it."""
    answer = client.get("/api/v1/check", params={"q": "07700 900123", "country": country})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "country.invalid")


def test_a_number_is_read_by_its_country(client: TestClient[Litestar]) -> None:
    """A national number is a call from that country, in either case of its letters."""
    answer = client.get("/api/v1/check", params={"q": "07700 900123", "country": "gb"})
    assert answer.status_code == 200
