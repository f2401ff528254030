"""Grouping: finding each report's campaign, or opening one, in the desk's own transaction.

The keys of a whole batch are looked up in a few queries. A shared exact key or rare trace decides; shared
bands only name candidates, at most `CANDIDATES` for each report, which are compared by signature. A
campaign writes its keys once, when it opens: there is no table of pairs, and a report that joins adds a
key only where it brings a new exact text.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Connection, bindparam, case, insert, update

from tocsin.campaigns import fingerprints
from tocsin.campaigns.keys import BAND, EXACT, TRACE, Fingerprint, fingerprint
from tocsin.campaigns.tables import campaign, campaign_key
from tocsin.records import Observable, Report, Source, Verdict
from tocsin.storage.bulk import find_rows, insert_rows
from tocsin.text.safe import redact

CANDIDATES = 8
THRESHOLD = 0.5
"""Estimated Jaccard similarity from which two templates are one campaign."""
_EXAMPLE = 500


@dataclass(slots=True)
class _Change:
    """What a batch adds to one campaign."""

    reports: int = 0
    last_seen: int = 0
    first_seen: int = 1 << 62
    p_unwanted: float = 0.0

    def add(self, report: Report, verdict: Verdict) -> None:
        self.reports += 1
        self.last_seen = max(self.last_seen, report.received_at)
        self.first_seen = min(self.first_seen, report.received_at)
        self.p_unwanted += 1 - verdict.probabilities[-1]


class Near(NamedTuple):
    """A template's signature, `(64,)` uint32, and its 16 band digests."""

    signature: NDArray[np.uint32]
    bands: list[int]


class Grouper:
    """Groups batches; holds no state, the ledger does."""

    def group(
        self,
        connection: Connection,
        reports: Sequence[Report],
        verdicts: Sequence[Verdict],
        observables: Sequence[tuple[Observable, ...]],
    ) -> list[bytes]:
        """Find or open the campaign of each report, in the caller's transaction.

        Args:
            connection: the transaction.
            reports: fresh ones, in the order in which they count.
            verdicts: one for each report.
            observables: the traces in each report.

        Returns:
            the campaign id of each report, 16 bytes.
        """
        simulated = [report.source is Source.SIMULATION for report in reports]
        prints = fingerprint([report.message for report in reports], observables, simulated)
        batch = _Batch(connection, Known(connection, prints))
        for report, verdict, print_ in zip(reports, verdicts, prints, strict=True):
            batch.place(report, verdict, print_)
        batch.write()
        return batch.places


class Known:
    """The campaigns that a batch may touch: what the ledger holds of its keys, and what the batch adds.

    Exact keys and traces are looked up first; signatures are made, and bands looked up, only for what
    those did not place. Most reports repeat what is known, and cost one look.

    Args:
        connection: any connection.
        prints: the batch's fingerprints.
    """

    def __init__(self, connection: Connection, prints: Sequence[Fingerprint]) -> None:
        self.exact = _owners(connection, EXACT, {one.exact for one in prints if one.exact is not None})
        self.traces = _owners(connection, TRACE, {key for one in prints for key in one.traces})
        new = {(one.template, one.salt) for one in prints if one.template and self.sure(one) is None}
        self.near = _near(sorted(new))
        self.bands = _owners(connection, BAND, {band for near in self.near.values() for band in near.bands})
        self.signatures = _signatures(connection, set(self.bands.values()))

    def campaign(self, print_: Fingerprint) -> bytes | None:
        """Return the campaign of a message: by a sure key, or else the most similar one."""
        return self.sure(print_) or self._alike(print_)

    def sure(self, print_: Fingerprint) -> bytes | None:
        """Return the campaign that shares the template or a rare trace."""
        if print_.exact in self.exact:
            return self.exact[print_.exact]
        return next((self.traces[key] for key in print_.traces if key in self.traces), None)

    def _alike(self, print_: Fingerprint) -> bytes | None:
        """Return the most similar candidate; the oldest of equals, so that every node decides alike."""
        near = self.near.get((print_.template, print_.salt))
        if near is None:
            return None
        shared = Counter(self.bands[band] for band in near.bands if band in self.bands)
        best: tuple[float, bytes] | None = None
        for candidate, _ in sorted(shared.items(), key=lambda item: (-item[1], item[0]))[:CANDIDATES]:
            if candidate not in self.signatures:
                continue
            alike = fingerprints.similarity(near.signature, self.signatures[candidate])
            if alike >= THRESHOLD and (best is None or alike > best[0]):
                best = (alike, candidate)
        return best[1] if best else None


