"""Backup and restore: a running ledger's moment, whole, on either engine."""

from pathlib import Path

import pytest

from tests.makers import API, settings, submission
from tocsin.desk.whole import faults
from tocsin.errors import Misconfigured, Rejected
from tocsin.node import Node
from tocsin.storage.backup import back_up, restore
from tocsin.storage.engine import Storage


@pytest.fixture
def archive(storage: Storage, tmp_path: Path) -> Path:
    """An archive of a ledger with 30 reports, taken while the node is open."""
    node = Node(settings(tmp_path / "data", database=storage.url.render_as_string(hide_password=False)))
    node.desk.take(
        [(submission(content=f"win prize {n} now at http://x{n}.example"), API) for n in range(30)]
    )
    file = tmp_path / "ledger.tocsin"
    assert back_up(node.storage, file)["report"] == 30
    node.close()
    return file


def test_a_restored_ledger_is_whole_and_equal(archive: Path, tmp_path: Path) -> None:
    """An archive of either engine restores into SQLite with the same rows."""
    other = Storage(f"sqlite:///{tmp_path / 'other.db'}")
    assert restore(other, archive)["report"] == 30
    assert faults(other) == []
    assert back_up(other, tmp_path / "again.tocsin") == restore_counts(archive, tmp_path)


def restore_counts(archive: Path, tmp_path: Path) -> dict[str, int]:
    third = Storage(f"sqlite:///{tmp_path / 'third.db'}")
    return restore(third, archive)


def test_a_ledger_with_reports_is_not_overwritten(archive: Path, tmp_path: Path) -> None:
    """Restore refuses a ledger that holds anything."""
    other = Storage(f"sqlite:///{tmp_path / 'other.db'}")
    restore(other, archive)
    with pytest.raises(Misconfigured, match="empty"):
        restore(other, archive)


@pytest.mark.parametrize("damage", ["cut", "flip", "other"])
def test_a_damaged_archive_restores_nothing(archive: Path, tmp_path: Path, damage: str) -> None:
    """An archive that is cut short, changed or not ours is refused by name, and leaves the ledger empty."""
    data = archive.read_bytes()
    changed = {
        "cut": data[: len(data) // 2],
        "flip": data[:-60] + b"\0" * 10 + data[-50:],
        "other": b"not gzip",
    }
    archive.write_bytes(changed[damage])
    other = Storage(f"sqlite:///{tmp_path / 'other.db'}")
    with pytest.raises(Rejected) as refusal:
        restore(other, archive)
    assert refusal.value.code.startswith("archive.")
    assert back_up(other, tmp_path / "empty.tocsin")["report"] == 0
