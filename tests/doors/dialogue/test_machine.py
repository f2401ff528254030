"""Properties of the dialogue: whatever is said, in whatever order."""

import hypothesis.strategies as st
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.doors.dialogue.test_steps import NOW, Person
from tocsin.doors.dialogue.profiles import MINUTE, PROFILES, profile
from tocsin.doors.dialogue.records import Report, Said, Session
from tocsin.doors.dialogue.steps import MOST_OPEN, step
from tocsin.doors.dialogue.words import LANGUAGES, words
from tocsin.records import HOUR

MARK = "zqxj"
"""Letters that stand in no sentence of ours, so that an echo shows."""
FORWARDS = st.builds(
    "{} {} http://{}.example/{}".format,
    st.sampled_from(
        ["Your parcel is held", "عرض خاص لك", "恭喜您中奖了", "Вы выиграли", "Hi mum, new phone"]
    ),
    st.text(max_size=40),
    st.just(MARK),
    st.integers(0, 10**9),
)
ANSWERS = st.sampled_from(
    [
        "+447700900123",
        "07700 900123",
        "HMRC",
        "unknown",
        "same",
        "7726",
        "07700900999",
        "from 0551234567",
        "لا أعرف",
    ]
)
COMMANDS = st.sampled_from(
    ["STOP", "HELP", "START", "EN", "عربي", "INFO", "ok", "thanks", "قف", "/start", "1"]
)


class Dialogue(RuleBasedStateMachine):
    """One person, any profile, every kind of message, time going on."""

    @initialize(name=st.sampled_from(PROFILES), limit=st.sampled_from([3, 12, 10_000]))
    def begin(self, name: str, limit: int) -> None:
        """Meet the person."""
        self.person = Person(name, messages_an_hour=10_000, answers_an_hour=limit)
        self.forwarded: list[str] = []
        self.answers: list[tuple[int, str]] = []

    def say(self, text: str, **facts: object) -> None:
        """Say something; `Person` fails on a second answer to it."""
        if answer := self.person.says(text, **facts):
            self.answers.append((self.person.now, answer))

    @rule(text=FORWARDS, marked=st.booleans())
    def forwards(self, text: str, marked: bool) -> None:
        """Forward a message."""
        self.forwarded.append(text)
        self.say(text, forwarded=marked)

    @rule(text=ANSWERS)
    def answers_something(self, text: str) -> None:
        """Answer; unasked, a name is a message like any other: it may be all that the spam said."""
        before = len(self.person.reports)
        self.say(text)
        if text in {"HMRC", "from 0551234567"}:
            self.forwarded += [report.text for report in self.person.reports[before:]]

    @rule(text=COMMANDS)
    def commands(self, text: str) -> None:
        """Command or chat."""
        self.say(text)

    @rule(text=st.text(max_size=200))
    def mumbles(self, text: str) -> None:
        """Say anything at all."""
        before = len(self.person.reports)
        self.say(text)
        self.forwarded += [report.text for report in self.person.reports[before:]]

    @rule(wait=st.sampled_from([1, MINUTE, 11 * MINUTE, HOUR + 1, -HOUR]))
    def waits(self, wait: int) -> None:
        """Let time pass, or the clock be set back."""
        self.person.now += wait

    @invariant()
    def every_forward_was_reported_exactly_once(self) -> None:
        """In order."""
        if hasattr(self, "person"):
            assert [report.text for report in self.person.reports if report.text] == [
                text for text in self.forwarded if text
            ]

    @invariant()
    def nothing_reported_is_echoed(self) -> None:
        """Answers are our own words."""
        if hasattr(self, "person"):
            assert not any(MARK in answer or "7700" in answer for _, answer in self.answers)

    @invariant()
    def answers_are_few(self) -> None:
        """Within any fixed hour; a clock set back begins a new one."""
        if hasattr(self, "person"):
            session = self.person.session
            assert session.answers <= self.person.profile.answers_an_hour
            assert len(session.open) <= MOST_OPEN

    @invariant()
    def the_reporter_is_never_named(self) -> None:
        """Nor our own code."""
        if hasattr(self, "person"):
            named = {*self.person.named.values(), *(report.sender for report in self.person.reports)}
            assert not named & {"07700900999", "+447700900999"} or self.person.profile.jurisdiction != "GB"


Dialogue.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestDialogue = Dialogue.TestCase


@given(text=st.text(), name=st.sampled_from(PROFILES), asked=st.booleans(), forwarded=st.booleans())
@settings(deadline=None)
def test_no_text_makes_the_machine_raise(text: str, name: str, asked: bool, forwarded: bool) -> None:
    """Lone surrogates and NULs included."""
    session = Session()
    if asked:
        session, _ = step(session, Said(b"0", "a message to report, at some length"), profile(name), NOW)
    step(session, Said(b"1", text, forwarded=forwarded), profile(name), NOW)


@given(text=st.text(st.characters(), max_size=30), times=st.integers(100, 2000))
@settings(deadline=None, max_examples=30)
def test_long_texts_are_reports_whole(text: str, times: int) -> None:
    """Length changes nothing."""
    long = "spam " + text * times
    _, actions = step(Session(), Said(b"1", long), profile("in"), NOW)
    reports = [action for action in actions if isinstance(action, Report)]
    assert [report.text for report in reports] in ([long], [])


@given(
    first=st.sampled_from(PROFILES),
    second=st.sampled_from(PROFILES),
    opening=st.one_of(FORWARDS, ANSWERS, COMMANDS),
)
@settings(deadline=None, max_examples=60)
def test_two_instances_that_answer_each_other_fall_silent(first: str, second: str, opening: str) -> None:
    """Each knows the other's sentences, and is bounded besides."""
    here, there = Person(first), Person(second)
    text, speaker, listener = here.says(opening), there, here
    exchanged = 0
    while text:
        exchanged += 1
        assert exchanged <= 2
        text = speaker.says(text)
        speaker, listener = listener, speaker


@given(phrases=st.lists(st.text(min_size=12, max_size=60), min_size=1, max_size=5))
@settings(deadline=None, max_examples=40)
def test_another_service_with_other_words_is_answered_a_bounded_number_of_times(phrases: list[str]) -> None:
    """A robot that answers everything, in words that we don't know."""
    person = Person("default")
    spoken = 0
    for number in range(100):
        if not person.says(
            f"{phrases[number % len(phrases)]} {number} robot speaking, thank you for your text"
        ):
            break
        spoken += 1
    assert spoken <= person.profile.answers_an_hour


def test_the_mark_is_in_none_of_our_sentences() -> None:
    """Else the echo test would prove nothing."""
    assert not any(MARK in text for language in LANGUAGES for text in words(language).answers.values())
