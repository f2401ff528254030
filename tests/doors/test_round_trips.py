"""One canonical report goes to each format and comes back: the table says exactly what is left of it."""

import re
import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.makers import submission
from tocsin.doors import fidelity
from tocsin.doors.files import arf_report, xmpp_report
from tocsin.doors.files.misp_event import read_event
from tocsin.doors.files.misp_writing import write_event
from tocsin.doors.files.stix_bundle import read_bundle
from tocsin.doors.files.stix_writing import write_bundle
from tocsin.doors.handset import mars, rcs, xarf
from tocsin.doors.mail.arf_writing import Letter
from tocsin.errors import Rejected
from tocsin.records import CallFacts, Channel, Route, RouteKind, Submission
from tocsin.vocabulary.terms import vocabulary

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
US = xarf.Contact(org="Operator", contact="abuse@operator.example", domain="operator.example")
LETTER = Letter("reports@operator.example", "abuse@provider.example", AT)
DOCS = Path(__file__).resolve().parents[2] / "docs"


def _of_misp(report: Submission) -> bytes:
    return write_event([report], "One report", AT)


def _of_stix(report: Submission) -> bytes:
    return write_bundle([report], AT, sightings=True)


WAYS: dict[str, tuple[Callable[[Submission], bytes], Callable[[bytes], Submission]]] = {
    "mars": (mars.write, mars.read),
    "rcs": (rcs.write, rcs.read),
    "xarf": (lambda report: xarf.write(report, US), xarf.read),
    "arf": (lambda report: arf_report.write(report, LETTER), lambda document: arf_report.read(document, AT)),
    "xmpp": (xmpp_report.write, xmpp_report.read),
    "misp": (_of_misp, lambda document: read_event(document)[0]),
    "stix": (_of_stix, lambda document: read_bundle(document)[0]),
}
_seen = st.characters(exclude_categories=["Cs", "Cc", "Cn"])
_text = st.text(alphabet=_seen | st.sampled_from("\n\r\t"), max_size=80)
_line = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zl", "Zp"]), max_size=80)
_digits = st.text(alphabet=string.digits, min_size=6, max_size=12)
_word = st.text(alphabet=string.ascii_lowercase + string.digits, min_size=1, max_size=12)
_address = st.builds("{}@{}.example".format, _word, _word)
_number = _digits.map("+4{}".format)
_country = st.text(alphabet=string.ascii_uppercase, min_size=2, max_size=2)
_moment = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2026, 10, 1),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
)
_senders = {
    "rcs": _number | _address,
    "mars": _number | _address | _word,
    "misp": _number | _address | _word,
    "stix": _number | _address | _word | _line.filter(str.strip),
}
_CALLED = frozenset({Channel.VOICE, Channel.VOIP})


@st.composite
def reports(draw: st.DrawFn, name: str) -> Submission:
    """Make any report that a format can say."""
    channel = draw(st.sampled_from(fidelity.TABLE[name].channels))
    sender = draw(_address if channel == Channel.EMAIL else _senders.get(name, _number | _word))
    call = st.builds(CallFacts, st.integers(0, 604_800), st.booleans(), st.booleans())
    return Submission(
        channel=str(channel),
        content=draw(_text.filter(str.strip)),
        sender=sender,
        subject=draw(_line),
        sent_at=draw(_moment),
        recipient=draw(_number),
        reporter=draw(_number | _address),
        jurisdiction=draw(_country),
        claimed_category=draw(st.sampled_from(["", *vocabulary().categories])),
        consent_to_share=draw(st.booleans()),
        comment=draw(_text),
        message_id=draw(_message_id(name)),
        route=Route(draw(st.sampled_from(RouteKind)), draw(_country | st.just("")), draw(_line)),
        call=draw(call) if channel in _CALLED else None,
    )


def _message_id(name: str) -> st.SearchStrategy[str]:
    uuids = st.uuids(version=4).map(str)
    if name == "rcs":
        return st.lists(_word | uuids, max_size=10).map(" ".join)
    return uuids | _word


@pytest.mark.parametrize("name", WAYS)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_what_comes_back_is_what_the_table_says(name: str, data: st.DataObject) -> None:
    """Kept fields are equal, lost ones empty, the others as their cell's function says."""
    report = data.draw(reports(name))
    write, read = WAYS[name]
    assert read(write(report)) == fidelity.read_back(name, report)


@pytest.mark.parametrize("name", WAYS)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_a_second_round_loses_nothing_more(name: str, data: st.DataObject) -> None:
    """Written again, what came back comes back unchanged."""
    write, read = WAYS[name]
    once = read(write(data.draw(reports(name))))
    assert read(write(once)) == once


@pytest.mark.parametrize("name", [name for name in WAYS if name != "mars"])
@given(data=st.data())
def test_people_are_never_written(name: str, data: st.DataObject) -> None:
    """Neither the reporter nor the recipient can be told from a document, nor from its ids."""
    write, _ = WAYS[name]
    report = data.draw(reports(name))
    others = replace(report, reporter="+15555550100", recipient="+15555550101")
    assert write(report) == write(others)


@pytest.mark.parametrize(
    ("name", "field"), [(name, field) for name in WAYS for field in fidelity.TABLE[name].needs]
)
def test_a_format_refuses_what_it_can_not_do_without(name: str, field: str) -> None:
    """Writing without it is refused by the field's name."""
    channel = str(fidelity.TABLE[name].channels[0])
    report = submission(channel=channel, sender="a@b.example", sent_at=AT, message_id="")
    empty: Any = None if field == "sent_at" else ""
    with pytest.raises(Rejected) as caught:
        WAYS[name][0](replace(report, **{field: empty}))
    assert caught.value.field == field


@pytest.mark.parametrize("name", WAYS)
def test_a_format_refuses_a_channel_it_can_not_name(name: str) -> None:
    """Every channel outside the table's row is refused, every one inside is written."""
    write, read = WAYS[name]
    for channel in Channel:
        report = submission(channel=channel.value, sender="a@b.example", sent_at=AT)
        if channel in fidelity.TABLE[name].channels:
            assert read(write(report)).channel == channel
            continue
        with pytest.raises(Rejected) as caught:
            write(report)
        assert caught.value.field == "channel"


def test_the_table_in_the_documents_is_the_programs() -> None:
    """docs/formats.md shows the table that these tests prove."""
    text = (DOCS / "formats.md").read_text(encoding="utf-8")
    shown = re.search(r"<!-- round trips -->\n(.*?)\n<!-- end -->", text, re.DOTALL)
    assert shown is not None
    assert shown.group(1).strip() == fidelity.table()


def test_the_table_knows_every_field() -> None:
    """No row names a field that the canonical report does not have."""
    for row in fidelity.TABLE.values():
        assert set(row.fates) <= set(fidelity.FIELDS)
        assert set(row.needs) <= set(fidelity.FIELDS)
