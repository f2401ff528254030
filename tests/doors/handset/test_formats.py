"""MARS, RCS and XARF readers: what each gives, and what each refuses by the field's name."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.doors.handset import mars, rcs, xarf
from tocsin.doors.handset.mime_text import read_mail, unwrap, wrap
from tocsin.doors.xmpp.xml import DEEPEST, LONGEST, MOST_ELEMENTS
from tocsin.errors import Malformed, Rejected

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples"
MARS: dict[str, Any] = {
    "v": "1",
    "u": "Operator/Messages/2.3",
    "s": "12345",
    "m": {"p": "RCS", "t": "2026-11-01T12:00:00Z", "c": "Hello"},
}


@pytest.fixture
def samples() -> Path:
    """The folder of real samples beside the checkout."""
    if not SAMPLES.is_dir():
        pytest.skip("the samples are not beside this checkout")
    return SAMPLES


def refusal(read: Any, document: bytes) -> Rejected:
    """Return why a reader refuses a document."""
    with pytest.raises(Rejected) as caught:
        read(document)
    return caught.value


@pytest.mark.parametrize("read", [mars.read, rcs.read, xarf.read])
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(read: Any, document: bytes) -> None:
    """Nothing but Rejected (and Malformed) comes out of any bytes."""
    with suppress(Rejected):
        read(document)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("read", [mars.read, xarf.read])
@given(data=st.data())
def test_a_report_with_one_strange_field_is_read_or_refused(read: Any, data: st.DataObject) -> None:
    """Any JSON value in any field of a good report gives a submission or a refusal."""
    good = MARS if read is mars.read else report()
    field = data.draw(st.sampled_from(sorted(good)))
    document = json.dumps(good | {field: data.draw(_json)})
    with suppress(Rejected):
        read(document.encode("utf-8", "surrogatepass"))


@pytest.mark.shared
def test_every_example_of_the_mars_schema_is_read(samples: Path) -> None:
    """Four examples: channels, senders, times; `legit` is a claim that it was wanted."""
    examples = json.loads((samples / "mars" / "schema.json").read_text(encoding="utf-8"))["examples"]
    read = [mars.read(json.dumps(example).encode()) for example in examples]
    assert [one.channel for one in read] == ["sms", "mms", "rcs", "sms"]
    assert [one.claimed_category for one in read] == ["", "wanted", "", ""]
    assert read[0].sent_at == datetime(2024, 3, 12, 15, 45, 22, tzinfo=UTC)
    assert read[1].content.startswith("This is the text part of the message.")
    assert read[2].content == "Buy v1agra here: http://example.net"
    assert read[2].message_id == "20275d91-690f-4908-a191-f1a16d0a770b"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"v": "2"}, "v"),
        ({"u": "nobody"}, "u"),
        ({"u": "A_B/C/1"}, "u"),
        ({"s": ""}, "s"),
        ({"s": "a\nb"}, "s"),
        ({"s": "x" * 351}, "s"),
        ({"r": ""}, "r"),
        ({"i": "20275d91-690f-1908-a191-f1a16d0a770b"}, "i"),
        ({"d": "maybe"}, "d"),
        ({"m": {}}, "m.p"),
        ({"m": MARS["m"] | {"t": "2026-11-01 12:00:00"}}, "m.t"),
        ({"m": MARS["m"] | {"t": "2026-02-30T12:00:00Z"}}, "m.t"),
        ({"m": MARS["m"] | {"c": ""}}, "m.c"),
        ({"m": MARS["m"] | {"p": "email"}}, "m.p"),
    ],
)
def test_a_mars_report_is_refused_by_the_field(change: dict[str, Any], field: str) -> None:
    """Each field that is not as the schema wants it is named."""
    assert refusal(mars.read, json.dumps(MARS | change).encode()).field == field


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_wrapped_text_is_unwrapped(text: str) -> None:
    """Text that looks like MIME goes and comes back as it was."""
    for words in (text, f"Content-Type: {text}", f"mime-version : 1\r\n\r\n{text}"):
        assert unwrap(wrap(words)) == words


def test_a_mime_bomb_is_not_parsed() -> None:
    """A thousand nested multiparts are refused before the parser sees them."""
    nest = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\r\n\r\n--{n}\r\n' for n in range(1000))
    document = json.dumps(MARS | {"m": MARS["m"] | {"c": nest}}).encode()
    assert refusal(mars.read, document).code == "mail.too_deep"


@given(st.binary(max_size=400))
def test_any_mail_is_read(tail: bytes) -> None:
    """Hostile headers, charsets and encodings give a text or a refusal."""
    for head in (b"Content-Type: ", b"From: ", b"Subject: =?", b"Content-Type: text/plain; charset=", b""):
        with suppress(Rejected):
            read_mail(head + tail)


def test_html_is_read_as_text() -> None:
    """A mail of HTML alone gives its words, without marks."""
    html = b"<p>Pay <b>now</b></p><script>x()</script><style>p {}</style>"
    assert read_mail(b"Content-Type: text/html\r\n\r\n" + html).text.split() == ["Pay", "now"]


def test_the_victim_is_taken_out_of_a_mail() -> None:
    """Whoever a mail was for stands neither in its words nor as its sender."""
    head = b"From: me@home.example\r\nTo: Jane Doe <me@home.example>\r\nSubject: Jane Doe\r\n"
    assert read_mail(head + b"\r\nHi me@home.example") == ("", "⟨name⟩", "Hi ⟨address⟩")


def rcs_report(inside: str, namespace: str = rcs.NAMESPACE) -> bytes:
    """Make an RCS spam report around elements."""
    return f'<?xml version="1.0" encoding="UTF-8"?><SR xmlns="{namespace}">{inside}</SR>'.encode()


def test_an_rcs_report_as_handsets_send_it() -> None:
    """A chatbot, no message id, an empty type and words in Chinese."""
    read = rcs.read(
        rcs_report(
            "\n <Chatbot>sip:12520040106@botplatform.example</Chatbot>\n <spam-type></spam-type>"
            "\n <free-text>天天骚扰</free-text>\n"
        )
    )
    assert (read.channel, read.sender) == ("rcs", "12520040106@botplatform.example")
    assert (read.comment, read.message_id, read.claimed_category) == ("天天骚扰", "", "")


@pytest.mark.parametrize(
    ("uri", "sender"),
    [
        ("tel:+447700900123", "+447700900123"),
        ("sip:+447700900123@ims.example;user=phone", "+447700900123"),
        ("SIP:bot@example.com?x=1", "bot@example.com"),
        ("tel:7726;phone-context=+44", "7726"),
    ],
)
def test_a_chatbots_uri_gives_its_number_or_address(uri: str, sender: str) -> None:
    """SIP and tel URIs, with parameters."""
    assert rcs.read(rcs_report(f"<Chatbot>{uri}</Chatbot>")).sender == sender


def test_an_rcs_type_the_vocabulary_does_not_know_is_kept_readable() -> None:
    """`Blackmail` becomes the subject; `fraud.parcel` is a claimed category."""
    for kind, subject, category in (("Blackmail", "Blackmail", ""), ("fraud.parcel", "", "fraud.parcel")):
        read = rcs.read(rcs_report(f"<Chatbot>sip:a@b.example</Chatbot><spam-type>{kind}</spam-type>"))
        assert (read.subject, read.claimed_category) == (subject, category)


@pytest.mark.parametrize("count", [0, 1, 10])
def test_an_rcs_report_names_up_to_ten_messages(count: int) -> None:
    """Ids are kept in order, separated by a space."""
    ids = [f"m{number}" for number in range(count)]
    inside = "<Chatbot>sip:a@b.example</Chatbot>" + "".join(f"<Message-ID>{i}</Message-ID>" for i in ids)
    assert rcs.read(rcs_report(inside)).message_id == " ".join(ids)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (
            rcs_report("<Chatbot>sip:a@b.example</Chatbot>" + "<Message-ID>1</Message-ID>" * 11),
            "Message-ID.too_many",
        ),
        (rcs_report("<Chatbot>sip:a@b.example</Chatbot>" * 2), "Chatbot.too_many"),
        (rcs_report("<Chatbot>a</Chatbot>"), "Chatbot.invalid"),
        (rcs_report("<Chatbot>sip:a@b c</Chatbot>"), "Chatbot.invalid"),
        (rcs_report(""), "Chatbot.missing"),
        (rcs_report("<Chatbot>sip:a@b.example</Chatbot>", "urn:other"), "xml.root"),
        (rcs_report("<a>" * DEEPEST + "</a>" * DEEPEST), "xml.too_large"),
        (rcs_report("<a/>" * MOST_ELEMENTS), "xml.too_large"),
        (rcs_report("x" * LONGEST), "xml.too_large"),
        (b"<SR>", "xml.syntax"),
        (b'<!DOCTYPE SR SYSTEM "http://evil.example/x.dtd"><SR/>', "xml.syntax"),
        (b'<!DOCTYPE SR [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><SR>&b;</SR>', "xml.syntax"),
        (rcs_report("<Chatbot>&undefined;</Chatbot>"), "xml.syntax"),
        (rcs_report("<Chatbot>\x00</Chatbot>"), "xml.syntax"),
    ],
)
def test_an_rcs_report_is_refused_by_name(document: bytes, code: str) -> None:
    """Too much, too deep, a document type, entities, another document."""
    assert refusal(rcs.read, document).code == code


def report(**changes: Any) -> dict[str, Any]:
    """Make a XARF report of a fraud by SMS."""
    contact = {"org": "Operator", "contact": "abuse@operator.example", "domain": "operator.example"}
    return {
        "xarf_version": "4.2.0",
        "report_id": "02eb480f-8172-431a-9276-c28ba90f694a",
        "timestamp": "2026-11-01T12:00:00Z",
        "reporter": contact,
        "sender": contact,
        "source_identifier": "+447700900123",
        "category": "messaging",
        "type": "spam",
        "protocol": "sms",
        "evidence": [{"content_type": "text/plain", "payload": base64.b64encode(b"Pay").decode()}],
    } | changes


@pytest.mark.shared
def test_the_xarf_samples_about_messages_are_read(samples: Path) -> None:
    """The samples of `messaging` become reports; those about hosts and websites are refused by name."""
    read, refused = {}, {}
    for file in sorted((samples / "xarf" / "samples" / "v4").glob("*.json")):
        try:
            read[file.stem] = xarf.read(file.read_bytes())
        except Rejected as error:
            refused[file.stem] = error.code
    assert set(read) == {"messaging-bulk-messaging", "messaging-spam"}
    assert set(refused.values()) == {"type.unsupported", "evidence.missing"}
    spam = read["messaging-spam"]
    assert (spam.channel, spam.sender) == ("email", "marketing@example.com")
    assert spam.subject == "Urgent: Claim Your Prize Now!"


def test_phishing_that_carries_its_mail_is_a_report() -> None:
    """A `content/phishing` report with a mail as evidence claims phishing, by its author's address."""
    mail = b"From: Bank <bank@fraud.example>\r\nSubject: Act now\r\n\r\nLog in at http://bank.example"
    evidence = [{"content_type": "message/rfc822", "payload": base64.b64encode(mail).decode()}]
    changes = {"category": "content", "type": "phishing", "evidence": evidence, "protocol": ""}
    read = xarf.read(json.dumps(report(**changes)).encode())
    assert (read.channel, read.sender, read.subject) == ("email", "bank@fraud.example", "Act now")
    assert (read.content, read.claimed_category) == ("Log in at http://bank.example", "fraud.phishing")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"xarf_version": "3.0.0"}, "xarf_version"),
        ({"report_id": "1"}, "report_id"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "2026-11-01T12:00:00"}, "timestamp"),
        ({"category": "connection", "type": "ddos"}, "type"),
        ({"protocol": "pigeon"}, "protocol"),
        ({"evidence": [{"content_type": "text/plain", "payload": "%"}]}, "evidence[0].payload"),
        ({"reporter": {"org": "x"}}, "reporter.contact"),
        ({"tags": ["a:b"] * 21}, "tags"),
    ],
)
def test_a_xarf_report_is_refused_by_the_field(change: dict[str, Any], field: str) -> None:
    """Each field that is not as the schema wants it is named."""
    assert refusal(xarf.read, json.dumps(report(**change)).encode()).field == field


def test_a_surrogate_alone_is_malformed() -> None:
    """JSON that names half a character is not read."""
    with pytest.raises(Malformed):
        mars.read(b'{"v": "\\ud800"}')
