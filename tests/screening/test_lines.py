"""Screening lines: one out for each one in, in order."""

import json
from pathlib import Path

import pytest

from tocsin.errors import Rejected
from tocsin.records import Channel
from tocsin.screening.api import LONGEST, Asked, read
from tocsin.screening.lines import _batches, _Line, screen_lines
from tocsin.screening.streams import LONGEST_LINE


def answers(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    lines: list[bytes],
    *,
    jsonl: bool = True,
    as_json: bool = True,
) -> tuple[int, list[str]]:
    file = folder / "lines"
    file.write_bytes(b"\n".join(lines) + b"\n")
    bad = screen_lines(
        str(file), channel="sms", policy="unwanted", jsonl=jsonl, reasons=False, as_json=as_json
    )
    return bad, capsys.readouterr().out.split("\n")[:-1]


def test_each_line_has_its_answer_in_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Answers stand in the order of the lines and carry the caller's ids."""
    lines = [json.dumps({"content": "hello", "id": f"n{number}"}).encode() for number in range(2500)]
    _, out = answers(tmp_path, capsys, lines)
    assert [json.loads(line)["id"] for line in out] == [f"n{number}" for number in range(2500)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", "line.json"),
        (b"[" * 10_000, "line.json"),
        (b"[]", "line.json"),
        (b'{"a\\nb": 1}', "content.missing"),
        (b'{"content": "x", "channel": "fax"}', "channel.unknown"),
        (b'{"content": "x", "channel": ["sms"]}', "channel.unknown"),
        (b'{"content": 7}', "field.invalid"),
        (b'{"content": "x", "sender": null}', "field.invalid"),
        (b'{"content": "x", "subject": "' + b"x" * 2001 + b'"}', "subject.too_long"),
        (b'{"content": "\xff"}', "line.utf8"),
        (b'{"content": "' + b"x" * LONGEST_LINE + b'"}', "line.too_long"),
        (b'{"content": "' + b"x" * (LONGEST + 1) + b'"}', "content.too_long"),
        (b'{"content": "x", "sender": "\\u200b"}', "sender.invalid"),
        (b"", "line.json"),
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_an_unreadable_line_has_its_error_in_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: bytes, code: str, *, as_json: bool
) -> None:
    """A bad line is one line of error between its neighbours' answers."""
    good = b'{"content": "hello"}'
    bad, out = answers(tmp_path, capsys, [good, line, good], as_json=as_json)
    assert (bad, len(out)) == (1, 3)
    if as_json:
        answer = json.loads(out[1])
        assert (answer["line"], answer["error"]["code"]) == (2, code)
    else:
        assert out[1].startswith(f"error\tline 2: {code}: ")


def test_text_that_is_not_utf8_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line of plain text must be UTF-8."""
    bad, [out] = answers(tmp_path, capsys, [b"\xff\xfe"], jsonl=False)
    assert (bad, "line.utf8" in out) == (1, True)


@pytest.mark.parametrize("text", ["您的包裹已到达", "مرحبا", "frее\u200b", "a\0b", ""])
def test_plain_text_is_numbered_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """Each line of plain text in any script is one message with its number for an id."""
    _, out = answers(tmp_path, capsys, [text.encode()], jsonl=False)
    assert [json.loads(line)["id"] for line in out] == ["1"]


@pytest.mark.parametrize("identity", ["a\nb", "a\tb", "a\u2028b", "a\r\nb"])
def test_an_id_cannot_forge_an_answer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], identity: str
) -> None:
    """Tabs and line breaks of an id stay out of the columns."""
    line = json.dumps({"content": "x", "id": identity}).encode()
    _, out = answers(tmp_path, capsys, [line], as_json=False)
    assert [one.split("\t")[0] for one in out] == ["a b"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"channel": "fax"}, "channel.unknown"),
        ({"policy": "none"}, "policy.unknown"),
        ({}, "file.unreadable"),
    ],
)
def test_what_cannot_be_begun_is_rejected(tmp_path: Path, changes: dict[str, str], code: str) -> None:
    """An unknown channel or policy, or a missing file, is rejected before any answer."""
    options = {"channel": "sms", "policy": "unwanted"} | changes
    with pytest.raises(Rejected) as caught:
        screen_lines(str(tmp_path / "none"), jsonl=False, reasons=False, as_json=False, **options)
    assert caught.value.code == code


def test_a_line_without_a_channel_takes_the_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An object that names no channel is judged as of the channel asked for."""
    file = tmp_path / "lines"
    file.write_text('{"content": ""}\n', encoding="utf-8")
    screen_lines(str(file), channel="voice", policy="unwanted", jsonl=True, reasons=False, as_json=True)
    assert json.loads(capsys.readouterr().out)["category"] == "nuisance.other"


@pytest.mark.parametrize(
    "line",
    [
        b'{"id": "7", "content": "win a prize"}',
        b'{"message_id": "7", "text": "win a prize"}',
        b'{"id": 7, "content": "win a prize", "label": "spam", "channel": ""}',
        b'\xef\xbb\xbf{"id": "7", "content": "win a prize"}',
    ],
)
def test_fields_go_by_the_names_that_import_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: bytes
) -> None:
    """Other names of content and id are read, and fields of no use to us are passed over."""
    bad, [out] = answers(tmp_path, capsys, [line])
    judgement = json.loads(out)
    assert (bad, judgement["id"], judgement["spam"] > 0.5) == (0, "7", True)


def test_long_lines_are_judged_in_small_batches() -> None:
    """A batch ends at a million bytes, however few lines that is."""
    long = [_Line(number, 400_000, "", Rejected("x", "x", "x")) for number in range(7)]
    assert [len(batch) for batch in _batches(long)] == [3, 3, 1]


def test_a_question_carries_its_sender() -> None:
    """The sender of a message to judge is read like any sender."""
    assert read(Asked("hello", Channel.SMS, sender="+44 7700 900123")).sender.value == "+447700900123"


def test_content_at_the_limit_is_taken_whole() -> None:
    """Content of 100,000 characters is not cut."""
    assert len(read(Asked("x" * LONGEST)).content) == LONGEST


def test_content_over_the_limit_is_rejected() -> None:
    """One character more is rejected by name of its field."""
    with pytest.raises(Rejected) as caught:
        read(Asked("x" * (LONGEST + 1)))
    assert (caught.value.code, caught.value.field) == ("content.too_long", "content")
