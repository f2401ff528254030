"""One message by a definition: what was told decides, what was not stays unknown."""

from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient
from msgspec.structs import replace
from typer.testing import CliRunner

from tests.makers import open_node, settings
from tocsin.cli import application
from tocsin.definitions.cases import Case, case_of
from tocsin.definitions.judging import all_of, any_of, judge, judge_all
from tocsin.definitions.reading import jurisdictions
from tocsin.definitions.records import (
    Bulk,
    Circumstances,
    Count,
    Definition,
    Duty,
    Finding,
    Jurisdiction,
    Label,
    Outcome,
    QuietHours,
    Source,
    Unsubscribe,
)
from tocsin.records import CallFacts, Channel, Message, Method, Verdict, instant
from tocsin.text.senders import parse_sender

MET, NOT_MET, UNKNOWN = Outcome.MET, Outcome.NOT_MET, Outcome.UNKNOWN
LAW = Definition(
    id="xx-law",
    title={"en": "A law"},
    kind="law",
    status="in_force",
    summary="",
    channels=("sms",),
    not_covered=("email",),
    sources=(Source("Gazette", "https://law.example/1"),),
    confidence="read",
    commercial_only="yes",
    bulk=Bulk("none"),
    consent={"sms": "opt-in"},
    grounds=("consent",),
)
UNSURE = Verdict((0.2, 0.0, 0.3, 0.1, 0.4), "commercial.other", "en", Method("m", "r", "v"))


def case(known: Circumstances | None = None, **message: Any) -> Case:
    """Make a case of an SMS; what is not mentioned is unknown."""
    values: dict[str, Any] = {
        "channel": Channel.SMS,
        "content": "Sale today",
        "sender": parse_sender("SHOP", "ZZ"),
    }
    return case_of(Message(**values | message), known or Circumstances(), UNSURE)


def spam(definition: Definition, of: Case) -> Outcome:
    """Judge in one country of one time zone."""
    return judge(of, Jurisdiction("XX", (definition,), ("Asia/Riyadh",)), definition).spam


def finding(
    definition: Definition, of: Case, criterion: str, zones: tuple[str, ...] = ("Asia/Riyadh",)
) -> Finding:
    """Return one criterion's finding."""
    found = judge(of, Jurisdiction("XX", (definition,), zones), definition).findings
    return next(one for one in found if one.criterion == criterion)


def test_what_meets_every_criterion_is_spam() -> None:
    """Commercial, by SMS, without consent."""
    assert spam(LAW, case(Circumstances(commercial=True, consented=False))) is MET


def test_one_criterion_that_fails_decides() -> None:
    """Whatever is not known besides."""
    assert spam(LAW, case(Circumstances(consented=True))) is NOT_MET
    assert spam(LAW, case(Circumstances(commercial=False))) is NOT_MET
    assert spam(LAW, case(channel=Channel.EMAIL)) is NOT_MET


def test_what_nobody_told_is_unknown() -> None:
    """Nothing is guessed."""
    assert spam(LAW, case()) is UNKNOWN
    assert spam(LAW, case(Circumstances(commercial=True))) is UNKNOWN
    assert spam(LAW, case(Circumstances(commercial=True, consented=False), channel=Channel.SOCIAL)) is UNKNOWN


def test_screening_answers_only_when_it_is_sure() -> None:
    """A sure verdict stands for what nobody told, and says so; it never overrules what was told."""
    sure = replace(UNSURE, probabilities=(0.01, 0.0, 0.95, 0.02, 0.02))
    message = case().message
    filled = case_of(message, Circumstances(), sure)
    assert filled.known.commercial is True
    assert finding(LAW, filled, "commercial").rests_on == "screening"
    assert case_of(message, Circumstances(commercial=False), sure).known.commercial is False
    assert case().known.commercial is None


