"""The worker's side of what families write: read it, say that it arrived, answer it."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.people.models import Person
from teamaround.sharing.links import identity_of

from .forms import AnswerForm
from .messages import (
    MOST,
    MessageRefused,
    answer_message,
    messages_for,
    receive_message,
    title_of,
)
from .models import MessageState
from .presenters import inbox_rows, message_rows


@staff()
def inbox(request: StaffRequest) -> HttpResponse:
    """What families wrote: those that wait first, then the latest."""
    rows = list(messages_for(request.me).order_by("-sent_at", "-id")[:MOST])
    rows.sort(key=lambda row: row.state == MessageState.ANSWERED)
    shown(request, [row.subject_id for row in rows], Category.IDENTITY, act="list")
    context = {"heading": _("Messages from families"), "rows": inbox_rows(rows)}
    return render(request, "portal/inbox.html", context)


@staff()
def answer(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """One message, and the answer to it."""
    changing = request.method == "POST"
    message = load(request, messages_for(request.me), uuid=uuid, act="change" if changing else "")
    form = AnswerForm(request.POST or None)
    if changing and form.is_valid():
        try:
            answer_message(by=request.me, message=message, answer=form.cleaned_data["answer"])
        except MessageRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("Sent. They read it on their own page."))
            return redirect("portal:inbox")
    person = Person.objects.filter(pk=message.subject_id).first()
    context = {
        "heading": title_of(message.kind),
        "identity": identity_of(person),
        "rows": message_rows(message),
        "form": form if form.errors or message.state != MessageState.ANSWERED else None,
        "may_receive": message.state == MessageState.SENT,
        "key": message.uuid,
        "back_url": reverse("portal:inbox"),
    }
    return render(request, "portal/answer.html", context, status=422 if form.errors else 200)


@require_POST
@staff()
def received(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Say that it arrived."""
    message = load(request, messages_for(request.me), uuid=uuid, act="change")
    receive_message(by=request.me, message=message)
    messages.success(request, _("They can see now that you have it."))
    return redirect("portal:answer", message.uuid)
