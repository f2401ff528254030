"""The mail door over a real socket: 250 only for what is durable, everything else in SMTP's own words."""

import json
import smtplib
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.doors.mail.houses import MAILBOXES, Line, Outbox, node, serving
from tests.doors.mail.mails import SPAM, feedback, forward, plain
from tocsin.doors.door import configured
from tocsin.doors.mail import parked
from tocsin.doors.mail.door import KIND, MailDoor
from tocsin.errors import Misconfigured

END = b"\r\n.\r\n"


def send(raw: bytes, recipient: str = "spam@example.org", sender: str = "ann@example.com") -> Any:
    """Make a talk that sends one mail and returns the answer."""

    def talk(port: int) -> str:
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as link:
            link.ehlo("client.example")
            link.mail(sender)
            link.rcpt(recipient)
            code, words = link.data(raw)
            return f"{code} {words.decode()}"

    return talk


def test_a_report_is_answered_with_its_ticket_and_is_durable(tmp_path: Path) -> None:
    """250 names the ticket under which the report stands in the ledger."""
    said, (report,) = serving(tmp_path, send(forward(SPAM)))
    assert said == f"250 2.0.0 Taken as {report['ticket']}"
    assert (report["door"], report["jurisdiction"], report["channel"]) == ("in", "GB", "email")


def test_no_address_of_the_reporter_is_stored(tmp_path: Path) -> None:
    """No column and no file of the data folder holds the reporter's address or name."""
    serving(tmp_path, send(forward(SPAM)))
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"win@spam.example" in stored
    for trace in (b"ann@example.com", b"ann%40example.com", b"Ann Example"):
        assert trace not in stored


@pytest.mark.parametrize(
    ("recipient", "country", "channel"),
    [
        ("pourriel@example.org", "FR", "email"),
        ("SMS+phone@Example.ORG", "GB", "sms"),
        ("anyone@trap.example", "SA", "email"),
    ],
)
def test_the_address_says_country_and_channel(
    tmp_path: Path, recipient: str, country: str, channel: str
) -> None:
    """Each address of ours has a meaning of its own, also with a detail after a plus, also a whole domain."""
    _, (report,) = serving(tmp_path, send(plain("win a prize"), recipient))
    assert (report["jurisdiction"], report["channel"]) == (country, channel)


def test_other_peoples_addresses_are_refused(tmp_path: Path) -> None:
    """This is no relay."""

    def talk(port: int) -> str:
        line = Line(port)
        line.ask("EHLO a")
        line.ask("MAIL FROM:<ann@example.com>")
        return line.ask("RCPT TO:<bob@elsewhere.example>")

    assert serving(tmp_path, talk)[0] == "550 5.1.1 Not an address of this service"


def test_a_mail_sent_again_after_a_lost_answer_counts_once(tmp_path: Path) -> None:
    """The same mail twice is one report with one ticket."""

    def talk(port: int) -> list[str]:
        return [send(forward(SPAM))(port) for _ in range(2)]

    said, reports = serving(tmp_path, talk)
    assert said[0] == said[1]
    assert len(reports) == 1


def test_a_full_desk_says_later_and_the_next_try_is_taken(tmp_path: Path) -> None:
    """451 4.3.2, and nothing is stored until 250."""

    def talk(port: int) -> list[str]:
        return [send(forward(SPAM))(port) for _ in range(2)]

    said, reports = serving(tmp_path, talk, full=1)
    assert [answer[:9] for answer in said] == ["451 4.3.2", "250 2.0.0"]
    assert len(reports) == 1


def test_a_link_lost_within_data_leaves_nothing(tmp_path: Path) -> None:
    """Half a mail is no report, and the door goes on."""

    def talk(port: int) -> str:
        line = Line(port)
        line.begin()
        line.say(b"From: ann@example.com\r\n\r\nhalf a mail")
        line.end()
        return str(send(forward(SPAM))(port))

    said, reports = serving(tmp_path, talk)
    assert said.startswith("250")
    assert len(reports) == 1


