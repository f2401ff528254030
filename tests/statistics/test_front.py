"""The front page's moving part: one reading for all, told apart by its tag."""

from litestar import Litestar
from litestar.testing import TestClient

from tests.makers import API, submission
from tocsin.node import Node
from tocsin.statistics.front import figures
from tocsin.web.changes import Changes
from tocsin.web.shared import PAUSE_S, Shared


def report(node: Node, people: range) -> None:
    """Have some people report the same text."""
    node.desk.take([(submission(reporter=f"+44770090{n:04}"), API) for n in people])


def test_the_fragment_says_that_it_did_not_change(client: TestClient[Litestar], served: Node) -> None:
    """304 without a body for the tag one has."""
    report(served, range(6))
    first = client.get("/fragments/front/en")
    again = client.get("/fragments/front/en", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_every_language_shows_the_same_reading(node: Node) -> None:
    """Within the second in which it was read no language shows newer figures than another."""
    seconds = [0.0]
    shared = Shared(Changes(node.storage).number, lambda: seconds[0])
    report(node, range(6))
    english = figures(shared, node.storage, node.clock, "en")
    report(node, range(6, 17))
    assert figures(shared, node.storage, node.clock, "en") == english
    assert ">17<" not in figures(shared, node.storage, node.clock, "ar").html
    seconds[0] += PAUSE_S
    for language in ("en", "ar"):
        assert '<span class="figure">17</span>' in figures(shared, node.storage, node.clock, language).html
