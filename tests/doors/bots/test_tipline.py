"""What the tip line thinks of something before it is reported."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples

from tests.doors.dialogue.houses import stored
from tests.makers import Node, open_node, settings
from tocsin.doors.bots.tipline import Checking, tip_line
from tocsin.doors.bots.updates import Update, incoming
from tocsin.doors.dialogue.conversation import Incoming
from tocsin.doors.dialogue.words import LANGUAGES, words

OPINIONS = {"check_likely", "check_doubtful", "check_unlikely", "check_number"}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node in Britain."""
    with open_node(settings(Path(tmp_path_factory.mktemp("tips")), jurisdiction="GB")) as opened:
        yield opened


def opinion(node: Node, text: str) -> str:
    [said] = asyncio.run(Checking(node.house, "GB")([text]))
    return said


def test_plain_spam_is_called_likely(node: Node) -> None:
    """With the model that this version ships."""
    spam = "URGENT! You have won a £1000 prize GUARANTEED. Call 09061701461 to claim. Valid 12 hours only"
    assert opinion(node, spam) == "check_likely"


def test_an_everyday_message_is_not_called_spam(node: Node) -> None:
    """Which is no promise, and its sentence says so."""
    assert opinion(node, "Ok see you at home then, shall I bring milk and some bread?") == "check_unlikely"


@pytest.mark.parametrize("text", ["07700 900123", "+447700900123", "60777"])
def test_a_number_alone_is_not_judged(node: Node, text: str) -> None:
    """It says nothing about who calls from it."""
    assert opinion(node, text) == "check_number"


@pytest.mark.parametrize("text", ["hm", "ok?", "x", "...", "\0", "\ud800"])
def test_too_little_to_tell_is_never_called_safe(node: Node, text: str) -> None:
    """Better no answer than false comfort."""
    assert opinion(node, text) in {"check_doubtful", "check_likely"}


@given(text=st.text(max_size=300))
@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gets_one_of_the_four_sentences(node: Node, text: str) -> None:
    """Whatever is asked."""
    assert opinion(node, text) in OPINIONS


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentences_are_there_in_every_language(language: str) -> None:
    """And none of them is certain."""
    assert set(words(language).answers) >= OPINIONS


def test_a_flood_is_refused_silently(node: Node) -> None:
    """Sixty messages an hour are enough for a person."""
    talk = tip_line("tips", node.house, "default")
    batch = [
        Incoming(f"f{n}", "telegram:1", f"spam number {n} http://x.example", forwarded=True)
        for n in range(80)
    ]
    heard = asyncio.run(talk.hear(batch))
    assert sum(one.refused is not None for one in heard) == 20
    assert len(stored(node)) == 60


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["update_id", "message", "chat", "from", "text", "id"]), inner, max_size=4
            )
        ),
        max_leaves=20,
    )
)
def test_no_json_makes_an_update_raise(value: object) -> None:
    """Whatever shape it has."""
    import json  # noqa: PLC0415

    from tocsin.doors.bots.payloads import read_payload  # noqa: PLC0415

    update = read_payload(json.dumps(value).encode(), Update)
    if update is not None:
        incoming(update)
