"""Rendering pages: one environment for every room's templates, everything escaped."""

import re
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from babel.core import Locale
from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Request, Response

from tocsin.errors import Rejected
from tocsin.records import SMALLEST_COUNT, moment
from tocsin.text.fold import fold
from tocsin.text.safe import defang
from tocsin.vocabulary.terms import label
from tocsin.web.i18n import LANGUAGES, RIGHT_TO_LEFT, catalogue, preferred, translate

_PACKAGE = Path(__file__).parent.parent
STATIC = Path(__file__).parent / "static"
UNTAKEN = "This can't be taken as it is. Please look at it again."
_WITHHELD = "*"
_ALPHA_2 = re.compile("[A-Z]{2}")
# Codes of CLDR that ISO 3166-1 does not assign to a country.
_NOT_COUNTRIES = frozenset(
    {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
)


@cache
def environment() -> Environment:
    """Return the template environment of all rooms."""
    folders = sorted(str(folder) for folder in _PACKAGE.glob("*/templates"))
    found = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "number": _number,
        "percent": _percent,
        "change": _change,
        "time": _time,
        "hour": _hour,
        "tick": _tick,
        "is_noon": lambda at: moment(at).hour != 0,
        "defanged": defang,
        "kind": _kind,
        "small": _small,
        "said": _said,
        "slots": _slots,
    }
    found.globals |= {"_": _gettext, "asset": asset, "languages": LANGUAGES}
    return found


def render(request: Request[Any, Any, Any], template: str, **values: Any) -> Response[str]:
    """Render a page in the reader's language.

    Args:
        request: decides the language, by its path's prefix or `Accept-Language`.
        template: the file's name.
        values: what the template shows.
    """
    language = language_of(request)
    path = request.url.path
    for name in LANGUAGES:
        if path == f"/{name}" or path.startswith(f"/{name}/"):
            path = path[len(name) + 1 :]
    html = fragment(template, language, path=path or "/", query=request.url.query, **values)
    headers = {"Vary": "Accept-Language", "Content-Language": language, "Cache-Control": "no-cache"}
    return Response(html, media_type="text/html", headers=headers)


def fragment(template: str, language: str, **values: Any) -> str:
    """Render a template to text."""
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    return environment().get_template(template).render(language=language, direction=direction, **values)


def language_of(request: Request[Any, Any, Any]) -> str:
    """Return the language of a request's path, or the one that its reader prefers."""
    first = request.url.path.split("/")[1]
    return first if first in LANGUAGES else preferred(request.headers.get("accept-language", ""))


@cache
def asset(name: str) -> str:
    """Return an asset's address, which changes with its content."""
    return f"/assets/{name}?v={digest(name)}"


@cache
def digest(name: str) -> str:
    """Return a digest of an asset's content."""
    return blake2b((STATIC / name).read_bytes(), digest_size=6).hexdigest()


@pass_context
def _gettext(context: Context, text: str) -> str:
    return translate(context["language"], text)


@pass_context
def _number(context: Context, value: float | None) -> str:
    # None is a withheld small count: it is marked, never shown as nothing.
    return _WITHHELD if value is None else format_decimal(value, locale=context["language"])


@pass_context
def _percent(context: Context, value: float | None) -> str:
    return "–" if value is None else format_percent(value, locale=context["language"])


@pass_context
def _change(context: Context, value: float) -> str:
    sign = "+" if value > 0 else "\u2212" if value < 0 else "±"
    return sign + format_percent(abs(value), locale=context["language"])


@pass_context
def _time(context: Context, at: int) -> str:
    return _date(at, "d MMM y HH:mm", context) + " UTC"


@pass_context
def _hour(context: Context, at: int) -> str:
    return _date(at, "d MMM HH:mm", context)


@pass_context
def _tick(context: Context, at: int) -> str:
    """Write an axis' label: the day at midnight, the hour at noon."""
    return _date(at, "HH:mm" if moment(at).hour else "d MMM", context)


def _date(at: int, pattern: str, context: Context) -> str:
    return format_datetime(moment(at), pattern, locale=context["language"])


@pass_context
def _kind(context: Context, category: str) -> str:
    return label(category, context["language"])


@pass_context
def _slots(context: Context, text: str) -> str:
    """Say in the reader's language what was taken out of a reported text."""
    for slot in ("number", "address"):
        text = text.replace(f"⟨{slot}⟩", f"⟨{translate(context['language'], slot)}⟩")
    return text


def country(code: str, language: str) -> str:
    """Name a country in a language; a code that names none stays as it is."""
    return str(Locale.parse(language).territories.get(code, code))


@pass_context
def _said(context: Context, problem: Rejected) -> str:
    """Say a refusal to a person: by its code, or by the code's last part, in their language."""
    words = catalogue(context["language"])
    kind = problem.code.rpartition(".")[2]
    return words.get(problem.code) or words.get(f".{kind}") or translate(context["language"], UNTAKEN)


@cache
def countries(language: str) -> list[tuple[str, str]]:
    """Return ISO 3166-1 alpha-2 codes and names in a language, in its order of names."""
    names = Locale.parse(language).territories
    found = [
        (code, name)
        for code, name in names.items()
        if _ALPHA_2.fullmatch(code) and code not in _NOT_COUNTRIES
    ]
    return sorted(found, key=lambda one: fold(one[1]))


def _small(count: int) -> int | None:
    return count if count >= SMALLEST_COUNT else None
