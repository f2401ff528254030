"""Screening: a verdict for every message, whatever is in it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from tests.text.strategies import ANY_TEXT, THOROUGH
from tocsin.records import CLASSES, CallFacts, Channel, Message
from tocsin.screening.policy import spam_probability
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import load_snapshot
from tocsin.vocabulary.terms import vocabulary

SNAPSHOT = load_snapshot()


def sms(content: str) -> Message:
    return Message(Channel.SMS, content)


@THOROUGH
@given(ANY_TEXT, ANY_TEXT)
def test_probabilities_add_up_to_one(content: str, subject: str) -> None:
    """Any text gets probabilities that add up to 1."""
    [verdict] = Screener().screen([Message(Channel.EMAIL, content, subject=subject)], SNAPSHOT)
    assert sum(verdict.probabilities) == pytest.approx(1, abs=1e-5)


@THOROUGH
@given(ANY_TEXT)
def test_each_verdict_names_a_category_of_the_vocabulary(content: str) -> None:
    """Any text gets a category that the vocabulary knows."""
    [verdict] = Screener().screen([sms(content)], SNAPSHOT)
    assert verdict.category in vocabulary().categories


@THOROUGH
@given(ANY_TEXT)
def test_explaining_never_raises(content: str) -> None:
    """Any text can be explained, by at most as many reasons as were asked for."""
    assert len(Screener().explain(sms(content), SNAPSHOT, 5)) <= 5


@pytest.mark.parametrize("content", ["", "   ", "\u200b", "\0", "\ud800", "x" * 200_000, "طرد", "包裹"])
def test_odd_messages_get_finite_probabilities(content: str) -> None:
    """Empty, invisible, broken and endless messages are judged as well."""
    [verdict] = Screener().screen([sms(content)], SNAPSHOT)
    assert np.isfinite(verdict.probabilities).all()


def test_no_messages_give_no_verdicts() -> None:
    """An empty batch is answered by an empty list."""
    assert Screener().screen([], SNAPSHOT) == []


def test_a_message_is_judged_alike_alone_and_in_a_batch() -> None:
    """Neither order nor company changes a verdict."""
    messages = [sms("hello"), sms(""), sms("您的包裹已到达"), sms("Win a prize at www.bad.example")]
    together = Screener().screen(messages, SNAPSHOT)
    alone = [Screener().screen([message], SNAPSHOT)[0] for message in messages]
    for one, other in zip(together, alone, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)


@pytest.mark.parametrize(
    "disguised",
    [
        "Win a frее prize now",
        "Win a fr\u200bee prize now",
        "ＷＩＮ a free prize now",
    ],
)
def test_a_disguise_changes_nothing(disguised: str) -> None:
    """Look-alikes, invisible characters and wide letters are judged as the plain text."""
    plain, hidden = Screener().screen([sms("Win a free prize now"), sms(disguised)], SNAPSHOT)
    assert hidden.probabilities == plain.probabilities


@pytest.mark.parametrize(
    ("wanted", "unwanted"),
    [
        ("ok see you at dinner tonight", "URGENT! You have won a prize, claim now, call 09061701461"),
        ("我到家了晚上一起吃饭吧", "澳门赌场注册送彩金，点击链接领取大奖优惠"),
    ],
)
def test_spam_is_more_probable_than_a_friends_words(wanted: str, unwanted: str) -> None:
    """A plain fraud or advertisement ranks above a plain personal message."""
    low, high = Screener().screen([sms(wanted), sms(unwanted)], SNAPSHOT)
    assert spam_probability(low, "unwanted") < 0.5 < spam_probability(high, "unwanted")


@pytest.mark.parametrize(
    "link", ["http://bad.example/update.apk", "www.bad.example/a.EXE?x=1", "bad.example/x.msi"]
)
def test_a_link_to_an_application_raises_malware(link: str) -> None:
    """A link that ends in an application is likelier malware than the same link to a page."""
    page, application = Screener().screen([sms("see http://bad.example/page"), sms(f"see {link}")], SNAPSHOT)
    malware = CLASSES.index("malware")
    assert application.probabilities[malware] > page.probabilities[malware]


def test_the_application_rule_is_named_as_a_reason() -> None:
    """Where the rule decides, the reasons say so."""
    tilted = replace(SNAPSHOT, bias=np.array([0, 9, 0, 0, 0], np.float32))
    reasons = Screener().explain(sms("install http://bad.example/bank.apk"), tilted)
    assert reasons[0].id == "link.application"


def test_reasons_are_pieces_of_the_message() -> None:
    """Every textual reason stands in the folded message."""
    text = "you have won a prize"
    reasons = Screener().explain(sms(text.upper()), SNAPSHOT)
    assert all(reason.piece in text for reason in reasons)


def test_a_silent_recorded_call_is_likelier_unwanted() -> None:
    """A robocall that nobody wrote down is likelier unwanted than a plain call."""
    calls = [Message(Channel.VOICE, "", call=CallFacts(recorded=recorded)) for recorded in (False, True)]
    plain, recorded = Screener().screen(calls, SNAPSHOT)
    assert spam_probability(plain, "unwanted") < spam_probability(recorded, "unwanted")


def test_a_verdict_names_its_method() -> None:
    """The model, rules and vocabulary that gave a verdict stand in it."""
    [verdict] = Screener().screen([sms("hello")], SNAPSHOT)
    assert verdict.method == SNAPSHOT.method
