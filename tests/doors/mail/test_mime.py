"""Mails are read within bounds, whatever they are."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.doors.mail import mime
from tocsin.doors.mail.forwards import forwarded
from tocsin.doors.mail.headers import address, addresses, date, decoded, decoded_words
from tocsin.doors.mail.mime import Limits
from tocsin.doors.mail.plain import from_html, readable, tidy
from tocsin.doors.mail.reports import Came, Mailbox, items
from tocsin.errors import Rejected

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


def _nested(levels: int) -> bytes:
    head = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(levels))
    return b"From: a@example.com\n" + head + b"Content-Type: text/plain\n\nx\n"


def _many(parts: int) -> bytes:
    return b'Content-Type: multipart/mixed; boundary="b"\n\n' + b"--b\n\nx\n" * parts + b"--b--\n"


BOMBS = {
    "mail.too_many_parts": _many(10_000),
    "mail.too_deep": _nested(10_000),
    "mail.headers_too_long": b"From: a@example.com\nX: " + b"y" * 9_000_000,
    "mail.too_large": b"From: a@example.com\n\n" + b"y" * 10_000_000,
    "mail.no_headers": b"\n\nnothing",
}


@pytest.mark.parametrize("code", BOMBS)
def test_a_bomb_is_refused_by_name(code: str) -> None:
    """Ten thousand parts or levels, endless headers, too much of everything."""
    with pytest.raises(Rejected) as refusal:
        mime.read(BOMBS[code])
    assert refusal.value.code == code


def test_mails_within_mails_count_as_levels() -> None:
    """A mail that holds a mail that holds a mail ends at the bound as well."""
    raw = b"Content-Type: message/rfc822\n\n" * 1000 + b"Subject: x\n\nx"
    with pytest.raises(Rejected, match="levels"):
        mime.read(raw)


def test_a_header_folded_a_hundred_thousand_times_is_read_in_one_go() -> None:
    """Folding costs no quadratic time: what is beyond the longest value is not kept."""
    raw = b"Subject: a\n" + b" b\n" * 40_000 + b"\nbody"
    assert len(mime.read(raw).headers.first("subject")) <= 4096


def test_archives_stay_closed() -> None:
    """An archive is named, not opened."""
    zipped = base64.b64encode(b"PK\3\4" + bytes(5000))
    raw = (
        b"From: a@example.com\nContent-Type: application/zip; name=Bomb.ZIP\n"
        b"Content-Transfer-Encoding: base64\n\n"
    )
    assert readable(mime.read(raw + zipped), html_first=True, most=1000) == "[bomb.zip]"


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """Nothing but a refusal comes out of bytes that are no mail."""
    _read(raw)


PIECES = [
    b"From: a@example.com\n",
    b"Subject: =?utf-8?B?4p=?=\n",
    b"Content-Type: text/html; charset=punycode\n",
    b'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n',
    b"Content-Type: message/feedback-report\n",
    b"Content-Type: message/rfc822\n",
    b"Content-Type: application/octet-stream; name*=bad''%ff.eml\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: quoted-printable\n",
    b"Date: Thu, 99 Foo 0000 99:99 +9999\n",
    b"Feedback-Type: abuse\n",
    b"Incidents: 99999999999999999999\n",
    b"---- Forwarded message ----\n",
    b"\n",
    b"--b\n",
    b"--b--\n",
    b"<p>\xff\xfe<a href='http://x.example'>",
]


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=40))
def test_any_order_of_true_pieces_is_read_or_refused(pieces: list[bytes]) -> None:
    """Headers, parts and markers in any order give reports or a refusal."""
    _read(b"".join(pieces))


def _read(raw: bytes) -> None:
    try:
        came = Came(mime.read(raw, Limits(parts=20, depth=5)), "", Mailbox(), NOW, 500)
        found = items(came, "in")
    except Rejected:
        return
    for one in found:
        if not isinstance(one, Rejected):
            assert len(one[0].content) <= 500
            f"{one[0].content}{one[0].sender}{one[0].subject}{one[0].comment}".encode()


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("您好".encode("gb18030"), "GB2312", "您好"),
        ("مرحبا".encode("cp1256"), "windows-1256", "مرحبا"),
        ("é".encode("latin-1"), "us-ascii", "é"),
        ("é".encode(), "", "é"),
        (b"ok \xff", "utf-8", "ok \ufffd"),
        (b"x", "no-such-charset", "x"),
        (b"x", "zlib", "x"),
        (b"x-", "punycode", "x-"),
    ],
)
def test_charsets_are_read_by_what_they_are(data: bytes, charset: str, text: str) -> None:
    """Wrong names, no names and codecs that are no charset still give text."""
    assert decoded(data, charset) == text


def test_a_character_cut_between_encoded_words_is_whole_again() -> None:
    """Many mailers cut a character of several bytes at the end of an encoded word."""
    assert decoded_words("=?utf-8?B?4oI=?= =?utf-8?B?rDU=?= now") == "€5 now"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("real@kyoto.example <evil@spam.example>", "evil@spam.example"),
        ('"a, b" <A@Example.com>, c@example.com', "a@example.com"),
        ("plain@example.com (Comment)", "plain@example.com"),
        ("undisclosed-recipients:;", ""),
    ],
)
def test_the_address_in_angle_brackets_counts(value: str, found: str) -> None:
    """A display name that looks like an address deceives no one."""
    assert address(value) == found


def test_a_group_of_addresses_is_read_whole() -> None:
    """Each address of a list is found."""
    assert list(addresses("a@example.com, b@example.com")) == ["a@example.com", "b@example.com"]


@pytest.mark.parametrize(
    "value", ["Mon, 1 Jan 2035 00:00:00 +0000", "yesterday", "", "1 Jan 1970 00:00 -0000"]
)
def test_an_invented_date_is_no_date(value: str) -> None:
    """A report never fails for a date that its spammer made up."""
    assert date(value, NOW) is None


def test_html_gives_what_a_person_reads_and_the_links_behind_it() -> None:
    """Scripts and styles vanish, blocks become lines, hidden links are kept."""
    text, links = from_html(
        "<style>x</style><p>a</p><p>b <a href=' https://evil.example/x '>c</a><script>d</script>"
    )
    assert text == "a\n\nb c"
    assert links == ["https://evil.example/x"]


HOSTILE = {
    "depth": "<div>" * 100_000,
    "attributes": "<a " + " ".join(f"x{number}" for number in range(80_000)) + ">",
    "comments": "<!--" * 125_000,
    "no ends": "<a href='" * 55_000,
    "scripts": "<script>" * 60_000,
    "signs": "<" * 500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_html_takes_no_more_time_than_any_other(name: str) -> None:
    """What costs tree-building parsers minutes is read in one go; the test's own limit of time would tell."""
    for _ in range(10):
        from_html(HOSTILE[name])


@given(st.text(alphabet="<>ab/=\"' !-&;#ſİ\n", max_size=200))
def test_any_html_gives_text(html: str) -> None:
    """No order of signs makes the reading fail."""
    from_html(html)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a &lt; b &amp;copy", "a < b &copy"),
        ("5 < 6 <b>and</b> more", "5 < 6 and more"),
        ("<p>open<!-- comment --> end", "open end"),
        ("<title>x</title><body>y", "y"),
        ("<ul><li>one<li>two</ul>", "one\ntwo"),
    ],
)
def test_html_is_read_as_it_is_shown(html: str, text: str) -> None:
    """Entities, signs that are no tags, comments, heads and lists."""
    assert from_html(html)[0] == text


@given(st.text(max_size=300))
def test_tidy_text_can_be_kept(text: str) -> None:
    """No NUL, no lone surrogate, within the bound."""
    kept = tidy(text, 100)
    assert len(kept) <= 100
    assert "\0" not in kept
    kept.encode()


@given(st.text(max_size=500))
def test_any_text_may_hold_a_forward(text: str) -> None:
    """Looking for a forward never fails."""
    forwarded(text)
