"""The "Do Not Call" complaint files of the US Federal Trade Commission: one unwanted call a line.

Source: FTC, "Do Not Call (DNC) Reported Calls Data". Times carry no zone and are read as US Eastern.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tocsin.doors.files.csv_file import rows
from tocsin.doors.files.formats import Reading, Row
from tocsin.doors.files.jsonl import line_id
from tocsin.errors import Rejected
from tocsin.records import CallFacts, Channel, Envelope, Submission, instant

CATEGORIES = {
    "Calls pretending to be government, businesses, or family and friends": "fraud.impersonation",
    "Dropped call or no message": "nuisance.silent_call",
    "Lotteries, prizes & sweepstakes": "fraud.prize",
    "Work from home & other ways to make money": "fraud.job",
    "Home improvement & cleaning": "commercial.property",
    "Reducing your debt (credit cards, mortgage, student loans)": "commercial.finance",
    "Other": "",
}
"""The file's subjects whose vocabulary category is plain; any other subject claims none."""


def read(path: Path, reading: Reading) -> Iterator[Row]:
    """Read a file of complaints."""
    reading.unused |= {"Consumer_City", "Consumer_State", "Consumer_Area_Code"}
    for number, row in rows(path):
        if isinstance(row, Rejected):
            yield Row(number, row)
            continue
        try:
            yield Row(number, _complaint(row, number, reading))
        except Rejected as refusal:
            yield Row(number, refusal)


def _complaint(row: dict[str, str], number: int, reading: Reading) -> tuple[Submission, Envelope]:
    created = _moment(row, "Created_Date")
    if created is None:
        raise Rejected("received_at.invalid", "Created_Date", "a complaint needs the time it was made")
    subject = row.get("Subject", "").strip()
    submission = Submission(
        channel=Channel.VOICE,
        sender=row.get("Company_Phone_Number", "").strip(),
        subject=subject or "No subject given",
        sent_at=_moment(row, "Violation_Date"),
        jurisdiction="US",
        claimed_category=CATEGORIES.get(subject, ""),
        message_id=line_id(number, row),
        call=CallFacts(recorded=row.get("Recorded_Message_Or_Robocall", "").strip().upper() == "Y"),
    )
    return submission, Envelope(reading.door, received_at=instant(created))


def _moment(row: dict[str, str], column: str) -> datetime | None:
    text = row.get(column, "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York"))
    except ValueError as error:
        raise Rejected("time.invalid", column, "a time is written YYYY-MM-DD HH:MM:SS") from error
