"""The case workspace."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.procedures.models import Episode

from ..case import load_case_page


@staff(Permission.WORK_CASES)
def case(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Where a case of my team stands. A team that only referred may know its state, not read it: 403."""
    rows = Episode.objects.select_related("author_team__agency", "referring_team__agency", "procedure")
    episode = load(request, rows.defer("procedure__text"), uuid=key, writable=True)
    page = load_case_page(episode, me=request.me, before=request.GET.get("before", ""))
    for category in {episode.category, "index", *page.chronology.categories}:
        shown(request, page.subjects, category)
    heading = _("Referral") if page.waiting else _("Case")
    return render(request, "desk/case.html", {"page": page, "identity": page.identity, "heading": heading})
