"""Keeping what is typed and not saved yet, for its author alone."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from teamaround.access.drafts import LARGEST, drop_draft, keep_draft
from teamaround.access.requests import StaffRequest, staff
from teamaround.ui.presentation import uk_time

FORM = re.compile(r"[a-z][a-z0-9-]{0,59}")


@require_POST
@staff()
def save(request: StaffRequest, form: str, about: str) -> HttpResponse:
    """Keep the fields as they are typed. Answers when, or 413 for more than a draft may hold."""
    if not _is_one(form, about):
        return JsonResponse({"error": _("There is no such form.")}, status=400)
    typed: dict[str, object] = {}
    size = 0
    for name, values in request.POST.lists():
        kept = [str(value).replace("\x00", "") for value in values]
        size += len(name) + sum(len(value) for value in kept)
        typed[name.replace("\x00", "")] = kept[0] if len(kept) == 1 else kept
    if size > LARGEST:
        return JsonResponse({"error": _("This is too long to be kept as a draft. Save it.")}, status=413)
    keep_draft(by=request.me, form=form, about=about, typed=typed)
    return JsonResponse({"saved_at": uk_time(timezone.now())})


@require_POST
@staff()
def drop(request: StaffRequest, form: str, about: str) -> HttpResponse:
    """Throw a draft of mine away."""
    if not _is_one(form, about):
        raise Http404
    drop_draft(by=request.me, form=form, about=about)
    messages.success(request, _("The draft was thrown away."))
    return redirect("desk:my_day")


def _is_one(form: str, about: str) -> bool:
    """Whether an address can be a draft's: a form's name, and what it is about."""
    return bool(FORM.fullmatch(form)) and len(about) <= 60 and about.isprintable()