class _Batch:
    """One batch on its way into campaigns."""

    def __init__(self, connection: Connection, known: Known) -> None:
        self._connection = connection
        self._known = known
        self._opened: dict[bytes, dict[str, object]] = {}
        self._keys: list[tuple[int, int, bytes]] = []
        self._changes: dict[bytes, _Change] = {}
        self.places: list[bytes] = []

    def place(self, report: Report, verdict: Verdict, print_: Fingerprint) -> None:
        """Give one report its campaign."""
        known = self._known
        found = known.campaign(print_)
        if found is None:
            found = report.id.bytes
            near = known.near.get((print_.template, print_.salt))
            self._opened[found] = _row(report, verdict, near)
            self._remember(TRACE, known.traces, print_.traces, found)
            if near is not None:
                known.signatures[found] = near.signature
                self._remember(BAND, known.bands, near.bands, found)
        if print_.exact is not None:
            self._remember(EXACT, known.exact, (print_.exact,), found)
        change = self._changes.get(found)
        if change is None:
            change = self._changes[found] = _Change()
        change.add(report, verdict)
        self.places.append(found)

    def _remember(self, kind: int, owners: dict[int, bytes], keys: Iterable[int], owner: bytes) -> None:
        for key in keys:
            if key not in owners:
                owners[key] = owner
                self._keys.append((kind, key, owner))

    def write(self) -> None:
        """Write what the batch opened, the keys it found, and what it adds to campaigns that were there."""
        for identity, row in self._opened.items():
            change = self._changes.pop(identity)
            row |= {"reports": change.reports, "last_seen": change.last_seen}
            row |= {"first_seen": change.first_seen, "p_unwanted": change.p_unwanted}
        if self._opened:
            self._connection.execute(insert(campaign), list(self._opened.values()))
        insert_rows(self._connection, campaign_key, ("kind", "key", "campaign_id"), self._keys, once=True)
        if self._changes:
            self._connection.execute(_ADD, [_parameters(*item) for item in self._changes.items()])


_LAST = bindparam("last", type_=BigInteger)
_FIRST = bindparam("first", type_=BigInteger)
_ADD = (
    update(campaign)
    .where(campaign.c.id == bindparam("campaign"))
    .values(
        reports=campaign.c.reports + bindparam("more"),
        p_unwanted=campaign.c.p_unwanted + bindparam("unwanted"),
        last_seen=case((campaign.c.last_seen < _LAST, _LAST), else_=campaign.c.last_seen),
        first_seen=case((campaign.c.first_seen > _FIRST, _FIRST), else_=campaign.c.first_seen),
    )
)


def _parameters(identity: bytes, change: _Change) -> dict[str, object]:
    return {
        "campaign": identity,
        "more": change.reports,
        "unwanted": change.p_unwanted,
        "last": change.last_seen,
        "first": change.first_seen,
    }


def _row(report: Report, verdict: Verdict, near: Near | None) -> dict[str, object]:
    message = report.message
    words = f"{message.subject}\n{message.content}" if message.subject else message.content
    return {
        "id": report.id.bytes,
        "channel": message.channel.value,
        "language": verdict.language,
        "category": verdict.category,
        "sender": message.sender.value,
        "jurisdiction": report.jurisdiction,
        "example": redact(words[: 2 * _EXAMPLE])[:_EXAMPLE],
        "signature": None if near is None else near.signature.astype("<u4").tobytes(),
        "simulated": report.source is Source.SIMULATION,
    }


def _near(templates: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Near]:
    """Make signatures and bands of templates, each with its salt."""
    table = fingerprints.signatures([template for template, _ in templates])
    banded = fingerprints.bands(table).tolist()
    return {
        (template, salt): Near(row, [band ^ salt for band in bands] if salt else bands)
        for (template, salt), row, bands in zip(templates, table, banded, strict=True)
    }


def _owners(connection: Connection, kind: int, keys: set[int]) -> dict[int, bytes]:
    query = f"SELECT key, campaign_id FROM campaign_key WHERE kind = {kind:d} AND key IN"
    return dict(map(tuple, find_rows(connection, query, sorted(keys))))


def _signatures(connection: Connection, identities: set[bytes]) -> dict[bytes, NDArray[np.uint32]]:
    found: dict[bytes, NDArray[np.uint32]] = {}
    for identity, signature in find_rows(
        connection, "SELECT id, signature FROM campaign WHERE id IN", sorted(identities)
    ):
        if signature is not None:
            found[identity] = np.frombuffer(signature, "<u4")
    return found
