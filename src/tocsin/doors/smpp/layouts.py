"""How the fields of each command's body lie, in order, before its TLVs (SMPP 3.4 section 4)."""

from collections.abc import Callable
from typing import Final

from tocsin.doors.smpp.numbers import Command
from tocsin.doors.smpp.pdus import (
    Alert,
    Answer,
    Bind,
    Body,
    Bound,
    Cancel,
    Nothing,
    Outbind,
    Query,
    QueryAnswer,
    Replace,
    ShortMessage,
)

OCTET: Final = 0
"""In a layout: one octet. A greater number is a C string of at most so many octets, its NUL counted."""
BLOB: Final = -1
"""In a layout: an octet that counts the octets after it."""
Layout = tuple[tuple[str, int], ...]
_TAIL: Layout = (
    ("registered", OCTET),
    ("replace", OCTET),
    ("data_coding", OCTET),
    ("default_message", OCTET),
    ("text", BLOB),
)


def _address(name: str, longest: int = 21) -> Layout:
    return ((f"{name}_ton", OCTET), (f"{name}_npi", OCTET), (name, longest))


TIMES: Layout = (("schedule", 17), ("validity", 17))
MULTI_HEAD: Layout = (("service", 6), *_address("source"))
MULTI_TAIL: Layout = (("esm_class", OCTET), ("protocol", OCTET), ("priority", OCTET), *TIMES, *_TAIL)
SHORT: Layout = (*MULTI_HEAD, *_address("dest"), *MULTI_TAIL)
DATA: Layout = (
    ("service", 6),
    *_address("source", 65),
    *_address("dest", 65),
    ("esm_class", OCTET),
    ("registered", OCTET),
    ("data_coding", OCTET),
)
_BIND: Layout = (
    ("system_id", 16),
    ("password", 9),
    ("system_type", 13),
    ("version", OCTET),
    ("ton", OCTET),
    ("npi", OCTET),
    ("addresses", 41),
)
_QUERY: Layout = (("message_id", 65), *_address("source"))
_ANSWER: tuple[Callable[..., Body], Layout] = (Answer, (("message_id", 65),))
LAYOUTS: dict[int, tuple[Callable[..., Body], Layout]] = {
    Command.GENERIC_NACK: (Nothing, ()),
    Command.BIND_RECEIVER: (Bind, _BIND),
    Command.BIND_TRANSMITTER: (Bind, _BIND),
    Command.BIND_TRANSCEIVER: (Bind, _BIND),
    Command.BIND_RECEIVER_RESP: (Bound, (("system_id", 16),)),
    Command.BIND_TRANSMITTER_RESP: (Bound, (("system_id", 16),)),
    Command.BIND_TRANSCEIVER_RESP: (Bound, (("system_id", 16),)),
    Command.OUTBIND: (Outbind, (("system_id", 16), ("password", 9))),
    Command.UNBIND: (Nothing, ()),
    Command.UNBIND_RESP: (Nothing, ()),
    Command.ENQUIRE_LINK: (Nothing, ()),
    Command.ENQUIRE_LINK_RESP: (Nothing, ()),
    Command.SUBMIT_SM: (ShortMessage, SHORT),
    Command.SUBMIT_SM_RESP: _ANSWER,
    Command.DELIVER_SM: (ShortMessage, SHORT),
    Command.DELIVER_SM_RESP: _ANSWER,
    Command.DATA_SM: (ShortMessage, DATA),
    Command.DATA_SM_RESP: _ANSWER,
    Command.QUERY_SM: (Query, _QUERY),
    Command.QUERY_SM_RESP: (
        QueryAnswer,
        (("message_id", 65), ("final_date", 17), ("state", OCTET), ("error", OCTET)),
    ),
    Command.CANCEL_SM: (
        Cancel,
        (("service", 6), ("message_id", 65), *_address("source"), *_address("dest")),
    ),
    Command.CANCEL_SM_RESP: (Nothing, ()),
    Command.REPLACE_SM: (
        Replace,
        (*_QUERY, *TIMES, ("registered", OCTET), ("default_message", OCTET), ("text", BLOB)),
    ),
    Command.REPLACE_SM_RESP: (Nothing, ()),
    Command.ALERT_NOTIFICATION: (Alert, (*_address("source", 65), *_address("esme", 65))),
}
"""How each command's fields lie before its TLVs; submit_multi, its answer and broadcasts have no such row."""
