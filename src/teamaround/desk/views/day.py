"""My day."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, staff

from ..day import load_day


@staff()
def my_day(request: StaffRequest) -> HttpResponse:
    """What is late, due today and due in the next seven days over my caseload; news; capacity; drafts."""
    day = load_day(request.me, whole=request.GET.get("all", ""))
    for category in (Category.INDEX, Category.REFERRAL):
        shown(request, day.subjects, category, act="list")
    for category in (Category.INDEX, Category.PLAN):
        shown(request, day.task_subjects, category, act="list")
    shown(request, day.meeting_subjects, Category.PLAN, act="list")
    return render(request, "desk/my_day.html", {"day": day, "heading": day.greeting})
