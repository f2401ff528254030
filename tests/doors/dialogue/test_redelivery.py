"""Properties of the conversation: whatever breaks and is delivered again, everything counts once."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples

from tests.doors.dialogue.houses import house
from tests.makers import Node, open_node, settings
from tocsin.desk.intake import Answer, Item
from tocsin.doors.dialogue.conversation import Conversation, Incoming
from tocsin.doors.dialogue.profiles import profile
from tocsin.doors.dialogue.store import Sessions
from tocsin.errors import Busy, Rejected
from tocsin.ports import SetClock
from tocsin.records import Receipt

WHEN = 1_800_000_000_000_000
PEOPLE = ("+447700900901", "+447700900902")
SENDER = "07700 900123"


class Remembering:
    """An intake in memory that breaks where it is told to, before or after it did its work."""

    def __init__(self) -> None:
        self.contents: dict[str, str] = {}
        self.senders: dict[str, str] = {}
        self.breaks: list[str] = []

    def _broken(self, where: str) -> None:
        if self.breaks and self.breaks[0] == where:
            self.breaks.pop(0)
            raise Busy(f"broke {where}")

    async def submit(self, items: Sequence[Item]) -> list[Answer]:
        """Take each message id once."""
        self._broken("before reports")
        for submission, _ in items:
            self.contents.setdefault(submission.message_id, submission.content)
        self._broken("after reports")
        return [Receipt(f"T-{submission.message_id}", UUID(int=0)) for submission, _ in items]

    async def name_sender(self, ticket: str, sender: str) -> Answer:
        """Name each report once."""
        self._broken("before names")
        if ticket in self.senders:
            return Rejected("sender.named", "sender", "named already")
        self.senders[ticket] = sender
        self._broken("after names")
        return Receipt(ticket, UUID(int=0))

    def breaking(self, sessions: Sessions) -> Sessions:
        """Break the writing of sessions too."""
        save = sessions.save

        def saving(*given: object) -> None:
            self._broken("before sessions")
            save(*given)
            self._broken("after sessions")

        sessions.save = saving
        return sessions


PLACES = [
    "before reports",
    "after reports",
    "before names",
    "after names",
    "before sessions",
    "after sessions",
]
MESSAGES = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["forward", "answer"])), min_size=1, max_size=5
)
BATCHES = st.lists(st.tuples(MESSAGES, st.lists(st.sampled_from(PLACES), max_size=2)), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node whose clock stands still; only its ledger is used."""
    folder = Path(tmp_path_factory.mktemp("redelivery"))
    with open_node(settings(folder, jurisdiction="GB"), SetClock(WHEN)) as opened:
        yield opened


@given(batches=BATCHES)
@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_forward_counts_once_and_every_message_is_answered_once_at_most(
    node: Node, batches: list[tuple[list[tuple[str, str]], list[str]]]
) -> None:
    """Each broken batch is delivered again, to a process that remembers only what the ledger holds."""
    run = uuid4()  # a replayed example must not meet the conversations of its first run
    intake = Remembering()
    forwards: list[str] = []
    answers: Counter[str] = Counter()
    for number, (messages, breaks) in enumerate(batches):
        batch = []
        for place, (person, kind) in enumerate(messages):
            identity = f"{run}-{number}-{place}"
            words = f"You have won a prize {identity} http://p.example" if kind == "forward" else SENDER
            forwards += [identity] if kind == "forward" else []
            batch.append(Incoming(identity, person, words))
        intake.breaks = list(breaks)
        answers += asyncio.run(_deliver(node, intake, f"door {run}", batch))
    assert sorted(intake.contents) == sorted(forwards)
    assert all(count <= 1 for count in answers.values())
    assert set(intake.senders.values()) <= {SENDER}
    assert set(intake.senders) <= {f"T-{identity}" for identity in forwards}


async def _deliver(node: Node, intake: Remembering, door: str, batch: list[Incoming]) -> Counter[str]:
    for _ in range(4):
        talk = Conversation(door, house(node, intake=intake), profile("gb"))
        intake.breaking(talk._sessions)
        try:
            heard = await talk.hear(batch)
        except Busy:
            continue
        return Counter({message.id: len(one.replies) for message, one in zip(batch, heard, strict=True)})
    raise AssertionError("broke more often than it was told to")
