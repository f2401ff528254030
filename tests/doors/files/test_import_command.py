"""`tocsin import` in a process of its own: what it says, and what a kill leaves behind."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tocsin.desk.tables import report
from tocsin.storage.engine import Storage

LINES = 30_000


def command(folder: Path, file: Path, *options: str) -> list[str]:
    """Return the command that imports a file of SMS."""
    start = [
        sys.executable,
        "-m",
        "tocsin.cli",
        "import",
        str(file),
        "--data",
        str(folder),
        "--channel",
        "sms",
    ]
    return [*start, "--jurisdiction", "GB", *options]


def test_a_killed_import_is_resumed_and_complete(tmp_path: Path) -> None:
    """Killed after its first batches, then resumed: every line is in the ledger exactly once."""
    file, folder = tmp_path / "in.jsonl", tmp_path / "data"
    file.write_text("\n".join(json.dumps({"text": f"Win prize {n}"}) for n in range(LINES)), encoding="utf-8")
    process = subprocess.Popen(command(folder, file), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    patience = threading.Event()
    while process.poll() is None and not list((folder / "imports").glob("*.json")):
        patience.wait(0.01)
    process.kill()
    process.wait()
    done = subprocess.run(
        command(folder, file, "--resume", "--json"), capture_output=True, check=True, timeout=200
    )
    summary = json.loads(done.stdout)
    assert summary["resumed"] >= 1000
    assert summary["resumed"] + summary["duplicates"] + summary["taken"] == LINES
    ledger = Storage(f"sqlite:///{folder / 'tocsin.db'}")
    with ledger.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(report)) == LINES
    ledger.close()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--format", "pigeon"], "jsonl, csv, ftc-dnc"),
        (["--source", "hearsay"], "consumer_report"),
        (["--map", "body"], "their=our"),
    ],
)
def test_a_wrong_option_is_named(tmp_path: Path, options: list[str], words: str) -> None:
    """Exit 2, and what would be right."""
    file = tmp_path / "in.jsonl"
    file.touch()
    done = subprocess.run(
        command(tmp_path / "data", file, *options), capture_output=True, check=False, timeout=100
    )
    assert done.returncode == 2
    assert words in done.stderr.decode()
