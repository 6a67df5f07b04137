"""What the pages of sharing have in common: the person and the acting team, and a page of one form."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import render

from teamaround.access.edits import StaleEdit
from teamaround.access.requests import StaffRequest
from teamaround.people.models import Person
from teamaround.people.one_person import Records, load_person
from teamaround.ui.forms import StaleForm, VersionedForm

from .actions import BasisRefused
from .circle import recording_team
from .links import identity_of, page


def person_and_team(request: StaffRequest, person: uuids.UUID) -> tuple[Person, Records, int]:
    """The person with their records, and the team of mine that works with them. 404 unseen, 403 without such a team."""
    child, records = load_person(request, person)
    team = recording_team(request.me, child, records)
    if team is None:
        raise PermissionDenied
    return child, records, team


def acted(form: BaseForm, act: Callable[[], Any], *, current: Callable[[], int] | None = None) -> int:
    """Do what a form asks: 302 where it was done, 200 where it was refused beside its field, 409 where somebody
    changed it meanwhile. `current` reads the version of now, so that a second save goes through.
    """
    if not form.is_bound or not form.is_valid():
        return 200
    try:
        act()
    except BasisRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return 200
    except StaleEdit:
        if isinstance(form, VersionedForm) and current is not None:
            form.refuse_stale(StaleForm(current_version=current()))
        return 409
    return 302


def form_page(
    request: StaffRequest,
    form: BaseForm | None,
    *,
    child: Person | None,
    heading: str,
    status: int = 200,
    template: str = "ui/form_page.html",
    **more: Any,
) -> HttpResponse:
    """The page of one form about a person."""
    back = page("desk:person", child.uuid) if child is not None else page("desk:my_day")
    context = {
        "form": form,
        "heading": heading,
        "identity": identity_of(child),
        "back_url": back,
        "cancel_url": back,
        **more,
    }
    return render(request, template, context, status=status)
