"""Reading and writing reports: any bytes are read or refused by name; what is written is read back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.doors.xmpp.report import (
    ABUSE,
    SPAM,
    Blocked,
    Complaint,
    Excerpt,
    StanzaId,
    bare,
    from_submission,
    read_block,
    to_submission,
    write_block,
)
from tocsin.doors.xmpp.xml import DEEPEST, LONGEST, MOST_ELEMENTS, Element, Stream, read_document
from tocsin.errors import Malformed, Rejected
from tocsin.records import Submission

xml_text = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=80
)
jids = st.from_regex(r"[a-z0-9]{1,12}@[a-z0-9]{1,12}\.example", fullmatch=True)
complaints = st.builds(
    Complaint,
    reason=st.sampled_from([SPAM, ABUSE]),
    text=xml_text,
    stanza_ids=st.lists(st.builds(StanzaId, jids, xml_text), max_size=3).map(tuple),
    report_origin=st.booleans(),
    third_party=st.booleans(),
)
bodies = xml_text.filter(lambda text: bool(text.strip()))
stamps = st.sampled_from(["", "2026-01-01T12:00:00Z"])
reported = st.builds(
    Blocked, jids, complaints, st.lists(st.builds(Excerpt, bodies, stamps), max_size=2).map(tuple)
)


@given(st.lists(reported, min_size=1, max_size=4))
def test_blocks_round_trip(blocked: list[Blocked]) -> None:
    """Every field of a report, and every reported message, comes back."""
    assert read_block(read_document(write_block(blocked).write().encode())) == blocked


@given(
    st.builds(Blocked, jids, complaints, st.lists(st.builds(Excerpt, bodies, stamps), max_size=1).map(tuple))
)
def test_submissions_round_trip_but_for_what_is_stated(blocked: Blocked) -> None:
    """Only the stanzas' ids and the permission to tell the sender's server are lost."""
    again = from_submission(to_submission(blocked, "juliet@example.net", "1", 100_000))
    kept = blocked.complaint._replace(stanza_ids=(), report_origin=False)
    assert (again.jid, again.complaint) == (blocked.jid, kept)
    assert [each.body for each in again.excerpts] == [each.body for each in blocked.excerpts]


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing else is raised, of a document and of a stream."""
    for read in (read_document, Stream().feed):
        try:
            read(data)
        except Malformed:
            continue


@given(st.lists(reported, min_size=1, max_size=3), st.integers(1, 40))
def test_a_stream_is_the_same_however_it_is_cut(blocked: list[Blocked], size: int) -> None:
    """Bytes come as the network cuts them."""
    data = b"<?xml version='1.0'?><stream xmlns='s'>" + write_block(blocked).write("s").encode() * 2
    stream = Stream()
    found: list[Element] = []
    for start in range(0, len(data), size):
        found += stream.feed(data[start : start + size])
    assert [read_block(each) for each in found] == [blocked, blocked]


