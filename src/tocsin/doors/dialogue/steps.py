"""The dialogue as a state machine: `step(session, event, profile, now)` gives the next session and actions.

Pure: no clock, no I/O, nothing random. The way of a report:

    a forward ─▶ Report, sender unknown ─▶ Taken ─▶ "which number or name did it come from?"
    an answer ─▶ Name ─▶ Named ─▶ "thank you", ticket; or the same question for the next one that waits

Decisions:

- **One question at a time.** Forwards that come before the answer wait, unanswered, each its turn; an answer
  names the sender of the message that was asked about (the oldest), and of no other: rather a report with
  its sender unknown than an innocent number blamed for a message it never sent.
- An answer belongs to its question for an hour. Then every waiting report keeps its sender unknown.
- A number without a message is kept for ten minutes; the next forward is its message.
- The reporter's own number and our codes are never a sender.
- At most one answer to a message, a bounded number an hour, none to a message that was heard before, to
  machines' answers, or to our own words.
"""

from msgspec.structs import replace

from tocsin.doors.dialogue.profiles import Profile
from tocsin.doors.dialogue.reading import Kind, Meaning, read
from tocsin.doors.dialogue.records import (
    Action,
    Check,
    Decline,
    Event,
    Name,
    Question,
    Report,
    Said,
    Session,
)
from tocsin.doors.dialogue.senders import is_same_person
from tocsin.doors.dialogue.settling import settle
from tocsin.doors.dialogue.speaking import say
from tocsin.doors.dialogue.words import is_automatic
from tocsin.records import HOUR

MOST_OPEN = 10
_REMEMBERED = 32
Step = tuple[Session, tuple[Action, ...]]


def step(session: Session, event: Event, profile: Profile, now: int) -> Step:
    """Let one thing happen to a conversation.

    Args:
        session: what is remembered of it; `Session()` for a new one.
        event: what happens.
        profile: how the dialogue is held.
        now: the instant.

    Returns:
        what is remembered from now on, and what is wanted; never raises, whatever was said.
    """
    return (
        _heard(session, event, profile, now) if isinstance(event, Said) else settle(session, event, profile)
    )


def expires_at(session: Session, profile: Profile, now: int) -> int:
    """Return the instant after which a session need not be remembered."""
    return now + (profile.muted_life if session.muted or session.chose else profile.session_life)


def _heard(session: Session, said: Said, profile: Profile, now: int) -> Step:
    if said.ref in session.heard:
        return session, ()
    session = _aged(session, profile, now)
    heard = (*session.heard, said.ref)[-_REMEMBERED:]
    session = replace(session, heard=heard, messages=session.messages + 1)
    if said.language in profile.languages and not session.chose:
        session = replace(session, language=said.language)
    if session.messages > profile.messages_an_hour and profile.over_limit == "refuse":
        return session, (Decline(said.ref),)
    if said.forwarded:
        return _report(session, said, Meaning(Kind.FORWARD, text=said.text), profile, now)
    meaning = read(said.text, profile, session.language, asked=bool(session.open))
    if meaning.language and meaning.language in profile.languages:
        session = replace(session, language=meaning.language, chose=True)
    return _meant(session, said, meaning, profile, now)


def _aged(session: Session, profile: Profile, now: int) -> Session:
    """Forget what is over: the hour, the question, the number that waited for its message."""
    if not session.hour <= now < session.hour + HOUR:
        session = replace(session, hour=now, messages=0, answers=0)
    if session.open and now > session.asked_at + profile.answer_within:
        session = replace(session, open=(), last="")
    if session.early and now > session.early_at + profile.forward_within:
        session = replace(session, early="")
    return session


def _meant(session: Session, said: Said, meaning: Meaning, profile: Profile, now: int) -> Step:
    ref = said.ref
    match meaning.kind:
        case Kind.NOTHING:
            return session, ()
        case Kind.FORWARD | Kind.FORM:
            return _report(session, said, meaning, profile, now)
        case Kind.SENDER | Kind.UNKNOWN | Kind.SAME:
            return _answer(session, said, meaning, profile, now)
        case Kind.EARLY:
            return _early(session, said, meaning.sender, profile, now)
        case Kind.CHECK if meaning.text:
            return session, (Check(ref, meaning.text),)
        case _:
            return _command(session, ref, meaning.kind, profile)


def _command(session: Session, ref: bytes, kind: Kind, profile: Profile) -> Step:
    if kind is Kind.CHECK:
        return say(session, ref, "check_how", profile)
    if kind is Kind.STOP:
        session, actions = say(session, ref, "stopped", profile)
        return replace(session, muted=True), actions
    # Help is given to whoever asks, muted or not; START is answered by the same words.
    muted = session.muted and kind is not Kind.START
    session, actions = say(replace(session, muted=False), ref, "help", profile)
    return replace(session, muted=muted), actions


def _early(session: Session, said: Said, number: str, profile: Profile, now: int) -> Step:
    if _is_innocent(number, said, profile):
        return say(session, said.ref, "again", profile)
    return say(replace(session, early=number, early_at=now), said.ref, "forward_first", profile)


def _report(session: Session, said: Said, meaning: Meaning, profile: Profile, now: int) -> Step:
    sender = meaning.sender or said.sender
    if not sender and meaning.kind is Kind.FORWARD and session.early:
        sender = session.early
        session = replace(session, early="")
    if sender and _is_innocent(sender, said, profile):
        sender = ""
    if not (meaning.text.strip() or sender):
        return say(session, said.ref, "help", profile)
    quiet = session.messages > profile.messages_an_hour or is_automatic(said.text)
    wanted = Report(
        ref=said.ref,
        text=meaning.text,
        sender=sender,
        channel=meaning.channel,
        sent_at=said.sent_at,
        sent_on=meaning.sent_on,
        quiet=quiet,
    )
    if not sender and not quiet and len(session.open) < MOST_OPEN:
        asked_at = session.asked_at if session.open else now
        session = replace(session, open=(*session.open, Question(said.ref)), asked_at=asked_at)
    return session, (wanted,)


def _answer(session: Session, said: Said, meaning: Meaning, profile: Profile, now: int) -> Step:
    question, *later = session.open
    sender = session.last if meaning.kind is Kind.SAME else meaning.sender
    if sender and _is_innocent(sender, said, profile):
        return say(session, said.ref, "again", profile)
    session = replace(session, open=tuple(later), asked_at=now, last=sender or session.last)
    return session, (Name(said.ref, question.ref, question.ticket, sender),)


def _is_innocent(sender: str, said: Said, profile: Profile) -> bool:
    own = {said.own} if said.own else set()
    return is_same_person(sender, profile.codes | own, profile.jurisdiction)
