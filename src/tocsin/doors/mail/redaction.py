"""Taking the reporter out of the evidence: addresses and names, in all the forms in which spam repeats them.

Spam greets its victim by address and carries the address in its links, plain, percent-encoded or as base64.
Whoever reports it must not be found in what is stored (RFC 6590 says the same of feedback reports).
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote

from tocsin.doors.mail.headers import Headers, addresses, display_name

RECIPIENT_FIELDS = (
    "to",
    "cc",
    "bcc",
    "delivered-to",
    "x-original-to",
    "x-apparently-to",
    "apparently-to",
    "envelope-to",
    "x-envelope-to",
    "x-forwarded-to",
    "x-forwarded-for",
    "x-rcpt-to",
    "original-recipient",
    "x-hmxmroriginalrecipient",
    "resent-to",
    "resent-cc",
    "resent-bcc",
)
"""Fields that say whom a mail was for: the reporter, under all of his names."""
_MOST = 100
_SHORTEST_NAME = 6
_SHORTEST_BASE64 = 8


class Redactor:
    """Replaces a person's addresses and names.

    Args:
        known: addresses, lower case.
        names: names as people write them.
    """

    def __init__(self, known: Iterable[str], names: Iterable[str] = ()) -> None:
        self.known = frozenset(sorted(found for found in known if "@" in found)[:_MOST])
        forms = {form for found in self.known for form in _forms(found)}
        self._addresses = _any_of(forms)
        self._names = _any_of({name for name in names if _tells(name)})

    def __call__(self, text: str) -> str:
        """Return the text without them."""
        text = self._addresses.sub("⟨address⟩", text) if self._addresses else text
        return self._names.sub("⟨name⟩", text) if self._names else text


def recipients(headers: Headers) -> set[str]:
    """Return every address for which a mail was meant or to which it was delivered."""
    found = {who for name in RECIPIENT_FIELDS for value in headers.every(name) for who in addresses(value)}
    for hop in headers.every("received"):
        found.update(who for who in addresses(hop.partition(" for ")[2][:300]) if " for " in hop)
    return found


def names(headers: Headers) -> set[str]:
    """Return the names by which a mail calls those for whom it was meant."""
    return {display_name(value) for field in ("to", "resent-to") for value in headers.every(field)}


def _forms(known: str) -> set[str]:
    encoded = b64encode(known.encode("utf-8", "replace")).decode().rstrip("=")
    whole = encoded[
        : len(known.encode("utf-8", "replace")) // 3 * 4
    ]  # its last letters depend on what follows
    forms = {known, quote(known, safe=""), known.replace("@", "%40"), known.replace("@", "=")}
    return forms | ({whole} if len(whole) >= _SHORTEST_BASE64 else set())


def _tells(name: str) -> bool:
    return "@" not in name and (" " in name.strip() or len(name) >= _SHORTEST_NAME) and len(name) < _MOST


def _any_of(forms: set[str]) -> re.Pattern[str] | None:
    if not forms:
        return None
    # The longest first: an address may be the beginning of another.
    choice = "|".join(re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form)))
    return re.compile(rf"(?<![\w.+\-])(?:{choice})(?![\w\-])", re.IGNORECASE)
