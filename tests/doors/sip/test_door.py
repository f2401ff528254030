"""Calls to the reporting number: the last call becomes a report, once, durable before it is answered."""

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.doors.calls.makers import call, reports, until
from tests.doors.sip.makers import REPORTER, SPAMMER, accept, ack, phone, request, serving
from tests.makers import open_node, settings
from tocsin.doors.door import House
from tocsin.doors.sip.config import SipConfig
from tocsin.doors.sip.door import SipDoor
from tocsin.doors.sip.message import Request
from tocsin.errors import Busy, Misconfigured
from tocsin.records import HOUR, SECOND, Instant

pytestmark = pytest.mark.anyio


class Full:
    """A desk that is always full."""

    async def submit(self, items: object) -> list[object]:
        """Say later."""
        raise Busy(str(type(items)), retry_after=7)

    async def name_sender(self, ticket: str, sender: str) -> object:
        """Say later."""
        raise Busy(ticket + sender)


def full(parts: House) -> House:
    """Give a house whose desk is full."""
    return replace(parts, intake=Full())


async def test_the_last_call_is_reported_and_the_call_ends(tmp_path: Path) -> None:
    """100, then 200 once the report is in the ledger, ACK, BYE; the reporter is a pseudonym of the caller."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node) as door, phone(door) as reporter:
            reporter.send(request())
            answer = await reporter.answer()
            (report,) = reports(node)
            assert answer.status == 200
            reporter.send(ack(answer))
            bye = await reporter.request("BYE")
            reporter.send(accept(bye))
        assert reporter.statuses("INVITE")[0] == 100
        pseudonym = node.keyring.pseudonym(REPORTER, "GB")
    assert (report["sender"], report["channel"], report["source"]) == (SPAMMER, "voice", "consumer_report")
    assert (report["reporter"], report["call_duration_s"], report["door"]) == (pseudonym, 9, "voice")
    assert bye.headers.first("to") == f"<sip:{REPORTER}@ims.example>;tag=phone"
    assert bye.headers.first("reason").startswith("SIP;cause=200")
    assert REPORTER not in str(report)


async def test_a_repeated_invite_is_answered_again_and_counts_once(tmp_path: Path) -> None:
    """RFC 3261, section 17.2.1: the same transaction gets the same answer."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node) as door, phone(door) as reporter:
            for _ in range(3):
                reporter.send(request())
            answer = await reporter.answer()
            reporter.send(request())
            await until(lambda: reporter.statuses("INVITE").count(200) > 1)
            reporter.send(ack(answer))
            reporter.send(accept(await reporter.request("BYE")))
        assert len(reports(node)) == 1
        tags = {m.headers.first("to") for m in reporter.heard if not isinstance(m, Request)}
    assert len(tags - {"<sip:7726@ims.example>"}) == 1


async def test_the_same_call_reported_twice_counts_once(tmp_path: Path) -> None:
    """Another INVITE about the same call, by another way, is the same report."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node, answer=603) as door, phone(door) as reporter:
            reporter.send(request())
            await reporter.answer()
            reporter.send(request(call="call-2"))
            await until(lambda: {m.headers.first("call-id") for m in reporter.heard} == {"call-1", "call-2"})
            await until(lambda: reporter.statuses("INVITE").count(603) > 1)
        assert len(reports(node)) == 1


async def test_without_an_acknowledgement_the_call_still_ends(tmp_path: Path) -> None:
    """Link loss after the 200: it is repeated, then a BYE is tried, then nothing is left behind."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node, t1_s=0.03) as door, phone(door) as reporter:
            reporter.send(request())
            await reporter.request("BYE")
            assert reporter.statuses("INVITE").count(200) > 2
        assert len(reports(node)) == 1


async def test_an_unanswered_bye_is_repeated(tmp_path: Path) -> None:
    """Link loss after the ACK."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node) as door, phone(door) as reporter:
            reporter.send(request())
            reporter.send(ack(await reporter.answer()))
            await until(lambda: sum(isinstance(message, Request) for message in reporter.heard) > 2)
        assert len(reports(node)) == 1


async def test_the_caller_may_hang_up_first(tmp_path: Path) -> None:
    """Its BYE is answered 200, and the door sends none."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node, t1_s=1) as door, phone(door) as reporter:
            reporter.send(request())
            answer = await reporter.answer()
            reporter.send(request("BYE", to=answer.headers.first("to"), cseq="2 BYE"))
            assert (await reporter.answer("BYE")).status == 200
        assert not any(isinstance(message, Request) for message in reporter.heard)


async def test_asserted_identity_goes_before_from(tmp_path: Path) -> None:
    """RFC 3325: From may be anonymous while the trusted proxy says who calls."""
    asserted = f'P-Asserted-Identity: "x" <sip:someone@ims.example>, <tel:{REPORTER}>\r\nPrivacy: id\r\n'
    with open_node(settings(tmp_path)) as node:
        async with serving(node, answer=603) as door, phone(door) as reporter:
            reporter.send(request(origin="<sip:anonymous@anonymous.invalid>;tag=1", extra=asserted))
            assert (await reporter.answer()).status == 603
        assert len(reports(node)) == 1


