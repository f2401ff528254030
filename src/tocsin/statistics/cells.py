"""Counting: a batch of reports becomes additions to cells, in the desk's own transaction."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from datasketches import compact_theta_sketch, theta_a_not_b, theta_union, update_theta_sketch
from sqlalchemy import Connection, delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.records import DAY, HOUR, WANTED_ABOVE, Report, Verdict
from tocsin.statistics.tables import DIMENSIONS, cell

GRAINS = {"hour": HOUR, "day": DAY}
UNKNOWN = "ZZ"
LG_K = 10
_CHUNK = 80
_KEY = ("grain", "bucket", *DIMENSIONS)


class Fact(NamedTuple):
    """What one report adds to the cells."""

    received_at: int
    dimensions: tuple[str, ...]
    spam: bool
    reporter: bytes | None


class Tally:
    """What a batch adds to one cell: reports, unwanted ones among them, and who reported."""

    __slots__ = ("count", "reporters", "spam")

    def __init__(self) -> None:
        self.count = 0
        self.spam = 0
        self.reporters: set[bytes] = set()

    def add(self, fact: Fact) -> None:
        """Count one report."""
        self.count += 1
        self.spam += fact.spam
        if fact.reporter is not None:
            self.reporters.add(fact.reporter)

    def sketch(self, stored: bytes | None = None) -> bytes:
        """Return the Theta sketch of the reporters, merged with a stored one.

        It keeps the smallest hashes, so it depends on who reported and never on order or batches; up to
        1,024 people are counted exactly, more with an error of about 3 %.
        """
        mine = update_theta_sketch(LG_K)
        for reporter in self.reporters:
            mine.update(reporter.hex())
        union = theta_union(LG_K)
        union.update(mine)
        if stored is not None:
            union.update(compact_theta_sketch.deserialize(stored))
        return bytes(union.get_result().serialize())


Key = tuple[str | int, ...]


def count(connection: Connection, reports: Sequence[Report], verdicts: Sequence[Verdict]) -> None:
    """Add a batch to its cells.

    Args:
        connection: the transaction of the reports.
        reports: fresh ones.
        verdicts: one for each report.
    """
    _add(connection, tally(_facts(reports, verdicts)))


def move(
    connection: Connection, before: Sequence[Fact], after: Sequence[Fact], others: Sequence[Fact]
) -> None:
    """Take facts out of their cells and count what they have become.

    Args:
        connection: the transaction that changed the reports.
        before: what was counted.
        after: what is to be counted instead.
        others: what the same reporters' reports add now, over all the days concerned: who still
            stands in a cell by another report stays in its sketch.
    """
    staying = tally(others)
    gone = tally(before)
    stored = _sketches(connection, gone)
    for key, one in gone.items():
        still = staying[key].reporters if key in staying else set()
        leaving = update_theta_sketch(LG_K)
        for reporter in one.reporters - still:
            leaving.update(reporter.hex())
        left = theta_a_not_b().compute(compact_theta_sketch.deserialize(stored[key]), leaving)
        where = [cell.c[name] == value for name, value in zip(_KEY, key, strict=True)]
        values = {"count": cell.c.count - one.count, "spam": cell.c.spam - one.spam}
        connection.execute(update(cell).where(*where).values(**values, reporters=bytes(left.serialize())))
        connection.execute(delete(cell).where(*where, cell.c.count == 0))
    _add(connection, tally(after))


def _add(connection: Connection, tallies: dict[Key, Tally]) -> None:
    stored = _sketches(connection, tallies)
    rows = [
        dict(zip(_KEY, key, strict=True))
        | {"count": one.count, "spam": one.spam, "reporters": one.sketch(stored.get(key))}
        for key, one in sorted(tallies.items())
    ]
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    added = dialect.insert(cell)
    upsert = added.on_conflict_do_update(
        index_elements=list(_KEY),
        set_={
            "count": cell.c.count + added.excluded.count,
            "spam": cell.c.spam + added.excluded.spam,
            "reporters": added.excluded.reporters,
        },
    )
    if rows:
        connection.execute(upsert, rows)


def tally(facts: Iterable[Fact]) -> dict[Key, Tally]:
    """Sum facts into cells of every grain."""
    tallies: dict[Key, Tally] = {}
    for fact in facts:
        for grain, length in GRAINS.items():
            key: Key = (grain, fact.received_at - fact.received_at % length, *fact.dimensions)
            tallies.setdefault(key, Tally()).add(fact)
    return tallies


def _facts(reports: Sequence[Report], verdicts: Sequence[Verdict]) -> Iterator[Fact]:
    for report, verdict in zip(reports, verdicts, strict=True):
        message = report.message
        yield Fact(
            report.received_at,
            (
                report.source.value,
                message.channel.value,
                verdict.category,
                message.route.origin or message.sender.country or UNKNOWN,
                message.route.kind.value,
                report.jurisdiction,
                report.member,
            ),
            verdict.probabilities[-1] <= WANTED_ABOVE,
            report.reporter,
        )


def _sketches(connection: Connection, keys: Iterable[Key]) -> dict[Key, bytes]:
    ordered = list(keys)
    columns = [cell.c[name] for name in _KEY]
    found: dict[Key, bytes] = {}
    for start in range(0, len(ordered), _CHUNK):
        query = select(*columns, cell.c.reporters).where(
            tuple_(*columns).in_(ordered[start : start + _CHUNK])
        )
        for row in connection.execute(query):
            found[tuple(row[:-1])] = row.reporters
    return found
