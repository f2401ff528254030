"""Reading who a message says it is from, once, into a value that can be compared."""

import re
from functools import lru_cache

import phonenumbers

from tocsin.errors import Rejected
from tocsin.records import WITHHELD, Sender, SenderKind
from tocsin.text.fold import fold

LONGEST = 350
_NUMBER = re.compile(r"[+(]?[\d٠-٩۰-۹][\d٠-٩۰-۹\s().\-/\u200e\u200f]*")
_NOT_DIGIT = re.compile(r"\D+")
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
    folded = fold(text)[:LONGEST]  # NFKC can make one letter eighteen
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
    digits = _NOT_DIGIT.sub("", text)
    if not digits.isascii():
        digits = "".join(str(int(letter)) for letter in digits)
    international = text.startswith("+") or digits.startswith("00")
    if not international and len(digits) <= _LONGEST_SHORT_CODE and not digits.startswith("0"):
        return Sender(SenderKind.SHORT_CODE, digits, text)
    if international and _is_plain(digits):
        return Sender(SenderKind.E164, f"+{digits}", text, _country(digits[:_TELLING_DIGITS], len(digits)))
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


_CODES = frozenset(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
_MOST_DIGITS = 15
_TELLING_DIGITS = 7


def _is_plain(digits: str) -> bool:
    """Say whether digits are an E.164 number as they stand, without the full parse.

    That costs 60 µs and every reporter's number is a new one. A zero after the country code may be a trunk
    prefix written by mistake: those take the long way.
    """
    if not _TELLING_DIGITS < len(digits) <= _MOST_DIGITS:
        return False
    code = next((digits[:size] for size in (1, 2, 3) if digits[:size] in _CODES), "")
    return bool(code) and digits[len(code)] != "0"


@lru_cache(maxsize=20_000)
def _country(prefix: str, length: int) -> str:
    """Return the country of the numbers of a length that begin so; area codes tell +1 and +7 apart."""
    number = phonenumbers.parse("+" + prefix.ljust(length, "5"), None)
    region = phonenumbers.region_code_for_number(number)
    region = region or phonenumbers.region_code_for_country_code(number.country_code or 0)
    return region if len(region) == 2 and region.isalpha() else ""  # noqa: PLR2004 - alpha-2


def canonical_address(raw: str, country: str) -> str:
    """Bring a person's number or address into one form, so that one person has one pseudonym."""
    digits = raw[1:]
    if raw.startswith("+") and digits.isdecimal() and digits.isascii() and _is_plain(digits):
        return raw
    try:
        return parse_sender(raw[:LONGEST], country).value or fold(raw)
    except Rejected:
        return fold(raw)
