"""MISP events: which of their objects and attributes are reports, and what PyMISP says of ours."""

import json
import logging
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.makers import open_node, settings, submission
from tocsin.doors.files import misp_event
from tocsin.doors.files.formats import Reading
from tocsin.doors.files.importing import Order, run
from tocsin.doors.files.misp_objects import READ
from tocsin.doors.files.misp_writing import LONGEST_VALUE, write_event
from tocsin.errors import Malformed, Rejected
from tocsin.records import Route, RouteKind, Source

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples" / "misp" / "tests"
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
UUID = "57c06bb1-625c-4d34-9b9f-4066950d210f"


def attribute(kind: str, value: str, **changes: Any) -> dict[str, Any]:
    """Make an attribute."""
    return {"type": kind, "value": value, "uuid": "", "comment": ""} | changes


def event(**changes: Any) -> bytes:
    """Make an event."""
    return json.dumps({"Event": {"uuid": UUID, "info": "spam", "timestamp": "1790000000"} | changes}).encode()


def test_objects_about_messages_are_a_report_each() -> None:
    """An SMS object and a mail object: words, sender, subject, time; a file object is none."""
    sms = {
        "name": "short-message-service",
        "uuid": "8f0c6c8e-1f0e-4b57-8d1e-5b2d3c9e7f10",
        "comment": "seen twice",
        "Attribute": [
            attribute("text", "Pay http://a.example", object_relation="body"),
            attribute("phone-number", "+447700900123", object_relation="from"),
            attribute("datetime", "2026-10-01T10:00:00.5+02:00", object_relation="received-date"),
        ],
    }
    mail = {
        "name": "email",
        "Attribute": [
            attribute("email-src", "a@b.example", object_relation="from"),
            attribute("email-subject", "Win", object_relation="subject"),
            attribute("email-attachment", "x.pdf", object_relation="attachment"),
        ],
    }
    file = {"name": "file", "Attribute": [attribute("md5", "00", object_relation="md5")]}
    first, second = misp_event.read_event(event(Object=[sms, file, mail]))
    assert (first.channel, first.content, first.sender) == ("sms", "Pay http://a.example", "+447700900123")
    assert first.sent_at == datetime(2026, 10, 1, 8, 0, 0, 500_000, tzinfo=UTC)
    assert (first.comment, first.message_id) == ("seen twice", "8f0c6c8e-1f0e-4b57-8d1e-5b2d3c9e7f10")
    assert (second.channel, second.sender, second.subject) == ("email", "a@b.example", "Win")


def test_loose_attributes_are_a_report_for_each_sender() -> None:
    """Two numbers and a link are two reports of the same words; tags say the rest."""
    found = misp_event.read_event(
        event(
            Attribute=[
                attribute("phone-number", "+447700900123", uuid="a"),
                attribute("phone-number", "+447700900124", uuid="b"),
                attribute("url", "http://a.example/"),
                attribute("text", "Your parcel is held"),
                attribute("md5", "00"),
            ],
            Tag=[{"name": 'tocsin:category="fraud.parcel"'}, {"name": "tlp:green"}],
        )
    )
    assert [one.sender for one in found] == ["+447700900123", "+447700900124"]
    assert {one.content for one in found} == {"http://a.example/\nYour parcel is held"}
    assert {(one.channel, one.claimed_category) for one in found} == {("sms", "fraud.parcel")}
    assert [one.message_id for one in found] == ["a", "b"]


def test_an_event_about_files_and_hosts_is_no_report() -> None:
    """Comments and hashes without a sender or a link report no message."""
    assert (
        misp_event.read_event(event(Attribute=[attribute("comment", "see blog"), attribute("md5", "0")]))
        == []
    )


@pytest.mark.shared
def test_the_samples_are_read() -> None:
    """Every event of PyMISP's tests is read without an error; other documents are refused or empty."""
    if not SAMPLES.is_dir():
        pytest.skip("the samples are not beside this checkout")
    found = {}
    for file in SAMPLES.rglob("*.json"):
        with suppress(Rejected):
            found[file.name] = misp_event.read_event(file.read_bytes())
    assert len(found) > 25
    assert sum(map(len, found.values())) > 0
    assert all(one.sender or one.content or one.subject for reports in found.values() for one in reports)


