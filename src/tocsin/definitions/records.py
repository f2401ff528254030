"""The nouns of national definitions: what a law counts as spam, what is known of a case, what follows.

Facts of each law stand in `data/`, one file a jurisdiction, with their sources and an honest confidence
(R3, R21). Nothing here is legal advice: it says what a text's criteria give for one message, and what that
rests on.
"""

from enum import StrEnum
from typing import Literal

from msgspec import Struct, field

ConsentRule = Literal[
    "opt-in",
    "opt-in+soft-opt-in",
    "opt-in+implied",
    "opt-in+inferred",
    "opt-in+inferred+deemed",
    "opt-out",
    "prohibited",
    "unclear",
]
Ground = Literal["consent", "opt_out", "registry", "sender", "fraud"]
Window = Literal["24h", "30d", "1 month", "1y"]


class Outcome(StrEnum):
    """A criterion's answer. `UNKNOWN` is an answer: what nobody told is never guessed (Kleene's logic)."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class Source(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a fact was read."""

    title: str
    url: str


class Consent(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A consent rule with what the short form leaves out."""

    rule: ConsentRule
    note: str = ""


class Count(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A number of messages: more than `more_than` by one sender, or to one recipient, within a window."""

    more_than: int
    per: Literal["sender", "recipient"]
    within: Window | None = None
    effect: str = ""


class Bulk(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whether a text asks for many messages: not at all, in words (`bulk`), or in numbers (`threshold`)."""

    rule: Literal["none", "bulk", "threshold", "unclear"]
    counts: tuple[Count, ...] = ()
    note: str = ""


class Label(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A mark that advertising must carry.

    Args:
        required: whether it must.
        where: where it stands; `operator` sets it on what others sent, `free` leaves the wording open.
        labels: the mark, or one of several.
        placement: where, in the law's own terms.
        channels: on which it is due.
    """

    required: bool
    where: Literal[
        "sender_prefix", "sender_suffix", "sender_code", "number_prefix", "start", "text", "operator", "free"
    ] = "free"
    labels: tuple[str, ...] = ()
    placement: str = ""
    channels: tuple[str, ...] = ()


class QuietHours(
    Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename={"begin": "from", "end": "to"}
):
    """Local times between which messages are barred; `end` before `begin` runs over midnight."""

    channels: tuple[str, ...]
    begin: str
    end: str
    days: Literal["all", "Mon-Fri", "Sat", "Sun"] = "all"
    note: str = ""


class Duty(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something that a sender owes."""

    required: bool = False
    detail: str = ""


class Deadline(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """By when a refusal must be heeded."""

    value: int
    unit: str


class Unsubscribe(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The way out that a message must offer."""

    required: bool = False
    deadline: Deadline | None = None
    detail: str = ""


class Registry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A list of those who want no advertising, or of sender names."""

    exists: bool = False
    name: str = ""
    url: str = ""
    mandatory: bool | None = None
    detail: str = ""
    channels: tuple[str, ...] = ()


class Definition(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one instrument of one jurisdiction counts as spam.

    Args:
        id: its name here, such as `kr-network-act-50`.
        title: by language, English among them.
        kind: law, regulation, practice…
        status: only what is `in_force` or `in_force_partial` gives an answer.
        summary: the notion in our own words.
        channels: `data` names of channels it covers; `voice_live` and `voice_automated` are told apart.
        not_covered: channels it leaves out.
        consent: the rule by channel; `all` for every channel.
        commercial_only: whether only commercial messages count.
        bulk: how many messages it takes.
        repetition: whether a repetition to one person is needed.
        grounds: what makes a covered message spam; one suffices.
        not_grounds: what expressly does not matter.
        confidence: `read` in a source, `mixed`, or `memory-only`, which is shown as not verified.
        not_verified: fields that no source confirms.
    """

    id: str
    title: dict[str, str]
    kind: str
    status: str
    summary: str
    confidence: Literal["read", "mixed", "memory-only"]
    commercial_only: Literal["yes", "no", "mixed", "unclear"]
    bulk: Bulk
    channels: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    since: int | None = None
    amended: tuple[int, ...] = ()
    authority: str = ""
    not_covered: tuple[str, ...] = ()
    consent: dict[str, ConsentRule | Consent] = field(default_factory=dict)
    repetition: bool | None = None
    grounds: tuple[Ground, ...] = ()
    not_grounds: tuple[Ground, ...] = ()
    label: Label | None = None
    quiet_hours: tuple[QuietHours, ...] = ()
    sender_identification: Duty | None = None
    unsubscribe: Unsubscribe | None = None
    do_not_contact_registry: Registry | None = None
    sender_registry: Registry | None = None
    penalties: str = ""
    note: str = ""
    not_verified: tuple[str, ...] = ()

    @property
    def in_force(self) -> bool:
        """Whether it gives an answer at all."""
        return self.status in {"in_force", "in_force_partial"}


class Jurisdiction(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A country's definitions.

    Args:
        jurisdiction: ISO 3166-1 alpha-2, or EU.
        definitions: one an instrument.
        zones: one IANA time zone for each local time that the country keeps.
    """

    jurisdiction: str
    definitions: tuple[Definition, ...]
    zones: tuple[str, ...] = ()


class Circumstances(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is known of a case besides the message itself; None is "nobody told".

    Args:
        consented: whether the recipient had agreed beforehand.
        customer: whether the recipient was the sender's customer, for similar goods.
        objected: whether the recipient had refused such messages.
        on_registry: whether the recipient stands in a do-not-contact registry.
        sender_registered: whether the sender's name or number is registered as the law wants it.
        commercial: whether the message promotes goods or services.
        fraudulent: whether it deceives to gain.
        automated: whether a machine spoke, for calls.
        bulk: whether many people got the same message.
        sent: messages known to be the sender's, by window (`24h`, `30d`, `1y`): at least so many.
        received: messages that this recipient is known to have got from the sender.
    """

    consented: bool | None = None
    customer: bool | None = None
    objected: bool | None = None
    on_registry: bool | None = None
    sender_registered: bool | None = None
    commercial: bool | None = None
    fraudulent: bool | None = None
    automated: bool | None = None
    bulk: bool | None = None
    sent: dict[str, int] = field(default_factory=dict)
    received: int | None = None


class Finding(Struct, frozen=True):
    """One criterion's answer.

    Args:
        criterion: what was asked, such as `consent` or `quiet_hours`.
        role: `scope` and `ground` decide what is spam; a `duty` is kept (met) or broken (not met).
        outcome: the answer.
        rests_on: what it rests on, a stable word such as `told` or `text`; or what would answer it.
        detail: the law's own rule, label, time or number, as the data has it.
    """

    criterion: str
    role: Literal["scope", "ground", "duty"]
    outcome: Outcome
    rests_on: str
    detail: str = ""


class Judgement(Struct, frozen=True):
    """What one definition gives for one message.

    Args:
        jurisdiction: whose definition.
        definition: its id.
        spam: met, not met, or unknown.
        findings: criterion by criterion.
        verified: whether a source confirms the definition.
    """

    jurisdiction: str
    definition: str
    spam: Outcome
    findings: tuple[Finding, ...]
    verified: bool
