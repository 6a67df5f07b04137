"""Keys of agencies, with which their own systems call: made, replaced and ended by administrators."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.models import Agency
from teamaround.agencies.roles import Permission
from teamaround.feeds import loaders, presenters, setting_up
from teamaround.feeds.callers import feeds_of_key
from teamaround.feeds.models import FeedKey

from .area import form_page
from .feed_forms import KeyForm, RotateForm

SET_UP = Permission.SET_UP_AREA
USUAL = dt.timedelta(days=180)


@staff(SET_UP)
@never_cache
def keys(request: StaffRequest, agency: str) -> HttpResponse:
    """An agency's keys: what each opens, when it was last used, when it ends."""
    return _page(request, get_object_or_404(Agency, slug=agency))


def _page(
    request: StaffRequest, agency: Agency, *, written: str = "", key: FeedKey | None = None
) -> HttpResponse:
    lines = presenters.key_lines(loaders.keys_of(agency), loaders.last_uses_in(agency))
    context = {
        "heading": _("Keys of %s") % agency.name,
        "caption": _("Feeds"),
        "agency": agency,
        "keys": [line for line in lines if line.open],
        "earlier": [line for line in lines if not line.open],
        "written": written,
        "made": key,
        "named": list(feeds_of_key(key)) if key else [],
        "has_feeds": loaders.feeds_with_keys(agency).exists(),
        "may_make": agency.ended_at is None and sum(line.open for line in lines) < setting_up.KEYS_AT_ONCE,
        "back_url": reverse("administration:agency", args=[agency.slug]),
        "back_text": agency.name,
    }
    return render(request, "administration/keys.html", context)


@staff(SET_UP)
@never_cache
def new_key(request: StaffRequest, agency: str) -> HttpResponse:
    """A key, shown this once: the answer to the form is the only page that ever holds it."""
    found = get_object_or_404(Agency, slug=agency, ended_at=None)
    feeds = list(loaders.feeds_with_keys(found))
    initial: dict[str, Any] = {
        "expires_on": timezone.localdate() + USUAL,
        "reach": "some" if feeds else "every",
    }
    if asked := [feed for feed in feeds if str(feed.uuid) == request.GET.get("feed")]:
        initial |= {"feeds": [str(asked[0].uuid)], "name": asked[0].name}
    form = KeyForm(request.POST or None, initial=initial, feeds=feeds)
    if request.method == "POST" and form.is_valid():
        try:
            made, written = setting_up.make_key(by=request.me.principal, agency=found, **form.chosen())
        except setting_up.FeedRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            return _page(request, found, written=written, key=made)
    back = reverse("administration:keys", args=[agency])
    return form_page(request, form, _("Make a key"), back, caption=found.name, submit=_("Make the key"))


@staff(SET_UP)
@never_cache
def rotate_key(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """The key that takes another's place, shown this once; the earlier one goes on until it ends."""
    key = get_object_or_404(FeedKey.objects.select_related("agency"), uuid=uuid)
    form = RotateForm(request.POST or None, initial={"expires_on": timezone.localdate() + USUAL})
    if request.method == "POST" and form.is_valid():
        try:
            made, written = setting_up.rotate_key(by=request.me.principal, key=key, **form.chosen())
        except setting_up.FeedRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            return _page(request, key.agency, written=written, key=made)
    back = reverse("administration:keys", args=[key.agency.slug])
    heading = _("A key in the place of ta_%s_…") % key.prefix
    return form_page(request, form, heading, back, caption=key.name, submit=_("Make the key"))


@staff(SET_UP)
@require_POST
def end_key(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """The key opens nothing from now on."""
    key = get_object_or_404(FeedKey.objects.select_related("agency"), uuid=uuid)
    if setting_up.revoke_key(by=request.me.principal, key=key):
        messages.success(request, _("The key was ended."))
    return redirect("administration:keys", key.agency.slug)
