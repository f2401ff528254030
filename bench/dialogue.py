"""The short-code dialogue in a house: forwards, questions, answers and thanks, durable, in batches of 100."""

import asyncio
import resource
import time
from tempfile import TemporaryDirectory
from typing import Any

from tocsin.doors.dialogue.conversation import Conversation, Incoming
from tocsin.doors.dialogue.profiles import profile
from tocsin.doors.dialogue.records import Said, Session
from tocsin.doors.dialogue.steps import step
from tocsin.node import Node, open_node
from tocsin.settings import Settings

PEOPLE = 5_000
BATCH = 100
_STEPS = 50_000


def run() -> list[dict[str, Any]]:
    """Measure `dialogue.hear` in messages/s (p50 and p99 in ms a batch) and `dialogue.step` in steps/s."""
    with TemporaryDirectory() as folder, open_node(Settings({"data": folder, "jurisdiction": "GB"})) as node:
        waits = asyncio.run(_hear(node))
    ordered = sorted(waits)
    heard = {"name": "dialogue.hear", "value": round(2 * PEOPLE / sum(waits)), "unit": "messages/s"}
    heard |= {"p50": round(ordered[len(ordered) // 2] * 1000, 2), "p99": round(ordered[-2] * 1000, 2)}
    heard |= {"peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)}
    return [heard, {"name": "dialogue.step", "value": round(_STEPS / _step()), "unit": "steps/s"}]


async def _hear(node: Node) -> list[float]:
    talk = Conversation("bench", node.house, profile("gb"))
    waits = []
    for start in range(0, PEOPLE, BATCH):
        people = range(start, start + BATCH)
        forwards = [
            Incoming(f"f{one}", f"+4477{one:08}", f"Your parcel {one} is held: http://p{one}.example")
            for one in people
        ]
        answers = [Incoming(f"a{one}", f"+4477{one:08}", f"07700 9{one:05}") for one in people]
        for batch in (forwards, answers):
            began = time.perf_counter()
            heard = await talk.hear(batch)
            waits.append(time.perf_counter() - began)
            if not all(one.replies for one in heard):
                raise RuntimeError("somebody was not answered")
    return waits


def _step() -> float:
    gb = profile("gb")
    began = time.perf_counter()
    for number in range(_STEPS):
        said = Said(number.to_bytes(8, "big"), f"Your parcel {number} is held", own="+447700900999")
        step(Session(), said, gb, 1)
    return time.perf_counter() - began
