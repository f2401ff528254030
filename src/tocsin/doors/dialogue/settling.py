"""The dialogue's second half: what the house did with a message decides how it is answered."""

from msgspec.structs import replace

from tocsin.doors.dialogue.profiles import Profile
from tocsin.doors.dialogue.records import Action, Checked, Named, Refused, Session, Taken
from tocsin.doors.dialogue.speaking import say

_TOLD = 16
Settled = tuple[Session, tuple[Action, ...]]


def settle(session: Session, event: Taken | Refused | Named | Checked, profile: Profile) -> Settled:
    """Tell a conversation what came of what it wanted; each answers its message at most once."""
    match event:
        case Taken():
            return _taken(session, event, profile)
        case Refused():
            return _without(session, event.report.ref), ()
        case Named():
            return _named(session, event, profile)
        case Checked():
            return say(session, event.check.ref, event.opinion, profile)


def _taken(session: Session, taken: Taken, profile: Profile) -> Settled:
    ref, ticket = taken.report.ref, taken.ticket
    if ticket in session.told:  # reported before in these words: nothing new to say or to ask
        return _without(session, ref), ()
    session = replace(session, told=(*session.told, ticket)[-_TOLD:])
    if taken.report.sender:
        return (session, ()) if taken.report.quiet else say(session, ref, "thanks", profile, ticket)
    asks = not any(question.asked for question in session.open)
    mine = [replace(question, ticket=ticket, asked=asks) for question in session.open if question.ref == ref]
    others = [question for question in session.open if question.ref != ref]
    if not mine:
        return session, ()
    if asks:
        return say(replace(session, open=(*mine, *others)), ref, "ask", profile)
    known = [mine[0] if question.ref == ref else question for question in session.open]
    return replace(session, open=tuple(known)), ()


def _named(session: Session, named: Named, profile: Profile) -> Settled:
    if not session.open or session.open[0].asked:
        return say(session, named.name.ref, "thanks", profile, named.ticket)
    first, *later = session.open
    session = replace(session, open=(replace(first, asked=True), *later))
    return say(session, named.name.ref, "next", profile, named.ticket)


def _without(session: Session, ref: bytes) -> Session:
    return replace(session, open=tuple(question for question in session.open if question.ref != ref))
