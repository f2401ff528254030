"""Mails in files: mbox, maildir and .eml, each mail a report, bad ones named beside the good."""

import gzip
import mailbox
import tarfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from tests.makers import open_node, settings
from tocsin.desk.whole import faults
from tocsin.doors.files import mail_file
from tocsin.doors.files.formats import Reading
from tocsin.doors.files.importing import Order, run
from tocsin.errors import Rejected
from tocsin.records import Submission


def mail(words: str, number: int = 0) -> EmailMessage:
    """Make a spam mail."""
    made = EmailMessage()
    made["From"] = "Prizes <win@prize.example>"
    made["To"] = "someone@example.org"
    made["Subject"] = f"You won {number}"
    made["Date"] = "Sun, 01 Nov 2026 12:00:00 +0000"
    made["Message-ID"] = f"<{number}@prize.example>"
    made.set_content(words)
    return made


def read(path: Path, form: str = "mbox") -> list[Submission | str]:
    """Read a file; what is refused is its code."""
    reading = Reading("file:test", jurisdiction="GB")
    rows = (mail_file.read_mbox if form == "mbox" else mail_file.read_folder)(path, reading)
    return [row.answer.code if isinstance(row.answer, Rejected) else row.answer[0] for row in rows]


def contents(found: list[Submission | str]) -> list[str]:
    """Return the words of what was read."""
    return [one if isinstance(one, str) else one.content.strip() for one in found]


def test_an_mbox_is_read_mail_by_mail(tmp_path: Path) -> None:
    """Python's own mailbox writes it; a line that begins with From comes back as it was."""
    box = mailbox.mbox(tmp_path / "spam.mbox")
    words = ["Claim it", "From here on\nyou pay", "last"]
    for number, text in enumerate(words):
        box.add(mail(text, number))
    box.flush()
    box.close()
    found = read(tmp_path / "spam.mbox")
    assert contents(found) == words
    first = found[0]
    assert isinstance(first, Submission)
    assert (first.channel, first.sender, first.subject) == ("email", "win@prize.example", "You won 0")
    assert first.jurisdiction == "GB"


def test_a_packed_mbox_is_read(tmp_path: Path) -> None:
    """By its name's ending."""
    text = b"From x Sun Nov  1 12:00:00 2026\n" + mail("Claim it").as_bytes()
    (tmp_path / "spam.mbox.gz").write_bytes(gzip.compress(text))
    assert contents(read(tmp_path / "spam.mbox.gz")) == ["Claim it"]


def test_a_cut_off_file_keeps_what_came_before(tmp_path: Path) -> None:
    """The good mail counts; the damage is named."""
    one = b"From x Sun Nov  1 12:00:00 2026\n" + mail("Claim it").as_bytes() + b"\n"
    packed = gzip.compress(one + b"From y Sun Nov  1 12:00:00 2026\n" + b"X: y\n" * 200_000, mtime=0)
    (tmp_path / "spam.mbox.gz").write_bytes(packed[: len(packed) // 2])
    assert read(tmp_path / "spam.mbox.gz")[-1] == "file.damaged"


def test_what_is_no_mbox_is_named(tmp_path: Path) -> None:
    """It begins with a From line or not at all."""
    (tmp_path / "x").write_bytes(b"Subject: no\n\nmbox\n")
    assert read(tmp_path / "x") == ["mbox.start"]


def test_a_mail_too_large_leaves_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is passed over without being held."""
    monkeypatch.setattr(mail_file, "LONGEST", 5000)
    head = b"From x Sun Nov  1 12:00:00 2026\n"
    parts = [mail("one", 1), mail("x\n" * 5000, 2), mail("three", 3)]
    (tmp_path / "x").write_bytes(b"\n".join(head + part.as_bytes() for part in parts))
    assert contents(read(tmp_path / "x")) == ["one", "mail.too_large", "three"]


def test_a_maildir_and_a_folder_of_mails_are_read(tmp_path: Path) -> None:
    """`cur` and `new` of a maildir, `.eml` files below a folder; links are not followed."""
    box = mailbox.Maildir(tmp_path / "box")
    for number in range(3):
        box.add(mail(f"mail {number}", number))
    box.close()
    assert sorted(contents(read(tmp_path / "box", "maildir"))) == ["mail 0", "mail 1", "mail 2"]
    (tmp_path / "eml" / "deep").mkdir(parents=True)
    (tmp_path / "eml" / "deep" / "a.eml").write_bytes(mail("deep").as_bytes())
    (tmp_path / "eml" / "b.eml").symlink_to("/etc/hostname")
    assert contents(read(tmp_path / "eml", "eml")) == ["deep"]
    assert contents(read(tmp_path / "eml" / "deep" / "a.eml", "eml")) == ["deep"]


@given(
    st.lists(st.sampled_from([b"From x\n", b"\n", b">From y\n", b"A: b\n", b"\xff\x00", b"words\n"])).map(
        b"".join
    )
)
@tries(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_mails_or_named(tmp_path: Path, data: bytes) -> None:
    """Nothing is raised."""
    (tmp_path / "x").write_bytes(data)
    read(tmp_path / "x")
    read(tmp_path / "x", "eml")


@pytest.mark.shared
def test_thousands_of_real_mails_are_imported(tmp_path: Path, corpora: Path) -> None:
    """Every raw mail of the SpamAssassin corpus counts or is named; twice, it counts once."""
    box = tmp_path / "box" / "new"
    box.mkdir(parents=True)
    with tarfile.open(corpora / "email_spamassassin_raw.tar.xz") as archive:
        for number, member in enumerate(archive):
            if member.isfile() and (stream := archive.extractfile(member)):
                (box / f"{number:06}").write_bytes(stream.read())
    mails = len(list(box.iterdir()))
    with open_node(settings(tmp_path / "data")) as node:
        first = run(node.desk.take, [tmp_path / "box"], Order("maildir"))
        again = run(node.desk.take, [tmp_path / "box"], Order("maildir"))
        assert first.taken + first.duplicates + first.refused == mails > 6000
        assert first.taken > 0.9 * mails
        assert again.taken == 0
        assert faults(node.storage) == []
