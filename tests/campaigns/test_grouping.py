"""Grouping: copies of one message are one campaign in every script, and nothing else is."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.makers import API, settings, submission
from tocsin.campaigns.tables import campaign
from tocsin.desk.tables import report
from tocsin.desk.whole import faults
from tocsin.node import Node, open_node
from tocsin.ports import SetClock
from tocsin.records import CallFacts, Envelope, Receipt, Source, Submission, instant
from tocsin.storage.engine import Storage

NOW = instant(datetime(2026, 11, 1, 12, tzinfo=UTC))
SIMULATION = Envelope("simulation", "North (simulated)", Source.SIMULATION)
TOPIC = "Reducing your debt, or a loan"
PARCELS = {
    "en": (
        "Your parcel {code} is held at the depot. Pay the fee of {amount} within a day at {link} or it goes "
        "back to the sender. Questions? Call {number} any day before noon."
    ),
    "ar": (
        "عزيزي العميل طردك رقم {code} محتجز في مركز البريد. ادفع الرسوم {amount} خلال يوم واحد عبر الرابط "
        "{link} وإلا أعيد الطرد إلى المرسل. للاستفسار اتصل على {number} قبل الظهر"
    ),
    "zh": (
        "尊敬的客户您好，您的包裹编号 {code} 因地址不详暂时滞留在本地配送中心，请您于今日内"
        "支付重新派送费用 {amount} 元，办理网址 {link} 逾期未办理的包裹将会被退回给寄件人，"
        "由此产生的一切损失由您自行承担，"
        "如果有任何疑问请尽快拨打客服电话 {number} 我们将竭诚为您服务，祝您生活愉快"
    ),
}
BANKS = {
    "en": (
        "We have noticed a new device in your bank account and stopped a payment of {amount}. Confirm who "
        "you are with the code {code} on {link} today, or ring our team on {number} at once."
    ),
    "ar": (
        "تنبيه من المصرف: لاحظنا دخول جهاز جديد إلى حسابك وأوقفنا عملية شراء بقيمة {amount}. أكد هويتك "
        "بالرمز {code} في صفحة {link} اليوم أو تحدث مع فريق الأمان على {number} فورا"
    ),
    "zh": (
        "【银行提醒】系统检测到有新的设备登录了您的账户，并且已经为您拦截一笔可疑消费 {amount} 元，"
        "验证码 {code}，请立即前往 {link} 核实本人身份信息以免账户被冻结，"
        "也可以联系安全中心热线 {number} 由专员协助处理解除限制"
    ),
}


@pytest.fixture
def node(storage: Storage, tmp_path: Path) -> Any:
    """A node on each engine in turn, at noon on 1 November 2026."""
    url = storage.url.render_as_string(hide_password=False)
    opened = Node(settings(tmp_path / "data", database=url), SetClock(NOW))
    yield opened
    opened.close()


def group(
    node: Node, reports: Sequence[Submission], size: int = 1000, envelope: Envelope = API
) -> list[bytes]:
    """Hand in reports in batches and return the campaign of each."""
    receipts: list[Any] = []
    for start in range(0, len(reports), size):
        receipts += node.desk.take([(one, envelope) for one in reports[start : start + size]])
    assert all(isinstance(one, Receipt) and not one.duplicate for one in receipts)
    with node.storage.reading() as connection:
        found = {
            row.id: row.campaign_id for row in connection.execute(select(report.c.id, report.c.campaign_id))
        }
    return [found[one.report_id.bytes] for one in receipts]


def copies(text: str, label: str, count: int = 12) -> list[Submission]:
    """Fill a text's slots anew for each copy; nothing that varies is shared."""
    return [
        submission(
            content=text.format(
                code=31_007 + 977 * place,
                amount=f"{3 + place}.{49 + place}",
                link=f"https://{label}-{chr(97 + place)}{place}.example/{place * 7}x",
                number=f"+44770090{200 * len(label) + place:04}",
            ),
            sender=f"+44770090{9000 + place}",
            reporter="",
        )
        for place in range(count)
    ]


@pytest.mark.parametrize("language", PARCELS)
def test_copies_are_one_campaign_whatever_varies_in_them(node: Node, language: str) -> None:
    """Changed codes, amounts, links and numbers keep a text together, and apart from another one."""
    parcels = copies(PARCELS[language], "parcel")
    banks = copies(BANKS[language], "bank")
    places = group(node, [one for pair in zip(parcels, banks, strict=True) for one in pair])
    assert len(set(places[::2])) == 1
    assert len(set(places[1::2])) == 1
    assert places[0] != places[1]


