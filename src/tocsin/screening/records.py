"""Screening's nouns."""

from msgspec import Struct


class Reason(Struct, frozen=True):
    """One thing that spoke for or against a class.

    Args:
        id: what it was: `text` for a piece of the text, or a rule's name such as `link.application`.
        piece: the piece of folded text, empty for a rule.
        weight: how much it moved the log-odds of the most probable class, in nats.
    """

    id: str
    piece: str
    weight: float
