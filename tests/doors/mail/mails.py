"""Mails for tests: spam, and the ways in which people report it."""

import textwrap

SPAM = textwrap.dedent(
    """\
    Received: from mx.example.net (mx.example.net [192.0.2.9]) by mail.example.com
     for <ann@example.com>; Tue, 3 Mar 2026 10:00:01 +0000
    Delivered-To: ann@example.com
    From: "Prize Office" <win@spam.example>
    To: Ann Example <ann@example.com>
    Subject: =?utf-8?B?WW91IHdvbiDigqw1MDA=?=
    Date: Tue, 3 Mar 2026 10:00:00 +0000
    Message-ID: <1@spam.example>
    MIME-Version: 1.0
    Content-Type: text/html; charset=utf-8

    <p>Dear ann@example.com,</p><p>claim <a href="http://evil.example/?m=ann%40example.com">here</a></p>
    """
)
HEAD = textwrap.dedent(
    """\
    From: Ann Example <ann@example.com>
    To: spam@example.org
    Subject: Fwd: You won
    Date: Tue, 3 Mar 2026 11:00:00 +0000
    Message-ID: <report-{number}@example.com>
    MIME-Version: 1.0
    """
)


def forward(*attached: str, number: int = 1, kind: str = "message/rfc822", more: str = "") -> bytes:
    """Make a report with mails attached to it."""
    parts = ["--b", "Content-Type: text/plain; charset=utf-8", "", "I did not ask for this. ann@example.com"]
    for mail in attached:
        parts += ["--b", f"Content-Type: {kind}", "", mail]
    head = HEAD.format(number=number) + more + 'Content-Type: multipart/mixed; boundary="b"\n\n'
    return (head + "\n".join([*parts, "--b--", ""])).encode()


def plain(body: str, number: int = 1, more: str = "") -> bytes:
    """Make a mail of plain text."""
    head = HEAD.format(number=number) + more + "Content-Type: text/plain; charset=utf-8\n\n"
    return (head + body).encode()


def feedback(fields: str, original: str = SPAM, more: str = "") -> bytes:
    """Make a feedback report."""
    return (
        f"From: fbl@provider.example\nTo: spam@example.org\nMessage-ID: <arf@provider.example>\n{more}"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nA report.\n"
        f"--b\nContent-Type: message/feedback-report\n\n{fields}\n"
        f"--b\nContent-Type: message/rfc822\n\n{original}\n--b--\n"
    ).encode()
