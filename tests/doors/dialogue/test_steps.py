"""The dialogue as a state machine, without a house."""

from dataclasses import replace
from itertools import count

import pytest
from msgspec.structs import replace as change

from tocsin.doors.dialogue.profiles import MINUTE, Profile, profile
from tocsin.doors.dialogue.records import (
    Action,
    Check,
    Decline,
    Name,
    Named,
    Refused,
    Report,
    Said,
    Say,
    Session,
    Taken,
)
from tocsin.doors.dialogue.steps import MOST_OPEN, step
from tocsin.records import HOUR, Channel
from tocsin.text.senders import parse_sender

SPAM = "Your parcel is held. Pay the fee at http://parcel.example/pay"
NOW = 1_800_000_000_000_000


class Person:
    """One reporter in front of a house that takes everything and knows senders at once."""

    def __init__(self, name: str = "gb", **changes: object) -> None:
        self.profile: Profile = replace(profile(name), **changes)
        self.session = Session()
        self.now = NOW
        self.own = "+447700900999"
        self.reports: list[Report] = []
        self.named: dict[str, str] = {}
        self._ids = count()

    def says(self, text: str, **facts: object) -> str:
        """Send a message; returns the answer, or nothing."""
        said = Said(next(self._ids).to_bytes(8, "big"), text, own=self.own, **facts)
        return self.hears(said)

    def hears(self, said: Said) -> str:
        """Let the machine hear a message and do all it wants."""
        self.session, actions = step(self.session, said, self.profile, self.now)
        answers: list[Say] = []
        for action in actions:
            answers += self._do(action)
        assert len(answers) <= 1
        return answers[0].text if answers else ""

    def _do(self, action: Action) -> list[Say]:
        match action:
            case Say():
                return [action]
            case Report():
                self.reports.append(action)
                event = Taken(action, self.ticket(len(self.reports)))
            case Name():
                self.named[action.ticket] = action.sender
                event = Named(action, action.ticket)
            case _:
                return []
        self.session, more = step(self.session, event, self.profile, self.now)
        return [one for one in more if isinstance(one, Say)]

    @staticmethod
    def ticket(number: int) -> str:
        """Return the ticket of the n-th report."""
        return f"TTTTT-{number:05}"


def words(person: Person, key: str, language: str = "", ticket: str = "") -> str:
    return person.profile.words(language).answers[key].replace("{ticket}", ticket)


def test_a_forward_is_reported_at_once_and_asked_about() -> None:
    """The report does not wait for the answer."""
    person = Person()
    assert person.says(SPAM) == words(person, "ask")
    assert [(one.text, one.sender) for one in person.reports] == [(SPAM, "")]


def test_the_answer_names_the_sender_and_is_thanked_with_the_ticket() -> None:
    """Forward, number, thanks."""
    person = Person()
    person.says(SPAM)
    assert person.says("07700 900123") == words(person, "thanks", ticket="TTTTT-00001")
    assert person.named == {"TTTTT-00001": "07700 900123"}


def test_several_forwards_before_one_answer_are_asked_about_in_turn() -> None:
    """An answer is for the message that was asked about, and for no other."""
    person = Person()
    assert person.says(SPAM) == words(person, "ask")
    assert person.says("You have won a prize, claim it at http://p.example") == ""
    assert person.says("+447700900123") == words(person, "next", ticket="TTTTT-00001")
    assert person.says("HMRC") == words(person, "thanks", ticket="TTTTT-00002")
    assert person.named == {"TTTTT-00001": "+447700900123", "TTTTT-00002": "HMRC"}


def test_same_names_the_sender_named_last() -> None:
    """Three parts of one spam need not be answered by three numbers."""
    person = Person()
    person.says(SPAM)
    person.says("You have won a prize, claim it at http://p.example")
    person.says("+447700900123")
    person.says("same")
    assert set(person.named.values()) == {"+447700900123"}


def test_one_answer_never_names_two_messages() -> None:
    """Rather a sender unknown than an innocent number blamed."""
    person = Person()
    for number in range(3):
        person.says(f"{SPAM}{number}")
    person.says("+447700900123")
    assert len(person.named) == 1


def test_a_late_answer_names_nothing() -> None:
    """After an hour the report keeps its sender unknown, and the number waits for its own message."""
    person = Person()
    person.says(SPAM)
    person.now += HOUR + 1
    assert person.says("+447700900123") == words(person, "forward_first")
    assert person.named == {}


