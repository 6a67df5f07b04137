"""The e-mail backend: every message is a row first, and leaves with the transaction that wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.db import transaction

from .models import Message

SECONDS_TO_WAIT = 20
SUBMISSION_PORT = 587
PLAIN_PORT = 25


class OutboxBackend(BaseEmailBackend):
    """Keeps each message as a row. With a mail server set, a job sends it once the transaction stands.

    Only plain text is kept: none of the product's messages carries a file or a picture.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep the messages, one row a recipient. Returns how many messages had a recipient."""
        kept = 0
        with transaction.atomic():
            for message in email_messages:
                addresses = [parseaddr(each)[1] for each in message.recipients()]
                keep([each for each in addresses if each], str(message.subject), str(message.body))
                kept += bool(addresses)
        return kept


def keep(addresses: Sequence[str], subject_line: str, body: str) -> list[Message]:
    """Write one message an address; where a mail server is set, queue each in the same transaction.

    The queue is a table of the same database, so a job exists only if its message does.
    """
    rows = Message.objects.bulk_create(
        Message(address=address, subject_line=subject_line[:200], body=body) for address in addresses
    )
    if sends():
        from .jobs import send_message

        for row in rows:
            send_message.defer(message=row.pk)
    return rows


def sends() -> bool:
    """Whether messages leave this machine: never in a demonstration."""
    return bool(settings.TEAMAROUND_MAIL_URL) and not settings.DEMONSTRATION


def mail_server(address: str) -> SmtpBackend:
    """The sending connection for `smtp://user:password@host:587` or `smtps://…:465`.

    `smtp` upgrades to TLS on every port but 25, which is meant for a relay on the same machine.
    """
    parts = urlsplit(address)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("the address of the mail server must look like smtp://user:password@host:587")
    implicit = parts.scheme == "smtps"
    port = parts.port or (465 if implicit else SUBMISSION_PORT)
    return SmtpBackend(
        host=parts.hostname,
        port=port,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_ssl=implicit,
        use_tls=not implicit and port != PLAIN_PORT,
        timeout=SECONDS_TO_WAIT,
        fail_silently=False,
    )
