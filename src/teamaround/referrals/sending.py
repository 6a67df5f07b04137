"""The professional referral form: for a child who is known, or before anybody knows who the child is."""

from __future__ import annotations

import uuid as uuids
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from teamaround.access.drafts import draft_of, drop_draft
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.people.merging import records_of
from teamaround.people.models import Address, Person, SchoolPlace
from teamaround.people.one_person import load_person
from teamaround.ui.forms import ApproximateDate, Precision

from . import actions, loaders, presenters
from .codes import Arrival
from .forms import NewReferralForm, fresh_token, refuse, typed_again
from .models import Referral


@staff(Permission.REFER)
@require_http_methods(["GET", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """The professional referral form; `?person=` fills in a child who is known."""
    person = _person(request)
    about = str(person.uuid) if person else "new"
    teams = list(loaders.receiving_teams())
    if request.method == "POST":
        form = NewReferralForm(request.POST, teams=teams)
        if form.is_valid() and (referral := _sent(request, form, person)) is not None:
            drop_draft(by=request.me, form="referral", about=about)
            messages.success(request, _("The referral was sent to %(team)s.") % {"team": form.team.name})
            return redirect(actions.address(referral))
    else:
        draft = draft_of(by=request.me, form="referral", about=about)
        initial = {"sex": "U", "priority": "standard", "arrival": Arrival.WRITTEN}
        initial |= {"receiving_team": teams[0].slug} if len(teams) == 1 else {}
        initial |= _known(request, person) if person else {}
        initial |= typed_again(NewReferralForm, draft.typed) if draft else {}
        form = NewReferralForm(teams=teams, initial={**initial, "form_token": fresh_token()})
    return render(
        request,
        "referrals/new.html",
        {
            "form": form,
            "person": person,
            "teams": teams,
            "draft_url": presenters.address("drafts:save", "referral", about),
            "cancel_url": presenters.address("desk:person", person.uuid)
            if person
            else reverse("referrals:inbox"),
        },
    )


def _person(request: StaffRequest) -> Person | None:
    wanted = request.GET.get("person", "")
    return load_person(request, _uuid(wanted))[0] if wanted else None


def _uuid(text: str) -> uuids.UUID | None:
    try:
        return uuids.UUID(text)
    except ValueError:
        return None


def _known(request: StaffRequest, person: Person) -> dict[str, Any]:
    """What I may see of the child, as it fills the form in."""
    now: dict[str, Any] = {"subject_id__in": records_of(person.pk), "until": None, "voided_at": None}
    home = Address.objects.filter(**now).order_by("-id").first()
    school = SchoolPlace.objects.filter(**now).order_by("-id").first()
    shown(request, [row.subject_id for row in (home, school) if row is not None], "identity")
    known: dict[str, Any] = {"given": person.given, "family_name": person.family_name, "sex": person.sex}
    if person.date_of_birth:
        known["date_of_birth"] = ApproximateDate(person.date_of_birth, Precision(person.born_precision))
    if home:
        known |= {"address": home.lines, "postcode": home.postcode, "phone": home.phone}
    if school:
        known["school"] = school.school_name
    return known


def _sent(request: StaffRequest, form: NewReferralForm, person: Person | None) -> Referral | None:
    me, said = request.me, form.cleaned_data
    # Taken down for somebody else by the team that receives it: that team is the one to be told.
    takes_own = said["arrival"] == Arrival.FOR_ANOTHER and form.team.pk in me.teams
    try:
        return actions.send(
            by=me,
            team=form.team.pk if takes_own else me.team.team,
            receiving_team=form.team,
            child=person.pk if person else None,
            intake=form.intake(),
            form_token=said["form_token"],
            priority=said["priority"],
        )
    except ValueError as refused:
        refuse(form, refused)
        return None
