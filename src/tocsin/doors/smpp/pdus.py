"""What PDUs hold: one record for each kind of body (SMPP 3.4 section 4).

Texts of addresses and ids are Latin-1, which every octet string fits. TLVs are pairs of tag and value, in
the order they came.
"""

from typing import NamedTuple

from msgspec import Struct

from tocsin.doors.smpp.numbers import Tag

Tlvs = tuple[tuple[int, bytes], ...]


class Address(NamedTuple):
    """Type of number, numbering plan and digits or name (SMPP 3.4, 5.2.5 to 5.2.9)."""

    ton: int
    npi: int
    number: str


class Nothing(Struct, frozen=True):
    """A body of TLVs alone: unbind, enquire_link, generic_nack, and most answers of failure."""

    tlvs: Tlvs = ()


class Bind(Struct, frozen=True):
    """bind_receiver, bind_transmitter, bind_transceiver."""

    system_id: str
    password: str = ""
    system_type: str = ""
    version: int = 0x34
    ton: int = 0
    npi: int = 0
    addresses: str = ""
    tlvs: Tlvs = ()


class Bound(Struct, frozen=True):
    """A bind's answer: who the message centre says it is."""

    system_id: str = ""
    tlvs: Tlvs = ()


class Outbind(Struct, frozen=True):
    """A message centre asks to be bound to."""

    system_id: str
    password: str = ""
    tlvs: Tlvs = ()


class ShortMessage(Struct, frozen=True, gc=False):
    """submit_sm, deliver_sm and, with fewer fields, data_sm.

    Args:
        text: short_message; the words may stand in the TLV message_payload instead (`payload`).
    """

    service: str = ""
    source_ton: int = 0
    source_npi: int = 0
    source: str = ""
    dest_ton: int = 0
    dest_npi: int = 0
    dest: str = ""
    esm_class: int = 0
    protocol: int = 0
    priority: int = 0
    schedule: str = ""
    validity: str = ""
    registered: int = 0
    replace: int = 0
    data_coding: int = 0
    default_message: int = 0
    text: bytes = b""
    tlvs: Tlvs = ()

    @property
    def payload(self) -> bytes:
        """The words with their user data header, wherever they stand."""
        return self.text or (tlv(self.tlvs, Tag.MESSAGE_PAYLOAD) or b"")


class Multi(Struct, frozen=True):
    """submit_multi: one message to addresses and distribution lists.

    Args:
        dests: where to; a distribution list's name is a plain string.
        message: the rest; its own destination is empty.
    """

    dests: tuple[Address | str, ...]
    message: ShortMessage


class MultiAnswer(Struct, frozen=True):
    """submit_multi_resp: the id, and the destinations that failed with their statuses."""

    message_id: str = ""
    failed: tuple[tuple[Address, int], ...] = ()
    tlvs: Tlvs = ()


class Answer(Struct, frozen=True):
    """submit_sm_resp, deliver_sm_resp, data_sm_resp."""

    message_id: str = ""
    tlvs: Tlvs = ()


class Query(Struct, frozen=True):
    """query_sm: what became of a message."""

    message_id: str
    source_ton: int = 0
    source_npi: int = 0
    source: str = ""
    tlvs: Tlvs = ()


class QueryAnswer(Struct, frozen=True):
    """query_sm_resp; state 2 is delivered (SMPP 3.4, 5.2.28)."""

    message_id: str = ""
    final_date: str = ""
    state: int = 0
    error: int = 0
    tlvs: Tlvs = ()


class Cancel(Struct, frozen=True):
    """cancel_sm: by id, or every message between two addresses."""

    service: str = ""
    message_id: str = ""
    source_ton: int = 0
    source_npi: int = 0
    source: str = ""
    dest_ton: int = 0
    dest_npi: int = 0
    dest: str = ""
    tlvs: Tlvs = ()


class Replace(Struct, frozen=True):
    """replace_sm: other words for a message that waits."""

    message_id: str
    source_ton: int = 0
    source_npi: int = 0
    source: str = ""
    schedule: str = ""
    validity: str = ""
    registered: int = 0
    default_message: int = 0
    text: bytes = b""
    tlvs: Tlvs = ()


class Alert(Struct, frozen=True):
    """alert_notification: a subscriber can be reached again."""

    source_ton: int = 0
    source_npi: int = 0
    source: str = ""
    esme_ton: int = 0
    esme_npi: int = 0
    esme: str = ""
    tlvs: Tlvs = ()


class Raw(Struct, frozen=True):
    """A body that is carried and not read: the broadcast commands of 5.0."""

    octets: bytes = b""


Body = (
    Nothing
    | Bind
    | Bound
    | Outbind
    | ShortMessage
    | Multi
    | MultiAnswer
    | Answer
    | Query
    | QueryAnswer
    | Cancel
    | Replace
    | Alert
    | Raw
)


class Pdu(NamedTuple):
    """One PDU, read."""

    command: int
    status: int
    sequence: int
    body: Body


def tlv(tlvs: Tlvs, tag: int) -> bytes | None:
    """Return the first value under a tag."""
    for found, value in tlvs:
        if found == tag:
            return value
    return None
