"""Languages: which one a reader wants, and its catalogue, read from the `.po` file at start."""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from tocsin.web.weights import weighted

LANGUAGES = {"en": "English", "ar": "العربية"}
DEFAULT = "en"
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


@cache
def known(language: str) -> frozenset[str]:
    """Return the words that are in a language: English ones as they stand, others once translated."""
    return frozenset(catalogue(language).values())


def preferred(accept_language: str) -> str:
    """Choose a language by an `Accept-Language` header.

    RFC 9110, section 12.5.4, by lookup (RFC 4647, section 3.4): `ar-SA` finds `ar`. `*` takes the first
    language that the header does not refuse; where nothing fits it is English all the same.
    """
    choices = weighted(accept_language)
    refused = {name for name, weight in choices if not weight}
    for name, weight in choices:
        known = [one for one in LANGUAGES if name in {"*", one} or name.startswith(f"{one}-")]
        found = next((one for one in known if one not in refused), None)
        if weight and found:
            return found
    return DEFAULT
