"""Feedback reports: read as mailbox providers send them, written, read back; CFBL's wish and its answer."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.doors.mail.mails import SPAM, feedback
from tocsin.doors.mail import arf, arf_writing, cfbl, mime
from tocsin.doors.mail.arf import Feedback
from tocsin.doors.mail.arf_writing import Letter
from tocsin.doors.mail.authentication import authenticated
from tocsin.doors.mail.headers import Headers
from tocsin.doors.mail.reports import Came, Found, Mailbox, items
from tocsin.errors import Malformed, Rejected
from tocsin.records import Source

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples" / "arf"
RCPT = "Original-Rcpt-To: <bob@provider.example>"


def report(raw: bytes) -> Found:
    """Return the one report of a feedback report."""
    (one,) = items(Came(mime.read(raw), "", Mailbox(), NOW, 10_000), "in")
    if isinstance(one, Rejected):
        raise one
    return one[0], one[1].source


@pytest.mark.parametrize(
    ("kind", "category", "source"),
    [
        ("abuse", "", Source.CONSUMER_REPORT),
        ("fraud", "fraud", Source.CONSUMER_REPORT),
        ("virus", "malware", Source.FILTER_DECISION),
        ("not-spam", "wanted", Source.CONSUMER_REPORT),
        ("auth-failure", "", Source.FILTER_DECISION),
        ("x-new-type", "", Source.CONSUMER_REPORT),
    ],
)
def test_each_type_of_feedback_is_taken(kind: str, category: str, source: Source) -> None:
    """Known types claim a category or name their source; unknown ones count (RFC 5965, 6430, 6591, 6650)."""
    submission, given = report(feedback(f"Feedback-Type: {kind}\nVersion: 1\nUser-Agent: X\n{RCPT}"))
    assert (submission.claimed_category, given) == (category, source)
    assert submission.sender == "win@spam.example"
    assert ("x-new-type" in submission.comment) == (kind == "x-new-type")


def test_the_complainer_is_the_reporter_and_nowhere_else() -> None:
    """A provider's own address would make all its users one reporter."""
    submission, _ = report(feedback(f"Feedback-Type: abuse\n{RCPT}", SPAM.replace("ann@", "bob@provider.")))
    assert submission.reporter == "bob@provider.example"
    assert "bob@" not in submission.content


def test_a_redacted_report_is_taken() -> None:
    """RFC 6590: no recipient, no body; one stand-in that all share is no one."""
    fields = "Feedback-Type: abuse\nOriginal-Rcpt-To: redacted@x\nOriginal-Mail-From: <w@spam.example>"
    submission, _ = report(feedback(fields, "REDACTED"))
    assert (submission.reporter, submission.sender) == ("", "w@spam.example")


MALFORMED = {
    "arf.no_type": "Version: 1",
    "arf.bad_type": "Feedback-Type: two words",
    "arf.bad_incidents": "Feedback-Type: abuse\nIncidents: many",
}


@pytest.mark.parametrize("code", MALFORMED)
def test_a_malformed_report_is_named_and_what_it_carries_counts(code: str) -> None:
    """The bad part is refused by name; the mail it holds is good and is taken."""
    bad, good = items(Came(mime.read(feedback(MALFORMED[code])), "", Mailbox(), NOW, 1000), "in")
    assert isinstance(bad, Malformed)
    assert bad.code == code
    assert not isinstance(good, Rejected)
    assert good[0].sender == "win@spam.example"


def test_a_report_without_its_second_part_is_malformed() -> None:
    """It says that it is one, and has nothing to read."""
    raw = feedback("").replace(b"message/feedback-report", b"text/plain")
    bad, _ = items(Came(mime.read(raw), "", Mailbox(), NOW, 1000), "in")
    assert isinstance(bad, Malformed)
    assert bad.code == "arf.no_report"


def test_a_report_about_nothing_is_refused() -> None:
    """A type alone is no report."""
    raw = feedback("Feedback-Type: abuse").partition(b"--b\nContent-Type: message/rfc822")[0] + b"--b--\n"
    with pytest.raises(Rejected) as refusal:
        report(raw)
    assert refusal.value.code == "arf.empty"


@pytest.mark.shared
@pytest.mark.parametrize("file", sorted(SAMPLES.rglob("*.eml")), ids=lambda file: file.name)
def test_what_providers_really_send_is_taken(file: Path) -> None:
    """Real feedback reports give a sender; the one mail among them that is none is named so."""
    if file.name == "arf-26.eml":
        with pytest.raises(Rejected, match="automatic answer"):
            report(file.read_bytes())
        return
    submission, _ = report(file.read_bytes())
    assert submission.sender


