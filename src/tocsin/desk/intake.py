"""The desk itself: a batch of submissions becomes reports, verdicts, campaigns and cells in ONE commit.

The way of a batch: validate → screen → (transaction: refuse duplicates → group → write → count) → receipts.
Nothing is answered before the commit. One bad submission never spoils its batch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError

from tocsin.campaigns.grouping import Grouper
from tocsin.desk import store
from tocsin.desk.duplicates import Duplicates
from tocsin.desk.naming import Naming, name_senders
from tocsin.desk.validation import Validator
from tocsin.errors import Rejected
from tocsin.ports import Clock
from tocsin.records import Envelope, Observable, Receipt, Report, Submission, Verdict
from tocsin.screening.observables import observables
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import Snapshot
from tocsin.statistics import cells
from tocsin.storage.engine import Storage

Item = tuple[Submission, Envelope]
Answer = Receipt | Rejected
_RACES = 3


class Screened(NamedTuple):
    """A report with what screening made of it."""

    report: Report
    verdict: Verdict
    observables: tuple[Observable, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes reports, durably.

    Args:
        storage: the ledger.
        validator: judges form.
        screener: judges content.
        snapshot: the model and rules in force.
        grouper: finds each report's campaign.
        duplicates: knows what already counted.
        clock: stamps what comes in.
        committed: called after each commit that wrote something.
    """

    storage: Storage
    validator: Validator
    screener: Screener
    snapshot: Snapshot
    grouper: Grouper
    duplicates: Duplicates
    clock: Clock
    committed: Callable[[], None]

    def take(self, items: Sequence[Item]) -> list[Answer]:
        """Take a batch; the answers stand in its order.

        Returns:
            a receipt for each report that is now durable (or was before), a refusal for each that can't be.

        Raises:
            Busy: the ledger can't be written now; nothing of the batch was taken.
        """
        answers: list[Answer | None] = [None] * len(items)
        reports: list[Report] = []
        places: list[int] = []
        now = self.clock.now()
        for place, (submission, envelope) in enumerate(items):
            try:
                reports.append(self.validator.report(submission, envelope, now))
                places.append(place)
            except Rejected as refusal:
                answers[place] = refusal
        if reports:
            for place, receipt in zip(places, self._write(self._screen(reports)), strict=True):
                answers[place] = receipt
            self.committed()
        return [answer for answer in answers if answer is not None]

    def name_senders(self, namings: Sequence[Naming]) -> list[Answer]:
        """Name the senders of reports taken without one; the answers stand in order.

        Raises:
            Busy: the ledger can't be written now; nothing was changed.
        """
        with self.storage.writing() as connection:
            self.storage.serialise(connection, "desk")
            answers: list[Answer] = list(name_senders(connection, namings))
        self.committed()
        return answers

    def _screen(self, reports: Sequence[Report]) -> list[Screened]:
        messages = [report.message for report in reports]
        verdicts = self.screener.screen(messages, self.snapshot)
        traces = [observables(report.message.content, report.jurisdiction) for report in reports]
        return [Screened(*row) for row in zip(reports, verdicts, traces, strict=True)]

    def _write(self, batch: list[Screened]) -> list[Receipt]:
        for last in (False,) * (_RACES - 1) + (True,):
            try:
                return self._write_once(batch)
            except IntegrityError:
                # Another node wrote the same key between our look and our write: look again.
                if last:
                    raise
        raise AssertionError("unreachable")

    def _write_once(self, batch: list[Screened]) -> list[Receipt]:
        with self.storage.writing() as connection:
            self.storage.serialise(connection, "desk")
            receipts, fresh = self.duplicates.sift(connection, [row.report for row in batch])
            if fresh:
                reports = [batch[place].report for place in fresh]
                verdicts = [batch[place].verdict for place in fresh]
                traces = [batch[place].observables for place in fresh]
                campaigns = self.grouper.group(connection, reports, verdicts, traces)
                store.write(connection, reports, verdicts, campaigns, self.validator.keyring.epoch)
                cells.count(connection, reports, verdicts)
        return receipts
