"""JSON Lines: an object a line, with the fields of `Submission` or their usual other names."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from tocsin.doors.files.formats import Reading, Row, lines
from tocsin.errors import Rejected
from tocsin.records import Envelope, Submission

ALIASES = {"text": "content", "id": "message_id"}
_FIELDS = frozenset(Submission.__struct_fields__)
_decoder = msgspec.json.Decoder()


def read(path: Path, reading: Reading) -> Iterator[Row]:
    """Read a file of JSON Lines; empty lines are passed over."""
    for number, text in lines(path):
        if isinstance(text, Rejected):
            yield Row(number, text)
        elif text.strip():
            try:
                yield Row(number, (_submission(text, number, reading), Envelope(reading.door)))
            except Rejected as refusal:
                yield Row(number, refusal)


def line_id(number: int, value: Mapping[str, Any]) -> str:
    """Name a line that has no id: its number and words, so that two files of one name stay apart."""
    return f"{number}-{blake2b(repr(value).encode('utf-8', 'replace'), digest_size=8).hexdigest()}"


def _submission(text: str, number: int, reading: Reading) -> Submission:
    try:
        value = _decoder.decode(text)
    except (ValueError, RecursionError) as error:
        raise Rejected("line.json", "line", "not JSON") from error
    if not isinstance(value, dict):
        raise Rejected("line.json", "line", "not a JSON object")
    return submission(value, number, reading)


def submission(value: Mapping[str, Any], number: int, reading: Reading) -> Submission:
    """Make a submission of named values, by the reading's names.

    Raises:
        Rejected: a value is of the wrong type.
    """
    fields: dict[str, Any] = {}
    for name, given in value.items():
        ours = reading.renames.get(name) or ALIASES.get(name, name)
        if ours in _FIELDS:
            fields[ours] = given
        else:
            reading.unused.add(name)
    fields["channel"] = fields.get("channel") or reading.channel
    fields["jurisdiction"] = fields.get("jurisdiction") or reading.jurisdiction
    fields["message_id"] = str(fields.get("message_id") or line_id(number, value))
    try:
        return msgspec.convert(fields, Submission)
    except msgspec.ValidationError as error:
        path = str(error).partition("`$.")[2].rstrip("`")
        raise Rejected("field.invalid", path or "line", "a value of the wrong type") from error
