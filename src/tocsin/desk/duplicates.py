"""What may not count twice: the same report under the same id, and the same words by the same reporter.

An id alone stands for nothing: whoever sends a report chooses it, even a mail's Message-ID. Only with its
reporter and its words is it a repetition. So nobody's id keeps another's report out, or shows its ticket.
Both are digests in one table. The first report under a digest keeps its ticket; whoever comes again gets
that ticket. Votes replace, they never stack.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete

from tocsin.desk.tables import report_key
from tocsin.records import Receipt, Report
from tocsin.storage.bulk import find_rows, insert_rows

_CHUNK = 5000


class Key(NamedTuple):
    """A digest that may stand for one report only, until it expires (None: never)."""

    digest: bytes
    expires_at: int | None


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Sifts a batch.

    Args:
        window: microseconds in which the same words by the same reporter are one report.
    """

    window: int

    def sift(self, connection: Connection, reports: Sequence[Report]) -> tuple[list[Receipt], list[int]]:
        """Tell fresh reports from repeated ones, and remember the fresh ones.

        Returns:
            a receipt for every report, and the places of the fresh ones.
        """
        keys = [list(self._keys(report)) for report in reports]
        known = _known(connection, {key.digest for found in keys for key in found})
        receipts, fresh, expired = [], [], []
        written: dict[bytes, tuple[object, ...]] = {}
        for place, (report, found) in enumerate(zip(reports, keys, strict=True)):
            earlier = next((known[k.digest] for k in found if _holds(known.get(k.digest), report)), None)
            if earlier:
                receipts.append(Receipt(earlier[1], earlier[0], duplicate=True))
                continue
            receipts.append(Receipt(report.ticket, report.id))
            fresh.append(place)
            for key in found:
                if key.digest in known and key.digest not in written:
                    expired.append(key.digest)
                known[key.digest] = (report.id, report.ticket, key.expires_at)
                written[key.digest] = _row(key, report)
        for start in range(0, len(expired), _CHUNK):
            chunk = expired[start : start + _CHUNK]
            connection.execute(delete(report_key).where(report_key.c.key.in_(chunk)))
        if written:
            insert_rows(connection, report_key, _COLUMNS, list(written.values()))
        return receipts, fresh

    def _keys(self, report: Report) -> Iterator[Key]:
        if not report.message_id and report.reporter is None:
            return
        message = report.message
        words = (
            report.reporter.hex() if report.reporter else "",
            message.channel,
            message.sender.value,
            message.subject,
            message.content,
        )
        if report.message_id:
            yield Key(_digest("id", report.member, report.door, report.message_id, *words), None)
        if report.reporter is not None:
            yield Key(_digest("words", *words), report.received_at + self.window)


_Known = tuple[UUID, str, int | None]


def _holds(earlier: _Known | None, report: Report) -> bool:
    return earlier is not None and (earlier[2] is None or report.received_at < earlier[2])


def _known(connection: Connection, digests: set[bytes]) -> dict[bytes, _Known]:
    query = "SELECT key, report_id, ticket, expires_at FROM report_key WHERE key IN"
    return {
        key: (UUID(bytes=report_id), ticket, expires_at)
        for key, report_id, ticket, expires_at in find_rows(connection, query, sorted(digests))
    }


_COLUMNS = ("key", "report_id", "ticket", "expires_at")


def _row(key: Key, report: Report) -> tuple[object, ...]:
    return key.digest, report.id.bytes, report.ticket, key.expires_at


def _digest(*parts: str) -> bytes:
    # Lengths keep ("a", "bc") and ("ab", "c") apart.
    text = "\0".join([f"{len(part)}:{part}" for part in parts])
    return blake2b(text.encode(), digest_size=16).digest()