def test_a_link_to_a_big_public_host_joins_nothing(node: Node) -> None:
    """2,000 different texts that all link to one video are not a campaign."""
    words = [f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}" for n in range(2000)]
    texts = [
        f"{word * 3} {word[::-1] * 4} {(word[1:] + word[0]) * 3} https://www.youtube.com/watch?v=abc"
        for word in words
    ]
    places = group(node, [submission(content=text, reporter="") for text in texts])
    assert max(places.count(place) for place in set(places)) <= 20


def test_emoji_alone_do_not_make_a_campaign_of_different_senders(node: Node) -> None:
    """Texts without letters are known by who sent them."""
    texts = [submission(content="🎁🎁🔥💰", sender=f"+44770090{n:04}", reporter="") for n in range(6)]
    again = submission(content="🎁🎁🔥💰", sender="+447700900000", reporter="")
    places = group(node, [*texts, again])
    assert len(set(places)) == 6
    assert places[-1] == places[0]


def test_a_short_text_does_not_swallow_longer_ones(node: Node) -> None:
    """Being the beginning of others makes a few letters no campaign of theirs."""
    short = [submission(content="Hello", sender=f"+44770090{n:04}", reporter="") for n in range(3)]
    longer = [
        submission(content=f"Hello {text}", reporter="") for text in ("grandson, I lost my phone", "winner")
    ]
    parcel = submission(content=f"Hello {PARCELS['en']}", reporter="")
    assert len(set(group(node, [*short, *longer, parcel]))) == 6


def test_a_very_long_text_groups_like_any_other(node: Node) -> None:
    """90,000 characters are taken, and a second copy joins the first."""
    text = ("The quick brown fox jumps over the lazy dog. " * 2000)[:90_000]
    first, second = group(
        node, [submission(content=text, reporter=""), submission(content=text, reporter="")]
    )
    assert first == second


def test_calls_without_words_are_known_by_their_number(node: Node) -> None:
    """The same number is one campaign; numbers withheld never are, whatever the topic."""
    senders = ("+447700900001", "+447700900002", "+447700900001")
    numbered = [
        submission(channel="voice", content="", subject=TOPIC, sender=sender, reporter="")
        for sender in senders
    ]
    first, second, third = group(node, numbered)
    assert first == third != second
    hidden = [
        submission(channel="voice", content="", sender="", subject=TOPIC, call=CallFacts(5), reporter="")
        for _ in range(3)
    ]
    assert len(set(group(node, hidden))) == 3


def test_how_reports_arrive_together_changes_no_campaign(tmp_path: Path) -> None:
    """One by one, by seven or all at once: the same reports make the same partition."""
    kinds = [copies(text, label) for label, text in PARCELS.items()]
    kinds += [copies(text, f"b{label}") for label, text in BANKS.items()]
    reports = [one for row in zip(*kinds, strict=True) for one in row]
    reports += [submission(content="🎁🔥", sender=f"+44770090{n % 4:04}", reporter="") for n in range(12)]
    partitions = []
    for size in (1, 7, len(reports)):
        with open_node(settings(tmp_path / str(size)), SetClock(NOW)) as node:
            places = group(node, reports, size)
            assert faults(node.storage) == []
            partitions.append([places.index(place) for place in places])
    assert partitions[0] == partitions[1] == partitions[2]


@pytest.mark.parametrize("order", [lambda both: both, lambda both: both[::-1]])
def test_a_simulated_report_never_joins_a_real_campaign(
    node: Node, order: Callable[[list[Envelope]], list[Envelope]]
) -> None:
    """Nor a real one a simulated campaign, by text, by link or by sender, whichever came first."""
    reports = [
        submission(reporter=""),
        submission(content="🎁🔥", reporter=""),
        submission(channel="voice", content="", reporter=""),
        submission(content="Other words, and the same link http://parcel.example/pay", reporter=""),
        *copies(PARCELS["en"], "parcel"),
    ]
    first, second = (set(group(node, reports, envelope=one)) for one in order([API, SIMULATION]))
    assert not first & second
    with node.storage.reading() as connection:
        query = select(campaign.c.simulated, func.sum(campaign.c.reports)).group_by(campaign.c.simulated)
        sums = {bool(simulated): total for simulated, total in connection.execute(query)}
    assert sums == {False: len(reports), True: len(reports)}