@pytest.mark.parametrize(
    ("rule", "known", "expected"),
    [
        ("opt-in", {"consented": True}, NOT_MET),
        ("opt-in", {"consented": True, "objected": True}, MET),
        ("opt-in", {"customer": True}, UNKNOWN),
        ("opt-in+soft-opt-in", {"consented": False}, UNKNOWN),
        ("opt-in+soft-opt-in", {"consented": False, "customer": True}, NOT_MET),
        ("opt-in+soft-opt-in", {"consented": False, "customer": False}, MET),
        ("opt-in+soft-opt-in", {"customer": True, "objected": True}, MET),
        ("opt-in+implied", {"consented": False}, UNKNOWN),
        ("opt-in+implied", {"consented": True}, NOT_MET),
        ("opt-out", {"consented": False}, UNKNOWN),
        ("opt-out", {"objected": True}, MET),
        ("opt-out", {"objected": False}, NOT_MET),
        ("prohibited", {"consented": True}, MET),
        ("unclear", {"consented": False}, UNKNOWN),
    ],
)
def test_consent_rules(rule: Any, known: dict[str, bool], expected: Outcome) -> None:
    """Each rule of consent, and what it asks for."""
    law = replace(LAW, consent={"sms": rule})
    assert finding(law, case(Circumstances(**known)), "consent").outcome is expected


def test_a_definition_that_is_not_in_force_gives_no_answer() -> None:
    """A draft decides nothing."""
    known = Circumstances(commercial=True, consented=False)
    assert spam(replace(LAW, status="draft"), case(known)) is UNKNOWN


def test_a_definition_whose_grounds_nobody_read_gives_no_answer() -> None:
    """Covering a message does not make it spam."""
    assert spam(replace(LAW, grounds=()), case(Circumstances(commercial=True))) is UNKNOWN


def test_fraud_needs_no_commerce_where_the_text_covers_it() -> None:
    """A deceit by SMS is spam by itself."""
    law = replace(LAW, grounds=("consent", "fraud"))
    assert spam(law, case(Circumstances(fraudulent=True))) is MET


def test_a_threshold_is_exceeded_by_what_is_known_and_never_kept_by_it() -> None:
    """At least so many were counted: more may have been sent."""
    law = replace(LAW, bulk=Bulk("threshold", (Count(100, "sender", "24h"),)))
    assert finding(law, case(Circumstances(sent={"24h": 101})), "number").outcome is MET
    assert finding(law, case(Circumstances(sent={"24h": 100})), "number").outcome is UNKNOWN
    assert finding(law, case(), "number").outcome is UNKNOWN


def test_a_way_out_that_is_offered_may_still_not_work() -> None:
    """Its words leave it unknown; their absence in a known language is a lack; in an unknown one, unknown."""
    law = replace(LAW, grounds=("opt_out",))
    assert finding(law, case(content="Sale. Reply STOP to end"), "opt_out").outcome is UNKNOWN
    assert finding(law, case(content="Sale today at the shop"), "opt_out").outcome is MET
    strange = case_of(case().message, Circumstances(), replace(UNSURE, language="und"))
    assert finding(law, strange, "opt_out").outcome is UNKNOWN


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("تخفيضات اليوم. لإلغاء الاشتراك أرسل 2", "إلغاء"),
        ("今日特价，回T退订", "退订"),
        ("Скидки! Отписаться: 1234", "отписаться"),
        ("(광고) 할인 무료거부 080", "무료거부"),
        ("Soldes. STOP au 36111", "stop au"),
        ("Oferta. Envía BAJA al 1234", "baja al"),
    ],
)
def test_the_way_out_is_found_in_many_languages(content: str, words: str) -> None:
    """Each by its own words."""
    assert words[:3] in case(content=content).way_out


