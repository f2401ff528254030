"""Languages: every string of every page is there in Arabic."""

import re
from pathlib import Path

import pytest

import tocsin
from tocsin.records import Channel
from tocsin.web.i18n import LANGUAGES, catalogue, preferred

PACKAGE = Path(tocsin.__file__).parent
MARKED = re.compile(r"""_\((?:"([^"]+)"|'([^']+)')\)""")
SAID = re.compile(r"""say\("([^"]+)"\)""")


def strings() -> set[str]:
    found = {
        one or other
        for file in PACKAGE.glob("*/templates/*.html")
        for one, other in MARKED.findall(file.read_text())
    }
    pages = [file.read_text() for name in ("pages", "front") for file in PACKAGE.glob(f"*/{name}.py")]
    return found | {text for page in pages for text in SAID.findall(page)} | {name.value for name in Channel}


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_every_string_of_the_pages_is_translated(language: str) -> None:
    """A template cannot gain a string without its translation."""
    assert sorted(strings() - set(catalogue(language))) == []


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_refusal_of_a_form_is_said_in_words(language: str) -> None:
    """Each code that a form's field can be refused with, in each language."""
    codes = ("content.empty", "channel.unknown", "jurisdiction.invalid", "sender.invalid", "q.too_long")
    kinds = (".too_long", ".nul", ".surrogate")
    assert [one for one in (*codes, *kinds, "country.invalid") if one not in catalogue(language)] == []


def test_the_search_for_strings_finds_them() -> None:
    """The test above looks where strings are."""
    assert len(strings()) > 60


@pytest.mark.parametrize(
    ("header", "language"),
    [("ar-SA,ar;q=0.9", "ar"), ("fr, en;q=0.5", "en"), ("", "en"), (";;,,=", "en"), ("xx", "en")],
)
def test_the_reader_s_language_is_chosen(header: str, language: str) -> None:
    """Whatever a browser sends, a language that we have comes out."""
    assert preferred(header) == language
