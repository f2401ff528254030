"""Real mail programs in front of the mail door: Postfix, which queues, and swaks."""

import shutil
import smtplib
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.doors.mail.houses import serving
from tests.doors.mail.mails import SPAM, forward
from tests.doors.mail.postfix import log_of, postfix

pytestmark = pytest.mark.interop


def until(condition: Callable[[], bool], folder: Path) -> None:
    """Wait until Postfix's log says so."""
    patience = threading.Event()
    for _ in range(600):
        if condition():
            return
        patience.wait(0.05)
    pytest.fail(log_of(folder))


def relayed(door: int, protocol: str, sent: str) -> str:
    """Send one report through Postfix, and wait for what became of it; gives the log."""
    with postfix(door, protocol) as (port, folder):
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as link:
            link.sendmail("ann@example.com", ["spam@example.org"], forward(SPAM))
        until(lambda: f"status={sent}" in log_of(folder), folder)
        return log_of(folder)


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_postfix_delivers_once(tmp_path: Path, protocol: str) -> None:
    """By SMTP and by LMTP; the answer that Postfix logs holds the ticket."""
    log, reports = serving(tmp_path, lambda port: relayed(port, protocol, "sent"), protocol=protocol)
    assert len(reports) == 1
    assert reports[0]["ticket"] in log


def test_postfix_keeps_what_a_full_desk_puts_off_and_brings_it_later(tmp_path: Path) -> None:
    """451 leaves the mail in Postfix's queue; the next try is taken, once."""
    log, reports = serving(tmp_path, lambda port: relayed(port, "smtp", "sent"), full=1)
    assert "status=deferred" in log
    assert "451 4.3.2" in log
    assert len(reports) == 1


def test_postfix_returns_what_can_never_be_taken(tmp_path: Path) -> None:
    """554 with its code is final: nothing stays in the queue."""

    def talk(door: int) -> str:
        with postfix(door, "smtp") as (port, folder):
            with smtplib.SMTP("127.0.0.1", port, timeout=20) as link:
                link.sendmail("", ["spam@example.org"], b"Subject: away\nAuto-Submitted: auto-replied\n\nx\n")
            until(lambda: "status=bounced" in log_of(folder), folder)
            return log_of(folder)

    log, reports = serving(tmp_path, talk)
    assert "mail.automatic" in log
    assert reports == []


@pytest.mark.parametrize(("recipient", "code"), [("spam@example.org", 0), ("nobody@example.org", 24)])
def test_swaks_reports(tmp_path: Path, recipient: str, code: int) -> None:
    """It is taken for a known address; for another one swaks ends by "no recipients accepted"."""
    swaks = shutil.which("swaks")
    if swaks is None:
        pytest.skip("swaks is not installed")
    file = tmp_path / "report.eml"
    file.write_bytes(forward(SPAM))

    def talk(port: int) -> int:
        command = [swaks, "--server", f"127.0.0.1:{port}", "--to", recipient, "--from", "ann@example.com"]
        run = subprocess.run(
            [*command, "--data", f"@{file}", "--timeout", "20"], check=False, capture_output=True, timeout=60
        )
        return run.returncode

    ended, reports = serving(tmp_path / "data", talk)
    assert ended == code
    assert len(reports) == (code == 0)
