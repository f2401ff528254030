"""An interrupted import goes on where it was: nothing twice, nothing left out, one refusal a bad line."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.makers import open_node, settings
from tocsin.doors.files import importing
from tocsin.doors.files.importing import Order, Summary, run, source_named
from tocsin.errors import Busy, Misconfigured
from tocsin.records import Receipt

LINES = 2_600
BAD = (0, 999, 1_000, 2_599)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files of some batches each, one packed; some lines are bad."""
    lines = [json.dumps({"text": f"message {n}"}) if n not in BAD else "{" for n in range(LINES)]
    plain, packed = tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"
    plain.write_text("\n".join(lines), encoding="utf-8")
    packed.write_bytes(gzip.compress("\n".join(lines).encode()))
    return [plain, packed]


def failing(take: Any, after: int) -> Any:
    """Take so many batches, then say that the ledger can't be written."""
    left = [after]

    def take_some(items: Sequence[Any]) -> Any:
        if not left[0]:
            raise Busy("the disk is full")
        left[0] -= 1
        return take(list(items))

    return take_some


@pytest.mark.parametrize("batches", range(7))
def test_an_import_goes_on_after_any_batch(tmp_path: Path, files: list[Path], batches: int) -> None:
    """However many batches were done, at the end every good line is in once and every bad one named once."""
    rejects = tmp_path / "rejects.jsonl"
    order = Order("jsonl", "sms", "GB", rejects=rejects, places=tmp_path / "places")
    with open_node(settings(tmp_path / "data")) as node:
        taken: list[int] = []

        def take(items: Any) -> Sequence[Any]:
            answers = node.desk.take(items)
            taken.append(sum(isinstance(one, Receipt) and not one.duplicate for one in answers))
            return answers

        if batches < 6:
            with pytest.raises(Busy):
                run(failing(take, batches), files, order)
        summary = run(take, files, order._replace(resume=True))
    refused = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    assert sum(taken) == 2 * (LINES - len(BAD))
    assert [(one["file"], one["line"] - 1) for one in refused] == [(f.name, n) for f in files for n in BAD]
    assert summary.duplicates == 0
    assert not list((tmp_path / "places").glob("*"))


def test_without_resume_an_import_begins_again(tmp_path: Path, files: list[Path]) -> None:
    """What is known already counts once, and the refusals are written anew."""
    order = Order("jsonl", "sms", "GB", rejects=tmp_path / "rejects.jsonl", places=tmp_path / "places")
    with open_node(settings(tmp_path / "data")) as node:
        with pytest.raises(Busy):
            run(failing(node.desk.take, 1), files, order)
        summary = run(node.desk.take, files, order)
    assert summary.duplicates == 998
    assert len((tmp_path / "rejects.jsonl").read_bytes().splitlines()) == 2 * len(BAD)


def test_another_import_has_another_place(tmp_path: Path, files: list[Path]) -> None:
    """Another order does not go on from this one's place; a damaged place is the beginning."""
    order = Order("jsonl", "sms", "GB", places=tmp_path / "places", resume=True)
    taken: list[int] = []

    def take(items: Any) -> Any:
        taken.append(len(items))
        raise Busy("full")

    with open_node(settings(tmp_path / "data")) as node:
        with pytest.raises(Busy):
            run(failing(node.desk.take, 1), files, order)
        with pytest.raises(Busy):
            run(take, files, order._replace(channel="mms"))
        (place,) = (tmp_path / "places").glob("*.json")
        place.write_bytes(b"{")
        with pytest.raises(Busy):
            run(take, files, order)
    assert taken == [998, 998]


def test_a_summary_says_how_much_was_done_before(tmp_path: Path, files: list[Path]) -> None:
    """Lines of the interrupted file that were passed over."""
    order = Order("jsonl", "sms", "GB", places=tmp_path / "places", resume=True)
    with open_node(settings(tmp_path / "data")) as node:
        with pytest.raises(Busy):
            run(failing(node.desk.take, 2), files[:1], order)
        summary = run(node.desk.take, files[:1], order)
    assert summary == Summary(taken=599, refused=1, resumed=2000)


def test_a_folder_is_refused_where_a_file_is_wanted(tmp_path: Path) -> None:
    """By name, before anything is imported."""
    with pytest.raises(Misconfigured, match="folder"):
        run(lambda _: [], [tmp_path], Order("jsonl"))


@pytest.mark.parametrize("name", ["", "simulation", "hearsay"])
def test_a_source_is_one_of_real_reports(name: str) -> None:
    """A file can't be counted as the simulation, nor as nothing known."""
    with pytest.raises(Misconfigured):
        source_named(name)


def test_every_format_says_what_it_can_not_read(tmp_path: Path) -> None:
    """An empty file, random bytes and a packed one raise nothing, in any format that reads a file."""
    contents = [b"", bytes(range(256)) * 4, b"{}", b"[]"]
    for name in set(importing.FORMATS) - importing.FOLDERS:
        for number, content in enumerate(contents):
            file = tmp_path / f"{number}.in"
            file.write_bytes(content)
            list(importing.FORMATS[name](file, importing.Reading("f")))
