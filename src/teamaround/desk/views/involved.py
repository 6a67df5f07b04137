"""How to reach somebody involved, opened by a link of its own; and the answers about quiet involvements."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.models import SubjectKind
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.index.freshness import begin_again, confirm, end_asked
from teamaround.index.models import Involvement
from teamaround.people.models import Family, Person
from teamaround.ui.components import SummaryRow

from ..clocks import page
from ..involved import reach_of
from ..quiet import load_quiet_page


@staff(Permission.WORK_CASES)
def contact(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """How to reach a team involved. The look stands in the access log under this page's name."""
    rows = Involvement.objects.select_related("author_team__agency", "practitioner__account", "subject")
    row = load(request, rows, uuid=key)
    reach = reach_of(row, request.me)
    if reach is None:
        raise Http404
    if request.headers.get("HX-Request"):
        response = render(request, "desk/contact_details.html", {"reach": reach})
    else:
        told = [
            SummaryRow(_("Works for"), reach.service),
            SummaryRow(_("Telephone"), reach.phone or _("Not given")),
            SummaryRow(_("E-mail"), reach.email or _("Not given")),
        ]
        context = {
            "heading": reach.worker,
            "caption": reach.job,
            "rows": told,
            "back_url": _page_of(row),
            "back_text": _("Back to who is involved"),
        }
        response = render(request, "desk/contact.html", context)
    response["Vary"] = "HX-Request"
    return response


def _page_of(row: Involvement) -> str:
    """Where the list stands: the person's page or the family's."""
    if row.subject.kind == SubjectKind.FAMILY:
        family = Family.objects.filter(pk=row.subject_id).first()
        return page("desk:family", family.uuid) if family is not None else ""
    person = Person.objects.filter(pk=row.subject_id).first()
    return f"{page('desk:person', person.uuid)}#involved" if person is not None else ""


@staff(Permission.WORK_CASES)
def quiet(request: StaffRequest) -> HttpResponse:
    """“Are you still working with them?”, one click each, and one for all that are shown."""
    if request.method == "POST":
        return _answer(request)
    found = load_quiet_page(request.me)
    shown(request, found.subjects, Category.INDEX, act="list")
    context = {"page": found, "heading": _("Are you still working with them?")}
    return render(request, "desk/quiet.html", context)


def _answer(request: StaffRequest) -> HttpResponse:
    everybody = _keys(request.POST.getlist("shown"))
    still = everybody if request.POST.get("all") == "still" else _keys(request.POST.getlist("still"))
    ended = everybody if request.POST.get("all") == "ended" else _keys(request.POST.getlist("ended"))
    if still:
        n = confirm(by=request.me, involvements=still)
        messages.success(request, ngettext("%(n)d is confirmed.", "%(n)d are confirmed.", n) % {"n": n})
    if ended:
        n = end_asked(by=request.me, involvements=ended)
        messages.success(
            request,
            ngettext(
                "%(n)d ended. Your team no longer shows as working with them.",
                "%(n)d ended. Your team no longer shows as working with them.",
                n,
            )
            % {"n": n},
        )
    return redirect("desk:quiet")


def _keys(typed: list[str]) -> list[uuid.UUID]:
    """The identifiers among what was sent; what is none is left out."""
    found = []
    for each in typed:
        try:
            found.append(uuid.UUID(each))
        except ValueError:
            continue
    return found


@require_POST
@staff(Permission.WORK_CASES)
def again(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Begin again what ended because nobody confirmed it."""
    row = begin_again(by=request.me, involvement=key)
    if row is None:
        raise Http404
    shown(request, [row.subject_id], row.category, act="change")
    messages.success(request, _("Your team shows as working with them again."))
    person = Person.objects.filter(pk=row.subject_id).first()
    return redirect("desk:person", person.uuid) if person is not None else redirect("desk:quiet")