RIYADH_22_30 = instant(datetime(2026, 11, 20, 19, 30, tzinfo=UTC))
"""A Friday."""


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (QuietHours(("sms",), "22:00", "08:00"), NOT_MET),
        (QuietHours(("sms",), "23:00", "08:00"), MET),
        (QuietHours(("sms",), "22:30", "22:31"), NOT_MET),
        (QuietHours(("sms",), "20:00", "22:30"), MET),
        (QuietHours(("sms",), "22:00", "08:00", "Sat"), MET),
        (QuietHours(("sms",), "22:00", "08:00", "Mon-Fri"), NOT_MET),
    ],
)
def test_quiet_hours_are_local(hours: QuietHours, expected: Outcome) -> None:
    """Half past ten in Riyadh is half past seven in UTC."""
    law = replace(LAW, quiet_hours=(hours,))
    of = case(Circumstances(commercial=True), sent_at=RIYADH_22_30)
    assert finding(law, of, "quiet_hours").outcome is expected


def test_hours_after_midnight_belong_to_the_day_before() -> None:
    """Friday's night ends on Saturday morning."""
    law = replace(LAW, quiet_hours=(QuietHours(("sms",), "22:00", "08:00", "Mon-Fri"),))
    saturday = case(Circumstances(commercial=True), sent_at=RIYADH_22_30 + 4 * 3_600_000_000)
    monday = case(Circumstances(commercial=True), sent_at=RIYADH_22_30 + (2 * 24 + 4) * 3_600_000_000)
    assert finding(law, saturday, "quiet_hours").outcome is NOT_MET
    assert finding(law, monday, "quiet_hours").outcome is MET


def test_time_zones_that_disagree_leave_the_hours_unknown() -> None:
    """Nobody said where in the country the recipient was."""
    law = replace(LAW, quiet_hours=(QuietHours(("sms",), "21:00", "08:00"),))
    of = case(Circumstances(commercial=True), sent_at=RIYADH_22_30)
    zones = ("America/New_York", "Asia/Tokyo")
    assert finding(law, of, "quiet_hours", zones).outcome is UNKNOWN
    assert finding(law, of, "quiet_hours", ("America/New_York", "America/Chicago")).outcome is MET


@pytest.mark.parametrize(
    ("label", "message", "expected"),
    [
        (
            Label(required=True, where="sender_suffix", labels=("-AD",), channels=("sms",)),
            {"sender": "SHOP-AD"},
            MET,
        ),
        (Label(required=True, where="sender_suffix", labels=("-AD",), channels=("sms",)), {}, NOT_MET),
        (
            Label(required=True, where="sender_prefix", labels=("AD-",), channels=("sms",)),
            {"sender": "AD-SHOP"},
            MET,
        ),
        (
            Label(required=True, where="start", labels=("(광고)",), channels=("sms",)),
            {"content": "(광고) 할인"},
            MET,
        ),
        (
            Label(required=True, where="start", labels=("<ADV>",), channels=("sms",)),
            {"content": "Sale"},
            NOT_MET,
        ),
        (Label(required=True, where="free", channels=("sms",)), {}, UNKNOWN),
    ],
)
def test_labels_stand_where_the_law_wants_them(
    label: Label, message: dict[str, Any], expected: Outcome
) -> None:
    """On the sender's name, or at the start of the text."""
    if "sender" in message:
        message = {"sender": parse_sender(message["sender"], "ZZ")}
    of = case(Circumstances(commercial=True), **message)
    assert finding(replace(LAW, label=label), of, "label").outcome is expected


def test_no_duty_is_broken_while_nobody_knows_whether_it_holds() -> None:
    """Duties bind commercial messages; an uncommercial one has none."""
    law = replace(LAW, unsubscribe=Unsubscribe(required=True), sender_identification=Duty(required=True))
    assert finding(law, case(Circumstances(commercial=True)), "unsubscribe").outcome is NOT_MET
    assert finding(law, case(), "unsubscribe").outcome is UNKNOWN
    found = judge(case(Circumstances(commercial=False)), Jurisdiction("XX", (law,)), law).findings
    assert not [one for one in found if one.role == "duty"]


