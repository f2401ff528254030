"""Grouping: finding each report's campaign, or opening one, in the desk's own transaction.

The keys of a whole batch are looked up in a few queries. A shared exact key or rare trace decides; shared
bands only name candidates, at most `CANDIDATES` for each report, which are compared by signature. A
campaign writes its keys once, when it opens: there is no table of pairs, and a report that joins adds a
key only where it brings a new exact text.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, Connection, bindparam, case, insert, update

from tocsin.campaigns import fingerprints
from tocsin.campaigns.keys import EXACT, Fingerprint, Key, fingerprint
from tocsin.campaigns.tables import campaign, campaign_key
from tocsin.records import Observable, Report, Verdict
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
        prints = fingerprint(reports, observables)
        batch = _Batch(connection, prints)
        for report, verdict, print_ in zip(reports, verdicts, prints, strict=True):
            batch.place(report, verdict, print_)
        batch.write()
        return batch.places


class _Batch:
    """One batch's view of the campaigns it may touch."""

    def __init__(self, connection: Connection, prints: Sequence[Fingerprint]) -> None:
        self._connection = connection
        self._known = _owners(connection, {key for one in prints for key in (*one.sure, *one.likely)})
        self._signatures = _signatures(connection, self._candidates(prints))
        self._opened: dict[bytes, dict[str, object]] = {}
        self._keys: dict[Key, bytes] = {}
        self._changes: dict[bytes, _Change] = {}
        self.places: list[bytes] = []

    def _candidates(self, prints: Sequence[Fingerprint]) -> set[bytes]:
        return {
            self._known[key]
            for one in prints
            if not any(sure in self._known for sure in one.sure)
            for key in one.likely
            if key in self._known
        }

    def place(self, report: Report, verdict: Verdict, print_: Fingerprint) -> None:
        """Give one report its campaign."""
        found = self._sure(print_) or self._near(print_)
        if found is None:
            found = report.id.bytes
            self._opened[found] = _row(report, verdict, print_)
            if print_.signature is not None:
                self._signatures[found] = print_.signature
            self._remember(found, (*print_.sure, *print_.likely))
        else:
            self._remember(found, [key for key in print_.sure if key.kind == EXACT])
        self._changes.setdefault(found, _Change()).add(report, verdict)
        self.places.append(found)

    def _sure(self, print_: Fingerprint) -> bytes | None:
        return next((self._known[key] for key in print_.sure if key in self._known), None)

    def _near(self, print_: Fingerprint) -> bytes | None:
        """Return the most similar candidate; the oldest of equals, so that every node decides alike."""
        if print_.signature is None:
            return None
        shared = Counter(self._known[key] for key in print_.likely if key in self._known)
        best: tuple[float, bytes] | None = None
        for candidate, _ in sorted(shared.items(), key=lambda item: (-item[1], item[0]))[:CANDIDATES]:
            if candidate not in self._signatures:
                continue
            alike = fingerprints.similarity(print_.signature, self._signatures[candidate])
            if alike >= THRESHOLD and (best is None or alike > best[0]):
                best = (alike, candidate)
        return best[1] if best else None

    def _remember(self, owner: bytes, keys: Iterable[Key]) -> None:
        for key in keys:
            if key not in self._known:
                self._known[key] = owner
                self._keys[key] = owner

    def write(self) -> None:
        """Write what the batch opened, the keys it found, and what it adds to campaigns that were there."""
        for identity, row in self._opened.items():
            change = self._changes.pop(identity)
            row |= {"reports": change.reports, "last_seen": change.last_seen}
            row |= {"first_seen": change.first_seen, "p_unwanted": change.p_unwanted}
        if self._opened:
            self._connection.execute(insert(campaign), list(self._opened.values()))
        rows = [(key.kind, key.digest, owner) for key, owner in self._keys.items()]
        insert_rows(self._connection, campaign_key, ("kind", "key", "campaign_id"), rows, once=True)
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


def _row(report: Report, verdict: Verdict, print_: Fingerprint) -> dict[str, object]:
    message = report.message
    words = f"{message.subject}\n{message.content}" if message.subject else message.content
    signature = print_.signature
    return {
        "id": report.id.bytes,
        "channel": message.channel.value,
        "language": verdict.language,
        "category": verdict.category,
        "sender": message.sender.value,
        "jurisdiction": report.jurisdiction,
        "example": redact(words[: 2 * _EXAMPLE])[:_EXAMPLE],
        "signature": None if signature is None else signature.astype("<u4").tobytes(),
        "simulated": report.source == "simulation",
    }


def _owners(connection: Connection, keys: set[Key]) -> dict[Key, bytes]:
    found: dict[Key, bytes] = {}
    by_kind: dict[int, list[int]] = {}
    for key in sorted(keys):
        by_kind.setdefault(key.kind, []).append(key.digest)
    for kind, digests in by_kind.items():
        query = f"SELECT key, campaign_id FROM campaign_key WHERE kind = {kind:d} AND key IN"
        for digest, owner in find_rows(connection, query, digests):
            found[Key(kind, digest)] = owner
    return found


def _signatures(connection: Connection, identities: set[bytes]) -> dict[bytes, NDArray[np.uint32]]:
    found: dict[bytes, NDArray[np.uint32]] = {}
    for identity, signature in find_rows(
        connection, "SELECT id, signature FROM campaign WHERE id IN", sorted(identities)
    ):
        if signature is not None:
            found[identity] = np.frombuffer(signature, "<u4")
    return found
