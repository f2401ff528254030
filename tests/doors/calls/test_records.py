"""Asking for the last call to a number, in memory and in files."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.doors.calls.makers import HEADER, NOON, call, line, write
from tocsin.doors.calls.csv_folder import FolderCalls, FolderConfig
from tocsin.doors.calls.index import CallIndex
from tocsin.doors.calls.memory import MemoryCalls
from tocsin.doors.calls.records import CallRecords, Window, number
from tocsin.doors.calls.rows import Columns, Form, Rows
from tocsin.doors.calls.sources import RecordsConfig, open_records
from tocsin.errors import Busy, Misconfigured, Rejected
from tocsin.ports import SetClock
from tocsin.records import HOUR, SECOND, Instant, RouteKind

pytestmark = pytest.mark.anyio

QUARTER = Window(NOON - HOUR // 4, NOON)


def folder(path: Path, **changes: object) -> FolderCalls:
    """Open a folder of call records at noon."""
    return FolderCalls(FolderConfig(str(path), **changes), "GB", SetClock(NOON))  # type: ignore[arg-type]


async def test_newest_call_in_the_window_is_found(tmp_path: Path) -> None:
    """Of three calls to a number the newest that began in the window is the one."""
    write(
        tmp_path / "a.csv",
        HEADER
        + line("+447700900100", at=NOON - 600 * SECOND)
        + line("+447700900101", at=NOON - 300 * SECOND)
        + line("+447700900102", "+447700900777", at=NOON - 200 * SECOND),
    )
    found = await folder(tmp_path).last_to("+447700900999", QUARTER)
    assert found is not None
    assert found.calling == "+447700900101"


async def test_call_before_the_window_is_not_found(tmp_path: Path) -> None:
    """Yesterday's call is not the one that was just reported."""
    write(tmp_path / "a.csv", HEADER + line(at=NOON - HOUR))
    assert await folder(tmp_path).last_to("+447700900999", QUARTER) is None


async def test_record_written_later_is_found_later(tmp_path: Path) -> None:
    """Each question sees what was written before it."""
    calls = folder(tmp_path)
    assert await calls.last_to("+447700900999", QUARTER) is None
    write(tmp_path / "a.csv", HEADER + line())
    assert await calls.last_to("+447700900999", QUARTER) is not None


async def test_national_numbers_are_read_by_the_jurisdiction(tmp_path: Path) -> None:
    """07700 900123 in a British record is +447700900123."""
    write(tmp_path / "a.csv", HEADER + line("07700900123", "07700 900999"))
    found = await folder(tmp_path).last_to("+447700900999", QUARTER)
    assert found is not None
    assert found.calling == "+447700900123"


async def test_a_folder_that_is_gone_says_later(tmp_path: Path) -> None:
    """Without its records the door can't say that there was no call."""
    with pytest.raises(Busy):
        await folder(tmp_path / "gone").last_to("+447700900999", QUARTER)


async def test_following_reads_without_being_asked(tmp_path: Path) -> None:
    """A follower that loses its folder says so to the frame, which opens it again."""
    with pytest.raises(FileNotFoundError):
        await asyncio.wait_for(folder(tmp_path / "gone").follow(), 10)


async def test_memory_and_folder_agree(tmp_path: Path) -> None:
    """Both implementations of the port give the same answer."""
    write(tmp_path / "a.csv", HEADER + line())
    sources: list[CallRecords] = [MemoryCalls([call()]), folder(tmp_path)]
    assert [await each.last_to("+447700900999", QUARTER) for each in sources] == [call(), call()]


def test_index_is_bounded_and_forgets() -> None:
    """The oldest gives way when it is full; what is too old or from the future never comes in."""
    index = CallIndex(SetClock(NOON), keep=HOUR, most=2)
    for step, called in enumerate(("+447700900001", "+447700900002", "+447700900003")):
        index.add(call(called=called, began=Instant(NOON - 10 * SECOND + step)))
    index.add(call(called="+447700900004", began=Instant(NOON - 2 * HOUR)))
    index.add(call(called="+447700900005", began=Instant(NOON + HOUR)))
    assert len(index) == 2
    assert index.find("+447700900001", QUARTER) is None
    assert index.find("+447700900003", QUARTER) is not None


def test_an_older_record_that_comes_late_does_not_hide_the_newer() -> None:
    """Files are not always in order of time."""
    index = CallIndex(SetClock(NOON), keep=HOUR, most=10)
    index.add(call(calling="+447700900100", began=Instant(NOON - SECOND)))
    index.add(call(calling="+447700900101", began=Instant(NOON - 60 * SECOND)))
    found = index.find("+447700900999", QUARTER)
    assert found is not None
    assert found.calling == "+447700900100"


def test_an_operators_own_columns() -> None:
    """Names, delimiter, time format and zone are the operator's; a missing number is a withheld one."""
    columns = Columns("A", "B", "T", "D", "OK", "NET", "IN")
    form = Form(columns, ("T", "A", "B", "D", "OK", "NET", "IN"), ";", "%d/%m/%Y %H:%M:%S", "Europe/London")
    rows = Rows(form, "GB")
    read = rows.call(form.header, "01/07/2025 12:00:00;;07700900999;3.7;Y;234-15;international")
    assert read.calling == ""
    assert read.called == "+447700900999"
    assert read.began == 1_751_367_600_000_000
    assert (read.facts.duration_s, read.facts.answered) == (3, True)
    assert (read.route.kind, read.route.network) == (RouteKind.INTERNATIONAL, "234-15")


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("+447700900123,,1767268800,1", "field.missing"),
        ("+447700900123,caller,1767268800,1", "field.invalid"),
        ("+447700900123,+447700900999,noon,1", "time.invalid"),
        ("+447700900123,+447700900999,9e999,1", "time.invalid"),
        ("+447700900123,+447700900999,1767268800,-1", "call.duration_s.invalid"),
        ("+447700900123,+447700900999,1767268800,nan", "call.duration_s.invalid"),
    ],
)
def test_bad_values_are_refused_by_name(written: str, code: str) -> None:
    """Each says which column and why."""
    rows = Rows(Form(Columns(duration="duration")), "GB")
    with pytest.raises(Rejected) as refusal:
        rows.call(HEADER.strip().split(","), written)
    assert refusal.value.code == code


@given(st.text(max_size=200))
def test_any_line_is_read_or_refused(written: str) -> None:
    """No line raises anything else."""
    rows = Rows(Form(), "GB")
    try:
        rows.call(["calling", "called", "began"], written)
    except Rejected:
        return


@given(st.text(max_size=60))
def test_a_number_has_one_form(written: str) -> None:
    """Reading a number's own form again changes nothing."""
    once = number(written, "GB")
    assert not once or number(once, "GB") == once


@pytest.mark.parametrize("form", [Form(delimiter=""), Form(delimiter="\n"), Form(time_zone="Nowhere/None")])
def test_a_form_that_cannot_be_is_named(form: Form) -> None:
    """The node says so when it opens the door."""
    with pytest.raises(Misconfigured):
        Rows(form, "GB")


def test_one_source_must_be_named() -> None:
    """Neither none nor two."""
    with pytest.raises(Misconfigured):
        open_records(RecordsConfig(), "GB", SetClock(NOON))
