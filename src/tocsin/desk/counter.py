"""The queue in front of the desk: bounded, and batched by whatever arrived meanwhile.

Single reports that come at the same time share one transaction. A full queue says "later" at once; it
never grows without bound and never drops what it took.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import structlog

from tocsin.desk.intake import Answer, Desk, Item
from tocsin.desk.naming import Naming
from tocsin.errors import Busy, TocsinError

_log = structlog.get_logger(__name__)


class _Waiting(NamedTuple):
    work: Callable[[list[Any]], list[Answer]]
    items: Sequence[Any]
    future: asyncio.Future[list[Answer]]
    loop: asyncio.AbstractEventLoop


class Counter:
    """Where asynchronous doors hand in reports.

    Args:
        desk: does the work, in this counter's one thread.
        most_waiting: reports that may wait before it says later.
        batch: most reports in one transaction.
    """

    def __init__(self, desk: Desk, most_waiting: int, batch: int) -> None:
        self._desk = desk
        self._most_waiting = most_waiting
        self._batch = batch
        self._queue: deque[_Waiting] = deque()
        self._waiting = 0
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="desk", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Reports in the queue."""
        return self._waiting

    async def submit(self, items: Sequence[Item]) -> list[Answer]:
        """Hand in reports and wait until they are durable.

        Raises:
            Busy: the queue is full or the ledger can't be written; nothing was taken.
        """
        return await self._wait(self._desk.take, items)

    async def name_sender(self, ticket: str, sender: str) -> Answer:
        """Say who sent the message of a report that was taken with its sender unknown.

        Returns:
            the report's receipt; a refusal when the sender can't be read or the report names one already.

        Raises:
            Busy: the queue is full or the ledger can't be written; nothing was changed.
        """
        (answer,) = await self._wait(self._desk.name_senders, [Naming(ticket, sender)])
        return answer

    async def _wait(self, work: Callable[[list[Any]], list[Answer]], items: Sequence[Any]) -> list[Answer]:
        loop = asyncio.get_running_loop()
        waiting = _Waiting(work, items, loop.create_future(), loop)
        with self._changed:
            if self._closing or self._waiting + len(items) > self._most_waiting:
                raise Busy("the desk is full", retry_after=2)
            self._queue.append(waiting)
            self._waiting += len(items)
            self._changed.notify()
        return await waiting.future

    def close(self) -> None:
        """Finish what waits, then stop."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while batch := self._next():
            self._take(batch)

    def _next(self) -> list[_Waiting]:
        """Wait for work; return what fits one transaction, or nothing when closing."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing)
            batch: list[_Waiting] = []
            size = 0
            while self._queue and (not batch or self._joins(batch[0], size)):
                batch.append(self._queue.popleft())
                size += len(batch[-1].items)
            self._waiting -= size
        return batch

    def _joins(self, first: _Waiting, size: int) -> bool:
        """Say whether the next in the queue belongs into the transaction of those before it."""
        following = self._queue[0]
        return following.work == first.work and size + len(following.items) <= self._batch

    def _take(self, batch: list[_Waiting]) -> None:
        try:
            answers = iter(batch[0].work([item for waiting in batch for item in waiting.items]))
        except TocsinError as error:
            for waiting in batch:
                _settle(waiting, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller must hear of it
            if len(batch) > 1:  # one caller's bad luck must not be another's
                for waiting in batch:
                    self._take([waiting])
                return
            _log.exception("desk.failed")
            _settle(batch[0], error)
        else:
            for waiting in batch:
                _settle(waiting, [next(answers) for _ in waiting.items])


def _settle(waiting: _Waiting, result: list[Answer] | Exception) -> None:
    def settle() -> None:
        if waiting.future.done():  # the caller went away; its reports are durable all the same
            return
        if isinstance(result, Exception):
            waiting.future.set_exception(result)
        else:
            waiting.future.set_result(result)

    try:
        waiting.loop.call_soon_threadsafe(settle)
    except RuntimeError:
        _log.info("desk.caller_gone")
