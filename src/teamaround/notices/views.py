"""The demonstration's outbox."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from teamaround.access.requests import StaffRequest, staff

from .models import Message
from .presenters import shown_message

A_PAGE = 25


@staff()
def outbox(request: StaffRequest) -> HttpResponse:
    """The demonstration's e-mails, newest first. In service there is no such page."""
    if not settings.DEMONSTRATION:
        raise Http404
    rows = Message.objects.order_by("-id")
    if before := _uuid(request.GET.get("before", "")):
        rows = rows.filter(id__lt=Message.objects.filter(uuid=before).values("id"))
    found = list(rows[: A_PAGE + 1])
    page = found[:A_PAGE]
    context = {
        "heading": _("Outbox"),
        "messages_shown": [shown_message(row) for row in page],
        "older_url": f"?before={page[-1].uuid}" if len(found) > A_PAGE else "",
    }
    return render(request, "notices/outbox.html", context)


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None
