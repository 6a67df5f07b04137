"""Feeds, set up by administrators. They see counts of what came, never a child."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.feeds import loaders, presenters, setting_up
from teamaround.feeds.models import Feed, Way

from .feed_forms import ChangeFeedForm, FeedForm

SET_UP = Permission.SET_UP_AREA


@staff(SET_UP)
def feeds(request: StaffRequest) -> HttpResponse:
    """Every feed of the area: what came last, what is late."""
    found = list(loaders.feeds_for_administrators())
    lines = presenters.feed_lines(found, loaders.figures_of(found), "administration:feed", runs=False)
    context = {
        "heading": _("Feeds"),
        "feeds": lines,
        "back_url": reverse("administration:overview"),
        "back_text": _("Administration"),
    }
    return render(request, "administration/feeds.html", context)


@staff(SET_UP)
def new_feed(request: StaffRequest) -> HttpResponse:
    """A feed for a team."""
    form = FeedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = setting_up.add_feed(by=request.me.principal, **form.chosen())
        except setting_up.FeedRefused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            said = _("The feed was added. Make its key next.")
            if made.way == Way.FOLDER:
                said = _("The feed was added. Its folder is made when the watching command runs next.")
            messages.success(request, said)
            return redirect("administration:feed", made.uuid)
    return _form(request, form, _("Add a feed"), reverse("administration:feeds"), submit=_("Add the feed"))


def _form(request: StaffRequest, form: Any, heading: str, back: str, **more: Any) -> HttpResponse:
    context = {"form": form, "heading": heading, "back_url": back, "cancel_url": back, **more}
    return render(request, "ui/form_page.html", context)


def _feed(uuid: UUID) -> Feed:
    return get_object_or_404(Feed.objects.select_related("team__agency"), uuid=uuid)


@staff(SET_UP)
def feed(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """One feed and its keys."""
    return _page(request, _feed(uuid))


def _page(request: StaffRequest, found: Feed) -> HttpResponse:
    figures = loaders.figures_of([found]).get(found.pk)
    context = {
        "heading": found.name,
        "caption": _("Feed"),
        "feed": found,
        "tag": presenters.state_of(found, figures, timezone.now()),
        "facts": presenters.feed_facts(found, figures),
        "keys": presenters.key_lines(loaders.keys_opening(found), loaders.last_uses_of(found)),
        "takes_keys": found.way == Way.PUSH and found.ended_at is None,
        "folder": found.way == Way.FOLDER,
        "back_url": reverse("administration:feeds"),
        "back_text": _("Feeds"),
    }
    return render(request, "administration/feed.html", context)


@staff(SET_UP)
def change_feed(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Another name or another rhythm."""
    found = _feed(uuid)
    back = reverse("administration:feed", args=[uuid])
    form = ChangeFeedForm(
        request.POST or None, initial={"name": found.name, "silent_hours": found.silent_hours or 0}
    )
    if request.method == "POST" and form.is_valid():
        try:
            setting_up.change_feed(by=request.me.principal, feed=found, **form.chosen())
        except setting_up.FeedRefused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, _("The feed was changed."))
            return redirect(back)
    return _form(request, form, _("Change %s") % found.name, back, caption=found.team.name)


@staff(SET_UP)
@require_POST
def end_feed(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Nothing comes by it any more."""
    if setting_up.end_feed(by=request.me.principal, feed=_feed(uuid)):
        messages.success(request, _("The feed was ended, and with it the keys that opened no other."))
    return redirect("administration:feed", uuid)
