"""A person's page, and saying that one's team works with them."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.index.actions import end_involvement, involve
from teamaround.index.models import Involvement
from teamaround.people.models import Person
from teamaround.people.one_person import load_person

from ..forms import EndForm
from ..involved import team_works_with
from ..person import load_person_page


@staff(Permission.WORK_CASES)
def person(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Who is involved with somebody; and whatever else the reader's grants show."""
    row, records = load_person(request, key)
    if row.uuid != key:
        return redirect("desk:person", row.uuid)
    page = load_person_page(row, records, me=request.me, before=request.GET.get("before", ""))
    seen = [row.pk, *(each.subject for each in page.joined)]
    for category in page.categories:
        shown(request, seen, category, reason=page.purpose)
    shown(request, page.also_named, Category.INDEX)
    return render(
        request, "desk/person.html", {"page": page, "identity": page.identity, "heading": page.heading}
    )


@require_POST
@staff(Permission.WORK_CASES)
def begin(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """“I am working with this child”: the acting team's involvement."""
    row, records = load_person(request, key, act="change")
    if not team_works_with(records, request.me):
        involve(
            by=request.me,
            team=request.me.team.team,
            subject=row.pk,
            practitioner=request.me.principal,
        )
    messages.success(request, _("Your team now shows as working with them."))
    return redirect("desk:person", row.uuid)


@staff(Permission.WORK_CASES)
def end(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """End one's own team's involvement; what it opened closes at once."""
    involvement = load(request, Involvement.objects.filter(until=None), uuid=key, writable=True, act="change")
    row = load(request, Person.objects.all(), pk=involvement.subject_id)
    form = EndForm(request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        on = form.cleaned_data["on"]
        if on < involvement.since:
            form.add_error("on", _("Your team began later than that. Check the date."))
        else:
            end_involvement(by=request.me, involvement=involvement, on=on)
            messages.success(request, _("Ended. Your team no longer shows as working with them."))
            if request.GET.get("from") == "quiet":
                return redirect("desk:quiet")
            if Person.objects.filter(pk=row.pk).exists():
                return redirect("desk:person", row.uuid)
            return redirect("desk:my_day")
    context = {
        "form": form,
        "heading": _("End your team’s work with %(name)s") % {"name": row.name},
        "lead": _(
            "What your team could see because it worked with them closes at once. "
            "What your team wrote stays with your team."
        ),
        "submit": _("End our involvement"),
        "submit_class": "warning",
        "back_url": reverse("desk:quiet") if request.GET.get("from") == "quiet" else page_of(row),
    }
    return render(request, "ui/form_page.html", context)


def page_of(row: Person) -> str:
    """The address of a person's page."""
    return reverse("desk:person", args=[row.uuid])
