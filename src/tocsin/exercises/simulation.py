"""The built-in simulation: two operators' subscribers report several campaigns over three busy days.

Everything in it is invented and says so: source `simulation`, members named "(simulated)", hosts under
`.example`, numbers of the ranges kept for drama. Equal seeds give equal reports.
"""

import random
import time
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from tocsin.errors import Busy
from tocsin.ports import Clock
from tocsin.records import HOUR, SECOND, Envelope, Instant, Source, Submission

Item = tuple[Submission, Envelope]
Take = Callable[[list[Item]], object]

HOURS = 72
MEMBERS = (("North Mobile (simulated)", "XN"), ("South Mobile (simulated)", "XS"))
"""Each operator and its country: codes ISO 3166-1 leaves to users, so that no real country is accused."""
NOISE = 0.15
"""Share of reports that belong to no campaign."""
_RHYTHM = (2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 10, 10, 11, 11, 12, 13, 14, 14, 12, 9, 6, 3)
_BATCH = 20


class Progress(NamedTuple):
    """How far a play is: reports handed in, of how many, and up to which simulated instant."""

    done: int
    total: int
    at: Instant


def play(
    take: Take,
    clock: Clock,
    seed: int = 52,
    speed: float = 4000,
    reports: int = 3000,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[Progress]:
    """Hand simulated reports to a desk in small batches, in the order of their time.

    Args:
        take: the desk's `take`.
        clock: the simulated days end now.
        seed: equal seeds give equal texts, senders and rhythm.
        speed: simulated seconds in a second; 0 plays as fast as the desk takes.
        reports: how many.
        pause: waits so many seconds.
    """
    end = clock.now()
    items = generate(end, seed, reports)
    for start in range(0, len(items), _BATCH):
        batch = items[start : start + _BATCH]
        _hand_in(take, batch, pause)
        at = batch[-1][1].received_at or end
        yield Progress(start + len(batch), len(items), at)
        if speed:
            following = items[min(start + 2 * _BATCH, len(items)) - 1][1].received_at or end
            pause(max(0, following - at) / SECOND / speed)


def _hand_in(take: Take, batch: list[Item], pause: Callable[[float], None]) -> None:
    for _ in range(10):
        try:
            take(batch)
        except Busy as busy:
            pause(busy.retry_after)
        else:
            return
    take(batch)


def generate(end: int, seed: int, reports: int) -> list[Item]:
    """Make the reports of the three days before `end`, ordered by time."""
    chance = random.Random(seed)  # noqa: S311 - repeatability is its purpose
    data = _data()
    start = end - HOURS * HOUR
    made = [_one(data, chance, start) for _ in range(reports)]
    made.sort(key=lambda row: row[0])
    run = f"{seed}-{end // SECOND}"
    return [_item(run, number, *row, chance) for number, row in enumerate(made)]


@cache
def _data() -> dict[str, Any]:
    text = files("tocsin.exercises").joinpath("data/campaigns.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def _one(data: dict[str, Any], chance: random.Random, start: int) -> tuple[int, dict[str, Any], str]:
    if chance.random() < NOISE:
        fragments = chance.choice(data["noise"])
        words = " ".join(chance.sample(fragments, 2))
        noise = {"id": f"noise{chance.getrandbits(32)}", "channel": "sms", "host": "", "senders": 1}
        return _moment(chance, start, 0, HOURS), noise, f"{words} {chance.choice(data['ends'])}"
    campaigns = data["campaigns"]
    campaign = chance.choices(campaigns, [row["weight"] for row in campaigns])[0]
    at = _moment(chance, start, campaign["begin"], campaign["length"])
    return at, campaign, chance.choice(campaign["texts"])


def _moment(chance: random.Random, start: int, begin: int, length: int) -> int:
    hours = range(begin, min(begin + length, HOURS))
    weights = [_RHYTHM[(start // HOUR + hour) % 24] for hour in hours]
    return start + chance.choices(hours, weights)[0] * HOUR + chance.randrange(HOUR)


def _item(run: str, number: int, at: int, campaign: dict[str, Any], text: str, chance: random.Random) -> Item:
    member, country = MEMBERS[chance.random() < 0.4]  # noqa: PLR2004 - the second is the smaller
    operator = member.split()[0].lower()
    submission = Submission(
        channel=campaign["channel"],
        content=_fill(text, campaign, chance),
        sender=_sender(campaign, chance),
        reporter=f"subscriber{chance.randrange(50_000)}@{operator}.example",
        jurisdiction=country,
        claimed_category=campaign.get("category", "") if chance.random() < 0.3 else "",  # noqa: PLR2004
        message_id=f"{run}-{number}",
    )
    return submission, Envelope("simulation", member, Source.SIMULATION, Instant(at))


def _fill(text: str, campaign: dict[str, Any], chance: random.Random) -> str:
    path = "".join(chance.choices("abcdefghjkmnpqrstuvwxyz23456789", k=5))
    values = {
        "link": f"http://{campaign['host']}/{path}",
        "amount": f"{chance.choice('€$£')}{chance.randrange(1, 99) * 5}",
        "code": str(chance.randrange(10_000, 99_999)),
        "number": _drama_number(chance.randrange(1100)),
        "hour": str(chance.randrange(8, 22)),
    }
    return text.format_map(values)


def _sender(campaign: dict[str, Any], chance: random.Random) -> str:
    own = random.Random(campaign["id"])  # noqa: S311 - each campaign keeps its senders
    senders = [_drama_number(own.randrange(1100)) for _ in range(campaign["senders"])]
    if campaign["channel"] == "email":
        return f"offers{chance.randrange(campaign['senders'])}@{campaign['host']}"
    return chance.choice(senders)


def _drama_number(index: int) -> str:
    return f"+447700900{index:03}" if index < 1000 else f"+120255501{index - 1000:02}"  # noqa: PLR2004
