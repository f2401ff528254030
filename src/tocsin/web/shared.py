"""Answers that many readers share: made once after each change of the ledger, at most once a second."""

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, NamedTuple, TypeVar

PAUSE_S = 1.0
"""Seconds for which an answer is given again without asking whether the ledger changed."""
_MOST = 256
Value = TypeVar("Value")


class _Made(NamedTuple):
    asked: float
    change: tuple[str, Hashable]
    value: Any


class Shared:
    """Keeps the last answer to each question. A thousand readers cost one: the others wait for it.

    Args:
        change: gives the ledger's change number.
        ticking: seconds that never go back.
    """

    def __init__(self, change: Callable[[], str], ticking: Callable[[], float] = time.monotonic) -> None:
        self._change = change
        self._ticking = ticking
        self._made: dict[Hashable, _Made] = {}
        self._locks: dict[Hashable, Lock] = {}

    def number(self) -> str:
        """Return the ledger's change number, at most one second old."""
        return self.get("number", self._change)

    def get(self, key: Hashable, make: Callable[[], Value], also: Hashable = None) -> Value:
        """Return the answer to a question, at most one second behind the ledger.

        Args:
            key: names the question; equal keys are one question.
            make: answers it; called by one thread at a time.
            also: what else the answer depends on, such as the hour; a new one makes a new answer.
        """
        found = self._fresh(key, also)
        if found is None:
            with self._locks.setdefault(key, Lock()):
                found = self._fresh(key, also) or self._again(key, make, also)
        return found.value  # type: ignore[no-any-return]

    def _fresh(self, key: Hashable, also: Hashable) -> _Made | None:
        made = self._made.get(key)
        if made is None or made.change[1] != also or self._ticking() - made.asked >= PAUSE_S:
            return None
        return made

    def _again(self, key: Hashable, make: Callable[[], Value], also: Hashable) -> _Made:
        asked, change = self._ticking(), (self._change(), also)
        last = self._made.get(key)
        value = last.value if last is not None and last.change == change else make()
        if len(self._made) >= _MOST:  # questions may be made of what a reader sent
            self._made.clear()
        made = self._made[key] = _Made(asked, change, value)
        return made