@given(st.recursive(st.just([]), lambda inner: st.lists(inner, max_size=3), max_leaves=8), xml_text)
def test_any_element_is_a_report_or_refused(shape: list[object], text: str) -> None:
    """Whatever stands in a block."""

    def build(each: object, names: tuple[str, ...]) -> Element:
        children = [build(child, names[1:] or names) for child in each] if isinstance(each, list) else []
        return Element("urn:xmpp:blocking", names[0], {"jid": text}, children, text)

    try:
        read_block(build(shape, ("block", "item", "report")))
    except Rejected:
        return


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml.restricted"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "xml.restricted"),
        (b"<a>&b;</a>", "xml.syntax"),
        (b"<a><!-- x --></a>", "xml.restricted"),
        (b"<a><?php x ?></a>", "xml.restricted"),
        (b"<a>" * (DEEPEST + 2), "xml.too_large"),
        (b"<a>" + b"<b/>" * MOST_ELEMENTS + b"</a>", "xml.too_large"),
        (b"<a>" + b"x" * LONGEST + b"</a>", "xml.too_large"),
        (b"<a b='" + b"x" * LONGEST, "xml.too_large"),
        (b"<a>\xff</a>", "xml.syntax"),
        (b"<a/><b/>", "xml.syntax"),
        (b"</document><document>", "xml.syntax"),
        (b"", "xml.syntax"),
    ],
)
def test_hostile_documents_are_refused_by_name(document: bytes, code: str) -> None:
    """Nothing is expanded, fetched or held beyond a bound."""
    read = Stream().feed if document.startswith(b"<!") else read_document
    with pytest.raises(Malformed) as refusal:
        read(document)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("block", "code"),
    [
        ("<block xmlns='urn:xmpp:blocking'/>", "xmpp.no_report"),
        ("<block xmlns='urn:xmpp:blocking'><item jid='a@b.example'/></block>", "xmpp.no_report"),
        ("<unblock xmlns='urn:xmpp:blocking'/>", "xmpp.payload"),
        (
            "<block xmlns='urn:xmpp:blocking'><item><report xmlns='urn:xmpp:reporting:1'/></item></block>",
            "xmpp.jid",
        ),
        (
            "<block xmlns='urn:xmpp:blocking'>" + "<item jid='a@b.example'/>" * 51 + "</block>",
            "xmpp.too_many",
        ),
    ],
)
def test_blocks_that_report_nobody_are_refused_by_name(block: str, code: str) -> None:
    """Blocking alone is no report."""
    with pytest.raises(Rejected) as refusal:
        read_block(read_document(block.format("urn:xmpp:blocking").encode()))
    assert refusal.value.code == code


def test_the_example_of_the_standard() -> None:
    """XEP-0377, with every element of version 0.4."""
    document = (
        b"<block xmlns='urn:xmpp:blocking'><item jid='Romeo@Montague.Example/orchard'>"
        b"<report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'>"
        b"<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.example' id='28482'/>"
        b"<text xml:lang='en'>Never came trouble to my house like this.</text>"
        b"<report-origin/><third-party/></report></item></block>"
    )
    (blocked,) = read_block(read_document(document))
    words = "Never came trouble to my house like this."
    complaint = Complaint(
        SPAM, words, (StanzaId("juliet@capulet.example", "28482"),), report_origin=True, third_party=True
    )
    assert blocked == Blocked("Romeo@montague.example", complaint)


def test_the_first_version_is_read_too() -> None:
    """`urn:xmpp:reporting:0` names its reason by an element."""
    document = (
        b"<block xmlns='urn:xmpp:blocking'><item jid='a@b.example'>"
        b"<report xmlns='urn:xmpp:reporting:0'><abuse/><text>rude</text></report></item></block>"
    )
    (blocked,) = read_block(read_document(document))
    assert blocked.complaint == Complaint(ABUSE, "rude")


def test_consent_to_share_is_the_permission_for_third_parties() -> None:
    """Permission to tell the sender's own server is not permission to tell others."""
    origin = Blocked("a@b.example", Complaint(report_origin=True))
    third = Blocked("a@b.example", Complaint(third_party=True))
    made = [to_submission(each, "r@example.net", "1", 10) for each in (origin, third)]
    assert [each.consent_to_share for each in made] == [False, True]


def test_long_texts_are_cut_to_what_the_desk_takes() -> None:
    """A report is not lost for its length."""
    blocked = Blocked("a@b.example", Complaint(text="x" * 5000), (Excerpt("y" * 50, "not a time"),))
    made = to_submission(blocked, "r@example.net", "1", 10)
    assert (len(made.comment), len(made.content), made.sent_at) == (2000, 10, None)


def test_a_report_of_another_channel_can_be_said() -> None:
    """What XEP-0377 has no words for is left out."""
    made = from_submission(Submission("im", sender="a@b.example", sent_at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert made == Blocked("a@b.example", Complaint())


@pytest.mark.parametrize(
    ("jid", "expected"),
    [("A@B.Example/c@d", "A@b.example"), ("B.Example/x", "b.example"), ("", ""), (" a@b ", "a@b")],
)
def test_bare_jids(jid: str, expected: str) -> None:
    """The resource is not who someone is."""
    assert bare(jid) == expected
