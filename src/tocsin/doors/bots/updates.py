"""What a Telegram Bot API update holds for us (core.telegram.org/bots/api, Bot API 7.0 and before).

Only private chats with people count: no groups, no channels, no other bots, no edits.
"""

from datetime import UTC, datetime
from typing import Annotated

from msgspec import Meta, Struct, field

from tocsin.doors.bots.payloads import with_links
from tocsin.doors.dialogue.conversation import Incoming

_MOST_LINKS = 20
_LONGEST_NAME = 300
Id = Annotated[int, Meta(ge=-(2**62), le=2**62)]
Seconds = Annotated[int, Meta(ge=0, le=4_102_444_800)]


class Person(Struct, frozen=True):
    """A Telegram user."""

    id: Id
    is_bot: bool = False
    username: str = ""
    first_name: str = ""
    last_name: str = ""
    language_code: str = ""

    @property
    def name(self) -> str:
        """What this user is called by: the handle if there is one."""
        return _handle(self.username) or f"{self.first_name} {self.last_name}".strip()[:_LONGEST_NAME]


class Chat(Struct, frozen=True):
    """A Telegram chat: of one person, a group or a channel."""

    id: Id
    type: str
    username: str = ""
    title: str = ""

    @property
    def name(self) -> str:
        """What this chat is called by: the handle if there is one."""
        return _handle(self.username) or self.title[:_LONGEST_NAME]


class Origin(Struct, frozen=True):
    """Where a forwarded message was first sent: by a user, a hidden user, a chat or a channel."""

    type: str
    date: Seconds | None = None
    sender_user: Person | None = None
    sender_user_name: str = ""
    sender_chat: Chat | None = None
    chat: Chat | None = None


class Entity(Struct, frozen=True):
    """A marked piece of a text; of type `text_link` it hides a link."""

    type: str
    url: str = ""


class Button(Struct, frozen=True):
    """A button under a message."""

    url: str = ""


class Keyboard(Struct, frozen=True):
    """The buttons under a message, row by row."""

    inline_keyboard: list[list[Button]] = []


class Contact(Struct, frozen=True):
    """A contact that the person shares: an answer to "which number?"."""

    phone_number: str


class TelegramMessage(Struct, frozen=True):
    """A message to the bot; the `forward_…` fields but the first are those of before Bot API 7.0."""

    chat: Chat
    author: Person | None = field(name="from", default=None)
    text: str = ""
    caption: str = ""
    entities: list[Entity] = []
    caption_entities: list[Entity] = []
    reply_markup: Keyboard = Keyboard()
    contact: Contact | None = None
    forward_origin: Origin | None = None
    forward_date: Seconds | None = None
    forward_from: Person | None = None
    forward_sender_name: str = ""
    forward_from_chat: Chat | None = None


class Update(Struct, frozen=True):
    """One delivery; `update_id` is equal when it is repeated."""

    update_id: Id
    message: TelegramMessage | None = None


def incoming(update: Update) -> tuple[Incoming, int] | None:
    """Read what a person said to the bot, and the chat to answer in; None when nobody said anything."""
    message = update.message
    if message is None or message.author is None or message.author.is_bot or message.chat.type != "private":
        return None
    origin = _origin(message)
    said = Incoming(
        id=f"update {update.update_id}",
        reporter=f"telegram:{message.author.id}",
        text=_text(message),
        sent_at=_moment(origin.date) if origin else None,
        sender=_sender(origin, message.author) if origin else "",
        forwarded=origin is not None,
        language=message.author.language_code.partition("-")[0].lower(),
    )
    return said, message.chat.id


def _origin(message: TelegramMessage) -> Origin | None:
    if message.forward_origin or message.forward_date is None:
        return message.forward_origin
    return Origin(
        type="before 7.0",
        date=message.forward_date,
        sender_user=message.forward_from,
        sender_user_name=message.forward_sender_name,
        chat=message.forward_from_chat,
    )


def _sender(origin: Origin, reporter: Person) -> str:
    """Return who first sent a forwarded message; nobody when that was the reporter."""
    if origin.sender_user is not None:
        return "" if origin.sender_user.id == reporter.id else origin.sender_user.name
    chat = origin.sender_chat or origin.chat
    return chat.name if chat else origin.sender_user_name[:_LONGEST_NAME]


def _text(message: TelegramMessage) -> str:
    text = message.text or message.caption
    if message.contact is not None and not text:
        return message.contact.phone_number
    links = [entity.url for entity in [*message.entities, *message.caption_entities]]
    links += [button.url for row in message.reply_markup.inline_keyboard for button in row]
    return with_links(text, links[:_MOST_LINKS])


def _handle(username: str) -> str:
    return f"@{username[:_LONGEST_NAME]}" if username else ""


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
