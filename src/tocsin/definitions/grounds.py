"""What makes a message spam under a definition: its scope, and its grounds."""

from collections.abc import Callable

from tocsin.definitions.cases import Case, opposite, outcome
from tocsin.definitions.records import Consent, Count, Definition, Finding, Outcome
from tocsin.definitions.wayout import is_known

_MET, _NOT_MET, _UNKNOWN = Outcome.MET, Outcome.NOT_MET, Outcome.UNKNOWN


def scope(case: Case, definition: Definition) -> list[Finding]:
    """Return the findings on what the definition covers; the channel's comes first."""
    found = [_channel(case, definition)]
    if definition.commercial_only in {"yes", "unclear"}:
        found.append(_commercial(case, definition))
    if definition.bulk.rule != "none":
        found.append(_number(case, definition))
    if definition.repetition:
        found.append(_repetition(case))
    return found


def _channel(case: Case, definition: Definition) -> Finding:
    covered = case.channels & set(definition.channels)
    if covered == case.channels:
        answer = _MET
    elif case.channels <= set(definition.not_covered):
        answer = _NOT_MET
    else:
        answer = _UNKNOWN
    rests_on = "automated" if len(case.channels) > 1 and answer is _UNKNOWN else "channel"
    return Finding("channel", "scope", answer, rests_on, ", ".join(sorted(case.channels)))


def _commercial(case: Case, definition: Definition) -> Finding:
    answer = outcome(case.known.commercial)
    if definition.commercial_only == "unclear" and answer is _NOT_MET:
        answer = _UNKNOWN  # the text may reach beyond commerce: nobody has read it
    return Finding("commercial", "scope", answer, case.basis("commercial"))


def _number(case: Case, definition: Definition) -> Finding:
    bulk = definition.bulk
    if bulk.rule == "threshold":
        answers = [(_exceeds(case, count), count) for count in bulk.counts if not count.effect]
        best = next((pair for pair in answers if pair[0] is _MET), None)
        if best or answers:
            answer, count = best or answers[0]
            return Finding("number", "scope", answer, "told", _stated(count))
        return Finding("number", "scope", _MET, "law", "no number decides what is spam")
    if bulk.rule == "unclear":
        return Finding("number", "scope", _MET if case.known.bulk else _UNKNOWN, "law", bulk.note)
    return Finding("number", "scope", outcome(case.known.bulk), "told", bulk.note)


def _exceeds(case: Case, count: Count) -> Outcome:
    """Compare a number that is known as "at least so many": it can exceed a limit, never keep it."""
    if count.per == "recipient":
        known = case.known.received
    else:
        known = case.known.sent.get("30d" if count.within == "1 month" else count.within or "")
    return _MET if known is not None and known > count.more_than else _UNKNOWN


def _stated(count: Count) -> str:
    return f"> {count.more_than:,} / {count.per}" + (f" / {count.within}" if count.within else "")


def _repetition(case: Case) -> Finding:
    received = case.known.received
    return Finding("repetition", "scope", outcome(None if received is None else received > 1), "told")


def grounds(case: Case, definition: Definition) -> list[Finding]:
    """Return the findings on each ground that the definition names."""
    return [_GROUNDS[name](case, definition) for name in definition.grounds]


def _consent(case: Case, definition: Definition) -> Finding:
    rules = {_rule(definition, channel) for channel in case.channels}
    rule = rules.pop() if len(rules) == 1 else "unclear"
    return Finding("consent", "ground", _lacks_consent(case, rule), case.basis("consented"), rule)


def _rule(definition: Definition, channel: str) -> str:
    found = definition.consent.get(channel) or definition.consent.get("all") or "unclear"
    return found.rule if isinstance(found, Consent) else found


def _lacks_consent(case: Case, rule: str) -> Outcome:
    known = case.known
    refused = outcome(known.objected)
    if rule == "opt-out":
        return refused
    if rule == "prohibited":
        return _MET
    if refused is _MET:
        return _MET  # whoever refused no longer consents
    lacks = opposite(outcome(known.consented))
    if rule == "opt-in":
        return lacks
    if rule == "opt-in+soft-opt-in":
        return _softened(lacks, outcome(known.customer))
    # Implied and inferred consent rest on more than is asked here: lacking the express one decides nothing.
    return _UNKNOWN if lacks is _MET else lacks


def _softened(lacks: Outcome, customer: Outcome) -> Outcome:
    """An existing customer needs no consent of their own."""
    if _NOT_MET is lacks or customer is _MET:
        return _NOT_MET
    return _MET if lacks is _MET and customer is _NOT_MET else _UNKNOWN


def _opt_out(case: Case, _definition: Definition) -> Finding:
    if case.way_out:
        # That the words stand there does not show that the way works.
        return Finding("opt_out", "ground", _UNKNOWN, "text", case.way_out)
    if not case.message.content:
        return Finding("opt_out", "ground", _UNKNOWN, "no_text")
    answer = _MET if is_known(case.language) else _UNKNOWN
    return Finding("opt_out", "ground", answer, "text" if answer is _MET else "language")


def _registry(case: Case, definition: Definition) -> Finding:
    known = case.known
    if known.on_registry or known.objected:
        answer = _MET
    elif known.on_registry is False and known.objected is False:
        answer = _NOT_MET
    else:
        answer = _UNKNOWN
    registry = definition.do_not_contact_registry
    return Finding("registry", "ground", answer, "told", registry.name if registry else "")


def _sender(case: Case, definition: Definition) -> Finding:
    registered = outcome(case.known.sender_registered)
    registry = definition.sender_registry
    return Finding("sender", "ground", opposite(registered), "told", registry.name if registry else "")


def _fraud(case: Case, _definition: Definition) -> Finding:
    return Finding("fraud", "ground", outcome(case.known.fraudulent), case.basis("fraudulent"))


_GROUNDS: dict[str, Callable[[Case, Definition], Finding]] = {
    "consent": _consent,
    "opt_out": _opt_out,
    "registry": _registry,
    "sender": _sender,
    "fraud": _fraud,
}