@pytest.mark.parametrize(
    "document", [b"", b"{", b"5", b"[5]", b'{"Event": 5}', b'{"Attribute": {}}', b"\xff"]
)
def test_what_is_no_event_is_malformed(document: bytes) -> None:
    """Not JSON, or JSON that is no event."""
    with pytest.raises(Malformed):
        misp_event.read_event(document)


@given(
    st.binary(max_size=300)
    | st.recursive(st.none() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_any_bytes_are_read_or_refused(document: bytes) -> None:
    """Nothing but Rejected comes out of any bytes."""
    with suppress(Rejected):
        misp_event.read_event(document)


def test_an_event_is_imported_with_its_own_time_and_source(tmp_path: Path) -> None:
    """What a trap's event says is a trap's, of when the event was made; imported again it is known."""
    file = tmp_path / "event.json"
    file.write_bytes(write_event([submission()], "One", AT))
    order = Order("misp", jurisdiction="GB", source=Source.TRAP)
    with open_node(settings(tmp_path / "data")) as node:
        first, second = (run(node.desk.take, [file], order) for _ in range(2))
        with node.storage.reading() as connection:
            row = connection.exec_driver_sql("SELECT source, received_at FROM report").one()
    assert (first.taken, second.duplicates) == (1, 1)
    assert tuple(row) == ("trap", 1_793_534_400_000_000)


def test_a_file_without_reports_says_so(tmp_path: Path) -> None:
    """One refusal, on line 1; a file that is no event likewise."""
    for content, code in ((event(), "event.no_report"), (b"{", "body.json")):
        file = tmp_path / "event.json"
        file.write_bytes(content)
        (row,) = misp_event.read(file, Reading("f"))
        assert isinstance(row.answer, Rejected)
        assert row.answer.code == code


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": "voice"}, "channel"),
        ({"content": "", "sender": ""}, "content"),
        ({"content": "x" * (LONGEST_VALUE + 1)}, "content"),
    ],
)
def test_what_misp_can_not_hold_is_refused(changes: dict[str, Any], field: str) -> None:
    """By the field's name; nothing is cut in silence."""
    with pytest.raises(Rejected) as caught:
        write_event([submission(**changes)], "One", AT)
    assert caught.value.field == field


def test_an_event_is_shared_with_nobody() -> None:
    """Distribution 0, not published; whoever writes it decides who sees it."""
    written = json.loads(write_event([submission()], "One", AT))["Event"]
    assert (written["distribution"], written["published"]) == ("0", False)


@pytest.mark.interop
def test_pymisp_takes_our_event_and_its_templates() -> None:
    """PyMISP loads the event; its strict templates know each object, relation, type and version."""
    pymisp = pytest.importorskip("pymisp", reason="PyMISP is not installed")
    logging.getLogger("pymisp").setLevel(logging.ERROR)
    reports = [
        submission(sent_at=AT, route=Route(RouteKind.INTERNATIONAL, "CN")),
        submission(channel="sms", sender="BANK", subject="", message_id=UUID),
        submission(channel="email", sender="a@b.example", subject="Win", sent_at=AT),
        submission(channel="im", sender="@spammer", subject="Hi"),
        submission(channel="social", sender="@spammer", subject="post"),
    ]
    loaded = pymisp.MISPEvent()
    loaded.load(write_event(reports, "Five reports", AT).decode())
    assert len(loaded.objects) == len(reports)
    for one in loaded.objects:
        template = pymisp.MISPObject(one.name, strict=True)
        assert (template.template_uuid, str(template.template_version)) == (
            READ[one.name].uuid,
            READ[one.name].version,
        )
        for given_attribute in one.attributes:
            same = template.add_attribute(given_attribute.object_relation, value=given_attribute.value)
            assert same.type == given_attribute.type
        template.to_json()
    again = misp_event.read_event(loaded.to_json().encode())
    assert [one.sender for one in again] == [one.sender for one in reports]
