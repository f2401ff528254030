"""Webhook bodies in the services' documented shapes, with invented people and reserved numbers."""

import hmac
import json
from typing import Any

SPAM = "Your parcel is held. Pay the fee at http://parcel.example/pay"
SECRET, APP_SECRET, VERIFY, ACCESS = (
    f"{use}-of-a-test-only" for use in ("webhook", "app", "verify", "access")
)
NUMBER_ID = "106540352242922"
OURS = "15550100000"
ANNE = 700900999
ANNES_NUMBER = "447700900999"


def user(identity: int = ANNE, **more: Any) -> dict[str, Any]:
    """Make a Telegram user."""
    return {"id": identity, "is_bot": False, "first_name": "Anne", "language_code": "en"} | more


def update(number: int, **message: Any) -> dict[str, Any]:
    """Make a Telegram update with one message of Anne's."""
    usual = {
        "message_id": number,
        "from": user(),
        "chat": {"id": ANNE, "first_name": "Anne", "type": "private"},
        "date": 1772366400,
    }
    return {"update_id": 900_000 + number, "message": usual | message}


def origin(kind: str, **more: Any) -> dict[str, Any]:
    """Make a Telegram `forward_origin`."""
    return {"type": kind, "date": 1772280000} | more


SPAMMER = {"id": 5, "is_bot": False, "first_name": "Quick", "last_name": "Loans", "username": "quick_loans"}
CHANNEL = {"id": -1005, "type": "channel", "title": "Prizes", "username": "prizes_now"}


def forward(number: int, text: str = SPAM) -> dict[str, Any]:
    """Make a Telegram update with a message forwarded from a user."""
    return update(number, text=text, forward_origin=origin("user", sender_user=SPAMMER))


def cloud_message(number: int, text: str = SPAM, *, forwarded: bool = False, **more: Any) -> dict[str, Any]:
    """Make a message of a WhatsApp notification."""
    message = {
        "from": ANNES_NUMBER,
        "id": f"wamid.HBgMNDQ3NzAwOTAwOTk5FQIAEhgU{number:08}AA==",
        "timestamp": "1772366400",
        "type": "text",
        "text": {"body": text},
    }
    return message | ({"context": {"forwarded": True}} if forwarded else {}) | more


def notification(*messages: Any, number_id: str = NUMBER_ID, **value: Any) -> dict[str, Any]:
    """Make a WhatsApp notification."""
    whole = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": OURS, "phone_number_id": number_id},
        "contacts": [{"profile": {"name": "Anne"}, "wa_id": ANNES_NUMBER}],
    }
    changed = whole | ({"messages": list(messages)} if messages else {}) | value
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290129340398", "changes": [{"value": changed, "field": "messages"}]}],
    }


def signed(body: bytes, key: str = APP_SECRET) -> dict[str, str]:
    """Return the headers of a signed delivery."""
    digest = hmac.digest(key.encode(), body, "sha256").hex()
    return {"content-type": "application/json", "x-hub-signature-256": f"sha256={digest}"}


def packed(payload: object) -> bytes:
    """Write a payload as the services do."""
    return json.dumps(payload).encode()
