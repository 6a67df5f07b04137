"""Finding somebody, and adding somebody who is not there yet."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib import messages
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from teamaround.access.actions import state_purpose
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.index.actions import Found, Query, involve, search
from teamaround.people.actions import FactRefused, add_person
from teamaround.people.merging import records_of
from teamaround.people.models import Person
from teamaround.ui.forms import Precision

from .. import memory
from ..forms import AddPersonForm, SearchForm
from ..found import FoundView, found_view
from ..involved import team_works_with

MOST = 10
A_DOUBLE_CLICK = dt.timedelta(seconds=20)
"""The same name and birthday, sent again by the same worker within this time, are one person."""
ALIKE = 4.0
"""A score from which somebody is likely enough to be the same: a nearly equal name, or two facts that fit."""


@staff(Permission.SEARCH_INDEX)
def find(request: StaffRequest) -> HttpResponse:
    """Search: what was typed is kept in the session, and the answers are on the page after it."""
    if "afresh" in request.GET:
        memory.forget_search(request)
        return redirect("desk:search")
    if request.method == "POST":
        return _begin(request)
    return _answer(request)


def _begin(request: StaffRequest) -> HttpResponse:
    form = SearchForm(request.POST)
    if not form.is_valid():
        return render(request, "desk/search.html", _page(request, form, None), status=200)
    typed = {
        key: value for key, value in request.POST.dict().items() if key in _TYPED and isinstance(value, str)
    }
    memory.keep_search(request, query=form.query(), reason=form.cleaned_data["reason"], typed=typed)
    return redirect("desk:search")


_TYPED = ("name", "born", "born_day", "born_month", "born_year", "postcode", "number")


def _answer(request: StaffRequest) -> HttpResponse:
    kept = memory.search_in_hand(request)
    offered = memory.reasons(request)
    if kept is None:
        form = SearchForm(initial={"reason": offered[0] if offered else ""})
        return render(request, "desk/search.html", _page(request, form, None))
    query, reason, typed = kept
    initial = {"name": typed.get("name", ""), "born": query.born, "postcode": query.postcode}
    form = SearchForm(initial={**initial, "number": query.identifier, "reason": reason})
    found = list(search(by=request.me, query=query, reason=reason, request=request, most=MOST))
    if memory.same_as(request):
        found = _other_records(request, found)
    memory.keep_found(request, found)
    closed = _closed_to_me(request, found)
    views = [found_view(each, emergency=each.subject in closed) for each in found]
    return render(request, "desk/search.html", _page(request, form, views))


def _closed_to_me(request: StaffRequest, found: list[Found]) -> set[int]:
    """Whose record I do not see and may open in an emergency. A protected entry is never told apart from others."""
    if not request.me.may(Permission.WORK_CASES) or memory.joining(request) or memory.same_as(request):
        return set()
    told = {each.subject for each in found if not each.protected}
    return told - set(Person.objects.filter(pk__in=told).values_list("pk", flat=True))


def _other_records(request: StaffRequest, found: list[Found]) -> list[Found]:
    """Who may be another record of the person in hand: not they themselves, nor a protected entry."""
    here = memory.same_as(request)
    return [row for row in found if not row.protected and str(row.uuid) != here]


def _page(request: StaffRequest, form: SearchForm, found: list[FoundView] | None) -> dict[str, object]:
    return {
        "form": form,
        "heading": _("Find a child or an adult"),
        "found": found,
        "more_fit": found is not None and len(found) >= MOST,
        "reasons": memory.reasons(request),
        "may_add": request.me.may(Permission.WORK_CASES) and not memory.same_as(request),
        "same_as": memory.same_as(request),
        "joining": memory.joining(request),
    }


@require_POST
@staff(Permission.SEARCH_INDEX)
def open_found(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Open an answer of the search in hand; the reason stated opens its index entry for the day."""
    kept, subject = memory.search_in_hand(request), memory.found_subject(request, key)
    if kept is None or subject is None:
        messages.warning(request, _("That search is no longer open. Search again."))
        return redirect("desk:search")
    if not team_works_with(records_of(subject), request.me):
        state_purpose(by=request.me, subject=subject, reason=kept[1])
    if "emergency" in request.POST and request.me.may(Permission.WORK_CASES):
        return redirect("sharing:emergency", key)
    return _go_on(request, key)


