"""Backup and restore: a running ledger's moment, whole, on either engine, or a named error and nothing."""

import gzip
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import BinaryIO, cast

import pytest
from sqlalchemy import inspect

from tests.makers import API, Node, open_node, settings, submission
from tocsin.desk.pseudonyms import rotate
from tocsin.desk.whole import faults
from tocsin.errors import Misconfigured, Rejected
from tocsin.storage import backup, schema
from tocsin.storage.archive import FORMAT, Chunk, Header, Writer, opened
from tocsin.storage.backup import KEYS, back_up, restore
from tocsin.storage.engine import Storage


def filled(folder: Path, reports: int = 30, **changes: str) -> Node:
    """A node of its own with some reports."""
    node = Node(settings(folder, **changes))
    node.desk.take(
        [(submission(content=f"win prize {n} now at http://x{n}.example"), API) for n in range(reports)]
    )
    return node


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of a ledger with 30 reports, taken while the node is open."""
    node = filled(tmp_path / "data")
    file = tmp_path / "ledger.tocsin"
    assert back_up(node.storage, file)["report"] == 30
    node.close()
    return file


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Storage]:
    """Where no ledger is yet, and no keys."""
    (tmp_path / "other").mkdir()
    storage = Storage(f"sqlite:///{tmp_path / 'other' / 'tocsin.db'}")
    yield storage
    storage.close()


def test_an_archive_of_either_engine_restores_whole(storage: Storage, other: Storage, tmp_path: Path) -> None:
    """From SQLite and from PostgreSQL the same rows come into a new SQLite ledger."""
    node = filled(tmp_path / "data", database=storage.url.render_as_string(hide_password=False))
    counts = back_up(node.storage, tmp_path / "ledger.tocsin")
    node.close()
    assert restore(other, tmp_path / "ledger.tocsin") == counts
    assert faults(other) == []
    assert back_up(other, tmp_path / "again.tocsin") == counts


def test_an_archive_restores_into_either_engine(archive: Path, storage: Storage) -> None:
    """A ledger of either engine that was opened but never used takes an archive."""
    assert restore(storage, archive)["report"] == 30
    assert faults(storage) == []


def test_a_backup_under_load_is_one_moment(tmp_path: Path, other: Storage) -> None:
    """While reports come in, the archive is whole in itself."""
    node = filled(tmp_path / "data")
    enough = threading.Event()

    def load() -> None:
        for batch in range(1000):
            node.desk.take([(submission(content=f"{batch} win prize {n}"), API) for n in range(20)])
            if enough.is_set():
                return

    sender = threading.Thread(target=load)
    sender.start()
    for number in range(3):
        back_up(node.storage, tmp_path / f"{number}.tocsin")
    enough.set()
    sender.join()
    node.close()
    assert restore(other, tmp_path / "2.tocsin")["report"] >= 30
    assert faults(other) == []


def test_a_ledger_with_reports_is_not_overwritten(archive: Path, other: Storage) -> None:
    """Restore refuses a ledger that holds anything, and leaves it as it was."""
    restore(other, archive)
    with pytest.raises(Misconfigured, match="empty"):
        restore(other, archive)
    assert faults(other) == []


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.5, 0.9, 0.999])
def test_an_archive_cut_short_restores_nothing(archive: Path, other: Storage, share: float) -> None:
    """Wherever it ends: refused by name, and there is still no ledger."""
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])
    refused(other, archive, "archive.damaged" if share > 0.01 else "archive.")


@pytest.mark.parametrize("content", [b"not gzip", gzip.compress(b"not ours"), gzip.compress(bytes(100))])
def test_what_is_no_archive_is_refused(other: Storage, tmp_path: Path, content: bytes) -> None:
    """Any other file."""
    file = tmp_path / "file"
    file.write_bytes(content)
    refused(other, file, "archive.")


def test_a_change_anywhere_is_refused(archive: Path, other: Storage) -> None:
    """A bit that flipped, packed or unpacked, is found before anything is kept."""
    chance = Random(52)  # noqa: S311 - repeatability is its purpose
    packed, frames = archive.read_bytes(), gzip.decompress(archive.read_bytes())
    for _ in range(15):
        archive.write_bytes(flipped(packed, chance.randrange(20, len(packed) - 8)))
        refused(other, archive, "archive.")
        archive.write_bytes(gzip.compress(flipped(frames, chance.randrange(len(frames)))))
        refused(other, archive, "archive.")


def flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]


def refused(storage: Storage, file: Path, code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        restore(storage, file)
    assert refusal.value.code.startswith(code)
    assert schema.revision(storage) is None


def test_a_missing_archive_is_not_called_damaged(other: Storage, tmp_path: Path) -> None:
    """What isn't there is unreadable."""
    refused(other, tmp_path / "none", "archive.unreadable")


