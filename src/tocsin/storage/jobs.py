"""Work that must follow a commit: rows written in that commit, run later, at least once.

A job that fails is tried again after 2, 4, 8… seconds up to an hour; after `ATTEMPTS` failures it is
parked, kept with its error, until a person releases it. Handlers must be idempotent.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from tocsin.ports import Chance, Clock, uuid7
from tocsin.records import SECOND
from tocsin.storage.engine import Storage
from tocsin.storage.tables import At, Id, metadata

ATTEMPTS = 8
LEASE = 300 * SECOND
_LONGEST_WAIT = 3600 * SECOND

job = Table(
    "job",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("due_at", At, nullable=True, comment="null: parked"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("error", Text, nullable=False, default=""),
    Index("ix_job_due_at", "due_at"),
)

Handler = Callable[[bytes], None]


class Outcome(NamedTuple):
    """What one round of work did: jobs finished, put off for another try, and parked."""

    done: int
    retried: int
    parked: int


def add(connection: Connection, kind: str, payloads: Sequence[bytes], due_at: int, chance: Chance) -> None:
    """Write jobs in the caller's transaction.

    Args:
        connection: the transaction that the jobs belong to.
        kind: the name of the handler.
        payloads: one job each; the handler's own encoding.
        due_at: not before this instant.
        chance: where their ids come from.
    """
    if payloads:
        rows = [
            {"id": uuid7(due_at, chance).bytes, "kind": kind, "payload": payload, "due_at": due_at}
            for payload in payloads
        ]
        connection.execute(insert(job), rows)


class Worker:
    """Runs due jobs.

    Args:
        storage: the ledger.
        handlers: by kind; a job without a handler is parked at once.
        clock: says which jobs are due.
    """

    def __init__(self, storage: Storage, handlers: Mapping[str, Handler], clock: Clock) -> None:
        self._storage = storage
        self._handlers = handlers
        self._clock = clock

    def run_due(self, limit: int = 100) -> Outcome:
        """Run up to `limit` due jobs, each outside any transaction, and record what came of them."""
        done = retried = parked = 0
        for row in self._claim(limit):
            error = self._attempt(row)
            if error is None:
                done += 1
                self._finish(row)
            elif self._put_off(row, error):
                retried += 1
            else:
                parked += 1
        return Outcome(done, retried, parked)

    def _claim(self, limit: int) -> Sequence[Any]:
        """Take jobs by moving their due time past a lease: a worker that dies loses them to the next one."""
        now = self._clock.now()
        query = (
            select(job.c.id, job.c.kind, job.c.payload, job.c.attempts)
            .where(job.c.due_at <= now)
            .order_by(job.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        with self._storage.writing() as connection:
            rows = connection.execute(query).all()
            if rows:
                ids = [row.id for row in rows]
                connection.execute(update(job).where(job.c.id.in_(ids)).values(due_at=now + LEASE))
        return rows

    def _attempt(self, row: Any) -> str | None:
        handler = self._handlers.get(row.kind)
        if handler is None:
            return f"no handler for {row.kind}"
        try:
            handler(row.payload)
        except Exception as error:  # noqa: BLE001 - a handler's failure is recorded, whatever it is
            return f"{type(error).__name__}: {error}"[:1000]
        return None

    def _finish(self, row: Any) -> None:
        with self._storage.writing() as connection:
            connection.execute(delete(job).where(job.c.id == row.id))

    def _put_off(self, row: Any, error: str) -> bool:
        attempts = row.attempts + 1
        again = attempts < ATTEMPTS and row.kind in self._handlers
        wait = min(2**attempts * SECOND, _LONGEST_WAIT)
        values = {"attempts": attempts, "error": error, "due_at": self._clock.now() + wait if again else None}
        with self._storage.writing() as connection:
            connection.execute(update(job).where(job.c.id == row.id).values(values))
        return again


def parked(connection: Connection) -> list[tuple[UUID, str, str]]:
    """List parked jobs: id, kind and last error, oldest first."""
    query = select(job.c.id, job.c.kind, job.c.error).where(job.c.due_at.is_(None)).order_by(job.c.id)
    return [(UUID(bytes=row.id), row.kind, row.error) for row in connection.execute(query)]


def release(connection: Connection, now: int) -> int:
    """Make every parked job due again with a fresh count of attempts; returns how many."""
    again = update(job).where(job.c.due_at.is_(None)).values(due_at=now, attempts=0)
    return connection.execute(again).rowcount
