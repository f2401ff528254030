"""The words and profiles are data: complete, short enough to pay for, and true to what they say."""

import re

import pytest
import yaml

from tocsin.doors.dialogue import profiles
from tocsin.doors.dialogue.profiles import PROFILES, profile
from tocsin.doors.dialogue.words import ANSWERS, LANGUAGES, is_ours, words
from tocsin.errors import Misconfigured

GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""3GPP TS 23.038, section 6.2.1, without the escape."""
TICKET = "AB1CD-2EF3G"


def parts(text: str) -> int:
    """Count the SMS that a text takes (3GPP TS 23.040, section 9.2.3.24.1)."""
    one, more = (160, 153) if set(text) <= GSM else (70, 67)
    return 1 if len(text) <= one else -(-len(text) // more)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["ask", "thanks", "next", "again", "forward_first"])
def test_the_dialogues_steps_cost_few_sms(language: str, key: str) -> None:
    """A question and a thank-you fit one SMS, the rarer answers two."""
    text = words(language).answers[key].replace("{ticket}", TICKET)
    assert parts(text) <= (1 if key in {"ask", "thanks"} else 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_known_as_ours(language: str) -> None:
    """So that two nodes that hear each other fall silent."""
    for key in ANSWERS:
        assert is_ours(words(language).answers[key].replace("{ticket}", TICKET)), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_answers_hold_no_link_and_no_slot_but_the_ticket(language: str) -> None:
    """Nobody learns to open links from us."""
    for text in words(language).answers.values():
        assert not re.search(r"://|www|\.[a-z]{2,}/", text)
        assert set(re.findall(r"\{[^}]*\}", text)) <= {"{ticket}"}


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_can_explain_its_forms(name: str) -> None:
    """In its first language."""
    found = profile(name)
    assert {form.name for form in found.forms} - {"ljdxjb"} <= set(found.words("").hints)


@pytest.mark.parametrize("name", PROFILES)
def test_every_fact_names_its_source_or_says_that_it_has_none(name: str) -> None:
    """What was not confirmed says so."""
    for fact in profiles._read(name)["facts"]:
        assert set(fact) == {"says", "source", "confirmed"}
        assert fact["source"].startswith("http") if fact["confirmed"] else not fact["source"]


def test_no_keyword_means_two_things() -> None:
    """In any language, for a visitor's words are understood everywhere."""
    means: dict[str, str] = {}
    for language in LANGUAGES:
        for kind, found in words(language).keywords.items():
            for word in found:
                assert means.setdefault(word, kind) == kind, (language, word)


def test_the_codes_are_those_that_the_issue_names() -> None:
    """A wrong code would answer the wrong people."""
    codes = {name: sorted(profile(name).codes) for name in PROFILES}
    assert codes == {
        "gb": ["7726"],
        "nz": ["7726"],
        "fr": ["33700"],
        "in": ["1909"],
        "sa": ["330330"],
        "cn": ["10086999", "12321"],
        "us": ["7726"],
        "ae": ["7726"],
        "default": [],
    }


def test_the_default_speaks_the_six_languages() -> None:
    """Of the United Nations."""
    assert set(profile("default").languages) == {"en", "ar", "zh", "fr", "es", "ru"}


def test_forms_repeat_nothing_without_a_bound() -> None:
    """But for the text itself: else a long message would take the square of its length."""
    for name in PROFILES:
        for form in profile(name).forms:
            pattern = form.pattern.pattern.replace("(?P<text>.+?)", "").replace("(?P<text>.+)", "")
            assert not re.search(r"(?<!\\)[*+](?![*＊\]])", re.sub(r"\[[^\]]*\]", "", pattern)), form.name


def test_an_unknown_profile_or_language_is_misconfigured() -> None:
    """The node says so at start."""
    with pytest.raises(Misconfigured):
        profile("xx")
    with pytest.raises(Misconfigured):
        words("tlh")


def test_the_data_folder_holds_nothing_that_is_not_read() -> None:
    """A forgotten file would look like a rule."""
    from importlib import resources  # noqa: PLC0415

    folder = resources.files("tocsin.doors.dialogue") / "data"
    assert {file.name for file in folder.iterdir() if file.is_file()} == {
        "forms.yaml",
        *(f"{name}.yaml" for name in PROFILES),
    }
    assert all(yaml.safe_load(f.read_text("utf-8")) for f in folder.iterdir() if f.is_file())
