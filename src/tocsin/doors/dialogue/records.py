"""The dialogue's nouns: what it remembers, what happens to it, and what it wants done.

A session holds no number or address of the reporter and no reported text; only tickets, and the names of
senders that the reporter gave.
"""

from datetime import date, datetime

from msgspec import Struct

from tocsin.records import Channel


class Question(Struct, frozen=True, array_like=True):
    """A report whose sender is not known yet.

    Args:
        ref: 8 bytes that stand for the forwarded message's id.
        ticket: the report's ticket; empty until the desk took it.
        asked: whether its reporter was asked (or would have been, were they to be answered at all).
    """

    ref: bytes
    ticket: str = ""
    asked: bool = False


class Session(Struct, frozen=True, array_like=True):
    """What is remembered of one reporter's conversation. Fields are only ever added, at the end.

    Args:
        language: BCP 47, once the reporter's words or device told; empty for the profile's first.
        muted: whether the reporter wants no answers.
        open: reports whose sender is unknown, oldest first; an answer is for the first.
        asked_at: when the first of them was put to the reporter.
        early: a number that came before its message.
        early_at: when it came.
        last: the sender named last, for "same".
        heard: refs of the last messages, so that a repeated delivery is known.
        told: the last tickets, so that a repeated report is not asked about again.
        hour: when the hour began in which messages and answers are counted.
        messages: heard in it.
        answers: given in it.
        chose: whether the reporter's own words told the language, not the device.
    """

    language: str = ""
    muted: bool = False
    open: tuple[Question, ...] = ()
    asked_at: int = 0
    early: str = ""
    early_at: int = 0
    last: str = ""
    heard: tuple[bytes, ...] = ()
    told: tuple[str, ...] = ()
    hour: int = 0
    messages: int = 0
    answers: int = 0
    chose: bool = False


class Said(Struct, frozen=True):
    """A person sent a message.

    Args:
        ref: 8 bytes that stand for its id.
        text: what it says.
        own: the person's own address in canonical form, never to be taken for a spammer's; not remembered.
        sender: who the reported message came from, where the protocol says so.
        forwarded: the protocol marks it as forwarded, so that it is no command and no answer.
        sent_at: when the reported message was sent, where the protocol says so.
        language: BCP 47 of the person's device, where the protocol says so.
    """

    ref: bytes
    text: str
    own: str = ""
    sender: str = ""
    forwarded: bool = False
    sent_at: datetime | None = None
    language: str = ""


class Report(Struct, frozen=True):
    """Wanted: hand this to the desk, then tell the session by `Taken` or `Refused`.

    Args:
        ref: of the message that said it.
        text: the reported message; empty where only its sender is known.
        sender: who it came from; empty when unknown.
        channel: what it came by; None for the door's own channel.
        sent_at: when it was sent, if known.
        sent_on: the day it was sent, in the country's own time, where the reporter wrote only that.
        quiet: say nothing about it.
    """

    ref: bytes
    text: str
    sender: str = ""
    channel: Channel | None = None
    sent_at: datetime | None = None
    sent_on: date | None = None
    quiet: bool = False


class Name(Struct, frozen=True):
    """Wanted: tell the desk who sent an earlier report, then tell the session by `Named`.

    Args:
        ref: of the message that said it.
        report: ref of the report.
        ticket: the report's; empty when it was reported in this same batch.
        sender: as the reporter wrote it; empty when the reporter does not know, and the desk need not hear.
    """

    ref: bytes
    report: bytes
    ticket: str
    sender: str


class Check(Struct, frozen=True):
    """Wanted: have this screened without reporting it, then tell the session by `Checked`."""

    ref: bytes
    text: str


class Decline(Struct, frozen=True):
    """Wanted: refuse this message to the network, for its reporter sent too many."""

    ref: bytes


class Say(Struct, frozen=True):
    """Wanted: answer the reporter. The text is the project's own words, a code and a ticket, nothing else."""

    ref: bytes
    text: str
    language: str


class Taken(Struct, frozen=True):
    """The desk took a report, or had it already."""

    report: Report
    ticket: str


class Refused(Struct, frozen=True):
    """The desk refused a report."""

    report: Report


class Named(Struct, frozen=True):
    """The desk knows a report's sender now, as well as the reporter does."""

    name: Name
    ticket: str


class Checked(Struct, frozen=True):
    """What screening thinks: the key of the sentence that says so (`check_likely`…)."""

    check: Check
    opinion: str


Event = Said | Taken | Refused | Named | Checked
Action = Report | Name | Check | Decline | Say
