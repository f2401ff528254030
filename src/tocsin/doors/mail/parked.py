"""Where a malformed feedback report waits for someone to look at it: its machine-readable part, and why.

The mail itself is not kept: it names people. The folder is bounded; the oldest makes room.
"""

import json
from pathlib import Path

from tocsin.doors.mail import arf
from tocsin.doors.mail.headers import address
from tocsin.doors.mail.reports import Came, identity
from tocsin.errors import Rejected
from tocsin.text.safe import redact

MOST = 200
_LONGEST = 4000


def park(folder: Path, came: Came, refusal: Rejected) -> Path:
    """Write down a feedback report that could not be read.

    Args:
        folder: where; made when missing.
        came: the mail.
        refusal: why.

    Returns:
        the file.

    Raises:
        OSError: it can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{identity(came.mail)}.json"
    author = address(came.mail.headers.first("from"))
    written = {
        "at": came.now.isoformat(),
        "code": refusal.code,
        "field": refusal.field,
        "detail": refusal.detail,
        "from_domain": author.rpartition("@")[2],
        "report": redact(arf.machine_text(came.mail))[:_LONGEST],
    }
    file.write_text(
        json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", errors="replace"
    )
    for oldest in sorted(folder.glob("*.json"), key=lambda one: one.stat().st_mtime_ns)[:-MOST]:
        oldest.unlink(missing_ok=True)
    return file
