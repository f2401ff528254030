"""The text of HTML as a person reads it, and the links behind it, in linear time whatever the HTML is.

A tree is not built: on half a megabyte of nested elements or of attributes, lexbor and the stdlib's parser
take from twenty seconds to minutes, and every mail here may come from the spammer.
"""

import html
import re
from collections.abc import Iterator

LONGEST = 500_000
"""Characters of HTML that are read; what follows is not seen by a person either."""
MOST_LINKS = 50
_LONGEST_TAG = 4000
_LONGEST_LINK = 2000
_BLOCKS = frozenset(
    "address article blockquote br center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr "  # noqa: SIM905 - one a word
    "li main ol option p pre section table td th tr ul".split()
)
_UNSEEN = frozenset({"script", "style", "head", "title", "template", "noscript"})
_TARGETS = {"a": "href", "area": "href", "form": "action", "iframe": "src", "frame": "src", "img": "src"}
_NAME = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_ATTRIBUTE = re.compile(r"""\b(href|action|src)\s{0,9}=\s{0,9}("[^"]*|'[^']*|[^\s"'>]+)""", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")


def read_html(source: str) -> tuple[str, list[str]]:
    """Return the text, blocks on lines of their own, and the links that it hides behind words.

    Where a person sees pictures only, their addresses are the links; where nobody sees anything, as in a
    script that writes the page, the source is the text.
    """
    source = source[:LONGEST]
    words: list[str] = []
    targets: dict[str, bool] = {}
    for text, tag, attributes in _tokens(source):
        words.append(" ".join(html.unescape(text).split("\n")))
        if tag in _BLOCKS:
            words.append("\n")
        if tag in _TARGETS and len(targets) < MOST_LINKS and (target := _target(tag, attributes)):
            targets[target] = targets.get(target, True) and tag == "img"
    seen = "".join(words)
    if not seen.strip() and not targets:
        return _TAG.sub(" ", source), []
    return seen, [target for target, is_picture in targets.items() if not (is_picture and seen.strip())]


def _target(tag: str, attributes: str) -> str:
    for found in _ATTRIBUTE.finditer(attributes):
        if found[1].lower() == _TARGETS[tag]:
            target = "".join(html.unescape(found[2].strip("\"'")).split())[:_LONGEST_LINK]
            return target if target.lower().startswith(("http:", "https:", "tel:")) else ""
    return ""


def _tokens(source: str) -> Iterator[tuple[str, str, str]]:
    """Give each run of text with the tag that ends it, in lower case, and that tag's attributes."""
    ends = _Ends(source)
    at = begun = 0
    while (at := source.find("<", at)) >= 0:
        if source.startswith("<!--", at):
            after = ends.find("-->", at + 4)
            yield source[begun:at], "", ""
            at = begun = after + 3 if after >= 0 else at + 4
            continue
        name = _NAME.match(source, at + 1)
        closed = source.find(">", at, at + _LONGEST_TAG)
        if closed < 0 or not (name or source[at + 1 : at + 2] in {"!", "?", "/"}):
            at += 1  # a less-than sign, no tag
            continue
        tag = name[2].lower() if name else ""
        yield source[begun:at], tag, source[name.end() : closed] if name and not name[1] else ""
        at = begun = closed + 1
        if tag in _UNSEEN and name and not name[1]:
            after = ends.find(f"</{tag}", at)
            at = begun = after if after >= 0 else at
    yield source[begun:], "", ""


class _Ends:
    """Finds ends; one that was not found once is not looked for again, so that no search is repeated."""

    def __init__(self, source: str) -> None:
        lower = source.lower()
        self._source = lower if len(lower) == len(source) else source  # some letters change their length
        self._missing: set[str] = set()

    def find(self, end: str, start: int) -> int:
        if end in self._missing:
            return -1
        found = self._source.find(end, start)
        if found < 0:
            self._missing.add(end)
        return found
