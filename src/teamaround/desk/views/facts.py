"""Adding a fact to a person's record: each form's words are the acting team's own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.me import Me
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.people import actions
from teamaround.people.models import FamilyMember, Person
from teamaround.people.one_person import Records, load_person
from teamaround.ui import forms as ui_forms

from .. import forms
from ..involved import works_with
from ..person import identity_of
from ..put_right import PutRightForm, own_entry, rows_of, said
from ..ties import grown_up, ties_of

Others = dict[str, tuple[int, str]]
Save = Callable[[Me, int, Person, dict[str, Any], Others], object]


@dataclass(frozen=True, slots=True)
class FactKind:
    """A kind of fact that may be added: its heading, its form, and what saves it."""

    heading: str
    form: type[ui_forms.Form]
    save: Save
    lead: str = ""
    others: bool = False


def _name(me: Me, team: int, person: Person, given: dict[str, Any], others: Others) -> object:
    return actions.add_name(by=me, team=team, person=person.pk, **given)


def _address(me: Me, team: int, person: Person, given: dict[str, Any], others: Others) -> object:
    return actions.add_address(by=me, team=team, person=person.pk, **given)


def _number(me: Me, team: int, person: Person, given: dict[str, Any], others: Others) -> object:
    return actions.add_identifier(by=me, team=team, person=person.pk, **given)


def _need(me: Me, team: int, person: Person, given: dict[str, Any], others: Others) -> object:
    return actions.add_need(by=me, team=team, person=person.pk, **given)


def _school(me: Me, team: int, person: Person, given: dict[str, Any], others: Others) -> object:
    return actions.set_school(by=me, team=team, person=person.pk, **given)


def _ethnicity(me: Me, team: int, person: Person, given: dict[str, Any], others: Others) -> object:
    return actions.set_background(by=me, team=team, person=person.pk, **given)


def _caring(me: Me, team: int, person: Person, given: dict[str, Any], others: Others) -> object:
    cared_for = others.get(given["other"])
    return actions.note_caring(
        by=me,
        team=team,
        person=person.pk,
        cared_for=cared_for[0] if cared_for is not None else None,
        relation=given["relation"],
        tasks=[*given["tasks"], given["more"]],
        hours=given["hours"],
    )


def _relationship(me: Me, team: int, person: Person, given: dict[str, Any], others: Others) -> object:
    return actions.relate(
        by=me,
        team=team,
        person=person.pk,
        other=others[given["other"]][0],
        kind=given["kind"],
        parental_responsibility=given["parental_responsibility"],
    )


def _reason(me: Me, team: int, person: Person, given: dict[str, Any], others: Others) -> object:
    return actions.note_care_reason(by=me, team=team, adult=person.pk, kind=given["kind"])


KINDS = {
    "name": FactKind(gettext_noop("Add a name"), forms.NameForm, _name),
    "address": FactKind(
        gettext_noop("Add an address"),
        forms.AddressForm,
        _address,
        gettext_noop("Your team’s earlier address of the same kind ends on the day this one begins."),
    ),
    "number": FactKind(gettext_noop("Add a number"), forms.NumberForm, _number),
    "need": FactKind(gettext_noop("Add a language or communication need"), forms.NeedForm, _need),
    "school": FactKind(gettext_noop("Add a school"), forms.SchoolForm, _school),
    "ethnicity": FactKind(gettext_noop("Add ethnicity"), forms.EthnicityForm, _ethnicity),
    "caring": FactKind(
        gettext_noop("What they do as a carer"),
        forms.CaringForm,
        _caring,
        gettext_noop(
            "Say what they do and for how long, not why. The reason belongs on the adult’s own record."
        ),
        others=True,
    ),
    "relationship": FactKind(
        gettext_noop("Add a relationship"),
        forms.RelationshipForm,
        _relationship,
        gettext_noop("Somebody who is not offered here must be added to the family first."),
        others=True,
    ),
    "reason": FactKind(
        gettext_noop("Why they need care"),
        forms.ReasonForm,
        _reason,
        gettext_noop("This stays on this adult’s own record. It never shows on a child’s page."),
    ),
}


@staff(Permission.WORK_CASES)
def add_fact(request: StaffRequest, key: uuid.UUID, kind: str) -> HttpResponse:
    """Add one fact of a kind to a person that one's team works with."""
    if kind not in KINDS:
        raise Http404
    person, records = load_person(request, key)
    if not works_with(person, records, request.me):
        messages.warning(
            request, _("Say first that your team works with them. Then you can add to the record.")
        )
        return redirect("desk:person", person.uuid)
    _only_for_whom_it_fits(kind, person, records)
    fact = KINDS[kind]
    others = _others(records) if fact.others else {}
    if kind == "relationship" and not others:
        messages.warning(
            request, _("Add the family first, or somebody to it. Then you can say how they are related.")
        )
        return redirect("desk:person", person.uuid)
    choices = {"others": [(each, name) for each, (_pk, name) in others.items()]} if fact.others else {}
    form = fact.form(request.POST if request.method == "POST" else None, **choices)
    if request.method == "POST" and form.is_valid() and _saved(request, fact, person, form, others):
        messages.success(request, _("Saved."))
        return redirect("desk:person", person.uuid)
    back = reverse("desk:person", args=[person.uuid])
    context = {
        "form": form,
        "heading": _(fact.heading),
        "lead": _(fact.lead) if fact.lead else "",
        "identity": identity_of(person),
        "cancel_url": back,
        "back_url": back,
    }
    return render(request, "ui/form_page.html", context)


