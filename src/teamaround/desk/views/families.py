"""A family's page, and who belongs to it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.index.actions import involve
from teamaround.people.actions import FactRefused, add_family, add_member
from teamaround.people.models import Family, FamilyMember, Person
from teamaround.people.one_person import load_person

from .. import memory
from ..family import load_family_page
from ..forms import FamilyForm, MemberForm
from ..involved import works_with
from ..person import identity_of


@staff(Permission.WORK_CASES)
def family(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """The members of a family, who is involved with each, what is owed and what has happened."""
    row = load(request, Family.objects.all(), uuid=key)
    page = load_family_page(row, me=request.me, before=request.GET.get("before", ""))
    for subject, categories in page.shown.items():
        for category in categories:
            shown(request, [subject], category)
    context = {
        "page": page,
        "identity": page.identity,
        "heading": _("Team around the family"),
        "joining": memory.joining(request) == str(key),
    }
    return render(request, "desk/family.html", context)


@staff(Permission.WORK_CASES)
def begin(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Add a family, beginning with one person who belongs to it."""
    person, records = load_person(request, key)
    if not works_with(person, records, request.me):
        messages.warning(
            request, _("Say first that your team works with them. Then you can add to the record.")
        )
        return redirect("desk:person", person.uuid)
    form = FamilyForm(
        request.POST if request.method == "POST" else None, initial={"name": _family_name(person)}
    )
    if request.method == "POST" and form.is_valid():
        team, given = request.me.team.team, form.cleaned_data
        try:
            made = add_family(by=request.me, team=team, name=given["name"])
        except FactRefused as refused:
            form.add_error("name", str(refused))
        else:
            add_member(
                by=request.me,
                team=team,
                family=made.pk,
                person=person.pk,
                role=given["role"],
                lives_here=given["lives_here"],
            )
            involve(by=request.me, team=team, subject=made.pk, practitioner=request.me.principal)
            messages.success(request, _("Family added. Now add its other members."))
            return redirect("desk:family", made.uuid)
    back = reverse("desk:person", args=[person.uuid])
    context = {
        "form": form,
        "heading": _("Add a family"),
        "identity": identity_of(person),
        "back_url": back,
        "cancel_url": back,
        "submit": _("Add the family"),
    }
    return render(request, "ui/form_page.html", context)


def _family_name(person: Person) -> str:
    return _("%(name)s family") % {"name": person.family_name} if person.family_name else ""


@require_POST
@staff(Permission.WORK_CASES, Permission.SEARCH_INDEX)
def add_by_search(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Look for the person who is to join the family, or add them: the search opens for that."""
    row = load(request, Family.objects.all(), uuid=key, writable=True, act="change")
    memory.begin_joining(request, row.uuid)
    return redirect("desk:search")


@require_POST
@staff(Permission.WORK_CASES)
def stop_joining(request: StaffRequest) -> HttpResponse:
    """Nobody is to join the family after all."""
    family_key = memory.joining(request)
    memory.end_joining(request)
    return redirect("desk:family", family_key) if family_key else redirect("desk:search")


@staff(Permission.WORK_CASES)
def join(request: StaffRequest, key: uuid.UUID, person_key: uuid.UUID) -> HttpResponse:
    """Say who the person is in the family."""
    row = load(request, Family.objects.all(), uuid=key, writable=True, act="change")
    person, records = load_person(request, person_key, act="change")
    form = MemberForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        there = FamilyMember.objects.filter(
            subject_id=row.pk,
            person_id__in=records,
            author_team_id__in=request.me.teams,
            until=None,
            voided_at=None,
        )
        if not there.exists():
            add_member(
                by=request.me, team=row.author_team_id, family=row.pk, person=person.pk, **form.cleaned_data
            )
        memory.end_joining(request)
        memory.forget_search(request)
        messages.success(request, _("Added to the family."))
        return redirect("desk:family", row.uuid)
    back = reverse("desk:family", args=[row.uuid])
    context = {
        "form": form,
        "heading": _("Add to %(family)s") % {"family": row.name},
        "identity": identity_of(person),
        "back_url": back,
        "cancel_url": back,
        "submit": _("Add to the family"),
    }
    return render(request, "ui/form_page.html", context)
