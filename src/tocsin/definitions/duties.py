"""What a law asks of a message, besides not being spam: label, hours, a sender's name, a way out."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from tocsin.definitions.cases import Case
from tocsin.definitions.records import Definition, Finding, Label, Outcome, QuietHours
from tocsin.definitions.wayout import is_known
from tocsin.records import SenderKind, moment
from tocsin.text.fold import fold

_MET, _NOT_MET, _UNKNOWN = Outcome.MET, Outcome.NOT_MET, Outcome.UNKNOWN
_START = 60
_SATURDAY, _SUNDAY = 5, 6


def duties(case: Case, definition: Definition, zones: Sequence[str]) -> list[Finding]:
    """Return the findings on each duty; none where the message is known not to be commercial.

    Args:
        case: what is judged.
        definition: whose duties.
        zones: the jurisdiction's time zones; a duty is kept or broken only if it is so in all of them.
    """
    if case.known.commercial is False:
        return []
    found = [finding for check in (_label, _name, _offer) if (finding := check(case, definition))]
    hours = [one for one in definition.quiet_hours if case.channels <= set(one.channels)]
    if hours:
        found.append(_hours(case, hours, zones))
    if case.known.commercial:
        return found
    # Whether the duty holds at all is not known: nothing can be called broken.
    return [_doubtful(finding) if finding.outcome is _NOT_MET else finding for finding in found]


def _doubtful(finding: Finding) -> Finding:
    return Finding(finding.criterion, finding.role, _UNKNOWN, "commercial", finding.detail)


def _label(case: Case, definition: Definition) -> Finding | None:
    label = definition.label
    if label is None or not label.required or label.where == "operator":
        return None
    if not case.channels <= set(label.channels):
        return None
    if label.where == "free" or not label.labels:
        return Finding("label", "duty", _UNKNOWN, "wording", label.placement)
    shown = next((mark for mark in label.labels if _STANDS[label.where](case, mark)), "")
    answer = _MET if shown else _absent(case, label)
    return Finding("label", "duty", answer, "text", shown or ", ".join(label.labels))


def _absent(case: Case, label: Label) -> Outcome:
    on_sender = label.where in {"sender_prefix", "sender_suffix", "sender_code", "number_prefix"}
    if on_sender and (label.where == "sender_code" or case.message.sender.kind is SenderKind.WITHHELD):
        return _UNKNOWN
    return _NOT_MET


def _text(case: Case) -> str:
    return fold(f"{case.message.subject} {case.message.content}")


_STANDS: dict[str, Callable[[Case, str], bool]] = {
    "sender_prefix": lambda case, mark: case.message.sender.value.startswith(mark.casefold()),
    "sender_suffix": lambda case, mark: case.message.sender.value.endswith(mark.casefold()),
    "sender_code": lambda case, mark: mark.casefold() in case.message.sender.value,
    "number_prefix": lambda case, mark: mark in case.message.sender.value[:8],
    "start": lambda case, mark: fold(mark) in _text(case)[:_START],
    "text": lambda case, mark: fold(mark) in _text(case),
}


def _name(case: Case, definition: Definition) -> Finding | None:
    duty = definition.sender_identification
    if duty is None or not duty.required:
        return None
    kind = case.message.sender.kind
    if kind is SenderKind.WITHHELD:
        # Not to be told the sender is not to be shown none.
        return Finding("sender_identification", "duty", _UNKNOWN, "sender", duty.detail)
    named = kind in {SenderKind.ALPHANUMERIC, SenderKind.ADDRESS}
    return Finding("sender_identification", "duty", _MET if named else _UNKNOWN, "sender", duty.detail)


def _offer(case: Case, definition: Definition) -> Finding | None:
    duty = definition.unsubscribe
    if duty is None or not duty.required or not case.message.content:
        return None
    if case.way_out:
        return Finding("unsubscribe", "duty", _MET, "text", case.way_out)
    known = is_known(case.language)
    return Finding("unsubscribe", "duty", _NOT_MET if known else _UNKNOWN, "text" if known else "language")


def _hours(case: Case, hours: Sequence[QuietHours], zones: Sequence[str]) -> Finding:
    stated = "; ".join(f"{one.begin}-{one.end} {one.days}" for one in hours)
    sent_at = case.message.sent_at
    if sent_at is None or not zones:
        return Finding("quiet_hours", "duty", _UNKNOWN, "sent_at", stated)
    local = [moment(sent_at).astimezone(_zone(name)) for name in zones]
    barred = {any(_within(one, at) for one in hours) for at in local}
    if len(barred) > 1:
        return Finding("quiet_hours", "duty", _UNKNOWN, "time_zone", stated)
    return Finding("quiet_hours", "duty", _NOT_MET if True in barred else _MET, "sent_at", stated)


def _within(one: QuietHours, at: datetime) -> bool:
    clock = f"{at:%H:%M}"
    if one.begin <= one.end:
        return one.begin <= clock < one.end and _on(one.days, at)
    if clock >= one.begin:
        return _on(one.days, at)
    # After midnight the hours are those that began the day before.
    return clock < one.end and _on(one.days, at - timedelta(days=1))


def _on(days: str, at: datetime) -> bool:
    weekday = at.weekday()
    return {
        "all": True,
        "Mon-Fri": weekday < _SATURDAY,
        "Sat": weekday == _SATURDAY,
        "Sun": weekday == _SUNDAY,
    }[days]


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
