"""What a reporter's message means: a command, a report, an answer, small talk, or our own words come back.

Anything that is none of the others is a forwarded message: a report is never lost for looking odd.
"""

import re
from collections.abc import Iterator
from datetime import date
from enum import Enum, auto

from msgspec import Struct

from tocsin.doors.dialogue.profiles import Form, Profile
from tocsin.doors.dialogue.senders import is_number, read_sender, tidy
from tocsin.doors.dialogue.words import LANGUAGES, Words, is_ours, plain, words
from tocsin.records import Channel

_LONGEST_COMMAND = 80
_CHAT = 25
_TELLING = re.compile(r"\d{5}|://|www\.|[\w\-]\.[a-z]{2,}/", re.IGNORECASE)
_YEAR = 2000
_LONG = "\0"
_SLASHED = re.compile(r"\s*/([a-z]{1,16})(?:@\w{1,64})?(?!\S)", re.IGNORECASE)
_COLONS = " \t\r\n:："
_IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")
_COMMANDS = ("help", "stop", "start", "language")
_EMPTY_TEXTS = frozenset({"the ucc", "ucc", "the unsolicited commercial communication"})


class Kind(Enum):
    """What a message is."""

    HELP = auto()
    STOP = auto()
    START = auto()
    LANGUAGE = auto()
    CHECK = auto()
    NOTHING = auto()
    EARLY = auto()
    SENDER = auto()
    UNKNOWN = auto()
    SAME = auto()
    FORM = auto()
    FORWARD = auto()


class Meaning(Struct, frozen=True):
    """A message, understood.

    Args:
        kind: what it is.
        language: the language whose word it is; empty when none told.
        text: what is reported or to be checked.
        sender: who it came from, by the reporter's word.
        channel: what it came by, where a form says so.
        sent_on: the day it came, where a form says so.
    """

    kind: Kind
    language: str = ""
    text: str = ""
    sender: str = ""
    channel: Channel | None = None
    sent_on: date | None = None


def read(text: str, profile: Profile, language: str, *, asked: bool) -> Meaning:
    """Understand a message.

    Args:
        text: as it came.
        profile: whose languages and forms count.
        language: the one spoken so far; its words go first.
        asked: whether a report waits for its sender.
    """
    bare = plain(text) if len(text) <= _LONGEST_COMMAND else _LONG
    if not (bare == _LONG or any(map(str.isalnum, bare))) or is_ours(text):
        return Meaning(Kind.NOTHING)
    spoken = list(_spoken(profile, language))
    found = _command(text, bare, profile, spoken) or _form(text, profile)
    found = found or _short_answer(bare, spoken, asked=asked)
    if found is None and asked:
        found = _answer(text, bare, profile, spoken)
    if found is None and is_number(text, profile.jurisdiction):
        found = Meaning(Kind.EARLY, sender=tidy(text))
    if found is None and profile.marks_forwards and len(text) < _CHAT and not _TELLING.search(text):
        found = Meaning(Kind.HELP)
    return found or Meaning(Kind.FORWARD, text=text)


def _spoken(profile: Profile, language: str) -> Iterator[Words]:
    """Give the languages whose words count: the one spoken, the profile's, then all others we know.

    A visitor's STOP is a STOP; it is answered in a language of the profile.
    """
    seen = dict.fromkeys((profile.words(language).language, *profile.languages, *LANGUAGES))
    return map(words, seen)


def _command(text: str, bare: str, profile: Profile, spoken: list[Words]) -> Meaning | None:
    slashed = _SLASHED.match(text) if profile.marks_forwards else None
    if slashed:  # a bot's command, the same in every language
        bare = slashed.group(1).lower()
        spoken = [words("en")]
    if bare != _LONG:
        for tongue in spoken:
            for name in _COMMANDS:
                if bare in tongue.keywords[name]:
                    return Meaning(Kind[name.upper()], language="" if slashed else tongue.language)
            if bare in tongue.keywords["chatter"] or _is_trifle(bare):
                return Meaning(Kind.NOTHING)
    if not profile.checks:
        return None
    if slashed:
        return Meaning(Kind.CHECK, text=text[slashed.end() :].strip()) if bare == "check" else None
    return _check(text.strip(), spoken)


def _check(text: str, spoken: list[Words]) -> Meaning | None:
    for tongue in spoken:
        for word in tongue.keywords["check"]:
            rest = text[len(word) :].lstrip(_COLONS)
            # Chinese puts no space behind the word.
            apart = len(rest) < len(text) - len(word) or not rest or _IDEOGRAPH.fullmatch(word[-1])
            if apart and plain(text[: len(word)]) == word:
                return Meaning(Kind.CHECK, language=tongue.language, text=rest)
    return None


def _is_trifle(bare: str) -> bool:
    return bare.isdecimal() and len(bare) < 3  # noqa: PLR2004 - a menu's choice, nobody's number


def _form(text: str, profile: Profile) -> Meaning | None:
    text = tidy(text) if len(text) <= _LONGEST_COMMAND else text.strip()
    for form in profile.forms:
        match = form.pattern.fullmatch(text)
        if match and not _is_trifle(plain(match["sender"] or "")):
            return _filled(form, match)
    return None


def _filled(form: Form, match: re.Match[str]) -> Meaning:
    groups = match.groupdict()
    if not groups["sender"]:
        return Meaning(Kind.HELP)  # the word without its number
    text = (groups.get("text") or "").strip()
    return Meaning(
        Kind.FORM,
        text="" if plain(text[:_LONGEST_COMMAND]) in _EMPTY_TEXTS else text,
        sender=groups["sender"].strip(),
        channel=form.channel,
        sent_on=_day(groups.get("date") or ""),
    )


def _day(written: str) -> date | None:
    if not written:
        return None
    day, month, year = (int(part) for part in re.split(r"[/.\-]", written))
    try:
        return date(year if year > _YEAR else year + _YEAR, month, day)
    except ValueError:
        return None


def _short_answer(bare: str, spoken: list[Words], *, asked: bool) -> Meaning | None:
    for tongue in spoken:
        for name in ("unknown", "same"):
            if bare in tongue.keywords[name]:  # too late it answers nothing, and is no spam either
                return (
                    Meaning(Kind[name.upper()], language=tongue.language) if asked else Meaning(Kind.NOTHING)
                )
    return None


def _answer(text: str, bare: str, profile: Profile, spoken: list[Words]) -> Meaning | None:
    if any(bare in tongue.keywords["greeting"] for tongue in spoken):
        return None  # how many a fraud begins, and nobody's name
    for tongue in spoken:
        if named := read_sender(text, tongue, profile.jurisdiction):
            tells = any(word in tongue.filler for word in bare.split())
            return Meaning(Kind.SENDER, sender=named, language=tongue.language if tells else "")
    return None