def test_a_number_before_its_message_is_that_messages_sender() -> None:
    """Some people answer first and forward then."""
    person = Person()
    assert person.says("+447700900123") == words(person, "forward_first")
    assert person.says(SPAM) == words(person, "thanks", ticket="TTTTT-00001")
    assert person.reports[0].sender == "+447700900123"


def test_a_number_that_waited_too_long_is_forgotten() -> None:
    """A message an hour later is not that number's."""
    person = Person()
    person.says("+447700900123")
    person.now += 11 * MINUTE
    assert person.says(SPAM) == words(person, "ask")
    assert person.reports[0].sender == ""


@pytest.mark.parametrize("own", ["+447700900999", "07700 900999", "7726", "from 7726"])
def test_ones_own_number_or_our_code_is_never_the_sender(own: str) -> None:
    """People answer with their own number; the question stays open."""
    person = Person()
    person.says(SPAM)
    assert person.says(own) == words(person, "again")
    assert person.says("+447700900123") == words(person, "thanks", ticket="TTTTT-00001")


def test_unknown_ends_the_question() -> None:
    """Not to know is an answer."""
    person = Person()
    person.says(SPAM)
    assert person.says("I don’t know.") == words(person, "thanks", ticket="TTTTT-00001")
    assert not person.session.open


@pytest.mark.parametrize(
    ("name", "text", "sender", "reported", "channel"),
    [
        ("gb", "Call 07700 900123", "07700 900123", "", Channel.VOICE),
        ("gb", "CALL+447700900123", "+447700900123", "", Channel.VOICE),
        ("fr", "spam vocal 0639980012", "0639980012", "", Channel.VOICE),
        ("fr", "SPAMVOCAL 06 39 98 00 12", "06 39 98 00 12", "", Channel.VOICE),
        ("cn", "13800138000*恭喜您中奖了", "13800138000", "恭喜您中奖了", None),
        ("cn", "10690000123 * 恭喜您\n中奖了", "10690000123", "恭喜您\n中奖了", None),
        ("cn", "LJDXJB#13800138000#恭喜", "13800138000", "恭喜", None),
        ("in", "Loan offer, call now, 9876543210, 01/02/26", "9876543210", "Loan offer, call now", None),
        ("in", "Loan offer,VK-LOANS-P,01/02/2026", "VK-LOANS-P", "Loan offer", None),
        ("in", "The UCC, 9876543210, 1-2-26", "9876543210", "", None),
        ("ae", "B SPAMMER", "SPAMMER", "", None),
        ("ae", "b + AD-SHOP", "AD-SHOP", "", None),
    ],
)
def test_one_message_forms_are_whole_reports(
    name: str, text: str, sender: str, reported: str, channel: Channel | None
) -> None:
    """A report and its sender in one message is thanked at once."""
    person = Person(name)
    assert person.says(text) == words(person, "thanks", ticket="TTTTT-00001")
    [report] = person.reports
    assert (report.sender, report.text, report.channel) == (sender, reported, channel)


@pytest.mark.parametrize("text", ["67**7810 numbered card: pay now", "67*7810 and more", "+1*2*3 call us"])
def test_a_masked_card_number_is_no_form(text: str) -> None:
    """Banks, and who pretends to be one, write asterisks too."""
    person = Person("default")
    person.says(text)
    assert [(report.text, report.sender) for report in person.reports] == [(text, "")]


def test_the_day_of_an_indian_complaint_is_kept() -> None:
    """Day, month, year."""
    person = Person("in")
    person.says("Loan offer, 9876543210, 03/02/26")
    assert str(person.reports[0].sent_on) == "2026-02-03"


def test_a_day_that_never_was_is_left_out() -> None:
    """The report counts all the same."""
    person = Person("in")
    person.says("Loan offer, 9876543210, 31/02/26")
    assert person.reports[0].sent_on is None


def test_call_without_a_number_is_answered_by_help() -> None:
    """The word alone reports nothing."""
    person = Person()
    assert "CALL" in person.says("call")
    assert person.reports == []


def test_stop_is_confirmed_once_and_reports_still_count() -> None:
    """Who wants no answers gets none, and is heard."""
    person = Person()
    assert person.says("STOP") == words(person, "stopped")
    assert person.says("stop") == ""
    assert person.says(SPAM) == ""
    assert person.says("+447700900123") == ""
    assert person.named == {"TTTTT-00001": "+447700900123"}


def test_help_is_answered_after_stop_and_start_ends_it() -> None:
    """STOP is no dead end."""
    person = Person()
    person.says("STOP")
    assert person.says("HELP").startswith(words(person, "help"))
    assert person.session.muted
    assert person.says("START").startswith(words(person, "help"))
    assert person.says(SPAM) == words(person, "ask")


