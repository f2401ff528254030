"""The request body: good items are kept beside bad ones, and each bad one is named."""

import json

import pytest

from tocsin.desk.wire import read_body
from tocsin.errors import Malformed, Rejected
from tocsin.records import Submission

GOOD = {"channel": "sms", "content": "hello"}


def codes(body: bytes) -> list[str]:
    return [item.code if isinstance(item, Rejected) else "ok" for item in read_body(body).items]


@pytest.mark.parametrize(
    ("bad", "code", "field"),
    [
        ({"channel": "sms", "content": 5}, "field.type", "content"),
        ({"channel": "sms", "colour": "red"}, "field.unknown", "colour"),
        ({"content": "x"}, "field.missing", "channel"),
        ({"channel": "voice", "call": {"duration_s": "long"}}, "field.type", "call.duration_s"),
        ({"channel": "sms", "sent_at": "yesterday"}, "field.type", "sent_at"),
        (7, "field.type", "body"),
    ],
)
def test_a_bad_item_is_named_and_its_neighbours_are_kept(bad: object, code: str, field: str) -> None:
    """One bad item never spoils its batch."""
    items = read_body(json.dumps([GOOD, bad, GOOD]).encode()).items
    assert isinstance(items[0], Submission)
    assert isinstance(items[2], Submission)
    assert isinstance(items[1], Rejected)
    assert (items[1].code, items[1].field) == (code, field)


def test_invalid_utf8_in_one_item_leaves_the_others() -> None:
    """Bytes that are not UTF-8 spoil only the item they stand in."""
    body = b'[{"channel":"sms","content":"\xff"},{"channel":"sms","content":"ok"}]'
    assert codes(body) == ["body.utf8", "ok"]


def test_a_lone_surrogate_leaves_the_others() -> None:
    """An escaped lone surrogate reaches validation as text, and the other items are kept."""
    body = b'[{"channel":"sms","content":"\\ud800"},{"channel":"sms","content":"ok"}]'
    items = read_body(body).items
    assert isinstance(items[0], Submission)
    assert items[0].content == "\ud800"
    assert isinstance(items[1], Submission)


@pytest.mark.parametrize("body", [b"", b"{", b"[", b"[{]", b"\xff\xfe", b"[" * 100_000, b"null", b'"text"'])
def test_what_cannot_be_read_is_refused_whole(body: bytes) -> None:
    """A body that is not JSON, or not of our shape, is refused by name and never crashes."""
    try:
        items = read_body(body).items
    except Malformed:
        return
    assert all(isinstance(item, Rejected) for item in items)


def test_more_than_a_thousand_are_refused() -> None:
    """A request holds at most 1,000 reports."""
    with pytest.raises(Rejected, match="1000") as refusal:
        read_body(json.dumps([GOOD] * 1001).encode())
    assert refusal.value.code == "body.too_many"
