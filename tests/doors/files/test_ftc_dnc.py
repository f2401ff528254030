"""The FTC's complaints: subjects as its files write them, times, and rows that went wrong at the source."""

from pathlib import Path

import pytest

from tocsin.doors.files import ftc_dnc
from tocsin.doors.files.formats import Reading, Row
from tocsin.errors import Rejected
from tocsin.records import Envelope, Submission, instant
from tocsin.vocabulary.terms import vocabulary

HEADER = (
    "Company_Phone_Number,Created_Date,Violation_Date,Consumer_City,Consumer_State,Consumer_Area_Code,"
    "Subject,Recorded_Message_Or_Robocall\n"
)


def complaint(folder: Path, subject: str = "Other", created: str = "2026-08-25 00:04:31") -> Row:
    file = folder / "dnc.csv"
    file.write_text(
        f'{HEADER}2025550101,{created},2026-08-01 19:07:00,,Texas,512,"{subject}",Y\n', encoding="utf-8"
    )
    [row] = ftc_dnc.read(file, Reading("f"))
    return row


def taken(row: Row) -> tuple[Submission, Envelope]:
    assert not isinstance(row.answer, Rejected)
    return row.answer


@pytest.mark.parametrize(
    ("subject", "category"),
    [
        ("Lotteries, prizes  & sweepstakes", "fraud.prize"),
        ("Lotteries, prizes & sweepstakes", "fraud.prize"),
        ("Work from home  & other ways to make money", "fraud.job"),
        ("Dropped call or no message", "nuisance.silent_call"),
        ("Vacation  & timeshares", "commercial.other"),
        ("Debt collection", ""),
        ("No Subject Provided", ""),
        ("A subject of next year's form", ""),
    ],
)
def test_a_subject_claims_its_category(tmp_path: Path, subject: str, category: str) -> None:
    """With one space or two before the ampersand; an unknown subject claims none."""
    assert taken(complaint(tmp_path, subject))[0].claimed_category == category


def test_no_subject_is_one_subject(tmp_path: Path) -> None:
    """An empty subject is the same as the files' own words for none."""
    assert taken(complaint(tmp_path, ""))[0].subject == ftc_dnc.NO_SUBJECT


def test_every_category_is_in_the_vocabulary() -> None:
    """A complaint is never refused for the category that we chose for it."""
    assert {name for name in ftc_dnc.CATEGORIES.values() if name} <= set(vocabulary().categories)


def test_a_time_that_names_its_zone_keeps_it(tmp_path: Path) -> None:
    """Eastern time is taken only where none is given."""
    plain = taken(complaint(tmp_path, created="2026-08-25 00:00:00"))[1].received_at
    zoned = taken(complaint(tmp_path, created="2026-08-25T04:00:00Z"))[1].received_at
    assert plain == zoned
    assert plain is not None
    assert plain > instant(ftc_dnc.datetime.fromisoformat("2026-08-25T00:00:00Z"))


def test_a_row_whose_columns_slipped_is_refused_by_name(tmp_path: Path) -> None:
    """The source sometimes gives a city where a time should stand."""
    answer = complaint(tmp_path, created="Ballwin").answer
    assert isinstance(answer, Rejected)
    assert (answer.code, answer.field) == ("time.invalid", "Created_Date")
