"""The worklist of a team."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission

from ..worklist import SHOWS, load_worklist


@staff(Permission.WORK_CASES)
def cases(request: StaffRequest) -> HttpResponse:
    """My team's cases, or mine, or those that are closed; fifty a page."""
    show = request.GET.get("show", "team")
    try:
        before = uuid.UUID(request.GET["before"]) if "before" in request.GET else None
    except ValueError:
        before = None
    page = load_worklist(request.me, show=show if show in SHOWS else "team", before=before)
    for category in (Category.INDEX, Category.REFERRAL):
        shown(request, page.subjects, category, act="list")
    return render(request, "desk/cases.html", {"page": page, "heading": _("Cases")})
