"""Definitions are data: bounded, sourced, free of contradictions, every fault named."""

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tocsin.definitions.reading import chosen, jurisdictions, read
from tocsin.errors import Rejected
from tocsin.records import Channel

GOOD: dict[str, Any] = {
    "jurisdiction": "XX",
    "zones": ["Asia/Riyadh"],
    "definitions": [
        {
            "id": "xx-law",
            "title": {"en": "A law"},
            "kind": "law",
            "status": "in_force",
            "summary": "Messages without consent.",
            "channels": ["sms"],
            "commercial_only": "yes",
            "bulk": {"rule": "none"},
            "grounds": ["consent"],
            "sources": [{"title": "Gazette", "url": "https://law.example/1"}],
            "confidence": "read",
        }
    ],
}


def written(change: Callable[[dict[str, Any]], None]) -> str:
    """Write the good file with one change."""
    data = yaml.safe_load(yaml.safe_dump(GOOD))
    change(data)
    return str(yaml.safe_dump(data, allow_unicode=True))


def test_a_good_file_is_read() -> None:
    """Nothing else makes the changes below fail."""
    assert read(yaml.safe_dump(GOOD)).definitions[0].in_force


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("definition.jurisdiction", lambda d: d.update(jurisdiction="Saudi")),
        ("definition.zone", lambda d: d.update(zones=["Mars/Base"])),
        ("definition.zone", lambda d: d.update(zones=["../../etc/passwd"])),
        ("definition.twice", lambda d: d["definitions"].append(deepcopy(d["definitions"][0]))),
        ("definition.id", lambda d: d["definitions"][0].update(id="A law")),
        ("definition.title", lambda d: d["definitions"][0].update(title={"ar": "قانون"})),
        ("definition.sources", lambda d: d["definitions"][0].update(sources=[])),
        (
            "definition.sources.url",
            lambda d: d["definitions"][0]["sources"][0].update(url="javascript:alert(1)"),
        ),
        ("definition.channels", lambda d: d["definitions"][0].update(channels=["pigeon"])),
        ("definition.not_covered", lambda d: d["definitions"][0].update(not_covered=["sms"])),
        ("definition.consent", lambda d: d["definitions"][0].update(consent={"pigeon": "opt-in"})),
        ("definition.grounds", lambda d: d["definitions"][0].update(not_grounds=["consent"])),
        ("definition.bulk", lambda d: d["definitions"][0].update(bulk={"rule": "threshold"})),
        (
            "definition.quiet_hours",
            lambda d: d["definitions"][0].update(
                quiet_hours=[{"channels": ["sms"], "from": "9pm", "to": "07:00"}]
            ),
        ),
        ("definition.text", lambda d: d["definitions"][0]["title"].update(ar="\u202eقانون")),
        ("definition.shape", lambda d: d["definitions"][0].update(colour="red")),
        ("definition.shape", lambda d: d["definitions"][0].pop("commercial_only")),
    ],
)
def test_each_fault_is_named(code: str, change: Callable[[dict[str, Any]], None]) -> None:
    """A definition without a source, of an unknown place, or at odds with itself is refused by name."""
    with pytest.raises(Rejected) as refused:
        read(written(change))
    assert refused.value.code == code


def test_a_yaml_bomb_is_refused() -> None:
    """Aliases that unfold into gigabytes are not unfolded."""
    bomb = "a: &a [x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdef", "bcdefg", strict=True)
    )
    with pytest.raises(Rejected) as refused:
        read(bomb)
    assert refused.value.code == "definition.alias"


def test_a_file_too_long_is_refused() -> None:
    """Nothing of it is read."""
    with pytest.raises(Rejected) as refused:
        read("#" * 1_000_000)
    assert refused.value.code == "definition.too_long"


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_refused_by_name_or_read(text: str) -> None:
    """Nothing else is raised."""
    with suppress(Rejected):
        read(text)


def test_every_definition_that_comes_with_tocsin_is_read() -> None:
    """Their ids are unique; what no source confirms says so."""
    found = [one for place in jurisdictions().values() for one in place.definitions]
    assert len(found) == len({one.id for one in found}) >= 80
    assert all(one.sources or one.confidence == "memory-only" for one in found)
    assert {"SA", "KR", "CA", "US", "EU"} <= set(jurisdictions())


def test_codes_are_taken_in_any_case_and_once() -> None:
    """None asks all; an unknown one is named."""
    assert [one.jurisdiction for one in chosen(["kr", " SA", "KR"])] == ["KR", "SA"]
    assert len(chosen([])) == len(jurisdictions())
    with pytest.raises(Rejected) as refused:
        chosen(["SA", "QQ"])
    assert refused.value.code == "jurisdiction.unknown"


def test_written_channels_are_channels() -> None:
    """Their names are ours, but for media that no door knows and for who speaks in a call."""
    named = {
        channel for place in jurisdictions().values() for one in place.definitions for channel in one.channels
    }
    assert named - set(Channel) == {"flash_sms", "ussd", "push", "fax", "voice_live", "voice_automated"}
