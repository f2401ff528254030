"""The platform door: social networks, search engines and apps report in three shapes."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.doors.peers import Client, open_door, reports
from tocsin.doors.social import facts, forms
from tocsin.errors import Rejected
from tocsin.node import Node

pytestmark = pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")
SOCIAL: dict[str, Any] = {
    "id": "r-1",
    "platform": "social.example",
    "kind": "advertisement",
    "account": "@bank_help",
    "post_url": "https://social.example/",
    "advertiser": "Bank; Ltd",
    "link": "https://bank.example/login",
    "text": "Your account is locked",
    "reporter": "someone@mail.example",
    "category": "fraud.bank",
}
SEARCH: dict[str, Any] = {
    "engine": "search.example",
    "query": "airline hotline",
    "url": "https://airline-help.example/",
    "position": 2,
    "sponsored": True,
    "text": "Airline help line, call now",
}
IN_APP: dict[str, Any] = {
    "app": "com.example.game",
    "network": "AdNet",
    "link": "https://win.example/",
    "placement": "banner",
    "action": "redirect",
}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Client, Node]]:
    """A platform door that anyone may use."""
    with open_door(tmp_path / "data", {"kind": "platform", "jurisdiction": "FR", "longest": 200_000}) as pair:
        yield pair


@pytest.mark.parametrize(
    ("path", "body", "channel", "sender", "subject"),
    [
        (
            "social",
            SOCIAL,
            "social",
            "@bank_help",
            "advertisement; platform: social.example; url: https://social.example/; advertiser: Bank, Ltd",
        ),
        (
            "search",
            SEARCH,
            "web_search",
            "https://airline-help.example/",
            "sponsored result; engine: search.example; position: 2; query: airline hotline",
        ),
        (
            "in-app",
            IN_APP,
            "in_app",
            "https://win.example/",
            "advertisement; app: com.example.game; network: AdNet; placement: banner; action: redirect",
        ),
    ],
)
def test_each_shape_keeps_its_facts_readable(
    opened: tuple[Client, Node], path: str, body: dict[str, Any], channel: str, sender: str, subject: str
) -> None:
    """The channel, the sender, and in the subject what the canonical report has no field for."""
    client, node = opened
    assert client.post(f"/doors/in/{path}", json=body).status_code == 201
    (row,) = reports(node)
    assert (row["channel"], row["sender"], row["subject"]) == (channel, sender, subject)
    assert (row["jurisdiction"], row["door"]) == ("FR", "in")


def test_a_report_delivered_again_counts_once(opened: tuple[Client, Node]) -> None:
    """By the platform's id, or by the whole document where there is none; two shapes never meet."""
    client, node = opened
    assert client.post("/doors/in/social", json=SOCIAL).status_code == 201
    assert client.post("/doors/in/social", json=SOCIAL | {"comment": "again"}).status_code == 200
    assert [client.post("/doors/in/search", json=SEARCH).status_code for _ in range(2)] == [201, 200]
    assert client.post("/doors/in/in-app", json=IN_APP | {"id": "r-1"}).status_code == 201
    assert len(reports(node)) == 3


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("social", SOCIAL | {"platform": ""}, "platform"),
        ("social", SOCIAL | {"kind": "spell"}, "kind"),
        ("social", SOCIAL | {"likes": 3}, "likes"),
        ("social", SOCIAL | {"text": "x" * 100_001}, "text"),
        ("social", SOCIAL | {"category": "fraud.unheard"}, "claimed_category"),
        ("social", {"platform": "social.example"}, "account"),
        ("search", SEARCH | {"position": -1}, "position"),
        ("search", {"engine": "search.example"}, "query"),
        ("in-app", {"app": "com.example.game"}, "link"),
        ("in-app", IN_APP | {"seen_at": "2026-11-01T12:00:00"}, "sent_at"),
    ],
)
def test_a_report_is_refused_by_the_field(
    opened: tuple[Client, Node], path: str, body: dict[str, Any], field: str
) -> None:
    """422, and the field's name; nothing is taken."""
    client, node = opened
    answer = client.post(f"/doors/in/{path}", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert reports(node) == []


_makers = [
    (forms.Social, forms.from_social),
    (forms.Search, forms.from_search),
    (forms.InApp, forms.from_in_app),
]


@pytest.mark.parametrize(("shape", "submission_of"), _makers)
@given(data=st.data())
def test_whatever_a_shape_says_fits_the_desk(shape: Any, submission_of: Any, data: st.DataObject) -> None:
    """Sender and subject stay within the desk's limits, for any words and links."""
    fields = {
        name: data.draw(st.text(max_size=200)) for name in ("platform", "engine", "query", "url", "app")
    }
    fields = {name: value for name, value in fields.items() if name in shape.__struct_fields__}
    for name in ("account", "post_url", "link", "advertiser", "text", "creative_url"):
        if name in shape.__struct_fields__:
            fields[name] = data.draw(st.text(max_size=150)) * 10
    with suppress(msgspec.ValidationError, Rejected):
        submission = submission_of(msgspec.convert(fields, shape))
        assert len(submission.sender) <= 350
        assert len(submission.subject) <= facts.LONGEST