def test_a_call_is_of_both_kinds_until_someone_says_who_spoke() -> None:
    """A recording is automated."""
    law = replace(LAW, channels=("voice_automated",), not_covered=("voice_live",))
    assert finding(law, case(channel=Channel.VOICE, content=""), "channel").outcome is UNKNOWN
    recorded = case(channel=Channel.VOICE, content="", call=CallFacts(recorded=True))
    assert finding(law, recorded, "channel").outcome is MET
    live = case(Circumstances(automated=False), channel=Channel.VOICE, content="")
    assert finding(law, live, "channel").outcome is NOT_MET


@pytest.mark.parametrize(("one", "other"), list(product(Outcome, Outcome)))
def test_the_logic_is_kleenes(one: Outcome, other: Outcome) -> None:
    """By De Morgan: not (a and b) is (not a or not b)."""
    turn = {MET: NOT_MET, NOT_MET: MET, UNKNOWN: UNKNOWN}
    assert turn[all_of([one, other])] is any_of([turn[one], turn[other]])


FACTS = st.builds(
    Circumstances,
    **{
        name: st.sampled_from([None, True, False])
        for name in (
            "consented",
            "customer",
            "objected",
            "on_registry",
            "sender_registered",
            "commercial",
            "fraudulent",
        )
    },
    received=st.sampled_from([None, 1, 9]),
)


@given(FACTS, st.sampled_from(sorted(Channel)), st.text(max_size=40))
def test_telling_more_never_turns_an_answer(known: Circumstances, channel: Channel, content: str) -> None:
    """Whatever is met or not met with some facts unknown stays so once they are told (monotony)."""
    told = {
        name: value if value is not None else False
        for name, value in ((field, getattr(known, field)) for field in known.__struct_fields__)
        if name not in {"sent", "received", "bulk", "automated"}
    }
    more = replace(known, **told)
    message = Message(channel, content)
    for place in jurisdictions().values():
        before = judge_all(case_of(message, known, UNSURE), [place])
        after = judge_all(case_of(message, more, UNSURE), [place])
        for early, late in zip(before, after, strict=True):
            assert early.spam in {UNKNOWN, late.spam}, early.definition


def test_the_command_answers_criterion_by_criterion(tmp_path: Path) -> None:
    """A question from a file; what is malformed is named."""
    file = tmp_path / "question.json"
    file.write_text(
        '{"content": "Sale", "known": {"commercial": true, "consented": false, "customer": false}}',
        encoding="utf-8",
    )
    shown = CliRunner().invoke(application(), ["define", str(file), "--jurisdiction", "GB,SA"])
    assert shown.exit_code == 0
    assert "gb-pecr-2003" in shown.output
    assert "consent" in shown.output
    for bad in ('{"content": 3}', '{"colour": 1}', "{"):
        file.write_text(bad, encoding="utf-8")
        failed = CliRunner().invoke(application(), ["define", str(file)])
        assert failed.exit_code != 0
        assert getattr(failed.exception, "code", "") == "question.invalid"


def test_the_api_judges(tmp_path: Path) -> None:
    """A message by two countries; an unknown one is refused by name; lists and details are served."""
    with open_node(settings(tmp_path)) as node, TestClient(node.app()) as client:
        question = {"content": "Sale", "known": {"commercial": True}, "jurisdictions": ["SA", "KR"]}
        answer = client.post("/api/v1/definitions/judge", json=question)
        assert answer.status_code == 200
        assert {one["jurisdiction"] for one in answer.json()} == {"SA", "KR"}
        refused = client.post("/api/v1/definitions/judge", json=question | {"jurisdictions": ["QQ"]})
        assert refused.status_code == 422
        assert len(client.get("/api/v1/definitions").json()) >= 80
        assert client.get("/api/v1/definitions/sa").json()["jurisdiction"] == "SA"
