"""Messages in several parts, joined in whatever order they come.

Parts are bounded in number and octets. A set that stays incomplete is given out as it is; a set that was
given out is remembered for a while, so that a part that is delivered again is known.
"""

from enum import Enum

from msgspec import Struct, field

from tocsin.doors.smpp.headers import Part
from tocsin.doors.smpp.pdus import ShortMessage

MOST_SETS = 20_000
MOST_OCTETS = 32_000_000


class Place(Enum):
    """What a part is to its set: the last that was missing, one of several, or one that came before."""

    LAST = "last"
    HELD = "held"
    KNOWN = "known"


class PartSet(Struct):
    """A message in parts.

    Args:
        key: digest of the reporter's pseudonym, our code, the reference and the number of parts.
        id: the message's own identity.
        total: parts.
        coding: the first part's data_coding.
        began_at: when its first part came, microseconds.
        message: a part's PDU, for its addresses; None when only the shelf remembers the set.
        bodies: octets by the parts' numbers.
        given: whether it was given out; then `bodies` is empty and `known` holds hashes.
        known: hashes of the parts by number.
    """

    key: bytes
    id: str
    total: int
    coding: int
    began_at: int
    message: ShortMessage | None = None
    bodies: dict[int, bytes] = field(default_factory=dict)
    given: bool = False
    known: dict[int, int] = field(default_factory=dict)

    @property
    def octets(self) -> bytes:
        """The parts that are here, joined in order."""
        return b"".join(self.bodies[number] for number in sorted(self.bodies))


class Parts:
    """The sets of one door.

    Args:
        patience: microseconds after which an incomplete set is given out, and a given one forgotten.
    """

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._sets: dict[bytes, PartSet] = {}
        self._ousted: list[PartSet] = []
        self._octets = 0

    def __len__(self) -> int:
        return len(self._sets)

    def remember(self, found: PartSet) -> None:
        """Take a set from the shelf."""
        self._sets[found.key] = found
        self._octets += sum(map(len, found.bodies.values()))

    def add(
        self, key: bytes, part: Part, octets: bytes, message: ShortMessage, now: int
    ) -> tuple[Place, PartSet]:
        """Put a part in its set."""
        found = self._sets.get(key)
        if found is None or self._is_another(found, part, octets):
            name = f"{key.hex()}-{now // 1_000_000}"
            if found is not None:
                self._oust(found)
            found = self._sets[key] = PartSet(key, name, part.total, message.data_coding, now)
        found.message = found.message or message
        if found.given or part.number in found.bodies:
            return Place.KNOWN, found
        found.bodies[part.number] = octets
        found.known[part.number] = hash(octets)
        self._octets += len(octets)
        return (Place.LAST if len(found.bodies) == found.total else Place.HELD), found

    def _is_another(self, found: PartSet, part: Part, octets: bytes) -> bool:
        """Tell whether a reference was used again for another message."""
        known = found.known.get(part.number)
        return known is not None and known != hash(octets)

    def take_back(self, found: PartSet, number: int) -> None:
        """Forget a part that could not be kept; it is delivered again."""
        self._octets -= len(found.bodies.pop(number, b""))
        found.known.pop(number, None)
        if not found.bodies:
            self._sets.pop(found.key, None)

    def give(self, found: PartSet) -> None:
        """Mark a set as given out, and let go of its octets."""
        self._octets -= sum(map(len, found.bodies.values()))
        found.bodies.clear()
        found.given = True
        if found in self._ousted:
            self._ousted.remove(found)

    def _oust(self, found: PartSet) -> None:
        """Let another message have a set's reference; what came of the set is due."""
        if found.given:
            self.drop(found)
        else:
            del self._sets[found.key]
            self._ousted.append(found)

    def drop(self, found: PartSet) -> None:
        """Forget a set."""
        self._octets -= sum(map(len, found.bodies.values()))
        self._sets.pop(found.key, None)

    def due(self, now: int) -> list[PartSet]:
        """Return incomplete sets whose time is over, or that have no room; forget old ones given out."""
        found = list(self._ousted)
        octets = self._octets
        for number, one in enumerate(list(self._sets.values())):
            crowded = len(self._sets) - number > MOST_SETS or octets > MOST_OCTETS
            if not crowded and now - one.began_at < self._patience:
                break  # sets stand in the order in which they began
            if one.given:
                self.drop(one)
            else:
                octets -= sum(map(len, one.bodies.values()))
                found.append(one)
        return found
