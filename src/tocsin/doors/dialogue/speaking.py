"""Answering: one of our own sentences in the reporter's language, if this reporter is answered at all."""

from msgspec.structs import replace

from tocsin.doors.dialogue.profiles import Profile
from tocsin.doors.dialogue.records import Action, Say, Session


def say(
    session: Session, ref: bytes, key: str, profile: Profile, ticket: str = ""
) -> tuple[Session, tuple[Action, ...]]:
    """Answer a message, unless the reporter wants no answers or had enough of them this hour.

    Args:
        session: of the reporter.
        ref: of the message that is answered.
        key: the sentence.
        profile: how the dialogue is held.
        ticket: fills the sentence's slot; it is the only thing that ever does.
    """
    if session.muted or session.answers >= profile.answers_an_hour:
        return session, ()
    words = profile.words(session.language)
    text = words.answers[key].replace("{ticket}", ticket)
    if key == "help":
        names = [form.name for form in profile.forms] + (["check"] if profile.checks else [])
        text = " ".join([text, *(words.hints[name] for name in names if name in words.hints)])
    return replace(session, answers=session.answers + 1), (Say(ref, text, words.language),)
