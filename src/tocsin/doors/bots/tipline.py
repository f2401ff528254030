"""One tip line for every chat service: forward a message to report it, or CHECK it before.

What is forwarded is a report; its sender is the one that the service names, or is asked for. What is typed
is a command, an answer, a pasted message, or chat, which is answered by help.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from tocsin.doors.dialogue.conversation import Conversation
from tocsin.doors.dialogue.profiles import Profile, profile
from tocsin.doors.door import House
from tocsin.errors import Rejected
from tocsin.records import Channel, Message, SenderKind, Verdict
from tocsin.screening.policy import spam_probability
from tocsin.text.senders import parse_sender

LIKELY, UNLIKELY = 0.85, 0.15
"""Probabilities of spam at which the answer leans to a side; between them it says that it can't tell."""
_FEWEST_LETTERS, _FEWEST_SIGNS = 20, 10
"""Below which a text says too little to be called harmless: of Latin, and of any other script."""
_LONGEST = 10_000
_ANSWERS_AN_HOUR = 40
_NUMBERS = frozenset({SenderKind.E164, SenderKind.SHORT_CODE})


def tip_line(door: str, house: House, name: str, our_numbers: frozenset[str] = frozenset()) -> Conversation:
    """Open a tip line.

    Args:
        door: the door's configured name.
        house: the node's parts.
        name: of the dialogue's profile; its codes play no part here.
        our_numbers: numbers under which the service knows us, never to be answered or blamed.

    Raises:
        Misconfigured: no profile has this name.
    """
    chosen = bot_profile(profile(name))
    country = chosen.jurisdiction or house.settings.jurisdiction
    return Conversation(door, house, chosen, Channel.IM, our_numbers, Checking(house, country))


def bot_profile(base: Profile) -> Profile:
    """Return a profile as a bot holds it: forwards are marked, CHECK is offered, floods are refused."""
    return replace(
        base,
        codes=frozenset(),
        answers_an_hour=_ANSWERS_AN_HOUR,
        over_limit="refuse",
        checks=True,
        marks_forwards=True,
    )


class Checking:
    """Says what screening thinks of something, as the key of one of the dialogue's sentences.

    Args:
        house: the screener and what it judges by.
        country: ISO 3166-1 alpha-2 by which national numbers are read.
    """

    def __init__(self, house: House, country: str) -> None:
        self._house = house
        self._country = country

    async def __call__(self, texts: Sequence[str]) -> list[str]:
        """Screen texts, without storing anything of them."""
        cut = [text[:_LONGEST] for text in texts]
        messages = [Message(Channel.SMS, text) for text in cut]
        verdicts = await asyncio.to_thread(self._house.screener.screen, messages, self._house.snapshot)
        return [self._opinion(text, verdict) for text, verdict in zip(cut, verdicts, strict=True)]

    def _opinion(self, text: str, verdict: Verdict) -> str:
        if self._is_number(text):
            return "check_number"
        chance = spam_probability(verdict, "unwanted")
        if chance >= LIKELY:
            return "check_likely"
        telling = sum(map(str.isalpha, text)) >= (_FEWEST_LETTERS if text.isascii() else _FEWEST_SIGNS)
        return "check_unlikely" if chance <= UNLIKELY and telling else "check_doubtful"

    def _is_number(self, text: str) -> bool:
        try:
            return parse_sender(text.strip(), self._country).kind in _NUMBERS
        except Rejected:
            return False
