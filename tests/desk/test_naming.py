"""A sender named later moves what was counted, and nothing is left behind or counted twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.makers import API, settings, submission
from tocsin.campaigns.tables import campaign
from tocsin.desk import store
from tocsin.desk.naming import Naming
from tocsin.desk.tables import report
from tocsin.desk.whole import faults
from tocsin.errors import Rejected
from tocsin.node import Node
from tocsin.records import Receipt, Submission
from tocsin.statistics.tables import cell
from tocsin.storage.engine import Storage

GULF = "+966 50 000 0001"


@pytest.fixture
def node(storage: Storage, tmp_path: Path) -> Iterator[Node]:
    """A node on each engine in turn."""
    url = storage.url.render_as_string(hide_password=False)
    opened = Node(settings(tmp_path / "data", database=url))
    yield opened
    opened.close()


def take(node: Node, *submissions: Submission) -> list[str]:
    answers = node.desk.take([(one, API) for one in submissions])
    assert all(isinstance(answer, Receipt) for answer in answers)
    return [answer.ticket for answer in answers if isinstance(answer, Receipt)]


def origins(node: Node) -> dict[str, int]:
    with node.storage.reading() as connection:
        query = select(cell.c.origin, cell.c.count).where(cell.c.grain == "day")
        return dict(map(tuple, connection.execute(query)))


def whole(node: Node) -> bool:
    return not list(faults(node.storage))


def test_a_named_sender_moves_the_report_to_its_origin(node: Node) -> None:
    """The cell of unknown origin is gone when it held nothing else; a recount equals the cells."""
    (ticket,) = take(node, submission(sender=""))
    assert origins(node) == {"ZZ": 1}
    (answer,) = node.desk.name_senders([Naming(ticket, GULF)])
    assert isinstance(answer, Receipt)
    assert not answer.duplicate
    assert origins(node) == {"SA": 1}
    assert whole(node)


def test_a_reporter_with_another_report_in_the_cell_stays_in_its_sketch(node: Node) -> None:
    """One of two reports of a person moves: both cells count that person."""
    first, _ = take(node, submission(sender="", content="Win a prize today"), submission(sender=""))
    node.desk.name_senders([Naming(first, GULF)])
    assert origins(node) == {"ZZ": 1, "SA": 1}
    assert whole(node)


def test_other_reporters_stay_counted(node: Node) -> None:
    """Who shares the cell with the one that moves is not touched."""
    people = [submission(sender="", reporter=f"+4477009{number:05}") for number in range(30)]
    tickets = take(node, *people)
    answers = node.desk.name_senders([Naming(ticket, GULF) for ticket in tickets[:12]])
    assert all(isinstance(answer, Receipt) for answer in answers)
    assert origins(node) == {"ZZ": 18, "SA": 12}
    assert whole(node)


def test_a_sketch_beyond_its_exact_size_loses_only_who_left(node: Node) -> None:
    """Past 1,024 people the sketch samples them; a recount still agrees."""
    people = [submission(sender="", reporter=f"+4477{number:08}") for number in range(1500)]
    tickets = take(node, *people)
    node.desk.name_senders([Naming(ticket, GULF) for ticket in tickets[:700]])
    assert origins(node) == {"ZZ": 800, "SA": 700}
    assert whole(node)


def test_naming_twice_changes_nothing(node: Node) -> None:
    """The same sender again is the same answer; another one is refused by name."""
    (ticket,) = take(node, submission(sender=""))
    node.desk.name_senders([Naming(ticket, GULF)])
    again, other = node.desk.name_senders([Naming(ticket, GULF), Naming(ticket, "+447700900001")])
    assert isinstance(again, Receipt)
    assert again.duplicate
    assert isinstance(other, Rejected)
    assert other.code == "sender.named"
    assert origins(node) == {"SA": 1}


def test_two_names_in_one_batch(node: Node) -> None:
    """The first holds; the second is refused."""
    (ticket,) = take(node, submission(sender=""))
    first, second = node.desk.name_senders([Naming(ticket, GULF), Naming(ticket, "+447700900001")])
    assert isinstance(first, Receipt)
    assert isinstance(second, Rejected)


@pytest.mark.parametrize(
    ("sender", "code"), [("", "sender.invalid"), ("\u200b", "sender.invalid"), ("9" * 400, "sender.too_long")]
)
def test_a_sender_that_cannot_be_read_is_refused(node: Node, sender: str, code: str) -> None:
    """The refusal names the field; the report stays as it was and can be named still."""
    (ticket,) = take(node, submission(sender=""))
    bad, good = node.desk.name_senders([Naming(ticket, sender), Naming(ticket.lower(), GULF)])
    assert isinstance(bad, Rejected)
    assert bad.code == code
    assert isinstance(good, Receipt)


def test_an_unknown_ticket_is_refused(node: Node) -> None:
    """Nothing is written."""
    (answer,) = node.desk.name_senders([Naming("00000-00000", GULF)])
    assert isinstance(answer, Rejected)
    assert answer.code == "ticket.unknown"


def test_a_sender_given_at_once_is_never_replaced(node: Node) -> None:
    """Only an unknown sender can be named later."""
    (ticket,) = take(node, submission())
    (answer,) = node.desk.name_senders([Naming(ticket, GULF)])
    assert isinstance(answer, Rejected)


def test_the_campaign_shows_the_sender_of_the_report_that_opened_it(node: Node) -> None:
    """A campaign opened without a sender learns it."""
    (ticket,) = take(node, submission(sender=""))
    node.desk.name_senders([Naming(ticket, GULF)])
    with node.storage.reading() as connection:
        assert connection.execute(select(campaign.c.sender)).scalar_one() == "+966500000001"


def test_a_report_on_a_route_of_known_origin_stays_in_its_cell(node: Node) -> None:
    """The route says more of the origin than the number does."""
    (ticket,) = take(node, submission(sender=""))
    with node.storage.writing() as connection:
        connection.execute(update(report).values(route_origin="EG"))
        connection.execute(update(cell).values(origin="EG"))
    node.desk.name_senders([Naming(ticket, GULF)])
    assert origins(node) == {"EG": 1}
    assert whole(node)


async def _through_the_counter(node: Node, ticket: str) -> object:
    return await node.counter.name_sender(ticket, GULF)


def test_the_counter_waits_for_the_commit(node: Node) -> None:
    """What the door hears is durable."""
    import asyncio  # noqa: PLC0415 - one test runs a loop

    (ticket,) = take(node, submission(sender=""))
    assert isinstance(asyncio.run(_through_the_counter(node, ticket)), Receipt)
    assert origins(node) == {"SA": 1}


def test_finding_a_persons_reports_reads_an_index(node: Node) -> None:
    """A ledger of millions is not read through for one name."""
    if not node.storage.is_sqlite:
        pytest.skip("PostgreSQL reads an index only when the table has grown")
    query = store.unknown_origin([b"0" * 16], 0, 1)
    with node.storage.reading() as connection:
        made = query.compile(connection.engine, compile_kwargs={"render_postcompile": True})
        values = tuple(made.params[name] for name in made.positiontup or ())
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {made}", values).fetchall()
    assert "ix_report_unknown_origin (reporter=? AND received_at" in str(plan)
