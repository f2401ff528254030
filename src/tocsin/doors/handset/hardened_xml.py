"""Reading small XML documents from strangers: no document type, no entities, bounded in every direction.

Source: OWASP's list of XML attacks (entity expansion, external entities, deep nesting). Expat is told to stop
at the first of them; nothing is fetched and nothing is expanded.
"""

from typing import NamedTuple, NoReturn
from xml.parsers import expat

from tocsin.errors import Malformed, Rejected

LONGEST = 100_000
"""Bytes of one document."""
MOST_ELEMENTS = 200
DEEPEST = 8


class Element(NamedTuple):
    """One element: its namespace and name, its depth from 0, and the text directly inside it."""

    namespace: str
    name: str
    depth: int
    text: str


class _Reader:
    """Collects elements in the order in which they end; the root comes last."""

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self._open: list[tuple[str, list[str]]] = []
        self._seen = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._seen += 1
        if self._seen > MOST_ELEMENTS or len(self._open) >= DEEPEST:
            raise Rejected("xml.too_large", "body", f"at most {MOST_ELEMENTS} elements, {DEEPEST} deep")
        self._open.append((name, []))

    def end(self, _name: str) -> None:
        name, texts = self._open.pop()
        namespace, _, local = name.rpartition(" ")
        self.elements.append(Element(namespace, local, len(self._open), "".join(texts)))

    def text(self, text: str) -> None:
        self._open[-1][1].append(text)


def _refuse(*_: object) -> NoReturn:
    raise Malformed("xml.doctype", "body", "a document type or an entity is not read")


def read_xml(document: bytes) -> list[Element]:
    """Read a document in UTF-8.

    Returns:
        its elements in the order in which they end; the root is the last.

    Raises:
        Malformed: not well-formed, or it declares a document type.
        Rejected: too long, too deep or too many elements.
    """
    if len(document) > LONGEST:
        raise Rejected("xml.too_large", "body", f"at most {LONGEST} bytes")
    reader = _Reader()
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    try:
        parser.Parse(document, True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError as error:
        raise Malformed("xml.malformed", "body", "not well-formed XML in UTF-8") from error
    return reader.elements
