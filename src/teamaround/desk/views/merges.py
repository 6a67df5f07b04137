"""Two records of one person: finding the other, looking at both, joining them, and undoing it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.me import Me
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.people.merges import MergeRefused, merge_records, undo_merge
from teamaround.people.models import Merge, Person
from teamaround.people.one_person import load_person, sides_of
from teamaround.ui.forms import StaleForm

from .. import memory
from ..comparing import compare as compare_records
from ..joined import joining_words
from ..merge_forms import JoinForm, UndoForm
from ..person import identity_of
from ..undoing import chosen, written_since


def managing_team(me: Me) -> int:
    """The team of mine in which I may join records. The views ask for the permission first."""
    return next(team for team in me.teams if me.may_for(Permission.MERGE_RECORDS, team))


@staff(Permission.MERGE_RECORDS, Permission.SEARCH_INDEX)
@require_http_methods(["GET", "HEAD", "POST"])
def same_as(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """“This may be the same person as …”: the search opens for the other record."""
    person, _records = load_person(request, key)
    if request.method == "POST":
        memory.begin_same_as(request, person.uuid)
        return redirect("desk:search")
    context = {
        "heading": _("This may be the same person as …"),
        "identity": identity_of(person),
        "person": person,
        "back_url": reverse("desk:person", args=[person.uuid]),
    }
    return render(request, "desk/same_as.html", context)


@require_POST
@staff(Permission.MERGE_RECORDS)
def stop_same_as(request: StaffRequest) -> HttpResponse:
    """No other record is looked for any more."""
    key = memory.same_as(request)
    memory.end_same_as(request)
    return redirect("desk:person", key) if key else redirect("desk:search")


@staff(Permission.MERGE_RECORDS)
@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: StaffRequest, key: uuid.UUID, other_key: uuid.UUID) -> HttpResponse:
    """Both records side by side, what follows from joining them, and the reason. A record that I may
    not open, as where a full shield hides it, does not exist here: 404."""
    act = "change" if request.method == "POST" else ""
    both = load_person(request, key, act=act), load_person(request, other_key, act=act)
    (first, _records), (second, _others) = both
    if first.pk == second.pk:
        raise Http404
    page = compare_records(*both, me=request.me)
    for category in page.categories:
        shown(request, page.subjects, category)
    shown(request, page.also_named, Category.INDEX)
    people = sorted((first, second), key=lambda row: (row.recorded_at, row.pk))
    form = JoinForm(request.POST or None, people=people, initial={"into": str(people[0].uuid)})
    if request.method == "POST" and form.is_valid():
        into, merged = (first, second) if form.cleaned_data["into"] == str(first.uuid) else (second, first)
        try:
            merge_records(
                by=request.me,
                team=managing_team(request.me),
                person=merged.pk,
                into=into.pk,
                reason=form.cleaned_data["reason"],
            )
        except MergeRefused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            memory.end_same_as(request)
            messages.success(request, _("Joined. The page shows what every record says."))
            return redirect("desk:person", into.uuid)
    context = {
        "heading": _("Are these the same person?"),
        "identity": identity_of(first),
        "page": page,
        "form": form,
        "back_url": reverse("desk:person", args=[first.uuid]),
        "cancel_url": reverse("desk:person", args=[first.uuid]),
    }
    return render(request, "desk/compare.html", context)


@staff(Permission.MERGE_RECORDS)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """What was written since two records were joined, row by row, and parting them again."""
    rows = Merge.objects.filter(undone_at=None).select_related("into", "recorded_by__practitioner")
    merge = load(request, rows, uuid=key, act="change" if request.method == "POST" else "")
    people = {
        row.pk: row
        for row in Person.objects.filter(pk__in=(merge.subject_id, merge.into_id)).select_related(
            "author_team__agency"
        )
    }
    if len(people) < 2:
        raise Http404
    first, second = people[merge.subject_id], people[merge.into_id]
    one, other = sides_of(merge)
    written = written_since(merge, one, other)
    shown(request, people, Category.INDEX)
    for row in written:
        shown(request, [row.record], row.category)
    form = UndoForm(request.POST or None, rows=written, first=first, second=second, version=merge.version)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            undo_merge(
                by=request.me,
                team=managing_team(request.me),
                merge=merge,
                reason=form.cleaned_data["reason"],
                moves=chosen(written, form.cleaned_data),
            )
        except MergeRefused as refused:
            form.add_error(refused.field or None, str(refused))
        except StaleEdit:
            form.refuse_stale(StaleForm(merge.version))
            status = 409
        else:
            messages.success(request, _("Undone. Each record stands for itself again; nothing is lost."))
            return redirect(_after(first, second))
    context = {
        "heading": _("Undo the joining of two records"),
        "identity": identity_of(second),
        "told": joining_words(merge),
        "form": form,
        "sides": [
            (second, form.under(first=False), [row for row in written if row.hangs and not row.first]),
            (first, form.under(first=True), [row for row in written if row.hangs and row.first]),
        ],
        "back_url": reverse("desk:person", args=[second.uuid]),
        "cancel_url": reverse("desk:person", args=[second.uuid]),
    }
    return render(request, "desk/undo_merge.html", context, status=status)


def _after(first: Person, second: Person) -> str:
    """The page of the record that stood for the person, where I still may open it; else of the other; else My day."""
    seen = set(Person.objects.filter(pk__in=(first.pk, second.pk)).values_list("pk", flat=True))
    for row in (second, first):
        if row.pk in seen:
            return reverse("desk:person", args=[row.uuid])
    return reverse("desk:my_day")
