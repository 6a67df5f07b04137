"""A worker's calendar feed, and the page on which its link is made, renewed and ended."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.notices.calendar_calls import Reader
from teamaround.notices.calendars import answer, end_link, no_such_feed, renew_link, standing_link, written
from teamaround.ui.presentation import uk_datetime

from ..own_calendar import items_of


@never_cache
@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: StaffRequest) -> HttpResponse:
    """Make, renew or end the link of my own calendar. The whole link is shown once, in answer to making it."""
    owner = request.me.principal
    secret = ""
    if request.method == "POST" and request.POST.get("act") == "end":
        end_link(owner=owner)
        messages.success(request, _("Ended. Calendar programs that hold the link get nothing any more."))
        return redirect("desk:calendar_link")
    if request.method == "POST":
        secret = renew_link(owner=owner)
    standing = standing_link(owner=owner)
    context = {
        "heading": _("My calendar"),
        "address": request.build_absolute_uri(reverse("desk:feed", args=[secret])) if secret else "",
        "since": uk_datetime(standing.made_at) if standing is not None else "",
        "back_url": reverse("desk:my_day"),
        "back_text": _("My day"),
    }
    return render(request, "desk/calendar_link.html", context)


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The feed of whoever owns the link, with the rights that they have now. Anybody else: not found."""
    reader = getattr(request, "caller", None)
    me = reader.worker if isinstance(reader, Reader) else None
    if me is None or not me.seats or not me.may(Permission.WORK_CASES):
        return no_such_feed()
    items = items_of(me, absolute=request.build_absolute_uri)
    response = answer(request, written(items, title=_("Team Around")), items)
    if response.status_code == 200:
        # One line in the access log for each time that something was told; "unchanged" tells nothing.
        for item in items:
            for subject, category in item.whose:
                shown(request, [subject], category, act="list")
    return response