def rewritten(archive: Path, **changes: object) -> None:
    """Write an archive again with another header, true to itself."""
    with opened(archive) as source:
        header, chunks = source.header, list(source.chunks())
    values = {name: getattr(header, name) for name in Header.__struct_fields__}
    with gzip.open(archive, "wb") as stream:
        writer = Writer(cast("BinaryIO", stream))
        writer.write(Header(**values | changes))
        for chunk in chunks:
            writer.write(chunk)
        writer.finish()


def test_an_archive_of_a_newer_schema_says_so(archive: Path, other: Storage) -> None:
    """It names both schemas, and what to do."""
    rewritten(archive, schema="9999")
    refused(other, archive, "archive.newer")


def test_an_archive_whose_tables_are_not_its_schemas_is_refused(archive: Path, other: Storage) -> None:
    """Columns that the schema does not have."""
    rewritten(archive, tables={"report": ["id", "secret"]})
    refused(other, archive, "archive.tables")


def archive_of_first_schema(folder: Path) -> Path:
    """Make an archive as a node of the first schema would have made it, with one method in it."""
    old = Storage(f"sqlite:///{folder / 'old.db'}")
    with old.writing() as connection:
        backup._migrate(connection, "0001")
        inspector = inspect(connection)
        tables = {
            name: [column["name"] for column in inspector.get_columns(name)]
            for name in inspector.get_table_names()
            if name != "alembic_version"
        }
    old.close()
    with gzip.open(folder / "old.tocsin", "wb") as stream:
        writer = Writer(cast("BinaryIO", stream))
        writer.write(Header(FORMAT, "0001", [], tables))
        writer.write(Chunk("method", [[b"m" * 16, "model", "rules", "words"]]))
        writer.finish()
    return folder / "old.tocsin"


def test_an_archive_of_an_older_schema_is_migrated(tmp_path: Path, other: Storage) -> None:
    """Rows come in at the schema they were saved at, then the ledger is brought to this version's."""
    assert restore(other, archive_of_first_schema(tmp_path))["method"] == 1
    assert schema.revision(other) == schema.HEAD
    assert faults(other) == []


def test_an_older_archive_wants_a_place_without_a_ledger(tmp_path: Path, storage: Storage) -> None:
    """An empty ledger of this version is not taken back to an older schema."""
    with pytest.raises(Misconfigured, match="no ledger is"):
        restore(storage, archive_of_first_schema(tmp_path))


def test_rows_that_cannot_be_stored_are_refused(archive: Path, other: Storage) -> None:
    """A row twice, in an archive that is true to itself."""
    with opened(archive) as source:
        header, chunks = source.header, list(source.chunks())
    with gzip.open(archive, "wb") as stream:
        writer = Writer(cast("BinaryIO", stream))
        writer.write(header)
        for chunk in [*chunks, chunks[-1]]:
            writer.write(chunk)
        writer.finish()
    refused(other, archive, "archive.rows")


def test_keys_that_are_not_the_archives_are_refused(archive: Path, other: Storage, tmp_path: Path) -> None:
    """With another node's keys every reporter would become someone else."""
    rotate(tmp_path / "other")
    with pytest.raises(Misconfigured, match=KEYS):
        restore(other, archive)
    assert schema.revision(other) is None


def test_the_archives_keys_are_taken_rotated_or_not(archive: Path, other: Storage, tmp_path: Path) -> None:
    """The same keys, with one that was added later."""
    (tmp_path / "other" / KEYS).write_bytes((tmp_path / "data" / KEYS).read_bytes())
    rotate(tmp_path / "other")
    assert restore(other, archive)["report"] == 30


