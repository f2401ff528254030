"""What we write is what the formats' own JSON Schemas want."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.makers import submission
from tocsin.doors.handset import mars, xarf

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples"
AT = datetime(2026, 11, 1, 12, 0, 0, 500_000, tzinfo=UTC)
US = xarf.Contact(org="Operator", contact="abuse@operator.example", domain="operator.example")
pytestmark = pytest.mark.shared


@pytest.fixture
def samples() -> Path:
    """The folder of real samples beside the checkout."""
    if not SAMPLES.is_dir():
        pytest.skip("the samples are not beside this checkout")
    return SAMPLES


@pytest.mark.parametrize("changes", [{}, {"channel": "rcs", "claimed_category": "wanted"}])
def test_mars_reports_follow_their_schema(samples: Path, changes: dict[str, Any]) -> None:
    """No error by JSON Schema 2020-12; the agent, by classes of letters, is checked by the reader."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    schema = json.loads((samples / "mars" / "schema.json").read_text(encoding="utf-8"))
    del schema["properties"]["u"]["pattern"]
    written = json.loads(mars.write(submission(sent_at=AT, **changes)))
    jsonschema.Draft202012Validator(schema).validate(written)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"channel": "email", "sender": "a@b.example", "subject": "Win", "comment": "x" * 2000},
        {"channel": "social", "sender": "", "claimed_category": "fraud.family_emergency"},
        {"channel": "im", "content": "", "jurisdiction": ""},
    ],
)
def test_xarf_reports_follow_their_schema(samples: Path, changes: dict[str, Any]) -> None:
    """No error by the schemas of XARF 4.2, core and type."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    referencing = pytest.importorskip("referencing", reason="jsonschema is not installed")
    folder = samples / "xarf" / "schemas" / "v4"
    files = [folder / "xarf-core.json", *(folder / "types").glob("*.json")]
    schemas = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    registry = referencing.Registry().with_resources(
        (schema["$id"], referencing.Resource.from_contents(schema)) for schema in schemas
    )
    spam = next(schema for schema in schemas if schema["$id"].endswith("messaging-spam.json"))
    validator = jsonschema.Draft202012Validator(
        spam, registry=registry, format_checker=jsonschema.FormatChecker()
    )
    validator.validate(json.loads(xarf.write(submission(sent_at=AT, **changes), US)))
