"""The newest call to each number, in bounded memory: old ones expire, and the oldest give way to new ones."""

from tocsin.doors.calls.records import CLOCK_SKEW, Call, Window
from tocsin.ports import Clock


class CallIndex:
    """Remembers one call for each called number.

    Args:
        clock: says what has expired, and what claims to come from the future.
        keep: microseconds after which a call is forgotten.
        most: called numbers held at once.
    """

    def __init__(self, clock: Clock, keep: int, most: int) -> None:
        self._clock = clock
        self._keep = keep
        self._most = most
        self._calls: dict[str, Call] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, call: Call) -> None:
        """Remember a call unless a newer one to that number is known, or its time can't be."""
        now = self._clock.now()
        if not call.called or not now - self._keep <= call.began <= now + CLOCK_SKEW:
            return
        known = self._calls.pop(call.called, call)
        self._calls[call.called] = max(known, call, key=lambda each: each.began)
        self._forget(now)

    def find(self, called: str, window: Window) -> Call | None:
        """Return the newest call to a number if it began within the window."""
        call = self._calls.get(called)
        return call if call is not None and window.since <= call.began <= window.until else None

    def _forget(self, now: int) -> None:
        # Records come roughly in order of time, so that the front holds the oldest.
        while self._calls:
            oldest = next(iter(self._calls))
            if len(self._calls) <= self._most and self._calls[oldest].began >= now - self._keep:
                return
            del self._calls[oldest]
