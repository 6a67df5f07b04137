"""A message as the outbox page shows it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from .models import Message

_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a message's text; a link where `url` is set."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a message."""

    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """One message of the outbox."""

    address: str
    subject_line: str
    made_at: dt.datetime
    lines: tuple[Line, ...]


def shown_message(message: Message) -> ShownMessage:
    """The message with its links to this site as links of the page in hand, whatever its port was when it was made."""
    return ShownMessage(
        message.address,
        message.subject_line,
        message.made_at,
        tuple(_line(each) for each in message.body.strip().splitlines()),
    )


def _line(text: str) -> Line:
    pieces: list[Piece] = []
    at = 0
    for found in _LINK.finditer(text):
        path = _own_path(found.group())
        said = settings.TEAMAROUND_ADDRESS.rstrip("/") + path if path else found.group()
        pieces += [Piece(text[at : found.start()]), Piece(said, path)]
        at = found.end()
    return Line((*pieces, Piece(text[at:])))


def _own_path(address: str) -> str:
    parts = urlsplit(address)
    ours = {*settings.ALLOWED_HOSTS, urlsplit(settings.TEAMAROUND_ADDRESS).hostname}
    if parts.hostname not in ours:
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")
