"""Making reported text harmless to show and to share."""

import re

_SCHEME = re.compile(r"\b(h)tt(ps?)(?=:)", re.IGNORECASE)
_DOT_IN_HOST = re.compile(r"(?<=[\w\-])\.(?=[\w\-]{2,})")
_LINK = re.compile(
    r"(?:h(?:tt|xx)ps?:/{0,2}|www\.)\S{1,2000}|\b[\w\-]{1,63}(?:\.[\w\-]{1,63}){0,6}\.[a-z]{2,24}/\S{0,2000}",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,6}")
_DIGITS = re.compile(r"\+?\d(?:[\d\s().\-]{0,30}\d)?")
_START = re.compile(r"h(?:tt|xx)ps?:/{0,2}", re.IGNORECASE)
_LONG_RUN = re.compile(r"\d{7,}")
_FEW = 4


def defang(text: str) -> str:
    """Write links so that nothing makes them clickable: `hxxps://bad[.]example`."""
    return _DOT_IN_HOST.sub("[.]", _SCHEME.sub(r"\1xx\2", text))


def redact(text: str) -> str:
    """Replace numbers, codes and addresses by slots; hosts of links stay, their paths go.

    A person's name can't be found reliably; content leaves a member only with consent besides.
    """
    text = _EMAIL.sub("⟨address⟩", text)
    parts: list[str] = []
    end = 0
    for link in _LINK.finditer(text):
        parts += [_without_numbers(text[end : link.start()]), _host_only(link.group())]
        end = link.end()
    # A host may itself be somebody's number.
    return _LONG_RUN.sub("⟨number⟩", "".join([*parts, _without_numbers(text[end:])]))


def _without_numbers(text: str) -> str:
    return _DIGITS.sub(
        lambda run: "⟨number⟩" if sum(map(str.isdigit, run.group())) >= _FEW else run.group(), text
    )


def _host_only(link: str) -> str:
    start = _START.match(link)
    scheme, rest = (link[: start.end()], link[start.end() :]) if start else ("", link)
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    return f"{scheme}{host}" + ("/…" if len(host) < len(rest) else "")