@pytest.mark.parametrize(
    ("name", "keyword", "language"),
    [
        ("sa", "HELP", "en"),
        ("sa", "مساعدة", "ar"),
        ("in", "मदद", "hi"),
        ("us", "AYUDA", "es"),
        ("cn", "帮助", "zh"),
        ("default", "Помощь!", "ru"),
        ("fr", "HELP", "fr"),
        ("fr", "INFO", "fr"),
    ],
)
def test_commands_are_answered_in_the_language_they_are_written_in(
    name: str, keyword: str, language: str
) -> None:
    """Where the profile speaks it; STOP and HELP are understood everywhere."""
    person = Person(name)
    assert person.says(keyword).startswith(words(person, "help", language))


def test_the_reporters_language_is_kept() -> None:
    """Whoever wrote English once is answered in English."""
    person = Person("sa")
    person.says("EN")
    assert person.says(SPAM) == words(person, "ask", "en")


def test_the_spams_language_is_not_the_reporters() -> None:
    """English spam reaches people who read Arabic."""
    person = Person("sa")
    assert person.says(SPAM) == words(person, "ask", "ar")


def test_arabic_digits_are_a_number() -> None:
    """People write their own digits."""
    person = Person("sa")
    person.says(SPAM)
    assert person.says("من الرقم ٠٥٠١٢٣٤٥٦٧") == words(person, "thanks", ticket="TTTTT-00001")
    [sender] = person.named.values()
    assert parse_sender(sender, "SA").value == "+966501234567"


@pytest.mark.parametrize(
    "answer",
    [
        "it was from 07700 900123",
        "From: 07700900123",
        "(+44) 7700 900123",
        "“07700 900123”.",
        "the number is 07700-900123",
        "\u202a+44 7700 900123\u202c",
        "+44\u00a07700\u2011900123",
    ],
)
def test_a_number_is_found_among_small_words(answer: str) -> None:
    """People answer in sentences."""
    person = Person()
    person.says(SPAM)
    person.says(answer)
    assert parse_sender(next(iter(person.named.values())), "GB").value == "+447700900123"


@pytest.mark.parametrize("answer", ["HMRC", "Royal Mail", "info@spam.example", "@spammer", "EE", "from DHL"])
def test_names_and_addresses_are_senders_too(answer: str) -> None:
    """An alphanumeric sender has at most eleven characters."""
    person = Person()
    person.says(SPAM)
    person.says(answer)
    assert list(person.named.values()) == [answer.removeprefix("from ")]


@pytest.mark.parametrize("greeting", ["Hi mum", "Hello", "你好"])
def test_a_greeting_is_how_many_a_fraud_begins(greeting: str) -> None:
    """It is reported, question open or not, and names nobody."""
    person = Person()
    assert person.says(greeting) == words(person, "ask")
    person.says(greeting + "!")
    assert [report.text for report in person.reports] == [greeting, greeting + "!"]
    assert person.named == {}


def test_a_name_keeps_its_article() -> None:
    """La Poste is not Poste."""
    person = Person("fr")
    person.says(SPAM)
    person.says("de La Poste")
    assert list(person.named.values()) == ["La Poste"]


@pytest.mark.parametrize("text", ["Thanks!", "ok", "Yes", "", "   ", "\u200b", "1", "شكرا", "🙂"])
def test_small_talk_is_neither_reported_nor_answered(text: str) -> None:
    """Nor does it end the question."""
    person = Person("sa")
    person.says(SPAM)
    assert person.says(text) == ""
    assert len(person.reports) == 1
    assert len(person.session.open) == 1


def test_a_message_delivered_twice_is_heard_once() -> None:
    """The network lost our answer to the first delivery."""
    person = Person()
    said = Said(b"12345678", SPAM)
    assert person.hears(said) == words(person, "ask")
    assert person.hears(said) == ""
    assert len(person.reports) == 1


def test_words_reported_before_are_not_asked_about_again() -> None:
    """The desk gives the first report's ticket; a machine that repeats itself hears nothing."""
    person = Person()
    person.says(SPAM)
    session, _ = step(person.session, Said(b"87654321", SPAM), person.profile, NOW)
    again = Report(b"87654321", SPAM)
    session, actions = step(session, Taken(again, "TTTTT-00001"), person.profile, NOW)
    assert actions == ()
    assert session.open == person.session.open


