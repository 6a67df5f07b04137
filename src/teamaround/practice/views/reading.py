"""Reading: the area's procedures, and one of them as a picture and in words. Open to every practitioner."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.procedures.drafts import draft_of, is_open
from teamaround.procedures.versions import procedure_of, versions_of

from ..loaders import in_force, lines
from ..picture import draw
from ..presenters import version_lines
from ..words import procedure_words


@staff()
def procedures(request: StaffRequest) -> HttpResponse:
    """Every procedure of the area, with the version in force, who follows it, and what is to come."""
    may_change = request.me.may(Permission.CHANGE_PROCEDURES)
    context = {
        "heading": _("Procedures"),
        "procedures": [each for each in lines() if each.known or may_change],
        "may_change": may_change,
        "decides": [
            each for each in request.me.seats if request.me.may_for(Permission.DECIDE_REFERRALS, each.team)
        ],
    }
    return render(request, "practice/list.html", context)


@staff()
def procedure(request: StaffRequest, slug: str, number: int | None = None) -> HttpResponse:
    """One version as a picture and in words: the one in force where none is named."""
    versions = versions_of(slug)
    current = in_force(versions)
    chosen = next((each for each in versions if each.number == number), None) if number else current
    if chosen is None and number is None:  # all are still to come: the first of them to begin
        chosen = next((each for each in reversed(versions) if each.withdrawn_at is None), None)
    if chosen is None:
        raise Http404
    words = procedure_words(procedure_of(chosen.pk))
    may_change = request.me.may(Permission.CHANGE_PROCEDURES)
    context = {
        "heading": words.name,
        "words": words,
        "picture": draw(words),
        "slug": slug,
        "chosen": chosen,
        "current": current,
        "versions": version_lines(versions, current, may_change=may_change),
        "may_change": may_change,
        "draft_open": may_change and is_open(draft_of(slug)),
        "back_url": reverse("practice:list"),
        "back_text": _("Procedures"),
    }
    return render(request, "practice/procedure.html", context)
