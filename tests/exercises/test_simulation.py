"""The simulation is repeatable, labelled, and made of reserved names only."""

import re

from tocsin.exercises.simulation import generate, play
from tocsin.ports import SetClock
from tocsin.records import DAY, Envelope, Source, Submission

END = 1_790_000_000_000_000


def test_equal_seeds_give_equal_reports() -> None:
    """Two runs with one seed are the same; another seed gives other reports."""
    assert generate(END, 1, 50) == generate(END, 1, 50)
    assert generate(END, 1, 50) != generate(END, 2, 50)


def test_every_report_is_labelled_as_simulated() -> None:
    """Source, member and time tell a simulated report from a real one."""
    for _, envelope in generate(END, 1, 300):
        assert envelope.source is Source.SIMULATION
        assert envelope.member.endswith("(simulated)")
        assert END - 3 * DAY <= (envelope.received_at or 0) <= END


def test_hosts_and_numbers_are_reserved_ones() -> None:
    """Every link is under .example and every number is of a range kept for drama."""
    for submission, _ in generate(END, 1, 1000):
        text = f"{submission.content} {submission.sender}"
        assert all(host.endswith(".example") for host in re.findall(r"https?://([^/\s]+)", text))
        assert all(re.match(r"\+(447700900|120255501)", n) for n in re.findall(r"\+\d{9,}", text))


def test_play_hands_in_small_batches_in_order_of_time() -> None:
    """The desk gets every report once, oldest first, and the play reports how far it is."""
    batches: list[list[tuple[Submission, Envelope]]] = []
    seen = [p.done for p in play(batches.append, SetClock(END), speed=0, reports=90)]
    times = [envelope.received_at or 0 for batch in batches for _, envelope in batch]
    assert seen[-1] == len(times) == 90
    assert times == sorted(times)