def test_a_refused_report_is_asked_about_no_more() -> None:
    """The next one is asked about as if it came alone."""
    person = Person()
    session, [report] = step(Session(), Said(b"1", SPAM), person.profile, NOW)
    session, actions = step(session, Refused(report), person.profile, NOW)
    assert (session.open, actions) == ((), ())


def test_our_own_words_are_ignored_in_every_language() -> None:
    """Another node, or an echo."""
    person = Person("default")
    other = Person("default")
    for language in other.profile.languages:
        for key in ("ask", "next", "thanks", "help", "stopped", "forward_first"):
            assert person.says(words(other, key, language, "AB1CD-2EF3G")) == ""
    assert person.reports == []


def test_a_phones_reaction_to_our_words_is_ignored() -> None:
    """A thumb up comes as a text on phones that can't show it."""
    person = Person()
    assert person.says(f"Liked “{words(person, 'ask')}”") == ""
    assert person.reports == []


def test_spam_cannot_hide_behind_our_words() -> None:
    """A message that says more than we do is a report."""
    person = Person()
    assert person.says(words(person, "thanks", ticket="AB1CD-2EF3G") + " http://bad.example") != ""
    assert len(person.reports) == 1


def test_an_automatic_answer_is_counted_and_not_answered() -> None:
    """Or two machines would talk all night."""
    person = Person()
    assert person.says("Automatic reply: I am away until Monday") == ""
    assert len(person.reports) == 1


def test_the_answers_of_an_hour_are_bounded() -> None:
    """A robot that finds new words each time falls silent with us."""
    person = Person()
    answered = sum(bool(person.says(f"CALL 0770090{number:04}")) for number in range(40))
    assert answered == person.profile.answers_an_hour
    assert len(person.reports) == 40
    person.now += HOUR
    assert person.says(SPAM)


def test_past_the_hourly_limit_messages_still_count_silently() -> None:
    """Where the profile says so."""
    person = Person(messages_an_hour=2)
    for number in range(4):
        person.says(f"{SPAM}{number}")
    assert len(person.reports) == 4
    assert [report.quiet for report in person.reports] == [False, False, True, True]


def test_past_the_hourly_limit_messages_are_refused_where_the_profile_says_so() -> None:
    """The network hears it, the reporter does not."""
    person = Person(messages_an_hour=1, over_limit="refuse")
    person.says(SPAM)
    _session, actions = step(person.session, Said(b"9", SPAM), person.profile, NOW)
    assert actions == (Decline(b"9"),)


def test_open_questions_are_bounded() -> None:
    """What is remembered of one person does not grow."""
    person = Person()
    for number in range(3 * MOST_OPEN):
        person.says(f"{SPAM}{number}")
    assert len(person.session.open) == MOST_OPEN
    assert len(person.reports) == 3 * MOST_OPEN


def test_a_marked_forward_is_never_a_command() -> None:
    """Someone was sent the word STOP and reports it."""
    person = Person("default", marks_forwards=True)
    person.says("STOP", forwarded=True)
    assert [report.text for report in person.reports] == ["STOP"]
    assert not person.session.muted


def test_a_sender_that_the_protocol_knows_is_not_asked_for() -> None:
    """A chat service says whose message it is."""
    person = Person("default")
    assert person.says(SPAM, forwarded=True, sender="@spammer") == words(
        person, "thanks", ticket="TTTTT-00001"
    )


def test_chat_is_answered_by_help_where_forwards_are_marked() -> None:
    """A bot's visitors say things; that is no spam."""
    person = Person("default", marks_forwards=True)
    assert person.says("how does it work").startswith(words(person, "help"))
    assert person.reports == []


@pytest.mark.parametrize(
    "text",
    ["check http://x.example", "/check http://x.example", "Check: http://x.example", "查询http://x.example"],
)
def test_check_asks_and_does_not_report(text: str) -> None:
    """Where the profile offers it."""
    person = Person("default", checks=True, marks_forwards=True)
    _, actions = step(Session(), Said(b"1", text), person.profile, NOW)
    assert actions == (Check(b"1", "http://x.example"),)


def test_check_is_a_forward_where_it_is_not_offered() -> None:
    """A spam that begins with the word is spam."""
    person = Person("gb")
    person.says("check http://x.example")
    assert len(person.reports) == 1


def test_a_session_holds_no_reported_text_and_no_reporter() -> None:
    """It is stored."""
    person = Person()
    person.says(SPAM)
    assert "parcel" not in repr(person.session)
    assert "900999" not in repr(person.session)
    assert change(person.session, open=()) != person.session
