"""Finding what two messages can share: links, hosts, numbers, addresses. Offline, in linear time."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import idna
import phonenumbers
import tldextract

from tocsin.records import Observable, ObservableKind
from tocsin.text.senders import parse_sender

MOST = 20
LONGEST = 20_000
_DEFANGED = re.compile(r"\[\.\]|\(\.\)|\[dot\]", re.IGNORECASE)
# ASCII only: in unspaced scripts the words around a link would count as part of it.
_PATH = r"[!#-&(-;=?-~]"
_URL = re.compile(
    rf"(?:h(?:tt|xx)ps?://|www\.){_PATH}{{1,500}}"
    rf"|(?<![a-z0-9_@.-])(?:[a-z0-9-]{{1,63}}\.){{1,5}}[a-z]{{2,24}}(?:/{_PATH}{{0,500}})?(?![a-z0-9_@])",
    re.IGNORECASE,
)
# A host with letters beyond ASCII (IDNA, RFC 5891) counts only behind a scheme and under a known suffix:
# without those, nobody can tell where the words around a link end.
_IDN = re.compile(r"h(?:tt|xx)ps?://([\w.\-]{1,253})", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[a-z]{2,24}", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w/.])[+(]?\d[\d\s().\-]{5,18}\d(?!\w)")
_WALLET = re.compile(
    r"\b(?:0x[0-9a-fA-F]{40}|bc1[a-z0-9]{25,62}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|T[1-9A-HJ-NP-Za-km-z]{33})\b"
)
_DIGIT = re.compile(r"\d")
_TRAILING = ".,;:!?)]}»”’。，！？、）"
_domains = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def observables(content: str, country: str) -> tuple[Observable, ...]:
    """Return the traces in a text, at most 20, each once.

    Args:
        content: the text.
        country: ISO 3166-1 alpha-2 by which national numbers are read.
    """
    text = content[:LONGEST]
    if "[" in text or "(" in text:
        text = _DEFANGED.sub(".", text)
    if "://" in text and not text.isascii():
        text = _IDN.sub(_ascii_host, text)
    found: dict[tuple[ObservableKind, str], Observable] = {}
    for kind, value, raw in islice(_traces(text, country), MOST):
        found.setdefault((kind, value), Observable(kind, value, raw[:350]))
    return tuple(found.values())


def _traces(text: str, country: str) -> Iterator[tuple[ObservableKind, str, str]]:
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield ObservableKind.EMAIL, match.group().casefold(), match.group()
    if "." in text:
        for match in _URL.finditer(text):
            raw = match.group().rstrip(_TRAILING)
            url, host = _link(raw)
            if host:
                yield ObservableKind.HOST, host, raw
                yield ObservableKind.URL, url, raw
    if _DIGIT.search(text):
        for match in _PHONE.finditer(text):
            if number := _phone(match.group(), country):
                yield ObservableKind.PHONE, number, match.group()
        for match in _WALLET.finditer(text):
            yield ObservableKind.WALLET, match.group(), match.group()


def _ascii_host(link: re.Match[str]) -> str:
    """Write a link's host as the DNS has it, if it is one; otherwise leave the text alone."""
    host = link.group(1).casefold()
    if host.isascii() or not _domains(host).suffix:
        return link.group()
    try:
        return link.group().replace(link.group(1), idna.encode(host, uts46=True).decode())
    except idna.IDNAError:
        return link.group()


@lru_cache(maxsize=50_000)
def _link(raw: str) -> tuple[str, str]:
    """Return a link in canonical form and its registered domain, which is empty when it is not a link."""
    scheme, mark, rest = raw.partition("://")
    rest = rest if mark else raw
    host, slash, path = rest.partition("/")
    host = host.rpartition("@")[2].partition(":")[0].casefold().removeprefix("www.")
    parts = _domains(host)
    registered = parts.top_domain_under_public_suffix or (host if re.fullmatch(r"[\d.]{7,15}", host) else "")
    if not registered and host.endswith((".example", ".test", ".invalid")):
        registered = ".".join(host.split(".")[-2:])
    name = scheme.casefold().replace("hxxp", "http") if mark else "http"
    return f"{name}://{host}{slash}{path}", registered


@lru_cache(maxsize=50_000)
def _phone(raw: str, country: str) -> str:
    sender = parse_sender(raw.strip(), country)
    if sender.kind != "e164":
        return ""
    number = phonenumbers.parse(sender.value, None)
    return sender.value if phonenumbers.is_possible_number(number) else ""
