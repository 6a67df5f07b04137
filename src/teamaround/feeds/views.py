"""A team's own page of its feeds: what came, what waits, what is late."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.importing.loaders import importing_teams

from . import loaders
from .presenters import call_line, feed_facts, feed_lines, state_of

PAGE = 20


@staff(Permission.IMPORT_CASELOAD)
@never_cache
def feeds(request: StaffRequest) -> HttpResponseBase:
    """The feeds of the reader's teams."""
    found = list(loaders.feeds_of(importing_teams(request.me)))
    figures = loaders.figures_of(found)
    asking = loaders.asking_who_ends(request.me, [each.run for each in figures.values()])
    context = {
        "heading": _("Feeds"),
        "feeds": feed_lines(found, figures, "feeds:feed", runs=True, asking=asking),
        "back_url": reverse("importing:start"),
        "back_text": _("Caseload"),
    }
    return render(request, "feeds/feeds.html", context)


@staff(Permission.IMPORT_CASELOAD)
@never_cache
def feed(request: StaffRequest, uuid: UUID) -> HttpResponseBase:
    """What came by one feed, the latest first."""
    found = loaders.feeds_of(importing_teams(request.me)).filter(uuid=uuid).first()
    if found is None:
        raise Http404
    figures = loaders.figures_of([found]).get(found.pk)
    calls = loaders.calls_of(found)
    before = request.GET.get("before", "")
    if before:
        try:
            calls = calls.filter(id__lt=calls.get(run__uuid=UUID(before)).pk)
        except (ValueError, calls.model.DoesNotExist) as wrong:
            raise Http404 from wrong
    page = list(calls[: PAGE + 1])
    # Of the latest alone: what an earlier one no longer listed, the later ones do not list either.
    asking = loaders.asking_who_ends(request.me, [figures.run] if figures else [])
    context = {
        "heading": found.name,
        "caption": _("Feed"),
        "tag": state_of(found, figures, timezone.now(), asking=asking),
        "facts": feed_facts(found, figures),
        "calls": [call_line(call, asking=asking) for call in page[:PAGE]],
        "next": f"?before={page[PAGE - 1].run.uuid}" if len(page) > PAGE else "",
        "back_url": reverse("feeds:feeds"),
        "back_text": _("Feeds"),
    }
    return render(request, "feeds/feed.html", context)
