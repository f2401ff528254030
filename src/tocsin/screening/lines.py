"""Screening a stream of lines in constant memory: one line out for each line in, in order."""

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from tocsin.errors import Rejected
from tocsin.records import Channel, Message
from tocsin.screening.api import Asked, Judged, judged
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import load_snapshot
from tocsin.vocabulary.terms import classes_of

_BATCH = 2000
_LONGEST = 1_000_000
_decoder = msgspec.json.Decoder(Asked)


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
            messages = [
                Message(one.channel, one.content, subject=one.subject)
                for one in batch
                if isinstance(one, Asked)
            ]
            verdicts = iter(zip(messages, screener.screen(messages, snapshot), strict=True))
            for one in batch:
                if isinstance(one, str):
                    bad += 1
                    sys.stdout.write(_error(one, as_json=as_json))
                    continue
                message, verdict = next(verdicts)
                why = screener.explain(message, snapshot) if reasons else []
                sys.stdout.write(_line(judged(one.id, verdict, policy, why), as_json=as_json))
    return bad


def _open(file: str) -> BinaryIO:
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise Rejected("file.unreadable", "file", f"{file}: {error.strerror}") from error


def _read(stream: BinaryIO, channel: str, *, jsonl: bool) -> Iterator[Asked | str]:
    for number, line in enumerate(stream, 1):
        if len(line) > _LONGEST:
            yield f"line {number}: content.too_long: at most {_LONGEST} bytes"
            continue
        try:
            if jsonl:
                yield _decoder.decode(line)
            else:
                yield Asked(line.decode().rstrip("\r\n"), Channel(channel), id=str(number))
        except UnicodeDecodeError:
            yield f"line {number}: content.utf8: not UTF-8"
        except (msgspec.MsgspecError, RecursionError) as error:
            yield f"line {number}: line.json: {error}"


def _batches(items: Iterator[Asked | str]) -> Iterator[list[Asked | str]]:
    while batch := list(islice(items, _BATCH)):
        yield batch


def _line(one: Judged, *, as_json: bool) -> str:
    if as_json:
        return msgspec.json.encode(one).decode() + "\n"
    return f"{one.id}\t{one.spam:.4f}\t{one.category}\t{one.language}\n"


def _error(text: str, *, as_json: bool) -> str:
    return msgspec.json.encode({"error": text}).decode() + "\n" if as_json else f"error\t{text}\n"
