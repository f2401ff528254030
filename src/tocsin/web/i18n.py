"""Languages: which one a reader wants, and its catalogue, read from the `.po` file at start."""

from functools import cache
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.pofile import read_po

LANGUAGES = {"en": "English", "ar": "العربية"}
RIGHT_TO_LEFT = frozenset({"ar"})
_LOCALES = Path(__file__).parent / "locales"


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return a language's translations; English is the source and has none."""
    file = _LOCALES / language / "LC_MESSAGES" / "tocsin.po"
    if not file.exists():
        return {}
    with file.open("rb") as stream:
        return {str(entry.id): str(entry.string) for entry in read_po(stream) if entry.id and entry.string}


def translate(language: str, text: str) -> str:
    """Return a text in a language, itself where there is no translation."""
    return catalogue(language).get(text, text)


def preferred(accept_language: str) -> str:
    """Choose a language by an `Accept-Language` header (RFC 9110, section 12.5.4)."""
    wanted = [part.partition(";")[0].strip().replace("-", "_") for part in accept_language[:200].split(",")]
    return negotiate_locale([name for name in wanted if name], list(LANGUAGES)) or "en"
