"""Reading who a message says it is from, once, into a value that can be compared."""

import re
from functools import lru_cache

import phonenumbers

from tocsin.errors import Rejected
from tocsin.records import WITHHELD, Sender, SenderKind
from tocsin.text.fold import fold

LONGEST = 350
_NUMBER = re.compile(r"[+(]?[\d٠-٩۰-۹][\d٠-٩۰-۹\s().\-/\u200e\u200f]*")
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+")
_URL = re.compile(r"(?:https?|hxxps?|ftp)://\S+|www\.\S+", re.IGNORECASE)
_SHORTEST_E164 = 7
_LONGEST_SHORT_CODE = 8
_LONGEST_NUMBER = 30


@lru_cache(maxsize=100_000)
def parse_sender(raw: str, country: str) -> Sender:
    """Read a sender as it was reported.

    Args:
        raw: a number, short code, name, address, handle or link.
        country: ISO 3166-1 alpha-2 by which a national number is read.

    Raises:
        Rejected: longer than 350 characters, or nothing but invisible characters.
    """
    text = raw.strip()
    if len(text) > LONGEST:
        raise Rejected("sender.too_long", "sender", f"at most {LONGEST} characters")
    if not text:
        return WITHHELD
    if len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text):
        return _number(text, country)
    folded = fold(text)
    if not folded:
        raise Rejected("sender.invalid", "sender", "no visible character")
    if _ADDRESS.fullmatch(folded):
        return Sender(SenderKind.ADDRESS, folded, raw)
    if _URL.fullmatch(text):
        return Sender(SenderKind.URL, folded, raw)
    if folded.startswith("@"):
        return Sender(SenderKind.HANDLE, folded, raw)
    return Sender(SenderKind.ALPHANUMERIC, folded, raw)


def _number(text: str, country: str) -> Sender:
    digits = "".join(str(int(letter)) for letter in text if letter.isdecimal())
    international = text.startswith("+") or digits.startswith("00")
    if not international and len(digits) <= _LONGEST_SHORT_CODE and not digits.startswith("0"):
        return Sender(SenderKind.SHORT_CODE, digits, text)
    if international and (country_of := _main_country(digits)):
        return Sender(SenderKind.E164, f"+{digits}", text, country_of)
    dialled = "+" + digits.removeprefix("00") if international else digits
    try:
        number = phonenumbers.parse(dialled, None if international or country == "ZZ" else country)
    except phonenumbers.NumberParseException:
        kind = SenderKind.SHORT_CODE if len(digits) < _SHORTEST_E164 else SenderKind.ALPHANUMERIC
        return Sender(kind, digits, text)
    value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    region = phonenumbers.region_code_for_number(number)
    if region is None:
        region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    return Sender(SenderKind.E164, value, text, region if len(region) == 2 and region.isalpha() else "")  # noqa: PLR2004


_ONE_COUNTRY = {
    str(code): regions[0]
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
    if len(regions) == 1 and regions[0].isalpha()
}
_MOST_DIGITS = 15


def _main_country(digits: str) -> str:
    """Return the country of a plain international number at once, where its code is one country's alone.

    The full parse costs 60 µs and every reporter's number is a new one. A zero after the code may be a trunk
    prefix written by mistake: those take the long way.
    """
    if digits.startswith("0") or not _SHORTEST_E164 < len(digits) <= _MOST_DIGITS:
        return ""
    code = next((digits[:size] for size in (1, 2, 3) if digits[:size] in _ONE_COUNTRY), "")
    return _ONE_COUNTRY[code] if code and digits[len(code)] != "0" else ""


@lru_cache(maxsize=100_000)
def canonical_address(raw: str, country: str) -> str:
    """Bring a person's number or address into one form, so that one person has one pseudonym."""
    try:
        return parse_sender(raw[:LONGEST], country).value or fold(raw)
    except Rejected:
        return fold(raw)
