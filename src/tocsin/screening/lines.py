"""Screening a stream of lines in constant memory: one line out for each line in, in order."""

import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from tocsin.errors import Rejected
from tocsin.records import Channel, Message
from tocsin.screening.api import Asked, Judged, judged, read
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import load_snapshot
from tocsin.vocabulary.terms import classes_of

_BATCH = 2000
_LONGEST = 1_000_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class _Line(NamedTuple):
    id: str
    message: Message


def screen_lines(file: str, *, channel: str, policy: str, jsonl: bool, reasons: bool, as_json: bool) -> int:
    """Judge every line of a file or of standard input.

    Args:
        file: a path, or `-`.
        channel: for lines that name none.
        policy: which classes count as spam.
        jsonl: each line is an object with `content`, otherwise it is the message itself.
        reasons: say why.
        as_json: print JSON lines, otherwise tab-separated columns.

    Returns:
        how many lines could not be read; each has its error in its place in the output.

    Raises:
        Rejected: an unknown channel or policy, or no such file.
    """
    if channel not in set(Channel):
        raise Rejected("channel.unknown", "channel", f"one of {', '.join(Channel)}")
    classes_of(policy)
    screener, snapshot = Screener(), load_snapshot()
    bad = 0
    with _open(file) as stream:
        for batch in _batches(_read(stream, channel, jsonl=jsonl)):
            messages = [one.message for one in batch if isinstance(one, _Line)]
            verdicts = iter(screener.screen(messages, snapshot))
            for one in batch:
                if isinstance(one, str):
                    bad += 1
                    sys.stdout.write(_error(one, as_json=as_json))
                    continue
                why = screener.explain(one.message, snapshot) if reasons else []
                sys.stdout.write(_line(judged(one.id, next(verdicts), policy, why), as_json=as_json))
    return bad


def _open(file: str) -> BinaryIO:
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise Rejected("file.unreadable", "file", f"{file}: {error.strerror}") from error


def _read(stream: BinaryIO, channel: str, *, jsonl: bool) -> Iterator[_Line | str]:
    decoder = _decoder(Channel(channel))
    for number, line in enumerate(stream, 1):
        if len(line) > _LONGEST:
            yield f"line {number}: line.too_long: at most {_LONGEST} bytes"
            continue
        try:
            asked = decoder.decode(line) if jsonl else Asked(line.decode().rstrip("\r\n"), Channel(channel))
            yield _Line(asked.id if jsonl else str(number), read(asked))
        except Rejected as error:
            yield f"line {number}: {error.code}: {error.detail}"
        except UnicodeDecodeError:
            yield f"line {number}: line.utf8: not UTF-8"
        except (msgspec.MsgspecError, RecursionError) as error:
            yield f"line {number}: line.json: {error}"


def _decoder(channel: Channel) -> msgspec.json.Decoder[Any]:
    field = ("channel", Channel, channel)
    shape = msgspec.defstruct("Asked", [field], bases=(Asked,), frozen=True, forbid_unknown_fields=True)
    return msgspec.json.Decoder(shape)


def _batches(items: Iterator[_Line | str]) -> Iterator[list[_Line | str]]:
    while batch := list(islice(items, _BATCH)):
        yield batch


def _line(one: Judged, *, as_json: bool) -> str:
    if as_json:
        return msgspec.json.encode(one).decode() + "\n"
    # A tab or line break in a caller's id would make one answer look like two.
    return f"{_CONTROL.sub(' ', one.id)}\t{one.spam:.4f}\t{one.category}\t{one.language}\n"


def _error(text: str, *, as_json: bool) -> str:
    return (
        msgspec.json.encode({"error": text}).decode() + "\n"
        if as_json
        else f"error\t{_CONTROL.sub(' ', text)}\n"
    )
