"""Saying that an action is done, and undoing it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission

from .actions import TaskRefused, complete_task, may_answer, reopen_task
from .models import Task


@require_POST
@staff(Permission.WORK_CASES)
def complete(request: StaffRequest, task: uuid.UUID) -> HttpResponse:
    """An action is done; with `undo` it is not after all. Goes back to the page in `next`."""
    row = load(request, Task.objects.all(), uuid=task, act="change")
    if not may_answer(request.me, row):
        raise PermissionDenied
    try:
        if request.POST.get("undo"):
            reopen_task(by=request.me, task=row)
            messages.success(request, _("The action is open again."))
        else:
            complete_task(by=request.me, task=row)
            messages.success(request, _("The action is done."))
    except TaskRefused as refused:
        messages.error(request, str(refused))
    return redirect(_back(request))


def _back(request: StaffRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else "/"
