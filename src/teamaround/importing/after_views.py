"""Pages about what was brought in: withdrawing it again, and who ends because a whole caseload lists them no longer."""

from __future__ import annotations

import contextlib
from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.index.freshness import Unlisted
from teamaround.index.models import Involvement
from teamaround.people.models import Person
from teamaround.ui.forms import StaleForm

from . import actions, ending, withdrawing
from .after_presenters import authorisation_words, child_lines, plan_counts, unlisted_lines
from .forms import EndingForm, WithdrawForm
from .jobs import go_on
from .loaders import load_own
from .models import Ending, ImportRun, RunState
from .resting import reasons_of

PAGE = 50
#: With more children than this one does not choose one by one: such a file was most likely cut off.
CHOOSE_AMONG = 200


@staff(Permission.IMPORT_CASELOAD)
@never_cache
def withdraw(request: StaffRequest, uuid: UUID) -> HttpResponseBase:
    """What a withdrawal would take out, what stays and why; and asking for exactly that, with a reason."""
    found = load_own(request, ImportRun.objects.select_related("authorisation"), uuid)
    if found.state != RunState.DONE:
        return redirect("importing:run", uuid)
    plan = withdrawing.plan_of(found)
    form = WithdrawForm(request.POST or None, initial={"plan": plan.digest})
    if request.method == "POST" and form.is_valid():
        try:
            asked = actions.withdraw(
                by=request.me,
                run=found,
                reason=form.cleaned_data["reason"],
                plan=form.cleaned_data["plan"],
            )
            if asked:
                go_on.defer(run=found.pk)
            return redirect("importing:run", uuid)
        except actions.ImportRefused as wrong:
            form.add_error(wrong.field or None, str(wrong))
            form.data = {**form.data.dict(), "plan": plan.digest}  # type: ignore[attr-defined]
    show = request.GET.get("show", "")
    staying = show == "stays" or (not show and not plan.gone)
    numbers = withdrawing.children_of(found)
    after = _number(request.GET.get("after", ""))
    listed = sorted(
        (number, subject)
        for subject, number in numbers.items()
        if (subject in plan.gone) != staying and number > after
    )
    page, more = [subject for _place, subject in listed[:PAGE]], len(listed) > PAGE
    shown(request, page, "index", act="list")
    people = Person.objects.in_bulk(page)
    why = reasons_of(found, plan, page) if staying and page else {}
    here = f"?show={'stays' if staying else 'goes'}"
    context = {
        "run": found,
        "form": form,
        "rests_on": authorisation_words(found.authorisation) if found.authorisation else "",
        "counts": plan_counts(plan, len(numbers)),
        "children": child_lines(page, people, why, numbers),
        "staying": staying,
        "next": f"{here}&after={numbers[page[-1]]}" if more else "",
        "heading": _("Withdraw this import"),
        "caption": found.filename,
        "submit": _("Withdraw"),
        "submit_class": "warning",
        "cancel_url": reverse("importing:run", args=[uuid]),
        "back_url": reverse("importing:run", args=[uuid]),
    }
    return render(request, "importing/withdraw.html", context)


@staff(Permission.IMPORT_CASELOAD)
@never_cache
def unlisted(request: StaffRequest, uuid: UUID) -> HttpResponseBase:
    """The children whom a whole caseload no longer lists, and the question which of them end."""
    found = load_own(request, ImportRun.objects.all(), uuid)
    answered = found.state == RunState.DONE and found.ending != Ending.NOT_ASKED
    if not found.whole or found.state not in ending.ANSWERED_IN or answered:
        return redirect("importing:run", uuid)
    rows = ending.unlisted(by=request.me, run=found)
    if not rows:
        return redirect("importing:run", uuid)
    choose = len(rows) <= CHOOSE_AMONG
    page, more = (rows, False) if choose else _page_of(rows, request.GET.get("after", ""))
    subjects = [row.subject for row in page]
    shown(request, subjects, "index", act="list")
    involvements = Involvement.objects.filter(pk__in=[row.involvement for row in page])
    lines = unlisted_lines(page, Person.objects.in_bulk(subjects), involvements)
    form = EndingForm(
        request.POST or None,
        version=found.version,
        lines=lines,
        choose=choose,
        initial={
            "said": found.ending,
            "on": found.ends_on or timezone.localdate(),
            "seen": ending.seen_digest(rows),
        },
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            ending.answer(
                by=request.me,
                run=found,
                version=form.cleaned_data["version"],
                said=form.cleaned_data["said"],
                on=form.cleaned_data["on"],
                chosen=[UUID(one) for one in form.cleaned_data.get("chosen") or ()],
                seen=form.cleaned_data["seen"],
            )
            return redirect("importing:run", uuid)
        except ending.EndingRefused as wrong:
            form.add_error(wrong.field if wrong.field in form.fields else None, str(wrong))
        except StaleEdit:
            found.refresh_from_db()
            typed = request.POST.copy()
            typed["seen"] = ending.seen_digest(rows)
            form.data = typed
            form.refuse_stale(StaleForm(found.version))
            status = 409
    context = {
        "run": found,
        "form": form,
        "lines": lines,
        "many": not choose,
        "next": f"?after={lines[-1].involvement}" if more else "",
        "cut_off": len(rows) > found.rows,
        "heading": ngettext(
            "%(number)s child is no longer in the file",
            "%(number)s children are no longer in the file",
            len(rows),
        )
        % {"number": len(rows)},
        "caption": found.filename,
        "back_url": reverse("importing:run", args=[uuid]),
        "refused": found.refused,
    }
    return render(request, "importing/unlisted.html", context, status=status)


def _page_of(rows: list[Unlisted], after: str) -> tuple[list[Unlisted], bool]:
    """Those that follow the involvement of this identifier, a page of them, and whether there are more."""
    start = 0
    with contextlib.suppress(ValueError):
        last = Involvement.objects.filter(uuid=UUID(after)).values_list("pk", flat=True).first()
        start = next((place for place, row in enumerate(rows, start=1) if row.involvement == last), 0)
    return rows[start : start + PAGE], len(rows) > start + PAGE


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
