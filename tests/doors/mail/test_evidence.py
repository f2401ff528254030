"""What a mail reports is found, and nothing of its reporter stays in it."""

from base64 import encodebytes
from datetime import UTC, datetime

import pytest

from tests.doors.mail.mails import SPAM, feedback, forward, plain
from tests.doors.mail.outlook_file import outlook_file
from tocsin.doors.mail import mime
from tocsin.doors.mail.reports import Came, Mailbox, identity, items
from tocsin.errors import Rejected
from tocsin.records import Source, Submission

PLAIN = Mailbox()
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


def reported(raw: bytes, mailbox: Mailbox = PLAIN, mail_from: str = "ann@example.com") -> list[Submission]:
    """Return what a mail reports; fails on a refusal."""
    found = items(Came(mime.read(raw), mail_from, mailbox, NOW, 10_000), "in")
    assert not any(isinstance(one, Rejected) for one in found), found
    return [one[0] for one in found if not isinstance(one, Rejected)]


def test_an_attached_mail_is_what_is_reported() -> None:
    """Sender, subject, date and text are the attached mail's; the comment is the reporter's."""
    (one,) = reported(forward(SPAM))
    assert one.sender == "win@spam.example"
    assert one.subject == "You won €500"
    assert one.sent_at == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert "claim here" in one.content
    assert one.comment.startswith("I did not ask for this.")
    assert one.reporter == "ann@example.com"


def test_the_reporter_is_taken_out_of_the_evidence() -> None:
    """Neither the address, nor its form in links, nor the name is left anywhere but in `reporter`."""
    (one,) = reported(forward(SPAM))
    rest = f"{one.content}{one.subject}{one.comment}{one.sender}{one.message_id}"
    for trace in ("ann@example.com", "ann%40example.com", "Ann Example"):
        assert trace not in rest
    assert "http://evil.example/?m=⟨address⟩" in one.content


def test_a_name_on_the_envelope_alone_is_taken_out_too() -> None:
    """The address that only SMTP's MAIL FROM shows is the reporter's as well."""
    (one,) = reported(plain("Dear a.b@work.example, you won"), mail_from="a.b@work.example")
    assert one.content == "Dear ⟨address⟩, you won"


def test_blackmail_in_the_victims_own_name_has_no_sender() -> None:
    """Spam that pretends to be from its recipient must not put the victim's address into the sender."""
    (one,) = reported(forward(SPAM.replace("win@spam.example", "ann@example.com")))
    assert one.sender == ""


def test_several_attached_mails_are_as_many_reports() -> None:
    """Each has an id of its own, so that each counts once."""
    found = reported(forward(SPAM, SPAM.replace("500", "600").replace("claim", "take")))
    assert len({one.message_id for one in found}) == 2


def test_a_mail_with_one_good_and_one_bad_part_still_counts() -> None:
    """The bad attachment is refused by name, the good one is taken."""
    raw = forward(SPAM, kind="message/rfc822").replace(
        b"--b--", b"--b\nContent-Type: application/vnd.ms-outlook\n\nnot one\n--b--"
    )
    good, bad = items(Came(mime.read(raw), "", Mailbox(), NOW, 1000), "in")
    assert not isinstance(good, Rejected)
    assert isinstance(bad, Rejected)
    assert bad.code == "msg.unreadable"


@pytest.mark.parametrize(
    "kind",
    [
        'application/octet-stream; name="spam.eml"',
        "message/global",
        "text/plain\nContent-Disposition: attachment; filename*=utf-8''spam.EML",
    ],
)
def test_an_attachment_is_a_mail_by_type_or_name(kind: str) -> None:
    """Programs attach mails under many types."""
    assert reported(forward(SPAM, kind=kind))[0].sender == "win@spam.example"


def test_outlooks_own_files_are_read() -> None:
    """A `.msg` attachment gives sender, subject, date and text."""
    file = outlook_file(
        {
            "0037001F": "You won",
            "1000001F": "Dear ann@example.com, claim at http://evil.example",
            "5D01001F": "win@spam.example",
            "007D001F": "Date: Tue, 3 Mar 2026 10:00:00 +0000\r\nTo: ann@example.com\r\n",
        }
    )
    (one,) = reported(_with_file("spam.msg", file))
    assert (one.sender, one.subject) == ("win@spam.example", "You won")
    assert one.content == "Dear ⟨address⟩, claim at http://evil.example"
    assert one.sent_at == datetime(2026, 3, 3, 10, tzinfo=UTC)


def _with_file(name: str, data: bytes) -> bytes:
    head = plain("see attachment").split(b"Content-Type")[0]
    kind = (
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: application/x; name='
        + name.encode()
    )
    return head + kind + b"\nContent-Transfer-Encoding: base64\n\n" + encodebytes(data) + b"\n--b--\n"