def test_a_link_lost_before_the_answer_counts_once(tmp_path: Path) -> None:
    """The mail that was handed in counts; its repetition gets the same report's ticket."""

    def talk(port: int) -> str:
        line = Line(port)
        line.begin()
        line.say(forward(SPAM).replace(b"\n", b"\r\n") + END)
        line.end()
        return str(send(forward(SPAM))(port))

    said, reports = serving(tmp_path, talk)
    assert len(reports) == 1
    assert said.endswith(reports[0]["ticket"])


def test_a_good_and_a_bad_attachment_are_one_report(tmp_path: Path) -> None:
    """What can be taken is; the mail is answered by 250."""
    raw = forward(SPAM).replace(b"--b--", b"--b\nContent-Type: application/vnd.ms-outlook\n\nnone\n--b--")
    said, reports = serving(tmp_path, send(raw))
    assert said.startswith("250 2.0.0 Taken as ")
    assert len(reports) == 1


def headless(raw: bytes) -> bytes:
    """Take the reported mail out of a feedback report."""
    return raw.partition(b"--b\nContent-Type: message/rfc")[0]


REFUSED = {
    "mail.too_many_parts": b'From: a@b.example\nContent-Type: multipart/mixed; boundary="b"\n\n'
    + b"--b\n\nx\n" * 10_000,
    "mail.headers_too_long": b"From: a@b.example\n" + b"X-Y: " + b"z" * 900 + b"\n" + b" z\n" * 100_000,
    "mail.no_headers": b"\nno header",
    "mail.own": b"From: spam@example.org\nSubject: x\n\nx",
    "mail.loop": b"From: a@b.example\n" + b"Received: x\n" * 60 + b"\nx",
    "mail.automatic": b"From: a@b.example\nAuto-Submitted: auto-replied\n\naway",
    "mail.empty": b"From: a@b.example\n\n",
    "arf.no_report": feedback("")
    .replace(b"feedback-report\n", b"x\n")
    .partition(b"--b\nContent-Type: message/rfc")[0],
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_can_not_be_taken_is_refused_by_name(tmp_path: Path, code: str) -> None:
    """554 with the stable name of the reason; nothing is stored."""
    said, reports = serving(tmp_path, send(REFUSED[code]))
    assert said.startswith("554 5.")
    assert said.endswith(f"({code})")
    assert reports == []


def test_a_malformed_feedback_report_is_parked_without_its_people(tmp_path: Path) -> None:
    """Its machine-readable part and the reason wait for the operator; no address of anyone does."""
    bad = feedback("Version: 1\nOriginal-Rcpt-To: bob@provider.example").partition(
        b"--b\nContent-Type: message/rfc"
    )
    said, _ = serving(tmp_path, send(bad[0]))
    assert said.endswith("(arf.no_type)")
    (file,) = (tmp_path / "parked" / "in").iterdir()
    text = file.read_text(encoding="utf-8")
    assert json.loads(text)["from_domain"] == "provider.example"
    assert "bob@" not in text


def test_the_parking_place_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest makes room."""
    monkeypatch.setattr(parked, "MOST", 2)
    bad = headless(feedback("Version: 1"))

    def talk(port: int) -> None:
        for number in range(4):
            send(bad.replace(b"<arf@", f"<arf{number}@".encode()))(port)

    serving(tmp_path, talk)
    assert len(list((tmp_path / "parked" / "in").iterdir())) == 2


def test_too_large_a_mail_is_refused_and_forgotten_while_it_comes(tmp_path: Path) -> None:
    """Also one endless line: 552, and the link goes on."""

    def talk(port: int) -> list[str]:
        line = Line(port)
        line.begin()
        line.say(b"Subject: x" + b"y" * 3_000_000 + END)
        said = [line.hear()]
        line.begin()
        line.say(forward(SPAM).replace(b"\n", b"\r\n") + END)
        return [*said, line.hear()]

    said, reports = serving(tmp_path, talk, size=100_000)
    assert [answer[:9] for answer in said] == ["552 5.3.4", "250 2.0.0"]
    assert len(reports) == 1


def test_a_declared_size_is_refused_before_data(tmp_path: Path) -> None:
    """SIZE of RFC 1870."""

    def talk(port: int) -> str:
        line = Line(port)
        line.ask("EHLO a")
        return line.ask("MAIL FROM:<a@b.example> SIZE=200000")

    assert serving(tmp_path, talk, size=100_000)[0].startswith("552")


def test_too_much_mail_at_once_is_put_off(tmp_path: Path) -> None:
    """All links together may hold so many bytes; one more is asked to come again."""

    def talk(port: int) -> str:
        line = Line(port)
        line.begin()
        return line.ask(b"Subject: x\r\n\r\n" + b"y" * 50_000 + END)

    assert serving(tmp_path, talk, memory=20_000)[0].startswith("451 4.3.1")


def test_too_many_recipients_and_too_many_links_are_put_off(tmp_path: Path) -> None:
    """452 for a recipient, 421 for a link."""

    def talk(port: int) -> tuple[str, str]:
        line = Line(port)
        line.begin()
        line.ask(b"Subject: x\r\n\r\nwin" + END)
        line.ask("MAIL FROM:<a@b.example>")
        recipients = [line.ask("RCPT TO:<spam@example.org>") for _ in range(3)]
        return recipients[-1], Line(port).greeting

    recipient, link = serving(tmp_path, talk, recipients=2, links=1)[0]
    assert recipient.startswith("452 4.5.3")
    assert link.startswith("421 4.3.2")


@pytest.mark.parametrize("before", ["", "EHLO a", "DATA"])
def test_a_silent_link_is_closed(tmp_path: Path, before: str) -> None:
    """Whoever says nothing, or sends a mail byte by byte for ever, is let go."""

    def talk(port: int) -> str:
        line = Line(port)
        if before == "DATA":
            line.begin()
            line.say(b"Subject: slow")
        elif before:
            line.ask(before)
        return line.hear()

    assert serving(tmp_path, talk, timeout_s=0.5)[0] == ""


def test_only_a_whole_line_with_a_dot_ends_a_mail(tmp_path: Path) -> None:
    """A dot between bare line feeds is text: no second mail can be smuggled in; dots are unstuffed."""

    def talk(port: int) -> str:
        line = Line(port)
        line.begin()
        inner = b"Subject: x\r\n\r\nwin\n.\nMAIL FROM:<evil@b.example>\r\n..dotted"
        return line.ask(inner + END)

    said, (report,) = serving(tmp_path, talk)
    assert said.startswith("250")
    assert "MAIL FROM" in report["content"]
    assert "\n.dotted" in report["content"]


def test_an_empty_mail_and_commands_sent_ahead_are_answered_in_order(tmp_path: Path) -> None:
    """The end may follow DATA at once, and the next command the end."""

    def talk(port: int) -> list[str]:
        line = Line(port)
        line.begin()
        line.say(b".\r\nNOOP\r\nQUIT\r\n")
        return [line.hear()[:3] for _ in range(3)]

    assert serving(tmp_path, talk)[0] == ["554", "250", "221"]


def test_lmtp_answers_for_each_recipient(tmp_path: Path) -> None:
    """RFC 2033: LHLO greets, EHLO does not, DATA is answered once for each recipient."""

    def talk(port: int) -> list[str]:
        line = Line(port)
        said = [line.ask("EHLO a"), line.ask("LHLO a")]
        line.ask("MAIL FROM:<ann@example.com>")
        for recipient in ("spam@example.org", "pourriel@example.org"):
            line.ask(f"RCPT TO:<{recipient}>")
        line.ask("DATA")
        line.say(forward(SPAM).replace(b"\n", b"\r\n") + END)
        return [answer[:9] for answer in (*said, line.hear(), line.hear())]

    said, reports = serving(tmp_path, talk, protocol="lmtp")
    assert said == ["500 5.5.1", "250 ENHAN", "250 2.0.0", "250 2.0.0"]
    assert len(reports) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and its key in one PEM file, for `localhost`."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    request = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    subprocess.run([*request, "-keyout", str(file), "-out", f"{file}.crt"], check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


def test_starttls_encrypts_and_forgets_what_came_before(tmp_path: Path, certificate: Path) -> None:
    """RFC 3207: a mail by TLS is taken; without TLS it is asked for where it is required."""
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False

    def talk(port: int) -> tuple[str, bool, str]:
        line = Line(port)
        line.ask("EHLO a")
        refused = line.ask("MAIL FROM:<ann@example.com>")
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as link:
            link.starttls(context=context)
            link.ehlo()
            again = link.has_extn("starttls")
            link.sendmail("ann@example.com", ["spam@example.org"], forward(SPAM))
        line.say(b"STARTTLS\r\nNOOP\r\n")  # a command smuggled in before the handshake
        return refused, again, line.hear()

    table = {"certificate": str(certificate), "require_tls": True}
    (refused, again, ready), reports = serving(tmp_path, talk, **table)
    assert refused.startswith("530")
    assert ready.startswith("220")
    assert not again
    assert len(reports) == 1


def test_nobody_can_sign_in(tmp_path: Path) -> None:
    """AUTH is neither offered nor answered."""

    def talk(port: int) -> str:
        line = Line(port)
        line.ask("EHLO a")
        return line.ask("AUTH PLAIN AGEAYg==")

    assert serving(tmp_path, talk)[0][0] == "5"


@pytest.mark.parametrize(
    "table",
    [
        {"mailboxes": {}},
        {"mailboxes": {"nobody": {}}},
        {"mailboxes": {"A@example.org": {}}},
        {"mailboxes": {"a@example.org": {"channel": "pigeon"}}},
        {"mailboxes": MAILBOXES, "certificate": "/nonexistent"},
        {"mailboxes": MAILBOXES, "require_tls": True},
        {"mailboxes": MAILBOXES, "unknown": 1},
    ],
)
def test_a_table_that_can_not_work_is_refused_at_start(tmp_path: Path, table: dict[str, object]) -> None:
    """Misconfigured, before anything listens."""
    with node(tmp_path) as (_, house), pytest.raises(Misconfigured):
        MailDoor("in", configured(KIND, "in", table), house)


PROVEN = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.com\n"
REPLY = {"sender": "spam@example.org", "authserv_id": "mx.example.org", "daily": 2}


def test_a_proven_reporter_is_thanked_in_the_addresss_language(tmp_path: Path) -> None:
    """The answer has the ticket, no sender to answer to, and not a word of what was reported."""
    outbox = Outbox()
    raw = forward(SPAM, more=PROVEN)
    _, (report,) = serving(tmp_path, send(raw, "pourriel@example.org"), outbox=outbox, reply=REPLY)
    ((sender, recipient, mail),) = outbox.sent
    text = mail.decode()
    assert (sender, recipient) == ("", "ann@example.com")
    assert report["ticket"] in text
    assert "Votre signalement" in text.partition("\r\n\r\n")[2]
    assert "Auto-Submitted: auto-replied" in text
    assert "evil.example" not in text


@pytest.mark.parametrize(
    "more",
    [
        "",
        "List-Id: x\n",
        "Precedence: bulk\n",
        "Auto-Submitted: auto-generated\n",
        "X-Loop: them@example.com\n",
    ],
)
def test_whoever_is_not_proven_or_no_person_is_not_answered(tmp_path: Path, more: str) -> None:
    """A forged sender, a list and a machine get no mail from us; the report counts all the same."""
    outbox = Outbox()
    raw = forward(SPAM, more=more and PROVEN + more)
    _, reports = serving(tmp_path, send(raw), outbox=outbox, reply=REPLY)
    assert outbox.sent == []
    assert len(reports) == 1


def test_a_null_return_path_is_not_answered(tmp_path: Path) -> None:
    """What can't be answered is not, however well it is proven."""
    outbox = Outbox()
    serving(tmp_path, send(forward(SPAM, more=PROVEN), sender=""), outbox=outbox, reply=REPLY)
    assert outbox.sent == []


def test_one_person_is_thanked_so_often_and_not_for_repetitions(tmp_path: Path) -> None:
    """Two a day here; a mail that came before is not thanked again."""
    outbox = Outbox()

    def talk(port: int) -> None:
        for number in (1, 1, 2, 3, 4):
            send(forward(SPAM + str(number), number=number, more=PROVEN))(port)

    _, reports = serving(tmp_path, talk, outbox=outbox, reply=REPLY)
    assert len(reports) == 4
    assert len(outbox.sent) == 2