def _go_on(request: StaffRequest, person: uuid.UUID) -> HttpResponse:
    family = memory.joining(request)
    if family:
        return redirect("desk:join_family", family, person)
    if memory.same_as(request):
        return redirect("desk:compare", memory.same_as(request), person)
    return redirect("desk:person", person)


@staff(Permission.WORK_CASES)
def add(request: StaffRequest) -> HttpResponse:
    """Add a person, with what the search was told already; first show who may be the same."""
    kept = memory.search_in_hand(request)
    form = AddPersonForm(
        request.POST if request.method == "POST" else None, initial=_told(kept[0]) if kept else {}
    )
    alike: list[FoundView] = []
    stamp = ""
    if request.method == "POST" and form.is_valid():
        stamp = _stamp(form)
        added = request.session.get("desk_added", {})
        if stamp in added:
            return _go_on(request, uuid.UUID(added[stamp]))
        just = _just_added(request, form, stamp)
        if just is not None:
            return _go_on(request, just)
        if request.POST.get("go_on") != stamp:
            alike = _alike(request, form, kept[1] if kept else "")
        if not alike:
            person = _add(request, form)
            if person is not None:
                request.session["desk_added"] = {**added, stamp: str(person.uuid)}
                messages.success(request, _("Added. Your team now shows as working with them."))
                return _go_on(request, person.uuid)
    context = {
        "form": form,
        "heading": _("Add a person"),
        "back_url": reverse("desk:search"),
        "alike": alike,
        "go_on": stamp if alike else "",
    }
    return render(request, "desk/add_person.html", context)


def _just_added(request: StaffRequest, form: AddPersonForm, stamp: str) -> uuid.UUID | None:
    """Who a first click added while the second was on its way: one form is taken in at a time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, %s))", [stamp, request.me.principal]
        )
    given = form.cleaned_data
    born = given["date_of_birth"]
    found = Person.objects.filter(
        author_team_id=request.me.team.team,
        recorded_by_id=request.me.principal,
        recorded_at__gt=timezone.now() - A_DOUBLE_CLICK,
        given=given["given"].strip(),
        family_name=given["family_name"].strip(),
        date_of_birth=born.value if born is not None else None,
    )
    return found.values_list("uuid", flat=True).first()


def _told(query: Query) -> dict[str, object]:
    given, _space, family_name = query.name.rpartition(" ")
    upn = query.identifier if not query.identifier.isdigit() else ""
    return {
        "given": given or family_name,
        "family_name": family_name if given else "",
        "date_of_birth": query.born,
        "postcode": query.postcode,
        "nhs_number": query.identifier if not upn else "",
        "pupil_number": upn,
    }


def _stamp(form: AddPersonForm) -> str:
    given = form.cleaned_data
    words = "\n".join(str(given[each]) for each in ("given", "family_name", "date_of_birth", "postcode"))
    return salted_hmac("desk.add_person", words).hexdigest()[:24]


def _alike(request: StaffRequest, form: AddPersonForm, reason: str) -> list[FoundView]:
    given = form.cleaned_data
    born = given["date_of_birth"]
    query = Query(
        name=f"{given['given']} {given['family_name']}".strip(),
        born=born.value if born is not None and born.precision == Precision.DAY else None,
        postcode=given["postcode"],
        identifier=given["nhs_number"] or given["pupil_number"],
    )
    reason = reason or _("Adding a person: are they here already?")
    found = [
        f for f in search(by=request.me, query=query, reason=reason, request=request) if f.score >= ALIKE
    ]
    if found:
        _remember(request, query, reason, found)
    return [found_view(each) for each in found]


def _remember(request: StaffRequest, query: Query, reason: str, found: list[Found]) -> None:
    memory.keep_search(request, query=query, reason=reason, typed={"name": query.name})
    memory.keep_found(request, found)


def _add(request: StaffRequest, form: AddPersonForm) -> Person | None:
    given = dict(form.cleaned_data)
    born = given.pop("date_of_birth")
    team = request.me.team.team
    try:
        person = add_person(
            by=request.me,
            team=team,
            date_of_birth=born.value if born is not None else None,
            born_precision=str(born.precision) if born is not None else "day",
            **given,
        )
    except FactRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return None
    involve(by=request.me, team=team, subject=person.pk, practitioner=request.me.principal)
    return person