WORD = st.text(st.characters(codec="ascii", exclude_categories=["Cc", "Zs"]), min_size=1, max_size=30)
MANY = st.lists(WORD, max_size=3).map(tuple)
FEEDBACKS = st.builds(
    Feedback,
    feedback_type=st.sampled_from(["abuse", "fraud", "not-spam", "auth-failure", "x-other"]),
    user_agent=WORD,
    original_mail_from=WORD,
    original_rcpt_to=MANY,
    arrival_date=WORD,
    source_ip=WORD,
    source_port=WORD,
    incidents=st.integers(1, 10**8),
    reported_domains=MANY,
    reported_uris=MANY,
    auth_failure=WORD,
    authentication_results=MANY,
    feedback_ids=MANY,
    others=st.lists(st.tuples(st.sampled_from(["x-one", "x-two"]), WORD), max_size=3).map(tuple),
)


@given(FEEDBACKS, st.text(max_size=50))
def test_a_written_report_reads_back_the_same(feedback_: Feedback, explanation: str) -> None:
    """Every field survives; the mail that is reported comes back as it was."""
    letter = Letter("abuse@example.org", "fbl@sender.example", NOW, "<1@example.org>", "Report", explanation)
    read, original = arf.read(mime.read(arf_writing.write(feedback_, SPAM.encode(), letter)))
    assert read == feedback_
    assert original is not None
    assert original.headers.fields == mime.read(SPAM.encode()).headers.fields


@given(st.text(max_size=60))
def test_no_value_can_begin_another_field(value: str) -> None:
    """A hostile value stays a value."""
    letter = Letter("a@b.example", "c@d.example", NOW)
    hostile = Feedback(feedback_type="abuse", user_agent=value)
    written = arf_writing.write(hostile, b"Subject: x\n\nx", letter)
    read, _ = arf.read(mime.read(written))
    assert read.others == ()
    assert read.incidents == 1


WISH = [
    ("from", "News <news@sender.example>"),
    ("to", "Ann <ann@example.com>"),
    ("received", "from x by mail.example.com for <ann@example.com>; now"),
    ("cfbl-address", "fbl@sender.example; report=arf"),
    ("cfbl-feedback-id", "111:222: 333"),
    ("list-unsubscribe", "<https://sender.example/u?ann@example.com>"),
    ("dkim-signature", "v=1; d=sender.example; h=From:CFBL-Address:CFBL-Feedback-ID; b=x"),
    ("authentication-results", "mx.example.org; dkim=pass header.d=sender.example"),
]


def _changed(name: str, value: str | None) -> Headers:
    changed = [(field, value if field == name and value is not None else old) for field, old in WISH]
    return Headers([pair for pair in changed if value is not None or pair[0] != name])


def test_a_senders_wish_for_complaints_is_read() -> None:
    """Address, id without its blanks, and format (RFC 9477, section 3)."""
    assert cfbl.read(Headers(WISH)) == cfbl.Loop("fbl@sender.example", "111:222:333", "arf")


def test_dkim_must_vouch_for_the_wish() -> None:
    """Our server's word that it holds, the domain, the fields it covers: anything less is no wish."""
    assert cfbl.vouched(Headers(WISH), "mx.example.org")
    for name, value in (
        ("dkim-signature", "v=1; d=sender.example; h=From; b=x"),
        ("dkim-signature", "v=1; d=other.example; h=CFBL-Address:CFBL-Feedback-ID; b=x"),
        ("authentication-results", "mx.example.org; dkim=fail header.d=sender.example"),
        ("authentication-results", "forged.example; dkim=pass header.d=sender.example"),
        ("authentication-results", None),
        ("cfbl-address", None),
    ):
        assert not cfbl.vouched(_changed(name, value), "mx.example.org"), (name, value)


def test_a_complaint_names_the_mail_and_not_the_complainer() -> None:
    """The answer carries the id; no recipient, hop or address of the reporter is in it."""
    written = cfbl.report(Headers(WISH), "abuse@example.org", NOW, "<1@example.org>")
    assert b"ann@example.com" not in written
    read, original = arf.read(mime.read(written))
    assert (read.feedback_type, read.feedback_ids) == ("abuse", ("111:222:333",))
    assert original is not None
    assert original.headers.first("cfbl-feedback-id") == "111:222: 333"


PROOF = "mx.example.org; spf=fail (a; b) smtp.mailfrom=x; dmarc=pass (p=none) header.from=example.com"


@pytest.mark.parametrize(
    ("fields", "proven"),
    [
        ([("authentication-results", PROOF)], True),
        ([("authentication-results", PROOF.replace("dmarc=pass", "dmarc=fail"))], False),
        (
            [("authentication-results", PROOF.replace("from=example.com", "from=evil.example"))],
            False,
        ),
        ([("authentication-results", PROOF.replace("mx.", "evil.", 1))], False),
        ([("authentication-results", "mx.example.org; none"), ("authentication-results", PROOF)], False),
        ([("authentication-results", PROOF), ("from", "b@example.com")], False),
        ([], False),
    ],
)
def test_only_our_own_servers_word_proves_a_sender(fields: list[tuple[str, str]], proven: bool) -> None:
    """Another server's word, a field below ours, another domain or a second author prove nothing."""
    assert authenticated(Headers([("from", "ann@example.com"), *fields]), "mx.example.org") is proven
