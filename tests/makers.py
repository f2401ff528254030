"""Makers of records for tests: what a test does not mention has a harmless value."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tocsin.node import Node, open_node
from tocsin.records import Envelope, Submission, instant
from tocsin.settings import Settings

API = Envelope(door="api")
NOW = instant(datetime(2026, 11, 1, 12, tzinfo=UTC))
"""The instant at which tests' nodes stand."""


def submission(**changes: Any) -> Submission:
    """Make a report of a fraud by SMS from a number reserved for drama (Ofcom)."""
    values: dict[str, Any] = {
        "channel": "sms",
        "content": "Your parcel is held. Pay the fee at http://parcel.example/pay",
        "sender": "+447700900123",
        "reporter": "+447700900999",
        "jurisdiction": "GB",
    }
    return Submission(**values | changes)


def settings(folder: Path, **changes: Any) -> Settings:
    """Make the settings of a node in a folder of its own."""
    return Settings({"data": str(folder)} | changes)


__all__ = ["API", "NOW", "Node", "open_node", "settings", "submission"]
