"""A canonical report as a block with a report (XEP-0191 with XEP-0377), and back: one stanza's payload."""

from tocsin.doors.documents import require
from tocsin.doors.xmpp.report import from_submission, read_block, to_submission, write_block
from tocsin.doors.xmpp.xml import read_document
from tocsin.errors import Rejected
from tocsin.records import Channel, Submission


def read(document: bytes, most: int = 100_000) -> Submission:
    """Read the first one who is blocked with a report.

    Args:
        document: the `block` element.
        most: characters of content.

    Raises:
        Malformed: not XML that XMPP allows.
        Rejected: nobody is reported.
    """
    return to_submission(read_block(read_document(document))[0], "", "", most)


def write(submission: Submission) -> bytes:
    """Write a block with a report.

    Raises:
        Rejected: not an instant message, or no sender.
    """
    if submission.channel != Channel.IM:
        raise Rejected("channel.unsupported", "channel", "im only")
    require(submission.sender, "sender")
    return write_block([from_submission(submission)]).write().encode()