FORWARDS = {
    "gmail": "---- Forwarded message ----\nFrom: Win <{}>\nDate: Tue, 3 Mar 2026 10:00:00 +0000\n"
    "Subject: You won\nTo: <ann@example.com>\n\n{}",
    "apple": "Begin forwarded message:\n\n> From: Win <{}>\n> Subject: You won\n> To: x\n>\n> {}",
    "outlook": "-----Original Message-----\nFrom: Win [mailto:{}]\nSent: x\nTo: x\nSubject: You won\n\n{}",
    "new outlook": "____\nFrom: Win <{}>\nSent: x\nTo: x\nSubject: You won\n\n{}",
    "html": "*From:* Win <{}>\n*Sent:* Tuesday\n*To:* Ann\n*Subject:* You won\n\n{}",
    "de": "---- Weitergeleitete Nachricht ----\nBetreff: You won\nDatum: heute\nVon: Win <{}>\nAn: x\n\n{}",
    "fr": "---- Message transféré ----\nDe : Win <{}>\nDate : mar. 3 mars\nObjet : You won\nÀ : x\n\n{}",
    "es": "---- Mensaje reenviado ----\nDe: Win <{}>\nEnviado: hoy\nAsunto: You won\nPara: x\n\n{}",
    "ru": "---- Пересылаемое сообщение ----\nОт: Win <{}>\nДата: сегодня\nТема: You won\nКому: x\n\n{}",
    "zh": "---- 转发的邮件 ----\n发件人：Win <{}>\n日期：今天\n主题：You won\n收件人：x\n\n{}",
    "ar": "---- رسالة معاد توجيهها ----\nمن: Win <{}>\nالتاريخ: اليوم\nالموضوع: You won\nإلى: x\n\n{}",
}


@pytest.mark.parametrize("program", FORWARDS)
def test_an_inline_forward_is_found(program: str) -> None:
    """The forms of mail programs in many languages: sender, subject and text are the original's."""
    text = "spam again!\n\n" + FORWARDS[program].format("win@spam.example", "claim it, ann@example.com")
    (one,) = reported(plain(text))
    assert (one.sender, one.subject) == ("win@spam.example", "You won")
    assert one.content == "claim it, ⟨address⟩"
    assert one.comment == "spam again!"


def test_an_inline_forward_as_html_is_found() -> None:
    """A forward that has no plain text is read from its HTML."""
    html = (
        "<div>---- Forwarded message ----<br>From: <b>Win</b> &lt;<a href='mailto:w@spam.example'>"
        "w@spam.example</a>&gt;<br>Subject: You won<br></div><div><a href='http://evil.example/'>claim</a></div>"
    )
    (one,) = reported(plain(html).replace(b"text/plain", b"text/html"))
    assert one.sender == "w@spam.example"
    assert one.content == "claim\nhttp://evil.example/"


def test_a_mail_that_forwards_nothing_is_itself_the_report() -> None:
    """Its own words are the content, its author the reporter, and the sender of the spam stays unknown."""
    (one,) = reported(plain("I got an SMS: win a prize"), Mailbox(channel="sms", jurisdiction="FR"))
    assert (one.sender, one.content, one.subject) == ("", "I got an SMS: win a prize", "You won")
    assert (one.channel, one.jurisdiction) == ("sms", "FR")


def test_a_traps_catch_is_the_spam_itself() -> None:
    """What comes to an address that nobody was given is no consumer's report."""
    ((one, envelope),) = items(Came(mime.read(SPAM.encode()), "", Mailbox(trap=True), NOW, 1000), "in")
    assert (one.sender, one.reporter, one.recipient) == ("win@spam.example", "", "ann@example.com")
    assert envelope.source is Source.TRAP


@pytest.mark.parametrize("raw", [forward(SPAM), plain("x"), feedback("Feedback-Type: abuse")])
def test_a_mail_has_the_same_name_whenever_it_comes(raw: bytes) -> None:
    """A further Received line and other line ends do not make it another mail."""
    again = b"Received: from a by b; now\r\n" + raw.replace(b"\n", b"\r\n")
    assert identity(mime.read(again)) == identity(mime.read(raw))


def test_without_a_message_id_the_words_name_a_mail() -> None:
    """Two mails without an id are told apart."""
    one, other = (mime.read(b"From: a@example.com\n\n" + words) for words in (b"x", b"y"))
    assert identity(one) != identity(other)


@pytest.mark.parametrize(
    "more", ["Auto-Submitted: auto-replied\n", "X-Autoreply: yes\n", "Precedence: auto_reply\n"]
)
def test_a_notice_of_absence_reports_nothing(more: str) -> None:
    """What a machine answers is refused by name."""
    with pytest.raises(Rejected) as refusal:
        reported(plain("I am away", more=more))
    assert refusal.value.code == "mail.automatic"


def test_an_xarf_document_is_handed_to_its_reader() -> None:
    """A XARF attachment is read by the handset door's reader; what it refuses is refused by name."""
    raw = forward("{}", kind="application/xarf+json")
    (one,) = items(Came(mime.read(raw), "", Mailbox(), NOW, 1000), "in")
    assert isinstance(one, Rejected)
