"""The errors this package raises on purpose, and what each protocol says of them.

    TocsinError
    ├── Rejected      the caller sent something that can't be taken; names the field and the reason
    │   └── Malformed it can't even be read: not JSON, not UTF-8
    ├── NotFound      nothing under that name
    ├── Busy          the node can't take it now and says when to come back
    └── Misconfigured the node was started with settings or data that can't work

Every protocol's own words for them stand in one table, `STATUS`.
"""

from typing import ClassVar, NamedTuple


class TocsinError(Exception):
    """Anything this package refuses on purpose.

    Args:
        detail: one sentence for a person.
    """

    kind: ClassVar[str] = "error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Rejected(TocsinError):
    """Input that can't be taken, with the offending field and a reason that programs can match.

    Args:
        code: a stable name such as `sender.invalid`; listed in docs/errors.md.
        field: the path of the offending field, such as `content` or `call.duration_s`.
        detail: one sentence for a person; never quotes the input.
    """

    kind = "rejected"

    def __init__(self, code: str, field: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.field = field


class Malformed(Rejected):
    """Input that can't even be read, so that none of its parts could be kept."""

    kind = "malformed"


class NotFound(TocsinError):
    """Nothing is stored under the name that was asked for."""

    kind = "not_found"


class Busy(TocsinError):
    """The node can't take this now: its queue is full, or its disk is.

    Args:
        detail: one sentence for a person.
        retry_after: seconds after which to try again.
    """

    kind = "busy"

    def __init__(self, detail: str, retry_after: int = 5) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Misconfigured(TocsinError):
    """Settings or data files with which a node can't run."""

    kind = "misconfigured"


class Status(NamedTuple):
    """How each protocol says one kind of error.

    `http` RFC 9110; `smpp` SMPP 3.4 section 5.1.3; `smtp` RFC 5321 and RFC 3463; `sip` RFC 3261.
    """

    http: int
    smpp: int
    smtp: str
    sip: int


STATUS: dict[str, Status] = {
    "error": Status(http=500, smpp=0x08, smtp="451 4.3.0", sip=500),
    "rejected": Status(http=422, smpp=0x45, smtp="554 5.6.0", sip=400),
    "malformed": Status(http=400, smpp=0x45, smtp="554 5.6.0", sip=400),
    "not_found": Status(http=404, smpp=0x45, smtp="550 5.1.1", sip=404),
    "busy": Status(http=503, smpp=0x58, smtp="451 4.3.2", sip=503),
    "misconfigured": Status(http=500, smpp=0x08, smtp="451 4.3.5", sip=500),
}
