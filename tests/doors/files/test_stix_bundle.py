"""STIX bundles: what in them is a report, and what the OASIS validator says of ours."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.makers import submission
from tocsin.doors.files import stix_bundle
from tocsin.doors.files.formats import Reading
from tocsin.doors.files.stix_writing import write_bundle
from tocsin.errors import Malformed, Rejected
from tocsin.records import CallFacts

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples" / "stix" / "examples"
AT = datetime(2026, 11, 1, 12, 0, 0, 123_456, tzinfo=UTC)
REPORTS = [
    submission(sent_at=AT, claimed_category="fraud.parcel", comment="why", message_id="x-1"),
    submission(channel="email", sender="a@b.example", subject="Hi", sent_at=AT),
    submission(channel="im", sender="@o'brien\\x", sent_at=AT),
    submission(channel="voice", content="", subject="", sent_at=AT, call=CallFacts(5, answered=True)),
    submission(channel="web_search", sender="https://x.example/a?b=c", sent_at=AT),
]


def bundle(*objects: dict[str, Any]) -> bytes:
    """Make a bundle."""
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}).encode()


INDICATOR = {"type": "indicator", "id": "indicator--1", "pattern": "[email-addr:value = 'a\\'b@c.example']"}
SIGHTING = {
    "type": "sighting",
    "id": "sighting--1",
    "sighting_of_ref": "indicator--1",
    "first_seen": "2026-10-01T10:00:00Z",
}


def test_a_sighting_of_a_sender_is_a_report() -> None:
    """The indicator's address is the sender, the sighting's time the report's."""
    (one,) = stix_bundle.read_bundle(bundle(INDICATOR, SIGHTING))
    assert (one.channel, one.sender, one.message_id) == ("email", "a'b@c.example", "sighting--1")
    assert one.sent_at == datetime(2026, 10, 1, 10, tzinfo=UTC)


def test_mail_that_another_tool_observed_is_a_report() -> None:
    """An email-message and its author, without our extension."""
    objects = [
        {"type": "email-addr", "id": "email-addr--1", "value": "a@b.example"},
        {"type": "email-addr", "id": "email-addr--2", "value": "victim@c.example"},
        {
            "type": "email-message",
            "id": "email-message--1",
            "is_multipart": False,
            "subject": "Win",
            "body": "Pay",
            "from_ref": "email-addr--1",
        },
        {
            "type": "observed-data",
            "id": "observed-data--1",
            "first_observed": "2026-10-01T10:00:00Z",
            "object_refs": ["email-addr--2", "email-message--1", "email-addr--1"],
        },
    ]
    (one,) = stix_bundle.read_bundle(bundle(*objects))
    assert (one.channel, one.sender, one.subject, one.content) == ("email", "a@b.example", "Win", "Pay")


def test_what_was_observed_and_sighted_counts_once() -> None:
    """A bundle with indicators and sightings holds as many reports as were written."""
    assert len(stix_bundle.read_bundle(write_bundle(REPORTS, AT, sightings=True))) == len(REPORTS)


@pytest.mark.shared
def test_other_bundles_are_passed_over() -> None:
    """Of OASIS's examples only the sighting of a link is a report; the others say that they have none."""
    if not SAMPLES.is_dir():
        pytest.skip("the samples are not beside this checkout")
    found = {file.name: next(stix_bundle.read(file, Reading("f"))).answer for file in SAMPLES.rglob("*.json")}
    refused = {name: one.code for name, one in found.items() if isinstance(one, Rejected)}
    assert set(found) - set(refused) == {"sighting-of-an-indicator.json"}
    assert set(refused.values()) <= {"bundle.no_report", "type.unsupported"}


def test_one_bad_object_does_not_spoil_its_bundle(tmp_path: Path) -> None:
    """It is refused by its place and field, the others are read."""
    bad = {"type": "observed-data", "id": "observed-data--1", "first_observed": "soon", "object_refs": []}
    file = tmp_path / "bundle.json"
    file.write_bytes(bundle(bad, INDICATOR, SIGHTING))
    first, second = stix_bundle.read(file, Reading("f"))
    assert isinstance(first.answer, Rejected)
    assert (first.line, first.answer.field) == (1, "first_observed")
    assert (second.line, isinstance(second.answer, Rejected)) == (3, False)


@pytest.mark.parametrize("document", [b"", b"{", b"\xff\xfe"])
def test_what_is_no_json_is_malformed(document: bytes) -> None:
    """Named as such."""
    with pytest.raises(Malformed):
        stix_bundle.read_bundle(document)


_value = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(st.data())
def test_any_objects_are_read_or_refused(data: st.DataObject) -> None:
    """Any value in any property of our own objects gives reports or refusals, nothing else."""
    objects = json.loads(write_bundle(REPORTS[:2], AT, sightings=True))["objects"]
    one = data.draw(st.sampled_from(objects))
    one[data.draw(st.sampled_from(sorted(one)))] = data.draw(_value)
    with suppress(Rejected):
        stix_bundle.read_bundle(bundle(*objects))


@pytest.mark.interop
def test_the_validator_of_oasis_has_no_complaint() -> None:
    """Strict: no error and no warning, but one: ids are digests on purpose, so that equal reports are one."""
    validator = pytest.importorskip("stix2validator", reason="stix2-validator is not installed")
    document = json.loads(write_bundle(REPORTS, AT, sightings=True))
    options = validator.ValidationOptions(version="2.1", strict=True, disabled="103")
    result = validator.validate_parsed_json(document, options)
    complaints = [str(one) for one in (*(result.errors or ()), *(result.warnings or ()))]
    assert complaints == []
    assert result.is_valid