async def test_media_is_refused_and_routes_are_kept(tmp_path: Path) -> None:
    """RFC 3264, section 6: each stream gets port 0; RFC 3261, section 12.1.1: Record-Route is kept."""
    offer = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 8\r\n"
    offer += "m=video 4002 RTP/AVP 96\r\n"
    routes = "Record-Route: <sip:192.0.2.7;lr>\r\nRecord-Route: <sip:192.0.2.8;lr>\r\n"
    with open_node(settings(tmp_path)) as node:
        async with serving(node) as door, phone(door) as reporter:
            reporter.send(request(extra=routes, body=offer))
            answer = await reporter.answer()
            reporter.send(ack(answer))
            bye = await reporter.request("BYE")
            reporter.send(accept(bye))
    assert b"m=audio 0 RTP/AVP 0 8\r\nm=video 0 RTP/AVP 96\r\n" in answer.body
    assert answer.headers.all("record-route") == bye.headers.all("route")
    assert bye.uri == "sip:phone@127.0.0.1:5099"


@pytest.mark.parametrize(
    ("changed", "parts", "status"),
    [
        ({}, {"uri": "sip:1234@127.0.0.1"}, 404),
        ({}, {"origin": "<sip:anonymous@anonymous.invalid>;tag=1"}, 433),
        ({}, {"origin": "<sip:someone@ims.example>;tag=1"}, 433),
        ({}, {"extra": "Require: 100rel\r\n"}, 420),
        ({}, {"to": "<sip:7726@ims.example>;tag=unknown"}, 481),
        ({"calls": []}, {}, 404),
        ({"calls": [], "answer_without_call": 480}, {}, 480),
        ({"answer": 486}, {}, 486),
        ({"answer": 302, "thanks": "sip:thanks@media.example"}, {}, 302),
        ({"most_calls": 0}, {}, 503),
    ],
)
async def test_other_answers(
    tmp_path: Path, changed: dict[str, object], parts: dict[str, str], status: int
) -> None:
    """Each answer says why; a refusal is repeated until its ACK comes."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node, **{"t1_s": 0.2} | changed) as door, phone(door) as reporter:  # type: ignore[arg-type]
            reporter.send(request(**parts))
            answer = await reporter.answer()
            await until(lambda: reporter.statuses("INVITE").count(status) > 1)
            reporter.send(request("ACK", **parts | {"branch": "z9hG4bK-call-1-INVITE"}))
        assert answer.status == status
        assert len(reports(node)) == (status in {486, 302})


async def test_a_call_before_the_window_is_not_reported(tmp_path: Path) -> None:
    """Fifteen minutes by default."""
    with open_node(settings(tmp_path)) as node:
        old = call(began=Instant(node.clock.now() - HOUR))
        async with serving(node, [old]) as door, phone(door) as reporter:
            reporter.send(request())
            assert (await reporter.answer()).status == 404


async def test_a_record_that_is_written_late_is_waited_for(tmp_path: Path) -> None:
    """Switches write a call's record seconds after it."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node, [], patience_s=10, answer=603) as door, phone(door) as reporter:
            reporter.send(request())
            assert (await reporter.answer(final=False)).status == 100
            door.records.calls.append(call(began=Instant(node.clock.now() - SECOND)))  # type: ignore[attr-defined]
            assert (await reporter.answer()).status == 603


async def test_a_call_given_up_while_waiting_is_no_report(tmp_path: Path) -> None:
    """CANCEL: 200 to it, 487 to the INVITE (RFC 3261, section 9.2)."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node, [], patience_s=600) as door, phone(door) as reporter:
            reporter.send(request())
            await reporter.answer(final=False)
            reporter.send(request("CANCEL"))
            assert (await reporter.answer("CANCEL")).status == 200
            assert (await reporter.answer()).status == 487
        assert reports(node) == []


async def test_a_full_desk_says_when_to_come_again(tmp_path: Path) -> None:
    """503 with Retry-After; nothing is in the ledger."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node, parts=full(node.house)) as door, phone(door) as reporter:
            reporter.send(request())
            answer = await reporter.answer()
    assert (answer.status, answer.headers.first("retry-after")) == (503, "7")


async def test_withheld_callers_can_be_reported(tmp_path: Path) -> None:
    """The record knows a call without a number."""
    with open_node(settings(tmp_path)) as node:
        withheld = call(calling="", began=Instant(node.clock.now() - SECOND))
        async with serving(node, [withheld], answer=603) as door, phone(door) as reporter:
            reporter.send(request())
            assert (await reporter.answer()).status == 603
        assert reports(node)[0]["sender_kind"] == "withheld"


async def test_a_closing_door_answers_what_it_took(tmp_path: Path) -> None:
    """A caller who still waits for a record is told to come again."""
    with open_node(settings(tmp_path)) as node:
        async with AsyncExitStack() as stack:
            async with serving(node, [], patience_s=600) as door:
                reporter = await stack.enter_async_context(phone(door))
                reporter.send(request())
                await reporter.answer(final=False)
            assert (await reporter.answer()).status == 503


@pytest.mark.parametrize(
    "changes",
    [
        {"numbers": ()},
        {"trusted": ()},
        {"trusted": ("everyone",)},
        {"transports": ("tls",)},
        {"answer": 180},
        {"answer": 302},
        {"answer_without_call": 200},
        {"channel": "sms"},
        {"host": "0.0.0.0"},  # noqa: S104 - it is refused
        {"thanks": "sip:a>\r\nX: y"},
        {},
    ],
)
async def test_a_table_that_cannot_work_is_named(tmp_path: Path, changes: dict[str, object]) -> None:
    """When the door is made; the last lacks its call records."""
    values: dict[str, object] = {"numbers": ("7726",), "trusted": ("127.0.0.1",)}
    with open_node(settings(tmp_path)) as node, pytest.raises(Misconfigured):
        SipDoor("voice", SipConfig(**values | changes), node.house)  # type: ignore[arg-type]
