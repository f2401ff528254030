"""Following files: no line is lost and none is read twice, whatever rotation does to them."""

import gzip
import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.doors.calls.makers import HEADER, NOON, line, write
from tocsin.doors.calls.tail import LONGEST_LINE, Line, Tail
from tocsin.errors import Rejected
from tocsin.ports import SetClock, SystemClock


def tail(folder: Path, positions: dict[str, int] | None = None) -> Tail:
    """Open a tail of files that are still being written."""
    known = {} if positions is None else positions
    return Tail(folder, "*.csv*", has_header=True, clock=SystemClock(), positions=known)


def drain(reader: Tail, most: int = 100) -> list[Line]:
    """Read all that is new."""
    found: list[Line] = []
    while lines := reader.read(most):
        reader.advance(lines)
        found += lines
    return found


def test_growing_file_gives_each_line_once(tmp_path: Path) -> None:
    """What is appended between two looks is read by the second, and nothing else."""
    reader = tail(tmp_path)
    file = write(tmp_path / "cdr.csv", HEADER + line("+447700900100"))
    first = drain(reader)
    with file.open("a", encoding="utf-8") as stream:
        stream.write(line("+447700900101"))
    second = drain(reader)
    assert [each.text for each in first + second] == [
        line("+447700900100").strip(),
        line("+447700900101").strip(),
    ]


def test_half_a_line_waits_for_its_end(tmp_path: Path) -> None:
    """A record that is still being written is not read."""
    file = write(tmp_path / "cdr.csv", HEADER + line() + line("+447700900101")[:20])
    reader = tail(tmp_path)
    assert len(drain(reader)) == 1
    with file.open("a", encoding="utf-8") as stream:
        stream.write(line("+447700900101")[20:])
    assert [each.text for each in drain(reader)] == [line("+447700900101").strip()]


def test_last_line_without_an_end_counts_when_the_file_is_finished(tmp_path: Path) -> None:
    """A file that has not changed for long has no more to come."""
    file = write(tmp_path / "cdr.csv", HEADER + line() + line("+447700900101").strip())
    os.utime(file, (NOON / 1e6 - 3600, NOON / 1e6 - 3600))
    reader = Tail(tmp_path, "*.csv*", has_header=True, clock=SetClock(NOON), positions={})
    assert len(drain(reader)) == 2


def test_renamed_copied_and_packed_files_stay_known(tmp_path: Path) -> None:
    """Rotation by rename, by copy and by gzip repeats no line, also after a restart."""
    file = write(tmp_path / "cdr.csv", HEADER + line())
    reader = tail(tmp_path)
    assert len(drain(reader)) == 1
    content = file.read_bytes()
    file.rename(tmp_path / "cdr.csv.1")
    (tmp_path / "cdr.csv.2").write_bytes(content)
    (tmp_path / "cdr.csv.3.gz").write_bytes(gzip.compress(content))
    assert drain(reader) == []
    assert drain(tail(tmp_path, reader.positions)) == []


def test_truncated_file_is_a_new_one(tmp_path: Path) -> None:
    """After copytruncate the same inode holds other records, and they are read from the start."""
    file = write(tmp_path / "cdr.csv", HEADER + line("+447700900100") + line("+447700900101"))
    reader = tail(tmp_path)
    drain(reader)
    write(file, HEADER + line("+447700900102"))
    assert [each.text for each in drain(reader)] == [line("+447700900102").strip()]


def test_without_advance_the_same_lines_come_again(tmp_path: Path) -> None:
    """What was read and not dealt with is not lost."""
    write(tmp_path / "cdr.csv", HEADER + line())
    reader = tail(tmp_path)
    assert reader.read(10) == reader.read(10) != []


def test_unreadable_lines_are_refused_by_name_and_the_rest_kept(tmp_path: Path) -> None:
    """Bytes that aren't UTF-8 and a line without end cost only themselves."""
    long = b"x" * (3 * LONGEST_LINE) + b"\n"
    good = line().encode()
    (tmp_path / "cdr.csv").write_bytes(HEADER.encode() + good + b"\xff\xfe\n" + long + good)
    codes = [
        each.text.code if isinstance(each.text, Rejected) else "" for each in drain(tail(tmp_path), most=1)
    ]
    assert codes == ["", "line.utf8", "line.too_long", ""]


def test_damaged_gzip_does_not_stop_the_others(tmp_path: Path) -> None:
    """Half a packed file waits until it changes."""
    packed = gzip.compress((HEADER + line("+447700900100") * 50).encode())
    (tmp_path / "a.csv.gz").write_bytes(packed[: len(packed) // 2])
    write(tmp_path / "b.csv", HEADER + line("+447700900101"))
    texts = {each.text for each in drain(tail(tmp_path))}
    assert line("+447700900101").strip() in texts


@given(st.lists(st.integers(0, 400), max_size=8))
def test_any_cut_of_the_writing_gives_the_same_lines(cuts: list[int]) -> None:
    """Wherever the writer pauses and the reader restarts, every line comes once, in order."""
    import tempfile  # noqa: PLC0415 - a folder an example, not a test

    content = HEADER + "".join(line(f"+4477009001{n:02}") for n in range(5))
    positions: dict[str, int] = {}
    found: list[Line] = []
    with tempfile.TemporaryDirectory() as folder:
        for cut in [*sorted(cuts), len(content)]:
            write(Path(folder) / "cdr.csv", content[:cut])
            found += drain(tail(Path(folder), positions))
    assert [each.text for each in found] == content.splitlines()[1:]
