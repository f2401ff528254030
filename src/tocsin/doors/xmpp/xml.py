"""Reading XML from strangers as RFC 6120, section 11.1, restricts it, and writing it.

No document type, no entities, no comments, no processing instructions; bounded in depth, number and size.
Expat is stopped at the first of them: nothing is expanded and nothing is fetched.
"""

from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from tocsin.errors import Malformed

LONGEST = 262_144
"""Bytes of one stanza, and of a document."""
DEEPEST = 16
MOST_ELEMENTS = 500
_SEPARATOR = "\x1f"


@dataclass(slots=True)
class Element:
    """An element: namespace, name, attributes that have no namespace, children, text directly in it."""

    namespace: str
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Element]" = field(default_factory=list)
    text: str = ""

    def all(self, namespace: str, name: str) -> "list[Element]":
        """Return the children of a name."""
        return [child for child in self.children if (child.namespace, child.name) == (namespace, name)]

    def first(self, namespace: str, name: str) -> "Element | None":
        """Return the first child of a name."""
        return next(iter(self.all(namespace, name)), None)

    def get(self, attribute: str) -> str:
        """Return an attribute's value; empty when it isn't there."""
        return self.attributes.get(attribute, "")

    def write(self, inherited: str = "") -> str:
        """Write the element.

        Args:
            inherited: the default namespace where it will stand.
        """
        declared = "" if self.namespace == inherited else f" xmlns={quoteattr(self.namespace)}"
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes.items())
        inner = escape(self.text) + "".join(child.write(self.namespace) for child in self.children)
        return f"<{self.name}{declared}{attributes}>{inner}</{self.name}>"


class Stream:
    """Reads a stream of stanzas, the children of one root, as its bytes come."""

    def __init__(self) -> None:
        self.root: Element | None = None
        """The stream's own element, once it has begun."""
        self.ended = False
        self._parser = _parser(self)
        self._open: list[Element] = []
        self._complete: list[Element] = []
        self._elements = 0
        self._size = 0

    def feed(self, data: bytes) -> list[Element]:
        """Return the stanzas that these bytes complete.

        Raises:
            Malformed: the stream can't be read any further.
        """
        self._size += len(data)
        if self._size > LONGEST:
            _too_large()
        try:
            self._parser.Parse(data, False)  # noqa: FBT003 - expat's own: more follows
        except expat.ExpatError as error:
            raise Malformed("xml.syntax", "stream", "not well-formed XML") from error
        complete, self._complete = self._complete, []
        return complete

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the start of an element from expat."""
        namespace, _, name = tag.rpartition(_SEPARATOR)
        element = Element(namespace, name, {k: v for k, v in attributes.items() if _SEPARATOR not in k})
        self._elements += 1
        if len(self._open) > DEEPEST or self._elements > MOST_ELEMENTS:
            _too_large()
        if self.root is None:
            self.root = element
        elif len(self._open) > 1:
            self._open[-1].children.append(element)
        self._open.append(element)

    def end(self, _tag: str) -> None:
        """Take the end of an element from expat."""
        element = self._open.pop()
        if len(self._open) == 1:
            self._complete.append(element)
            self._elements = self._size = 0
        self.ended = not self._open

    def data(self, text: str) -> None:
        """Take text from expat; between stanzas it is a keep-alive."""
        if len(self._open) > 1:
            self._open[-1].text += text
        else:
            self._size = 0


def read_document(data: bytes) -> Element:
    """Read one whole element.

    Raises:
        Malformed: it can't be read, or exceeds a bound.
    """
    stream = Stream()
    elements = stream.feed(b"<document>" + data.removeprefix(b"\xef\xbb\xbf"))
    elements += stream.feed(b"</document>")
    if len(elements) != 1 or not stream.ended:
        raise Malformed("xml.syntax", "document", "one element")
    return elements[0]


def _parser(stream: Stream) -> expat.XMLParserType:
    parser = expat.ParserCreate("UTF-8", _SEPARATOR)
    parser.buffer_text = True
    parser.StartElementHandler = stream.start
    parser.EndElementHandler = stream.end
    parser.CharacterDataHandler = stream.data
    parser.StartDoctypeDeclHandler = _restricted
    parser.EntityDeclHandler = _restricted
    parser.ProcessingInstructionHandler = _restricted
    parser.CommentHandler = _restricted
    return parser


def _restricted(*_: object) -> NoReturn:
    raise Malformed("xml.restricted", "stream", "a document type, entity, comment or instruction is not read")


def _too_large() -> NoReturn:
    raise Malformed(
        "xml.too_large", "stream", f"at most {LONGEST} bytes, {MOST_ELEMENTS} elements, {DEEPEST} deep"
    )
