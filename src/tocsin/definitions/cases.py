"""A case: a message, and what is known around it, each fact with what it rests on."""

from msgspec import Struct
from msgspec.structs import replace

from tocsin.definitions.records import Circumstances, Outcome
from tocsin.definitions.wayout import way_out
from tocsin.records import CLASSES, Channel, Message, MessageClass, Verdict

SURE = 0.9
"""Probability from which screening's word is taken for a fact that nobody told, and its complement below."""
_CALLS = frozenset({Channel.VOICE, Channel.VOIP})
_FRAUD = (CLASSES.index(MessageClass.FRAUD), CLASSES.index(MessageClass.MALWARE))
_COMMERCIAL = CLASSES.index(MessageClass.COMMERCIAL)


class Case(Struct, frozen=True):
    """What is judged.

    Args:
        message: the message.
        known: what is known besides; facts that screening is sure of are filled in.
        channels: the definitions' names of its channel: two for a call of which nobody knows who spoke.
        language: of its text, BCP 47.
        way_out: the words by which it offers one; empty when none is known.
        screened: names of facts that rest on screening.
    """

    message: Message
    known: Circumstances
    channels: frozenset[str]
    language: str
    way_out: str
    screened: frozenset[str] = frozenset()

    def basis(self, fact: str) -> str:
        """Return what a fact rests on: `told`, or `screening`."""
        return "screening" if fact in self.screened else "told"


def case_of(message: Message, known: Circumstances, verdict: Verdict) -> Case:
    """Bring a message, its circumstances and screening's verdict together; what was told weighs most."""
    chances = verdict.probabilities
    sure = {
        "fraudulent": _sure(sum(chances[place] for place in _FRAUD)),
        "commercial": _sure(chances[_COMMERCIAL]),
    }
    filled = {
        name: value for name, value in sure.items() if value is not None and getattr(known, name) is None
    }
    words = f"{message.subject}\n{message.content}" if message.subject else message.content
    return Case(
        message=message,
        known=replace(known, **filled),
        channels=_channels(message, known),
        language=verdict.language,
        way_out=way_out(words),
        screened=frozenset(filled),
    )


def outcome(fact: bool | None) -> Outcome:
    """Return the outcome of a criterion that is met when a fact is so."""
    return Outcome.UNKNOWN if fact is None else Outcome.MET if fact else Outcome.NOT_MET


def opposite(one: Outcome) -> Outcome:
    """Return the negation; unknown stays unknown."""
    return {Outcome.MET: Outcome.NOT_MET, Outcome.NOT_MET: Outcome.MET}.get(one, one)


def _sure(chance: float) -> bool | None:
    return True if chance >= SURE else False if chance <= 1 - SURE else None


def _channels(message: Message, known: Circumstances) -> frozenset[str]:
    if message.channel not in _CALLS:
        return frozenset({message.channel.value})
    recorded = message.call.recorded if message.call and message.call.recorded else known.automated
    if recorded is None:
        return frozenset({"voice_live", "voice_automated"})
    return frozenset({"voice_automated" if recorded else "voice_live"})
