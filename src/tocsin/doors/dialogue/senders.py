"""Whose number, name or address stands in an answer; and which reporters are no people but services."""

import re
from collections.abc import Collection

import phonenumbers

from tocsin.doors.dialogue.words import Words, plain
from tocsin.errors import Rejected
from tocsin.records import SenderKind
from tocsin.text.senders import parse_sender

_LONGEST = 60
_LONGEST_NAME = 11
"""Characters of an alphanumeric sender (3GPP TS 23.040, section 9.1.2.5)."""
_LONGEST_IDEOGRAPHS = 6
_MOST_WORDS = 3
_SHORTEST_NUMBER = 3
_SHORTEST_PERSON = 7
_AROUND = " \t\r\n\"'“”«»‘’()[]<>.,;:!。、，؛"
_TIDY = str.maketrans(
    dict.fromkeys("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff", "")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
    | {"＋": "+", "\u00a0": " "}
)
_NUMBER = re.compile(r"[+(]?\d[\d\s().\-/]{1,28}\d")
_WHOLE_NUMBER = re.compile(r"[+(]?\d[\d\s().\-/]{1,28}\d")
_NAME = re.compile(r"[^\W_][\w\u0300-\u036f\u0900-\u0dff .&'+\-]*")
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>.]{1,63}(?:\.[^\s@<>.]{1,63}){1,6}|@\w{2,32}")
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def tidy(text: str) -> str:
    """Take out what phones add to a copied number: marks of direction, hard spaces, typographic hyphens."""
    return text.translate(_TIDY).strip()


def is_number(text: str, country: str) -> bool:
    """Say whether a message is a phone number or short code and nothing else."""
    if len(text) > _LONGEST:
        return False
    bare = tidy(text).strip(_AROUND.replace("(", ""))
    if not _WHOLE_NUMBER.fullmatch(bare):
        return False
    try:
        sender = parse_sender(bare, country or "ZZ")
    except Rejected:
        return False
    digits = sender.value.removeprefix("+")
    return digits.isdecimal() and len(digits) >= _SHORTEST_NUMBER


def read_sender(text: str, words: Words, country: str) -> str | None:
    """Find the sender that an answer names.

    Args:
        text: the answer.
        words: of a language, some of which may stand around it ("it was from").
        country: ISO 3166-1 alpha-2 by which a national number is read.

    Returns:
        number, address, handle or name as written; None when the message is no answer.
    """
    bare = tidy(text[: 2 * _LONGEST]).strip(_AROUND.replace("(", ""))
    if not bare or len(text) > 2 * _LONGEST or len(bare) > _LONGEST or "\n" in bare:
        return None
    if is_number(bare, country) or _ADDRESS.fullmatch(bare):
        return bare
    if inside := _NUMBER.search(bare):
        around = plain(f"{bare[: inside.start()]} {bare[inside.end() :]}").split()
        if all(word in words.filler for word in around) and is_number(inside.group(), country):
            return inside.group()
    return _name(bare, words.before)


def _name(bare: str, before: Collection[str]) -> str | None:
    parts = bare.split()
    if parts and plain(parts[0]) in before:
        parts.pop(0)
    name = " ".join(parts).strip(_AROUND)
    longest = _LONGEST_IDEOGRAPHS if _IDEOGRAPH.search(name) else _LONGEST_NAME
    fits = len(name) <= longest and len(parts) <= _MOST_WORDS
    return name if fits and _NAME.fullmatch(name) and not name.isdecimal() else None


def is_same_person(sender: str, addresses: Collection[str], country: str) -> bool:
    """Say whether a sender is one of some canonical addresses, such as the reporter's own."""
    return canonical(sender, country) in addresses


def canonical(address: str, country: str) -> str:
    """Return an address in the form in which two of them compare; empty for none."""
    try:
        return parse_sender(address, country or "ZZ").value
    except Rejected:
        return ""


def is_service(address: str, country: str, codes: Collection[str], prefixes: tuple[str, ...]) -> bool:
    """Say whether a reporter's phone address belongs to a machine: our own code, a short code, a name.

    Args:
        address: as the network gave it.
        country: ISO 3166-1 alpha-2 by which a national number is read; empty for unknown.
        codes: our own, canonical.
        prefixes: how else the numbers of services begin.
    """
    try:
        sender = parse_sender(address, country or "ZZ")
    except Rejected:
        return True
    if sender.value in codes or (prefixes and address.strip().startswith(prefixes)):
        return True
    match sender.kind:
        case SenderKind.E164:
            return False
        case SenderKind.SHORT_CODE:  # eight digits are a person's number in some countries
            return not _is_subscriber(sender.value, country)
        case _:
            return not (sender.value.isdecimal() and len(sender.value) >= _SHORTEST_PERSON)


def _is_subscriber(digits: str, country: str) -> bool:
    if not country or country == "ZZ":
        return len(digits) >= _SHORTEST_PERSON
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(digits, country)))
    except phonenumbers.NumberParseException:
        return False
