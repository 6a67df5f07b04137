"""Finding somebody, and adding somebody who is not there yet."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable

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
from teamaround.index.searching import named
from teamaround.index.typed import Typed, read
from teamaround.linkage import normalise
from teamaround.linkage.normalise import is_particle
from teamaround.people.actions import FactRefused, add_person
from teamaround.people.merging import records_of
from teamaround.people.models import Person
from teamaround.ui.forms import ApproximateDate, Precision

from .. import memory
from ..forms import AddPersonForm
from ..found import FoundView, answers_view, found_view, understood
from ..involved import team_works_with
from ..search_form import SearchForm, boxes

MOST = 10
A_DOUBLE_CLICK = dt.timedelta(seconds=20)
"""The same name and birthday, sent again by the same worker within this time, are one person."""
LIKELY = 0.05
"""A probability from which somebody is likely enough to be the same to be looked at first."""


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
        return render(request, "desk/search.html", _page(request, form), status=200)
    memory.keep_search(request, query=form.query(), reason=form.cleaned_data["reason"], typed=form.as_typed())
    return redirect("desk:search")


def _answer(request: StaffRequest) -> HttpResponse:
    kept = memory.search_in_hand(request)
    offered = memory.reasons(request)
    if kept is None:
        form = SearchForm(initial={"reason": offered[0] if offered else ""})
        return render(request, "desk/search.html", _page(request, form))
    query, reason, typed = kept
    form = SearchForm(initial={**boxes(typed), "reason": reason})
    told = _told(request, query, reason, read(typed.get("q", ""), timezone.localdate()))
    return render(request, "desk/search.html", {**_page(request, form), **told})


@require_POST
@staff(Permission.SEARCH_INDEX)
def suggest(request: StaffRequest) -> HttpResponse:
    """The answers to what stands in the box at this moment, as a piece of the page: a search like any other.

    Nobody is looked for before a reason is stated, nor by less than two letters or one whole fact.
    """
    form = SearchForm(request.POST)
    good = form.is_valid()
    query, typed, reason = form.query(), form.read, form.cleaned_data.get("reason", "")
    told: dict[str, object] = {"understood": understood(query, typed), "unread": typed.unread}
    if "q" in form.errors and not typed.unread and (query != Query() or request.POST.get("q", "").strip()):
        told["refused"] = form.errors["q"]
    if not reason and query != Query():
        told["asked_why"] = True
    if good and Typed(query).worth_a_look:
        memory.keep_search(request, query=query, reason=reason, typed=form.as_typed(), typing=True)
        told = _told(request, query, reason, typed)
    return render(request, "desk/search_now.html", {**_page(request, form), **told})


def _told(request: StaffRequest, query: Query, reason: str, typed: Typed) -> dict[str, object]:
    """The answers, with how the question was understood."""
    answers = search(by=request.me, query=query, reason=reason, request=request, most=MOST)
    kept = _other_records(request, answers) if memory.same_as(request) else list(answers)
    memory.keep_found(request, kept)
    closed = _closed_to_me(request, kept)
    return {
        "understood": understood(query, typed),
        "unread": typed.unread,
        "answers": answers_view(answers, query, kept=kept, closed=closed, most=MOST),
    }


def _closed_to_me(request: StaffRequest, found: list[Found]) -> set[int]:
    """Whose record I do not see and may open in an emergency. A protected entry is never told apart from others."""
    if not request.me.may(Permission.WORK_CASES) or memory.joining(request) or memory.same_as(request):
        return set()
    told = {each.subject for each in found if not each.protected}
    return told - set(Person.objects.filter(pk__in=told).values_list("pk", flat=True))


def _other_records(request: StaffRequest, found: Iterable[Found]) -> list[Found]:
    """Who may be another record of the person in hand: not they themselves, nor a protected entry."""
    here = memory.same_as(request)
    return [row for row in found if not row.protected and str(row.uuid) != here]


def _page(request: StaffRequest, form: SearchForm) -> dict[str, object]:
    reasons = memory.reasons(request)
    return {
        "form": form,
        "heading": _("Find a child or an adult"),
        "reasons": reasons,
        "reason_today": reasons[0] if reasons and not form.errors.get("reason") else "",
        "one_by_one": form.one_by_one_used,
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
        request.POST if request.method == "POST" else None, initial=_known(kept[0]) if kept else {}
    )
    alike: list[FoundView] = []
    crowded = False
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
            alike, crowded = _alike(request, form, kept[1] if kept else "")
        if not alike and not crowded:
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
        "crowded": crowded,
        "go_on": stamp if alike or crowded else "",
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


def _known(query: Query) -> dict[str, object]:
    """What the search was told, as the form for adding somebody asks it."""
    forename, middle, surname = named(query.name)
    given, family_name = (f"{forename} {middle}".strip(), surname) if forename else (surname, "")
    numbers = [each for each in (query.identifier, query.upn) if each]
    return {
        "given": _as_written(given),
        "family_name": _as_written(family_name),
        "date_of_birth": ApproximateDate(query.born, Precision(query.precision)) if query.born else None,
        "postcode": query.postcode if normalise.postcode(query.postcode)[0] else query.postcode.split(" ")[0],
        "nhs_number": next((each for each in numbers if each.isdigit()), ""),
        "pupil_number": next((each for each in numbers if not each.isdigit()), ""),
    }


def _as_written(name: str) -> str:
    """A name as one writes it, where it was typed in small letters: "mary-kate o'brien", but "de la Cruz" stays."""
    if name != name.lower():
        return name
    return " ".join(word if is_particle(word) else _CAPITAL.sub(_upper, word) for word in name.split(" "))


_CAPITAL = re.compile(r"^\w|(?<=[-’'])\w(?=\w)")


def _upper(letter: re.Match[str]) -> str:
    return letter[0].upper()


def _stamp(form: AddPersonForm) -> str:
    given = form.cleaned_data
    words = "\n".join(str(given[each]) for each in ("given", "family_name", "date_of_birth", "postcode"))
    return salted_hmac("desk.add_person", words).hexdigest()[:24]


def _alike(request: StaffRequest, form: AddPersonForm, reason: str) -> tuple[list[FoundView], bool]:
    """Who may be the same as the person in the form, and whether more fit than anybody could choose from."""
    given = form.cleaned_data
    born = given["date_of_birth"]
    query = Query(
        name=f"{given['given']} {given['family_name']}".strip(),
        born=born.value if born is not None else None,
        postcode=given["postcode"],
        identifier=given["nhs_number"] or given["pupil_number"],
        upn=given["pupil_number"] if given["nhs_number"] else "",
        precision=born.precision.value if born is not None else "day",
    )
    reason = reason or _("Adding a person: are they here already?")
    answers = search(by=request.me, query=query, reason=reason, request=request)
    found = [each for each in answers if _may_be_the_same(each)]
    if found:
        _remember(request, query, reason, found)
    return [found_view(each, query) for each in found], answers.too_many


def _may_be_the_same(found: Found) -> bool:
    """Whether somebody is to be looked at before a second record is made: likely, or nothing that was said differs."""
    if found.protected or found.chance >= LIKELY:
        return True
    differs = ("different", "elsewhere")
    return "same name" in found.why and not any(word in reason for reason in found.why for word in differs)


def _remember(request: StaffRequest, query: Query, reason: str, found: list[Found]) -> None:
    memory.keep_search(request, query=query, reason=reason, typed={"q": query.name})
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