@staff(Permission.WORK_CASES)
def put_right(request: StaffRequest, key: uuid.UUID, entry: str) -> HttpResponse:
    """Strike out a wrong entry of one's own team, with the reason."""
    person, records = load_person(request, key)
    found = own_entry(records, entry, request.me)
    if found is None:
        raise Http404
    row = load(request, rows_of(found), writable=True, act="change" if request.method == "POST" else "")
    # A relationship, a place in a family and caring name somebody else beside.
    ends = (getattr(row, name, None) for name in ("other_id", "person_id", "cared_for_id"))
    shown(request, [each for each in ends if each is not None], Category.INDEX)
    form = PutRightForm(request.POST if request.method == "POST" else None, version=row.version)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.void_fact(by=request.me, fact=row, **form.cleaned_data)
        except actions.FactRefused as refused:
            form.add_error("reason", str(refused))
        except StaleEdit:
            form.refuse_stale(ui_forms.StaleForm(row.version))
            status = 409
        else:
            messages.success(request, _("Struck out. Add what is right, if it is known."))
            return redirect("desk:person", person.uuid)
    back = reverse("desk:person", args=[person.uuid])
    context = {
        "form": form,
        "heading": _("Put right a wrong entry"),
        "caption": said(found),
        "lead": _(
            "The entry leaves the page and the search. It is kept in the record’s history, with your reason."
        ),
        "identity": identity_of(person),
        "submit": _("Strike it out"),
        "submit_class": "warning",
        "cancel_url": back,
        "back_url": back,
    }
    return render(request, "ui/form_page.html", context, status=status)


def _only_for_whom_it_fits(kind: str, person: Person, records: Records) -> None:
    """A reason for needing care stands on an adult's record alone, and caring on a child's or young person's."""
    if kind == "reason" and not grown_up(person.date_of_birth, person.born_precision, ties_of(records)):
        raise Http404


def _others(records: Records) -> Others:
    mine = FamilyMember.objects.filter(person_id__in=records, until=None, voided_at=None).values("subject_id")
    rows = FamilyMember.objects.filter(subject_id__in=mine, until=None, voided_at=None).exclude(
        person_id__in=records
    )
    members = rows.select_related("person").order_by("person__given", "person_id")
    return {str(row.person.uuid): (row.person_id, row.person.name) for row in members}


def _saved(
    request: StaffRequest, fact: FactKind, person: Person, form: ui_forms.Form, others: Others
) -> bool:
    try:
        fact.save(request.me, request.me.team.team, person, form.cleaned_data, others)
    except actions.FactRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return False
    return True
