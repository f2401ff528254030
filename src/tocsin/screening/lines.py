"""Screening a stream of lines in constant memory: one line out for each line in, in order."""

import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

import msgspec

from tocsin.errors import Rejected
from tocsin.records import Channel, Message
from tocsin.screening.api import Asked, Judged, judged, read
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import load_snapshot
from tocsin.screening.streams import opened, progress, read_lines
from tocsin.vocabulary.terms import classes_of

_BATCH = 2000
_BATCH_BYTES = 1_000_000
"""Bytes of lines judged together: a batch of long lines must not cost more memory than one of SMS."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ALIASES = {"text": "content", "message_id": "id"}
_FIELDS = frozenset(Asked.__struct_fields__)
_decoder = msgspec.json.Decoder()


class _Line(NamedTuple):
    number: int
    size: int
    id: str
    answer: Message | Rejected


def screen_lines(file: str, *, channel: str, policy: str, jsonl: bool, reasons: bool, as_json: bool) -> int:
    """Judge every line of a file or of standard input.

    Args:
        file: a path, or `-`; either may be packed by gzip.
        channel: for lines that name none.
        policy: which classes count as spam.
        jsonl: each line is an object with `content` (or `text`), and perhaps `id` (or `message_id`),
            `channel`, `subject` and `sender`; other names are passed over. Otherwise it is the message.
        reasons: say why.
        as_json: print JSON lines, otherwise tab-separated columns.

    Returns:
        how many lines could not be read; each has its error in its place in the output.

    Raises:
        Rejected: an unknown channel or policy, or no such file.
    """
    medium = _channel(channel)
    classes_of(policy)
    screener, snapshot = Screener(), load_snapshot()
    bad = 0
    with opened(file) as stream, progress(stream) as done:
        for batch in _batches(_read(stream.lines, medium, jsonl=jsonl)):
            messages = [line.answer for line in batch if isinstance(line.answer, Message)]
            verdicts = iter(screener.screen(messages, snapshot))
            for line in batch:
                if isinstance(line.answer, Rejected):
                    bad += 1
                    sys.stdout.write(_refused(line, line.answer, as_json=as_json))
                    continue
                why = screener.explain(line.answer, snapshot) if reasons else []
                sys.stdout.write(_answered(judged(line.id, next(verdicts), policy, why), as_json=as_json))
            done(len(batch))
    return bad


def _read(stream: BinaryIO, channel: Channel, *, jsonl: bool) -> Iterator[_Line]:
    for number, line in enumerate(read_lines(stream), 1):
        if isinstance(line, Rejected):
            yield _Line(number, 0, "", line)
            continue
        identity = "" if jsonl else str(number)
        try:
            # Some programs begin a file with a byte order mark.
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            asked = _asked(text, channel) if jsonl else Asked(text, channel, identity)
            yield _Line(number, len(line), asked.id, read(asked))
        except UnicodeDecodeError:
            yield _Line(number, 0, identity, Rejected("line.utf8", "line", "not UTF-8"))
        except Rejected as refusal:
            yield _Line(number, 0, identity, refusal)


def _asked(text: str, channel: Channel) -> Asked:
    try:
        value = _decoder.decode(text)
    except (ValueError, RecursionError) as error:
        raise Rejected("line.json", "line", "not JSON") from error
    if not isinstance(value, dict):
        raise Rejected("line.json", "line", "not a JSON object")
    given = {_ALIASES.get(name, name): value[name] for name in value}
    fields: dict[str, Any] = {name: given[name] for name in _FIELDS & given.keys()}
    if not fields.keys() & {"content", "subject", "sender"}:
        raise Rejected("content.missing", "content", "neither message, sender nor subject")
    fields["channel"] = _channel(fields.get("channel") or channel)
    if isinstance(fields.get("id"), int):
        fields["id"] = str(fields["id"])
    try:
        return msgspec.convert({"content": ""} | fields, Asked)
    except msgspec.ValidationError as error:
        path = str(error).partition("`$.")[2].rstrip("`")
        raise Rejected("field.invalid", path or "line", "a value of the wrong type") from error


def _channel(name: object) -> Channel:
    try:
        return Channel(str(name))
    except ValueError as error:
        raise Rejected("channel.unknown", "channel", f"one of {', '.join(Channel)}") from error


def _batches(lines: Iterable[_Line]) -> Iterator[list[_Line]]:
    batch: list[_Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += line.size
        if len(batch) >= _BATCH or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _answered(one: Judged, *, as_json: bool) -> str:
    if as_json:
        return msgspec.json.encode(one).decode() + "\n"
    # A tab or line break in a caller's id would make one answer look like two.
    return f"{_CONTROL.sub(' ', one.id)}\t{one.spam:.4f}\t{one.category}\t{one.language}\n"


def _refused(line: _Line, why: Rejected, *, as_json: bool) -> str:
    if not as_json:
        return f"error\tline {line.number}: {why.code}: {why.field}: {_CONTROL.sub(' ', why.detail)}\n"
    error = {"code": why.code, "field": why.field, "detail": why.detail}
    return msgspec.json.encode({"line": line.number, "error": error}).decode() + "\n"
