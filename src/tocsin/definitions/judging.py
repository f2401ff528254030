"""Judging one message by one definition, criterion by criterion, in Kleene's three-valued logic.

    spam = scope: channel ∧ commercial (if the text asks) ∧ number ∧ repetition
         ∧ at least one ground: consent ∨ way out ∨ registry or refusal ∨ sender
    or, where the text covers it: channel ∧ fraud

What nobody told is unknown, and stays unknown unless the rest decides. Duties (label, quiet hours, sender's
name, way out) do not make a message spam by themselves: they are kept or broken.
"""

from collections.abc import Iterable, Sequence

from tocsin.definitions import duties, grounds
from tocsin.definitions.cases import Case
from tocsin.definitions.records import Definition, Finding, Judgement, Jurisdiction, Outcome

MET, NOT_MET, UNKNOWN = Outcome.MET, Outcome.NOT_MET, Outcome.UNKNOWN


def judge_all(case: Case, jurisdictions: Iterable[Jurisdiction]) -> list[Judgement]:
    """Judge a case by every definition of some jurisdictions, in their order."""
    return [
        judge(case, jurisdiction, definition)
        for jurisdiction in jurisdictions
        for definition in jurisdiction.definitions
    ]


def judge(case: Case, jurisdiction: Jurisdiction, definition: Definition) -> Judgement:
    """Judge a case by one definition."""
    scope, reasons = grounds.scope(case, definition), grounds.grounds(case, definition)
    kept = duties.duties(case, definition, jurisdiction.zones)
    return Judgement(
        jurisdiction=jurisdiction.jurisdiction,
        definition=definition.id,
        spam=_spam(definition, scope, reasons),
        findings=(*scope, *reasons, *kept),
        verified=definition.confidence != "memory-only",
    )


def _spam(definition: Definition, scope: Sequence[Finding], reasons: Sequence[Finding]) -> Outcome:
    if not definition.in_force:
        return UNKNOWN
    outcomes = {finding.criterion: finding.outcome for finding in reasons}
    fraud = outcomes.pop("fraud", NOT_MET)
    # A text whose grounds nobody has read gives no answer.
    ground = any_of(outcomes.values()) if outcomes else UNKNOWN
    usual = all_of([*(finding.outcome for finding in scope), ground])
    deceit = all_of([scope[0].outcome, fraud])
    return any_of([usual, deceit])


def all_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the conjunction: not met if one is not, unknown if one is, met otherwise."""
    found = set(outcomes)
    return NOT_MET if NOT_MET in found else UNKNOWN if UNKNOWN in found else MET


def any_of(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the disjunction: met if one is, unknown if one is, not met otherwise."""
    found = set(outcomes)
    return MET if MET in found else UNKNOWN if UNKNOWN in found else NOT_MET
