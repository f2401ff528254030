"""607 Unwanted and 608 Rejected as feedback: in a BYE, in a CANCEL, in a relayed response."""

from pathlib import Path

import pytest

from tests.doors.calls.makers import reports, until
from tests.doors.sip.makers import REPORTER, SPAMMER, phone, request, serving
from tests.doors.sip.test_door import full
from tests.makers import open_node, settings

pytestmark = pytest.mark.anyio
FROM_SPAMMER = f"<sip:{SPAMMER}@transit.example>;tag=spam"
TO_REPORTER = f"<sip:{REPORTER}@ims.example>;tag=phone"
UNWANTED = 'Reason: Q.850;cause=21, SIP;cause=607;text="Unwanted"\r\n'


def relayed(status: int, call_id: str = "spam-call") -> bytes:
    """Write the response to a spammer's INVITE as a proxy copies it."""
    return (
        f"SIP/2.0 {status} No\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: {FROM_SPAMMER}\r\n"
        f"To: {TO_REPORTER}\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
    ).encode()


async def test_a_bye_says_that_the_call_was_unwanted(tmp_path: Path) -> None:
    """Who hangs up is the one called (RFC 8197, section 4): sender and reporter are told apart."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node) as door, phone(door) as proxy:
            for _ in range(2):
                proxy.send(request("BYE", origin=TO_REPORTER, to=FROM_SPAMMER, extra=UNWANTED))
            assert (await proxy.answer("BYE")).status == 200
        (report,) = reports(node)
        assert report["reporter"] == node.keyring.pseudonym(REPORTER, "GB")
    assert (report["sender"], report["source"], report["call_answered"]) == (SPAMMER, "consumer_report", 1)


async def test_a_cancel_says_that_the_call_was_unwanted(tmp_path: Path) -> None:
    """A forking proxy's CANCEL keeps the direction of the INVITE."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node) as door, phone(door) as proxy:
            proxy.send(request("CANCEL", origin=FROM_SPAMMER, to=TO_REPORTER, extra=UNWANTED))
            assert (await proxy.answer("CANCEL")).status == 200
        (report,) = reports(node)
    assert (report["sender"], report["call_answered"]) == (SPAMMER, 0)


async def test_a_relayed_607_is_one_report(tmp_path: Path) -> None:
    """However often the proxy copies it."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node) as door, phone(door) as proxy:
            for _ in range(3):
                proxy.send(relayed(607))
            await until(lambda: reports(node))
        (report,) = reports(node)
    assert (report["sender"], report["source"]) == (SPAMMER, "consumer_report")


async def test_a_608_is_a_filters_decision(tmp_path: Path) -> None:
    """Nobody reported it (RFC 8688): it counts among filter decisions, without a reporter."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node) as door, phone(door) as proxy:
            proxy.send(relayed(608))
            await until(lambda: reports(node))
        (report,) = reports(node)
    assert (report["source"], report["reporter"]) == ("filter_decision", None)
    assert report["recipient"] is not None


@pytest.mark.parametrize("status", [180, 200, 486, 603])
async def test_other_responses_are_no_reports(tmp_path: Path, status: int) -> None:
    """A busy line is not a complaint; the 607 after it is taken, so the first was heard."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node) as door, phone(door) as proxy:
            proxy.send(relayed(status, "other"))
            proxy.send(relayed(607))
            await until(lambda: reports(node))
        assert len(reports(node)) == 1


async def test_an_ordinary_bye_of_an_unknown_call_is_refused(tmp_path: Path) -> None:
    """481, and no report."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node) as door, phone(door) as proxy:
            proxy.send(request("BYE", origin=TO_REPORTER, to=FROM_SPAMMER))
            assert (await proxy.answer("BYE")).status == 481
        assert reports(node) == []


async def test_a_full_desk_refuses_the_bye(tmp_path: Path) -> None:
    """503 with Retry-After, so that nothing is thought to be taken."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node, parts=full(node.house)) as door, phone(door) as proxy:
            proxy.send(request("BYE", origin=TO_REPORTER, to=FROM_SPAMMER, extra=UNWANTED))
            answer = await proxy.answer("BYE")
    assert (answer.status, answer.headers.first("retry-after")) == (503, "7")
