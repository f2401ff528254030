"""The numbers of SMPP: commands, statuses, tags (SMPP 3.4 sections 5.1 to 5.3, SMPP 5.0 section 4)."""

from enum import IntEnum

RESPONSE = 0x80000000
"""The bit that tells a response from its request."""
HEADER = 16
"""Octets of a header: length, command, status, sequence number."""
LONGEST = 70_000
"""Octets of the longest PDU taken: a message_payload of 64 KiB and its surroundings."""
LAST_SEQUENCE = 0x7FFFFFFF


class Command(IntEnum):
    """Every command's id (SMPP 5.0, table 4-1)."""

    GENERIC_NACK = 0x80000000
    BIND_RECEIVER = 0x00000001
    BIND_RECEIVER_RESP = 0x80000001
    BIND_TRANSMITTER = 0x00000002
    BIND_TRANSMITTER_RESP = 0x80000002
    QUERY_SM = 0x00000003
    QUERY_SM_RESP = 0x80000003
    SUBMIT_SM = 0x00000004
    SUBMIT_SM_RESP = 0x80000004
    DELIVER_SM = 0x00000005
    DELIVER_SM_RESP = 0x80000005
    UNBIND = 0x00000006
    UNBIND_RESP = 0x80000006
    REPLACE_SM = 0x00000007
    REPLACE_SM_RESP = 0x80000007
    CANCEL_SM = 0x00000008
    CANCEL_SM_RESP = 0x80000008
    BIND_TRANSCEIVER = 0x00000009
    BIND_TRANSCEIVER_RESP = 0x80000009
    OUTBIND = 0x0000000B
    ENQUIRE_LINK = 0x00000015
    ENQUIRE_LINK_RESP = 0x80000015
    SUBMIT_MULTI = 0x00000021
    SUBMIT_MULTI_RESP = 0x80000021
    ALERT_NOTIFICATION = 0x00000102
    DATA_SM = 0x00000103
    DATA_SM_RESP = 0x80000103
    BROADCAST_SM = 0x00000111
    BROADCAST_SM_RESP = 0x80000111
    QUERY_BROADCAST_SM = 0x00000112
    QUERY_BROADCAST_SM_RESP = 0x80000112
    CANCEL_BROADCAST_SM = 0x00000113
    CANCEL_BROADCAST_SM_RESP = 0x80000113


COMMANDS = frozenset(int(command) for command in Command)
BINDS = frozenset({Command.BIND_RECEIVER, Command.BIND_TRANSMITTER, Command.BIND_TRANSCEIVER})


class Status(IntEnum):
    """The command_status values that this package sends or acts upon (SMPP 3.4, 5.1.3)."""

    OK = 0x00
    INVALID_LENGTH = 0x02
    INVALID_COMMAND = 0x03
    INVALID_BIND_STATE = 0x04
    ALREADY_BOUND = 0x05
    SYSTEM_ERROR = 0x08
    INVALID_MESSAGE_ID = 0x0C
    BIND_FAILED = 0x0D
    INVALID_PASSWORD = 0x0E
    INVALID_SYSTEM_ID = 0x0F
    QUEUE_FULL = 0x14
    SUBMIT_FAILED = 0x45
    THROTTLED = 0x58
    NO_SUCH_SERVICE = 0x15
    INVALID_TLV_STREAM = 0xC0
    INVALID_TLV_LENGTH = 0xC2


LATER = frozenset({Status.SYSTEM_ERROR, Status.QUEUE_FULL, Status.THROTTLED})
"""Statuses that ask to try the same again, later."""


class Tag(IntEnum):
    """Tags of the optional parameters used here (SMPP 3.4, 5.3.2)."""

    RECEIPTED_MESSAGE_ID = 0x001E
    USER_MESSAGE_REFERENCE = 0x0204
    SAR_REFERENCE = 0x020C
    SAR_TOTAL = 0x020E
    SAR_NUMBER = 0x020F
    SC_INTERFACE_VERSION = 0x0210
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class EsmClass(IntEnum):
    """Bits of esm_class (SMPP 3.4, 5.2.12)."""

    KIND = 0x3C
    RECEIPT = 0x04
    UDH = 0x40


INTERNATIONAL = 1
"""Type of number: an international number, written without its plus sign (SMPP 3.4, 5.2.5)."""
