"""The "Do Not Call" complaint files of the US Federal Trade Commission: one unwanted call a line.

Source of the columns: FTC, "Do Not Call (DNC) Reported Calls Data". Its table of fields names no time zone:
times are read as US Eastern, the FTC's own. Source of the subjects: the "subject matter" list of the
complaint form at donotcall.gov, as the published files carry it. Many of its names hold two spaces before
the "&", and not every file does, so that names are compared with single spaces.
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

NO_SUBJECT = "No Subject Provided"
"""What the files say where the complainant chose no subject."""
CATEGORIES = {
    NO_SUBJECT: "",
    "Other": "",
    "Dropped call or no message": "nuisance.silent_call",
    "Reducing your debt (credit cards, mortgage, student loans)": "commercial.finance",
    "Calls pretending to be government, businesses, or family and friends": "fraud.impersonation",
    "Medical & prescriptions": "commercial.other",
    "Home security & alarms": "commercial.other",
    "Computer & technical support": "",
    "Debt collection": "",
    "Energy, solar, & utilities": "commercial.other",
    "Home improvement & cleaning": "commercial.other",
    "Work from home & other ways to make money": "fraud.job",
    "Warranties & protection plans": "commercial.other",
    "Lotteries, prizes & sweepstakes": "fraud.prize",
    "Vacation & timeshares": "commercial.other",
    "Surveys & political calls": "",
    "Charities": "",
}
"""The form's subjects and the vocabulary category each claims; empty where it may be one of several."""


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
    subject = " ".join(row.get("Subject", "").split()) or NO_SUBJECT
    submission = Submission(
        channel=Channel.VOICE,
        sender=row.get("Company_Phone_Number", "").strip(),
        subject=subject,
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
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Rejected("time.invalid", column, "a time is written YYYY-MM-DD HH:MM:SS") from error
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo("America/New_York"))
