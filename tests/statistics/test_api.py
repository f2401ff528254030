"""The statistics' routes: evidence with each figure, CSV, tags, the channel filter, freshness, change."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from tests.makers import NOW, submission
from tocsin.node import Node
from tocsin.records import DAY, HOUR, Envelope, Instant, Source
from tocsin.web.answers import table

BASE = "/api/v1/statistics"
KINDS = ("summary", "timeseries", "top")


def report(node: Node, count: int, at: int = NOW, **changes: Any) -> None:
    """Have some people report something at a time."""
    envelope = Envelope("api", received_at=Instant(at))
    people = [f"{at}-{n}@reporter.example" for n in range(count)]
    node.desk.take([(submission(reporter=one, **changes), envelope) for one in people])


def lines(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_rests_on_evidence(served: Node, client: TestClient[Litestar], kind: str) -> None:
    """Unit, source, period, method versions, and when the newest counted report was received."""
    report(served, 6, NOW - 3 * HOUR + 1_000_000)
    evidence = client.get(f"{BASE}/{kind}").json()["evidence"]
    assert evidence["unit"] == "reports"
    assert evidence["source"] == "consumer_report"
    assert set(evidence["method"]) == {"model", "rules", "vocabulary"}
    assert evidence["freshness"] == "2026-11-01T09:00:01Z"
    assert evidence["start"] < evidence["end"]


def test_nothing_counted_has_no_freshness(served: Node, client: TestClient[Litestar]) -> None:
    """A simulation's reports do not make people's figures fresh."""
    people = [submission(reporter=f"{n}@reporter.example") for n in range(6)]
    served.desk.take([(one, Envelope("simulation", "North", Source.SIMULATION)) for one in people])
    assert client.get(f"{BASE}/summary").json()["evidence"]["freshness"] is None
    simulated = client.get(f"{BASE}/summary", params={"source": "simulation"})
    assert simulated.json()["evidence"]["freshness"] == "2026-11-01T12:00:00Z"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("address", "accept"),
    [("?format=csv", "application/json"), ("", "text/csv"), ("", "text/csv, */*;q=0.1")],
)
def test_every_answer_comes_as_csv(
    served: Node, client: TestClient[Litestar], kind: str, address: str, accept: str
) -> None:
    """By the address or by Accept; each line carries its unit, source, method and freshness."""
    report(served, 6)
    found = lines(client.get(f"{BASE}/{kind}{address}", headers={"Accept": accept}))
    assert found
    for line in found:
        assert line["unit"]
        assert line["source"] == "consumer_report"
        assert line["method"].startswith("model=")
        assert line["freshness"] == "2026-11-01T12:00:00Z"


def test_a_withheld_count_is_an_empty_field_that_says_so(served: Node, client: TestClient[Litestar]) -> None:
    """Neither nothing nor nought."""
    report(served, 3, channel="im")
    [line] = lines(client.get(f"{BASE}/top?dimension=channel&format=csv"))
    assert (line["channel"], line["count"], line["withheld"]) == ("im", "", "True")


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/json", "text/html", "text/csv;q=0.1, application/json"]
)
def test_otherwise_it_is_json(client: TestClient[Litestar], accept: str) -> None:
    """A browser and a program that do not ask for CSV get JSON."""
    answer = client.get(f"{BASE}/summary", headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_unchanged_answer_is_not_sent_again(
    served: Node, client: TestClient[Litestar], kind: str, form: str
) -> None:
    """304 for its tag until a report is counted."""
    report(served, 6)
    address = f"{BASE}/{kind}?format={form}"
    tag = client.get(address).headers["etag"]
    again = client.get(address, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")
    report(served, 7, NOW + 1)
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_every_figure_of_the_summary_can_be_quoted_alone(served: Node, client: TestClient[Litestar]) -> None:
    """With its own unit and period."""
    report(served, 10, NOW - 3 * DAY)
    report(served, 8, NOW - 10 * DAY)
    figures = {one["name"]: one for one in client.get(f"{BASE}/summary").json()["figures"]}
    assert figures["reports_week"]["value"] == 10
    assert figures["change_week"]["value"] == 0.25
    assert figures["change_week"]["unit"].startswith("share")
    assert (figures["change_week"]["start"], figures["change_week"]["end"]) == (
        "2026-10-25T00:00:00Z",
        "2026-11-01T00:00:00Z",
    )
    assert all(one["unit"] and one["method"] and one["source"] for one in figures.values())


def test_a_change_from_few_reports_is_not_told(served: Node, client: TestClient[Litestar]) -> None:
    """It would tell how few they were."""
    report(served, 10, NOW - 3 * DAY)
    report(served, 4, NOW - 10 * DAY)
    figures = {one["name"]: one["value"] for one in client.get(f"{BASE}/summary").json()["figures"]}
    assert figures["change_week"] is None


def test_the_channel_filter_counts_one_channel(served: Node, client: TestClient[Litestar]) -> None:
    """In each of the three."""
    report(served, 6, channel="sms")
    report(served, 9, channel="email")
    figures = client.get(f"{BASE}/summary?channel=email").json()["figures"]
    assert {one["name"]: one["value"] for one in figures}["reports_week"] == 9
    items = client.get(f"{BASE}/top?dimension=channel&channel=email").json()["items"]
    assert items == [{"value": "email", "count": 9}]
    points = client.get(f"{BASE}/timeseries?dimension=member&channel=email").json()["points"]
    assert [one["count"] for one in points] == [9]


def test_a_withheld_channel_is_withheld_in_its_parts_too(served: Node, client: TestClient[Litestar]) -> None:
    """6 of 10 is withheld because 4 is: a filter must not bring it out."""
    report(served, 6, channel="sms")
    report(served, 4, channel="im")
    for channel in ("sms", "im"):
        address = f"channel={channel}"
        found = client.get(f"{BASE}/summary?{address}").json()
        assert {one["name"]: one["value"] for one in found["figures"]}["reports_week"] is None
        assert {one["name"]: one["value"] for one in found["figures"]}["reporters_week"] is None
        parts = [
            *found["classes"],
            *client.get(f"{BASE}/top?dimension=member&{address}").json()["items"],
            *client.get(f"{BASE}/timeseries?dimension=member&{address}").json()["points"],
        ]
        assert parts
        assert all(one["count"] is None for one in parts)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "value"), [("channel", "pigeon"), ("source", "gossip"), ("format", "xml")])
def test_an_unknown_word_is_refused_by_its_field(
    client: TestClient[Litestar], kind: str, name: str, value: str
) -> None:
    """422 and which words there are."""
    answer = client.get(f"{BASE}/{kind}", params={name: value})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == name


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_any_text_comes_back_from_a_table_and_no_formula_does(rows: list[list[str]]) -> None:
    """Commas, quotes and line ends are kept; what a spreadsheet would run begins with an apostrophe."""
    read = list(csv.reader(io.StringIO(table(("a", "b"), rows).decode(), newline="")))
    assert read[0] == ["a", "b"]
    for row, back in zip(rows, read[1:], strict=True):
        for value, found in zip(row, back, strict=True):
            assert found.removeprefix("'") == value.removeprefix("'")
            assert not found.startswith(("=", "+", "-", "@", "\t", "\r"))