@pytest.mark.parametrize("text", ["", "zz", "00" * 16])
def test_damaged_keys_are_named(archive: Path, other: Storage, tmp_path: Path, text: str) -> None:
    """A file of keys that holds none is not passed over."""
    (tmp_path / "other" / KEYS).write_text(text, encoding="ascii")
    with pytest.raises(Misconfigured, match="keys"):
        restore(other, archive)


def test_an_archive_gives_no_key_away(archive: Path, tmp_path: Path) -> None:
    """Its fingerprint is not the key, nor a part of it."""
    with opened(archive) as source:
        [fingerprint] = source.header.keys
    key = (tmp_path / "data" / KEYS).read_text(encoding="ascii").strip()
    assert fingerprint not in key
    assert key.encode() not in gzip.decompress(archive.read_bytes())
    assert bytes.fromhex(key) not in gzip.decompress(archive.read_bytes())


def test_an_interrupted_restore_leaves_nothing(tmp_path: Path, other: Storage) -> None:
    """Killed with most of the archive read, the next restore begins from nothing and is whole."""
    node = Node(settings(tmp_path / "data"))
    chance = Random(52)  # noqa: S311 - repeatability is its purpose
    texts = [f"{n} " + "".join(chance.choices("abcdefghijklmnop", k=4000)) for n in range(300)]
    node.desk.take([(submission(content=text), API) for text in texts])
    file, pipe = tmp_path / "ledger.tocsin", tmp_path / "pipe"
    back_up(node.storage, file)
    node.close()
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "tocsin.cli", "restore", str(pipe), "--data", str(tmp_path / "other")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    data = file.read_bytes()
    with pipe.open("wb") as stream:
        stream.write(data[: len(data) * 9 // 10])
        stream.flush()
        # What a pipe can't hold was read, and with it the tables before the last.
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    assert schema.revision(other) is None
    assert restore(other, file)["report"] == 300
    assert faults(other) == []


def test_a_folder_without_a_ledger_is_not_backed_up(other: Storage, tmp_path: Path) -> None:
    """A mistyped folder is named, and no empty ledger appears there."""
    with pytest.raises(Misconfigured, match="no ledger"):
        back_up(other, tmp_path / "a.tocsin")
    assert list((tmp_path / "other").iterdir()) == []
    assert not (tmp_path / "a.tocsin").exists()


def test_a_ledger_of_another_version_is_not_backed_up(other: Storage, tmp_path: Path) -> None:
    """It would be an archive whose columns are not what its header says."""
    with other.writing() as connection:
        backup._migrate(connection, "0001")
    with pytest.raises(Misconfigured, match="0001"):
        back_up(other, tmp_path / "a.tocsin")


@pytest.mark.parametrize("name", ["data/tocsin.db", f"data/{KEYS}"])
def test_a_backup_overwrites_archives_only(archive: Path, tmp_path: Path, name: str) -> None:
    """The ledger's own file, given as the archive by mistake, is left alone."""
    with open_node(settings(tmp_path / "data")) as node:
        before = (tmp_path / name).read_bytes()
        with pytest.raises(Rejected) as refusal:
            back_up(node.storage, tmp_path / name)
        assert (refusal.value.code, (tmp_path / name).read_bytes()) == ("archive.exists", before)
        assert back_up(node.storage, archive)["report"] == 30


def test_a_backup_that_cannot_be_written_is_named(archive: Path, tmp_path: Path) -> None:
    """A folder that is not there."""
    assert archive.exists()
    with open_node(settings(tmp_path / "data")) as node, pytest.raises(Rejected) as refusal:
        back_up(node.storage, tmp_path / "none" / "a.tocsin")
    assert refusal.value.code == "archive.unwritable"


def test_an_archive_is_its_owners_alone(archive: Path) -> None:
    """Nobody else can read what people reported; no draft is left beside it."""
    assert archive.stat().st_mode & 0o077 == 0
    assert [file.name for file in archive.parent.glob("ledger*")] == ["ledger.tocsin"]


def test_the_verb_says_one_line_and_exits_with_2(archive: Path, tmp_path: Path) -> None:
    """A damaged archive on the command line."""
    archive.write_bytes(archive.read_bytes()[:100])
    done = subprocess.run(
        [sys.executable, "-m", "tocsin.cli", "restore", str(archive), "--data", str(tmp_path / "new")],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
