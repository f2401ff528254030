"""Telling delivery receipts and handsets' acknowledgements from what people write.

SMPP 3.4: esm_class (5.2.12) says so; appendix B has the text that most message centres put in.
"""

import re

from tocsin.doors.smpp.numbers import EsmClass, Tag
from tocsin.doors.smpp.pdus import ShortMessage, tlv

_TEXT = re.compile(
    rb"id:\S{1,65} sub:\d{1,3} dlvrd:\d{1,3} submit date:\d{10,12} done date:\d{10,12} stat:[A-Z]{1,8} err:",
    re.IGNORECASE,
)


def is_receipt(message: ShortMessage) -> bool:
    """Tell whether a deliver_sm is about a message of ours: never a report.

    esm_class decides; where a message centre leaves it 0, its parameters or the exact words of appendix B do.
    """
    if message.esm_class & EsmClass.KIND:
        return True
    if message.tlvs and tlv(message.tlvs, Tag.RECEIPTED_MESSAGE_ID) and tlv(message.tlvs, Tag.MESSAGE_STATE):
        return True
    return message.text[:3].lower() == b"id:" and _TEXT.match(message.text) is not None
