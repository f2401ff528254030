"""The RCS spam report of a chatbot: `application/vnd.gsma.rcsspam-report+xml`.

Source: GSMA RCC.07, client procedures to report spam. The document names the chatbot, up to ten of its
messages by their ids, a type and the reporter's own words. It carries no message text.
"""

import re
from html import escape

from tocsin.doors.documents import require
from tocsin.doors.xmpp.xml import Element, read_document
from tocsin.errors import Rejected
from tocsin.records import Channel, Submission
from tocsin.vocabulary.terms import vocabulary

CONTENT_TYPE = "application/vnd.gsma.rcsspam-report+xml"
NAMESPACE = "urn:gsma:params:xml:ns:rcs:rcs:spamreport"
MOST_MESSAGES = 10
_URI = re.compile(r"(sips?|tel):([^\s;?]{1,340})(?:[;?]\S*)?", re.IGNORECASE)
_NUMBER = re.compile(r"\+?\d{3,20}", re.ASCII)
_ADDRESS = re.compile(r"[^\s@:;?<>&]+@[^\s@:;?<>&]+")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARATION = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml\s[^<>]{0,100}\?>")


def read(document: bytes) -> Submission:
    """Read one report; a type that the vocabulary does not know becomes the subject.

    Raises:
        Malformed: not well-formed XML in UTF-8, too much of it, or more than plain elements.
        Rejected: another document, no chatbot, or more than ten message ids.
    """
    root = read_document(_DECLARATION.sub(b"", document, count=1))
    if (root.namespace, root.name) != (NAMESPACE, "SR"):
        raise Rejected("xml.root", "body", "the root is SR of the RCS spam report's namespace")
    ids = [one.text.strip() for one in root.all(NAMESPACE, "Message-ID")]
    if len(ids) > MOST_MESSAGES:
        raise Rejected("Message-ID.too_many", "Message-ID", f"at most {MOST_MESSAGES}")
    if any(len(one.split()) > 1 for one in ids):
        raise Rejected("Message-ID.invalid", "Message-ID", "an id has no space")
    kind = _once(root, "spam-type").strip()
    known = kind in vocabulary().categories
    return Submission(
        channel=Channel.RCS,
        sender=_sender(_once(root, "Chatbot").strip()),
        subject="" if known else kind,
        claimed_category=kind if known else "",
        comment=_once(root, "free-text"),
        message_id=" ".join(filter(None, ids)),
    )


def write(submission: Submission) -> bytes:
    """Write one report.

    Raises:
        Rejected: not RCS, no sender that is a number or a SIP address, or text that XML can't carry.
    """
    if submission.channel != Channel.RCS:
        raise Rejected("channel.unsupported", "channel", "rcs only")
    ids = submission.message_id.split()
    if len(ids) > MOST_MESSAGES:
        raise Rejected("message_id.too_many", "message_id", f"at most {MOST_MESSAGES}")
    lines = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<SR xmlns="{NAMESPACE}">',
        _element("Chatbot", _uri(require(submission.sender, "sender")), "sender"),
        *(_element("Message-ID", one, "message_id") for one in ids),
        _element("spam-type", submission.claimed_category, "claimed_category"),
        _element("free-text", submission.comment, "comment"),
        "</SR>",
    ]
    return "\n".join(lines).encode()


def _once(root: Element, name: str) -> str:
    found = root.all(NAMESPACE, name)
    if len(found) > 1:
        raise Rejected(f"{name}.too_many", name, "at most one")
    return found[0].text if found else ""


def _sender(uri: str) -> str:
    """Return the number inside a tel or SIP URI (RFC 3966, RFC 3261), else the SIP address."""
    require(uri, "Chatbot")
    found = _URI.fullmatch(uri)
    if found is None:
        raise Rejected("Chatbot.invalid", "Chatbot", "a sip or tel URI")
    user = found.group(2).partition("@")[0]
    plus = user.startswith("+") and _NUMBER.fullmatch(user)
    return user if plus else found.group(2)


def _uri(sender: str) -> str:
    if _NUMBER.fullmatch(sender):
        return f"tel:{sender}"
    if _ADDRESS.fullmatch(sender) and not sender.startswith("+"):
        return f"sip:{sender}"
    raise Rejected("sender.unsupported", "sender", "a number or a SIP address")


def _element(name: str, text: str, field: str) -> str:
    if _NOT_XML.search(text):
        raise Rejected(f"{field}.unsupported", field, "a character that XML can't carry")
    # A bare carriage return would be read as a line feed (XML 1.0, section 2.11).
    escaped = escape(text, quote=False).replace("\r", "&#13;")
    return f"  <{name}>{escaped}</{name}>"
