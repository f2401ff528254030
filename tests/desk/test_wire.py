"""The request body: good items are kept beside bad ones, and each bad one is named."""

import json
import tracemalloc

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


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"0," * 1_000_000 + b"0]",
        b"[" + b'{"channel":"sms"},' * 100_000 + b"7]",
        b"[" + b"[0," * 500_000,
        b"[[" + b"0," * 1_000_000 + b"0]]",
        b'{"content":"\\ud800"' + b',"a":0' * 300_000 + b"}",
        b"[" + b'"\xff",' * 300_000 + b"0]",
    ],
)
def test_too_many_parts_are_refused_before_they_are_made(body: bytes) -> None:
    """A body of two megabytes never costs more than a few of them again."""
    tracemalloc.start()
    try:
        with pytest.raises(Rejected) as refusal:
            read_body(body)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refusal.value.code == "body.too_many"
    assert most < 1_000_000


def test_a_full_request_of_full_reports_is_read() -> None:
    """A thousand reports with every field, and text full of commas and brackets, are not too many."""
    call = {"duration_s": 1, "answered": True, "recorded": False}
    route = {"kind": "unknown", "origin": "GB", "network": "234-15"}
    texts = dict.fromkeys(
        ("sender", "subject", "recipient", "reporter", "comment", "message_id"), 'a,"\\],[{'
    )
    item = {**GOOD, **texts, "content": "[,{}]" * 50, "jurisdiction": "GB", "call": call, "route": route}
    assert codes(json.dumps([item] * 1000).encode()) == ["ok"] * 1000
