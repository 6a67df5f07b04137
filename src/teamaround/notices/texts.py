"""Text messages, where an area has a gateway that turns an e-mail into one. A text says that there is something, no more."""

from __future__ import annotations

import re
from typing import Protocol

from django.conf import settings

from .outbox import keep

NUMBER = re.compile(r"\+?[0-9]{9,15}")


class TextSender(Protocol):
    """Hands a short message on to a telephone."""

    def send(self, number: str, words: str) -> None:
        """Send `words` to `number` (digits, perhaps with a leading +)."""


class MailGateway:
    """An e-mail to an address that a gateway reads as a telephone number, such as `{number}@text.example`."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def send(self, number: str, words: str) -> None:
        """Write the e-mail to the gateway; it leaves as every message does."""
        keep([self.pattern.format(number=number.lstrip("+"))], words, f"{words}. Sign in to read it.\n")


def text_sender() -> TextSender | None:
    """The area's sender; None where texts are not set up."""
    pattern = settings.TEAMAROUND_TEXT_GATEWAY
    return MailGateway(pattern) if "{number}" in pattern and "@" in pattern else None


def plain_number(typed: str) -> str:
    """A number without blanks, dashes and brackets. Raises ValueError for what is none."""
    found = re.sub(r"[\s()\-]", "", typed)
    if not NUMBER.fullmatch(found):
        raise ValueError("not a telephone number")
    return found


def send_text(number: str, words: str) -> None:
    """Text `words` to a number, where there is one and the area has a sender."""
    sender = text_sender()
    if number and sender is not None:
        sender.send(number, f"Team Around: {words}")
