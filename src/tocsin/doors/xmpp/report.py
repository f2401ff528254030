"""Blocking with a report (XEP-0191 with XEP-0377 0.4, `urn:xmpp:reporting:1`; `:0` is read too), both ways.

Lost on the way to a `Submission` and back: the reported stanzas' ids, the text's language, and the permission
to tell the sender's own server (`report-origin`). `third-party` is kept: it is the consent to share.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from tocsin.doors.xmpp.xml import Element
from tocsin.errors import Rejected
from tocsin.records import Channel, Submission

BLOCKING = "urn:xmpp:blocking"
REPORTING = "urn:xmpp:reporting:1"
REPORTING_0 = "urn:xmpp:reporting:0"
STANZA_ID = "urn:xmpp:sid:0"
FORWARD = "urn:xmpp:forward:0"
DELAY = "urn:xmpp:delay"
SPAM, ABUSE = "urn:xmpp:reporting:spam", "urn:xmpp:reporting:abuse"
MOST_ITEMS = 50
MOST_IDS = 50
LONGEST_JID = 3071
_ABUSE_CATEGORY = "nuisance.harassment"
_LONGEST_COMMENT = 2000
_CLIENT = frozenset({"jabber:client", "jabber:component:accept"})


class StanzaId(NamedTuple):
    """Which stanza is reported: the archive that numbered it, and its number there (XEP-0359)."""

    by: str
    id: str


class Complaint(NamedTuple):
    """What a report says.

    Args:
        reason: `SPAM`, `ABUSE`, or another URI.
        text: the reporter's own words.
        stanza_ids: the stanzas reported.
        report_origin: whether the sender's own server may be told.
        third_party: whether others may be told.
    """

    reason: str = SPAM
    text: str = ""
    stanza_ids: tuple[StanzaId, ...] = ()
    report_origin: bool = False
    third_party: bool = False


class Excerpt(NamedTuple):
    """A reported message that a relay found in the reporter's archive: its text, and when it came."""

    body: str
    stamp: str = ""


class Blocked(NamedTuple):
    """Someone who was blocked with a report."""

    jid: str
    complaint: Complaint
    excerpts: tuple[Excerpt, ...] = ()


def read_block(block: Element) -> list[Blocked]:
    """Read who was blocked with a report; those blocked without one are left out.

    Raises:
        Rejected: it isn't a block, names nobody it could be about, or too many, or nobody was reported.
    """
    if (block.namespace, block.name) != (BLOCKING, "block"):
        raise Rejected("xmpp.payload", "block", "not a block request")
    items = block.all(BLOCKING, "item")
    if len(items) > MOST_ITEMS:
        raise Rejected("xmpp.too_many", "block", f"at most {MOST_ITEMS} items")
    found = [blocked for item in items if (blocked := _item(item))]
    if not found:
        raise Rejected("xmpp.no_report", "block.item", "blocked, but not reported")
    return found


def _item(item: Element) -> Blocked | None:
    report = item.first(REPORTING, "report") or item.first(REPORTING_0, "report")
    if report is None:
        return None
    jid = bare(item.get("jid"))
    if not jid or len(item.get("jid")) > LONGEST_JID:
        raise Rejected("xmpp.jid", "block.item.jid", "whom is the report about?")
    return Blocked(jid, read_complaint(report), tuple(_excerpts(item)))


def _excerpts(item: Element) -> Iterator[Excerpt]:
    for forwarded in item.all(FORWARD, "forwarded")[:MOST_IDS]:
        delay = forwarded.first(DELAY, "delay")
        for message in forwarded.children:
            if message.name == "message" and message.namespace in _CLIENT:
                body = message.first(message.namespace, "body")
                if body and body.text.strip():
                    yield Excerpt(body.text, delay.get("stamp") if delay else "")


def read_complaint(report: Element) -> Complaint:
    """Read a `report` element of either version."""
    text = report.first(report.namespace, "text")
    reason = report.get("reason")
    if report.namespace == REPORTING_0:
        reason = ABUSE if report.first(REPORTING_0, "abuse") else SPAM
    ids = (StanzaId(each.get("by"), each.get("id")) for each in report.all(STANZA_ID, "stanza-id"))
    return Complaint(
        reason=reason,
        text=text.text if text else "",
        stanza_ids=tuple(ids)[:MOST_IDS],
        report_origin=report.first(report.namespace, "report-origin") is not None,
        third_party=report.first(report.namespace, "third-party") is not None,
    )


def write_block(blocked: Sequence[Blocked]) -> Element:
    """Write a block request, as a client sends it and a relay passes it on."""
    return Element(BLOCKING, "block", children=[_write_item(each) for each in blocked])


def _write_item(blocked: Blocked) -> Element:
    item = Element(BLOCKING, "item", {"jid": blocked.jid}, [write_complaint(blocked.complaint)])
    for excerpt in blocked.excerpts:
        body = Element("jabber:client", "body", text=excerpt.body)
        message = Element("jabber:client", "message", {"from": blocked.jid}, [body])
        delay = [Element(DELAY, "delay", {"stamp": excerpt.stamp})] if excerpt.stamp else []
        item.children.append(Element(FORWARD, "forwarded", children=[*delay, message]))
    return item


def write_complaint(complaint: Complaint) -> Element:
    """Write a `report` element of the present version."""
    ids = [Element(STANZA_ID, "stanza-id", {"by": each.by, "id": each.id}) for each in complaint.stanza_ids]
    text = [Element(REPORTING, "text", text=complaint.text)] if complaint.text else []
    flags = {"report-origin": complaint.report_origin, "third-party": complaint.third_party}
    permitted = [Element(REPORTING, name) for name, given in flags.items() if given]
    return Element(REPORTING, "report", {"reason": complaint.reason}, [*ids, *text, *permitted])


def to_submission(blocked: Blocked, reporter: str, message_id: str, content_limit: int) -> Submission:
    """Make a submission of one blocked sender.

    Args:
        blocked: whom, and why.
        reporter: the reporter's bare JID.
        message_id: the same whenever this report comes again.
        content_limit: longest content the desk takes.
    """
    complaint = blocked.complaint
    return Submission(
        channel=Channel.IM.value,
        content="\n".join(excerpt.body for excerpt in blocked.excerpts)[:content_limit],
        sender=blocked.jid,
        sent_at=next((when for each in blocked.excerpts if (when := _when(each.stamp))), None),
        reporter=reporter,
        claimed_category=_ABUSE_CATEGORY if complaint.reason == ABUSE else "",
        consent_to_share=complaint.third_party,
        comment=complaint.text[:_LONGEST_COMMENT],
        message_id=message_id,
    )


def from_submission(submission: Submission) -> Blocked:
    """Say a report in XMPP's words: what XEP-0377 has no words for is left out."""
    stamp = submission.sent_at.isoformat() if submission.sent_at else ""
    excerpts = (Excerpt(submission.content, stamp),) if submission.content.strip() else ()
    complaint = Complaint(
        reason=ABUSE if submission.claimed_category == _ABUSE_CATEGORY else SPAM,
        text=submission.comment,
        third_party=submission.consent_to_share,
    )
    return Blocked(submission.sender, complaint, excerpts)


def bare(jid: str) -> str:
    """Return a JID without its resource, the domain in lower case."""
    local, at, domain = jid.partition("/")[0].strip().rpartition("@")
    return f"{local}{at}{domain.lower()}"


def _when(stamp: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return when if when.tzinfo else None
