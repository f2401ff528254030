"""The campaigns' JSON routes and what stands behind them: filters that an index answers, or a refusal."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.makers import API, NOW, submission
from tocsin.campaigns import store
from tocsin.errors import Rejected
from tocsin.node import Node
from tocsin.records import DAY, Envelope, Source

CAMPAIGNS = "/api/v1/campaigns"
TEXTS = {
    "sms": "Your parcel is held at the depot, pay the small fee today",
    "im": "Hello mum, my phone fell into the water, this is my new number",
    "email": "Congratulations, you were chosen to receive a grand prize of money",
}


def report(node: Node, channel: str, people: int, envelope: Envelope = API) -> None:
    """Have some people report a channel's text."""
    senders = [f"+44770090{n:04}" for n in range(people)]
    node.desk.take(
        [(submission(channel=channel, content=TEXTS[channel], reporter=one), envelope) for one in senders]
    )


def test_a_channel_s_campaigns_come_page_by_page(served: Node, client: TestClient[Litestar]) -> None:
    """Only the channel's, only those that may be shown."""
    for channel, people in {"sms": 6, "im": 7, "email": 3}.items():
        report(served, channel, people)
    found = client.get(CAMPAIGNS, params={"channel": "im"}).json()["campaigns"]
    assert [(one["channel"], one["reports"]) for one in found] == [("im", 7)]
    assert client.get(CAMPAIGNS, params={"channel": "email"}).json()["campaigns"] == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"channel": "pigeon"}, "channel.unknown"),
        ({"channel": "sms", "order": "largest"}, "order.unindexed"),
        ({"order": "oldest"}, "order.unknown"),
        ({"limit": "101"}, "limit.invalid"),
        ({"cursor": "AAAA"}, "cursor.invalid"),
    ],
)
def test_what_no_index_answers_is_refused(
    client: TestClient[Litestar], params: dict[str, str], code: str
) -> None:
    """422 with the field's name."""
    answer = client.get(CAMPAIGNS, params=params)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)


def test_the_active_campaigns_are_counted(node: Node) -> None:
    """Those of five reports and more, of the last day, of people or of the simulation, on each engine."""
    report(node, "sms", 6)
    report(node, "im", 4)
    report(node, "email", 6, Envelope("simulation", "North", Source.SIMULATION))
    with node.storage.reading() as connection:
        assert store.active(connection, NOW - DAY, simulated=False) == 1
        assert store.active(connection, NOW - DAY, simulated=True) == 1
        assert store.active(connection, NOW + DAY, simulated=False) == 0
        assert store.newest(connection, NOW + DAY, simulated=False) == NOW
        assert store.newest(connection, NOW, simulated=False) is None


def test_the_index_of_public_campaigns_is_used(served: Node) -> None:
    """Neither the channel filter nor the count reads campaigns that may not be shown."""
    query = "SELECT count(*) FROM campaign WHERE reports >= 5 AND channel IN ('sms') AND last_seen >= 1"
    with served.storage.reading() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query} AND simulated = 0").all()
    assert "USING COVERING INDEX ix_campaign_public" in str(plan)
    served.close()


def test_a_channel_that_is_none_is_refused_in_the_store(node: Node) -> None:
    """Whoever asks."""
    with node.storage.reading() as connection, pytest.raises(Rejected):
        store.page(connection, channel="pigeon")
