"""XARF as its own project's library reads and writes it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.makers import submission
from tocsin.doors.handset import xarf

pytestmark = pytest.mark.interop
AT = datetime(2026, 11, 1, 12, 0, 0, 500_000, tzinfo=UTC)
US = xarf.Contact(org="Operator", contact="abuse@operator.org", domain="operator.org")
CASES: list[dict[str, Any]] = [
    {},
    {"channel": "email", "sender": "a@sender.org", "subject": "Win", "comment": "x" * 2000},
    {"channel": "social", "sender": "", "claimed_category": "fraud.family_emergency"},
    {"channel": "im", "content": "你好، سلام", "jurisdiction": ""},
]


@pytest.fixture
def library() -> Any:
    """The library `xarf` of the specification's authors."""
    return pytest.importorskip("xarf", reason="the library xarf is not installed")


@pytest.mark.parametrize("changes", CASES)
def test_the_library_reads_what_we_write(library: Any, changes: dict[str, Any]) -> None:
    """Without an error or a warning; channel, sender and words are its own attributes."""
    result = library.parse(xarf.write(submission(sent_at=AT, **changes), US).decode())
    assert (result.errors, result.warnings) == ([], [])
    assert (result.report.category, result.report.type) == ("messaging", "spam")


@pytest.mark.parametrize("changes", CASES)
def test_we_read_what_the_library_writes_again(library: Any, changes: dict[str, Any]) -> None:
    """Through its models and back, a report is the same."""
    document = xarf.write(submission(sent_at=AT, **changes), US)
    again = library.parse(document.decode()).report.model_dump_json(exclude_none=True)
    assert xarf.read(again.encode()) == xarf.read(document)
