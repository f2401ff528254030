"""What Tocsin adds to STIX 2.1: one extension, for messages that are not mail and for the facts of a report.

Source: STIX 2.1, section 7.3 (extension definitions) and section 2.9 (deterministic identifiers). The
extension brings two observables, `phone-number` (`value`) and `text-message` (`channel`, `subject`, `body`),
and properties of an observed-data object: `channel`, `category`, `jurisdiction`, `comment`, `message_id`,
`route` and `call`, with the names and meanings of the canonical report.
"""

from typing import Any
from uuid import UUID, uuid5

import msgspec

EXTENSION = "extension-definition--3c2b5f44-6c4e-4a86-9f0f-0d0a7c7f6a51"
TOCSIN = "identity--8f0c6c8e-1f0e-4b57-8d1e-5b2d3c9e7f10"
NUMBER, MESSAGE = "phone-number", "text-message"
_SCO_NAMESPACE = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
_BORN = "2026-11-01T00:00:00.000Z"


def observable(kind: str, properties: dict[str, Any], identifying: dict[str, Any]) -> dict[str, Any]:
    """Make an observable: its id is a digest of what identifies it, so that equal ones are one.

    Args:
        kind: its type.
        properties: what it has; empty ones are left out.
        identifying: those of them that make the id.
    """
    canonical = msgspec.json.encode(identifying, order="sorted").decode()
    made = {
        "type": kind,
        "spec_version": "2.1",
        "id": f"{kind}--{uuid5(_SCO_NAMESPACE, canonical)}",
        **{name: value for name, value in properties.items() if value not in ("", None)},
    }
    if kind in {NUMBER, MESSAGE}:
        made["extensions"] = {EXTENSION: {"extension_type": "new-sco"}}
    return made


def definitions() -> list[dict[str, Any]]:
    """Return what a bundle says of the extension: its definition, and the identity that made it."""
    maker = {
        "type": "identity",
        "spec_version": "2.1",
        "id": TOCSIN,
        "created": _BORN,
        "modified": _BORN,
        "name": "Tocsin",
        "identity_class": "system",
    }
    definition = {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": EXTENSION,
        "created_by_ref": TOCSIN,
        "created": _BORN,
        "modified": _BORN,
        "name": "Reported message",
        "description": "A message that a person reported as spam, and the number or name it came from.",
        "schema": "docs/formats.md of the Tocsin source",
        "version": "1.0.0",
        "extension_types": ["new-sco", "property-extension"],
    }
    return [maker, definition]
