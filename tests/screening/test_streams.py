"""Lines from outside: bounded, packed or not, and how far along they are."""

import gzip
import io
import os
import pty
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tocsin.cli import application
from tocsin.errors import Rejected
from tocsin.screening.streams import LONGEST_LINE, opened, read_lines


class Endless(io.RawIOBase):
    """One line of `length` bytes, then another of two."""

    def __init__(self, length: int) -> None:
        self.left = length

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Give what is left of the long line, then the short one."""
        if self.left < 0:
            return 0
        size = min(len(buffer), self.left)
        buffer[:size] = b"x" * size
        self.left -= size
        if size == 0:
            buffer[:4] = b"\nok\n"
            self.left, size = -1, 4
        return size


def test_an_endless_line_is_refused_without_being_held() -> None:
    """A line of 100 MB costs no more memory than the bound, and the next line is read."""
    tracemalloc.start()
    try:
        refusal, following = read_lines(cast("BinaryIO", io.BufferedReader(Endless(100_000_000))))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(refusal, Rejected)
    assert (refusal.code, following) == ("line.too_long", b"ok\n")
    assert peak < 4 * LONGEST_LINE


@given(st.lists(st.integers(0, 40), max_size=6))
def test_every_line_has_one_answer_in_its_place(lengths: list[int]) -> None:
    """Whatever the lengths, one item comes for each line, in order."""
    wanted = [b"%d:" % place + b"x" * length + b"\n" for place, length in enumerate(lengths)]
    assert list(read_lines(io.BytesIO(b"".join(wanted)))) == wanted


@pytest.mark.parametrize("extra", [0, 1])
def test_the_bound_is_exact(extra: int) -> None:
    """A line of the longest length is read, one byte more is refused."""
    [line] = read_lines(io.BytesIO(b"x" * (LONGEST_LINE - 1 + extra) + b"\n"))
    assert isinstance(line, Rejected) == bool(extra)


def test_a_packed_file_is_known_by_its_content(tmp_path: Path) -> None:
    """A file packed by gzip is unpacked whatever it is called."""
    file = tmp_path / "lines"
    file.write_bytes(gzip.compress(b"one\ntwo\n"))
    with opened(str(file)) as stream:
        assert list(read_lines(stream.lines)) == [b"one\n", b"two\n"]


@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_damaged_packed_file_ends_with_its_error(tmp_path: Path, damage: str) -> None:
    """A packed file that is cut or changed gives what could be read, then one refusal."""
    packed = gzip.compress(b"".join(b"line %d\n" % n for n in range(20_000)))
    half = len(packed) // 2
    file = tmp_path / "lines.gz"
    file.write_bytes(packed[:half] + (b"" if damage == "cut" else b"\0" * 40 + packed[half + 40 :]))
    with opened(str(file)) as stream:
        *read, last = read_lines(stream.lines)
    assert isinstance(last, Rejected)
    assert (last.code, read[0]) == ("file.damaged", b"line 0\n")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """What can't be opened as a file is refused by name."""
    with pytest.raises(Rejected) as caught, opened(str(tmp_path)):
        pass
    assert caught.value.code == "file.unreadable"


@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_is_read_packed_or_not(packed: bool) -> None:
    """`tocsin screen -` answers each line of standard input."""
    given_ = b"hello\nworld\n"
    result = CliRunner().invoke(
        application(), ["screen", "-"], input=gzip.compress(given_) if packed else given_
    )
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 2)


def test_a_refused_line_makes_the_exit_status_2() -> None:
    """One bad line among good ones: every line has its answer, and the verb exits with 2."""
    result = CliRunner().invoke(
        application(), ["screen", "--format", "jsonl"], input='{"text":"a"}\n{\n{"text":"b"}\n'
    )
    assert (result.exit_code, len(result.stdout.splitlines())) == (2, 3)


def seen_on_terminal(file: Path, given_: bytes | None) -> tuple[str, str]:
    """Screen with standard error on a terminal of its own; return what it showed, and standard output."""
    reading, terminal = pty.openpty()
    source = "-" if given_ is not None else str(file)
    process = subprocess.Popen(
        [sys.executable, "-m", "tocsin.cli", "screen", source],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=terminal,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "80"},
    )
    os.close(terminal)
    out, _ = process.communicate(given_ or b"")
    shown = b""
    try:
        while part := os.read(reading, 4096):
            shown += part
    except OSError:
        pass  # the other end of a terminal that is gone is an error on Linux
    os.close(reading)
    assert process.returncode == 0
    return shown.decode(), out.decode()


def test_a_bar_of_bytes_stands_on_the_terminal_and_not_in_the_answers(tmp_path: Path) -> None:
    """For a file the bar counts bytes up to its size; standard output holds the answers alone."""
    file = tmp_path / "lines"
    file.write_text("hello\n" * 100, encoding="utf-8")
    shown, out = seen_on_terminal(file, None)
    assert "600/600 bytes" in shown
    assert [line.split("\t")[0] for line in out.splitlines()] == [str(n) for n in range(1, 101)]


def test_standard_input_is_counted_in_lines(tmp_path: Path) -> None:
    """For standard input the bar counts lines."""
    shown, out = seen_on_terminal(tmp_path, b"hello\n" * 100)
    assert ("100 lines" in shown, len(out.splitlines())) == (True, 100)


def test_no_bar_where_nobody_watches(tmp_path: Path) -> None:
    """Standard error that is no terminal stays empty."""
    file = tmp_path / "lines"
    file.write_text("hello\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tocsin.cli", "screen", str(file)], capture_output=True, check=True
    )
    assert done.stderr == b""


def test_a_reader_that_had_enough_is_no_failure(tmp_path: Path) -> None:
    """`tocsin screen | head` ends without a word on standard error."""
    file = tmp_path / "lines"
    file.write_text("hello\n" * 20_000, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "tocsin.cli", "screen", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1
