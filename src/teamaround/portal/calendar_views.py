"""A family member's own appointments: a page, and a feed for the calendar of their telephone."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import FamilyRequest, family
from teamaround.notices.calendar_calls import Reader
from teamaround.notices.calendars import (
    AHEAD,
    BACK,
    Item,
    answer,
    end_link,
    no_such_feed,
    renew_link,
    standing_link,
    written,
)
from teamaround.ui.presentation import uk_date, uk_day, uk_time

from .own import rows_of
from .views import own_entry, own_page


@dataclass(frozen=True, slots=True)
class Own:
    """One thing in a person's own calendar."""

    key: uuid.UUID
    what: str
    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    changed_at: dt.datetime
    place: str
    whom: str

    @property
    def day(self) -> str:
        """The day, as one reads it."""
        return uk_day(timezone.localtime(self.starts_at))

    @property
    def time(self) -> str:
        """When it starts, as one reads it."""
        return uk_time(timezone.localtime(self.starts_at))


def own_calendar(after: dt.datetime, until: dt.datetime) -> list[Own]:
    """My own appointments and meetings between two moments, the soonest first. The database answers me alone."""
    return [Own(*row) for row in rows_of("select * from app.own_calendar(%s, %s)", [after, until])]


@never_cache
@family
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: FamilyRequest) -> HttpResponse:
    """What is to come, and the link for a telephone. The whole link is shown once, in answer to making it."""
    person = own_entry(request, act="change" if request.method == "POST" else "")
    owner, secret = request.person.principal, ""
    if request.method == "POST" and request.POST.get("act") == "end":
        end_link(owner=owner)
        messages.success(request, _("Stopped. The old link shows nothing any more."))
        return redirect("portal:calendar")
    if request.method == "POST":
        secret = renew_link(owner=owner)
    standing = standing_link(owner=owner)
    now = timezone.now()
    return own_page(
        request,
        person,
        "portal/calendar.html",
        _("My appointments"),
        coming=own_calendar(now, now + AHEAD),
        address=request.build_absolute_uri(reverse("portal:feed", args=[secret])) if secret else "",
        since=uk_date(timezone.localtime(standing.made_at)) if standing is not None else "",
    )


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The feed of whoever owns the link: their own appointments, neutral titles alone. Anybody else: not found."""
    reader = getattr(request, "caller", None)
    person = reader.person if isinstance(reader, Reader) else None
    if person is None:
        return no_such_feed()
    now = timezone.now()
    items = [
        Item(each.key, each.what, each.title, each.starts_at, each.ends_at, each.changed_at)
        for each in own_calendar(now - BACK, now + AHEAD)
    ]
    response = answer(request, written(items, title=_("Appointments")), items)
    if response.status_code == 200:
        shown(request, [person.subject], Category.INDEX, act="list")
    return response
