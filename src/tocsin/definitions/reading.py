"""Reading definitions from their files: bounded, without YAML's tricks, every fault named."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import yaml

from tocsin.definitions.records import Definition, Jurisdiction
from tocsin.errors import Rejected

LONGEST = 500_000
_COUNTRY = re.compile(r"[A-Z]{2}")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_URL = re.compile(r"https?://[^\s<>\"]{4,500}")
_TIME = re.compile(r"(?:[01]\d|2[0-4]):[0-5]\d")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]")
_WRITTEN = frozenset({"email", "sms", "mms", "rcs", "flash_sms", "ussd", "im", "social", "push", "fax"})
CHANNELS = _WRITTEN | {"voice_live", "voice_automated", "web_search", "in_app"}


# LibYAML where PyYAML brings it: ten times as quick.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(text: str) -> Jurisdiction:
    """Read one jurisdiction's file.

    Raises:
        Rejected: it is not YAML, a field is unknown, missing or of the wrong type, or facts contradict.
    """
    if len(text) > LONGEST:
        raise Rejected("definition.too_long", "file", f"at most {LONGEST} characters")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, _LOADER)):
            # A few lines of aliases unfold into gigabytes.
            raise Rejected("definition.alias", "file", "aliases are not read")
        found = msgspec.convert(yaml.load(text, _LOADER), Jurisdiction)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise Rejected("definition.yaml", "file", "not YAML") from error
    except (msgspec.ValidationError, RecursionError) as error:
        raise Rejected("definition.shape", "file", str(error)[:200]) from error
    _check(found)
    return found


@cache
def jurisdictions() -> Mapping[str, Jurisdiction]:
    """Return the definitions that come with this version, by jurisdiction."""
    folder = resources.files("tocsin.definitions") / "data"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name
    )
    return {one.jurisdiction: one for one in (read(file.read_text(encoding="utf-8")) for file in files)}


def chosen(codes: Iterable[str]) -> list[Jurisdiction]:
    """Return jurisdictions by their codes, in any case; all of them for none.

    Raises:
        Rejected: nothing is known of one.
    """
    known = jurisdictions()
    wanted = [code.strip().upper() for code in codes if code.strip()] or list(known)
    if unknown := [code for code in wanted if code not in known]:
        raise Rejected("jurisdiction.unknown", "jurisdiction", f"no definition of {', '.join(unknown)[:50]}")
    return [known[code] for code in dict.fromkeys(wanted)]


def _check(found: Jurisdiction) -> None:
    if not _COUNTRY.fullmatch(found.jurisdiction):
        raise Rejected("definition.jurisdiction", "jurisdiction", "two letters of ISO 3166-1, or EU")
    for zone in found.zones:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise Rejected("definition.zone", "zones", "not an IANA time zone") from error
    names = [one.id for one in found.definitions]
    if len(set(names)) < len(names):
        raise Rejected("definition.twice", "id", "two definitions of one name")
    for one in found.definitions:
        _check_one(one)


def _check_one(one: Definition) -> None:
    faults = {
        "id": not _ID.fullmatch(one.id),
        "title": "en" not in one.title or not all(one.title.values()),
        "sources": not one.sources and one.confidence != "memory-only",
        "sources.url": not all(_URL.fullmatch(source.url) for source in one.sources),
        "channels": not CHANNELS.issuperset({*one.channels, *one.not_covered}),
        "not_covered": bool(set(one.channels) & set(one.not_covered)),
        "consent": not CHANNELS.union({"all"}).issuperset(one.consent),
        "grounds": bool(set(one.grounds) & set(one.not_grounds)),
        "bulk": (one.bulk.rule == "threshold") != bool(one.bulk.counts),
        "quiet_hours": not all(_TIME.fullmatch(t) for q in one.quiet_hours for t in (q.begin, q.end)),
        "text": bool(_CONTROL.search("\n".join((*one.title.values(), one.summary, one.note, one.penalties)))),
    }
    for name, wrong in faults.items():
        if wrong:
            raise Rejected(
                f"definition.{name}", f"{one.id}.{name}"[:100], "missing, contradictory or malformed"
            )
