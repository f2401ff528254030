"""Files of reports: each bad line is refused by name and number, the others are kept."""

import gzip
import json
from pathlib import Path

import pytest

from tests.makers import open_node, settings
from tocsin.doors.files import csv_file, ftc_dnc, jsonl
from tocsin.doors.files.formats import LONGEST_LINE, Reading, whole
from tocsin.doors.files.importing import Order, run
from tocsin.errors import Rejected


def test_jsonl_refuses_each_bad_line_by_name_and_keeps_the_rest(tmp_path: Path) -> None:
    """Bad JSON, a wrong type, invalid UTF-8 and a line of 10 MB spoil only themselves."""
    good = b'{"id": "a", "text": "hello", "label": "x"}'
    long = b'{"text": "' + b"x" * (LONGEST_LINE + 6_000_000) + b'"}'
    file = tmp_path / "in.jsonl.gz"
    file.write_bytes(gzip.compress(b"\n".join([good, b"{", b'{"text": 5}', b'{"text": "\xff"}', long, good])))
    reading = Reading("file:in", channel="sms")
    rows = list(jsonl.read(file, reading))
    codes = [row.answer.code if isinstance(row.answer, Rejected) else "" for row in rows]
    assert codes == ["", "line.json", "field.invalid", "line.utf8", "line.too_long", ""]
    assert [row.line for row in rows] == [1, 2, 3, 4, 5, 6]
    assert reading.unused == {"label"}


@pytest.mark.parametrize("cut", [0, 5, 12, 2000])
def test_a_packed_file_that_is_cut_off_says_so(tmp_path: Path, cut: int) -> None:
    """What stands before the damage is read; then one refusal that names the file, in lines and documents."""
    packed = gzip.compress(b"\n".join(b'{"text": "%d"}' % number for number in range(100_000)))
    file = tmp_path / "in.jsonl.gz"
    file.write_bytes(packed[:-cut] if cut else b"not packed at all")
    *good, last = jsonl.read(file, Reading("f", channel="sms"))
    assert all(not isinstance(row.answer, Rejected) for row in good)
    assert isinstance(last.answer, Rejected)
    assert last.answer.code == "file.damaged"
    with pytest.raises(Rejected, match="cut off"):
        whole(file)


def test_csv_columns_are_renamed_by_map(tmp_path: Path) -> None:
    """A file's own column names map to ours; a quoted value may hold a line end."""
    file = tmp_path / "in.csv"
    file.write_text('body,from\n"two\nlines",+447700900123\n', encoding="utf-8")
    rows = list(
        csv_file.read(file, Reading("f", channel="sms", renames={"body": "content", "from": "sender"}))
    )
    assert not isinstance(rows[0].answer, Rejected)
    assert rows[0].answer[0].content == "two\nlines"
    assert rows[0].answer[0].sender == "+447700900123"


def test_ftc_times_are_eastern_and_calls_are_calls(tmp_path: Path) -> None:
    """Midnight in New York in July is four o'clock UTC; the robocall flag and the subject are kept."""
    file = tmp_path / "dnc.csv"
    file.write_text(
        "Company_Phone_Number,Created_Date,Violation_Date,Consumer_City,Consumer_State,Consumer_Area_Code,"
        "Subject,Recorded_Message_Or_Robocall\n"
        "2025550143,2024-07-01 00:00:00,2024-06-30 12:00:00,Town,Ohio,202,Dropped call or no message,Y\n"
        "2025550144,yesterday,,,,,,N\n",
        encoding="utf-8",
    )
    first, second = ftc_dnc.read(file, Reading("f"))
    assert not isinstance(first.answer, Rejected)
    submission, envelope = first.answer
    assert envelope.received_at == 1_719_806_400_000_000
    assert submission.call is not None
    assert submission.call.recorded
    assert submission.claimed_category == "nuisance.silent_call"
    assert isinstance(second.answer, Rejected)
    assert second.answer.field == "Created_Date"


def test_an_import_is_idempotent_and_says_why_it_refused(tmp_path: Path) -> None:
    """Imported twice, a file counts once; NUL and an unknown channel stand in the rejects file."""
    file = tmp_path / "in.jsonl"
    lines = [{"text": "win a prize"}, {"text": "a\0b"}, {"text": "hi", "channel": "pigeon"}]
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    rejects = tmp_path / "rejects.jsonl"
    order = Order("jsonl", channel="sms", jurisdiction="GB", rejects=rejects)
    with open_node(settings(tmp_path / "data")) as node:
        first, second = (run(node.desk.take, [file], order) for _ in range(2))
    assert (first.taken, first.refused) == (1, 2)
    assert (second.taken, second.duplicates) == (0, 1)
    refusals = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    assert [(r["line"], r["code"]) for r in refusals] == [(2, "content.nul"), (3, "channel.unknown")]
