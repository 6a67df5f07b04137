"""Trying a draft on last year's cases, and publishing it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from teamaround.access.edits import StaleEdit
from teamaround.access.requests import StaffRequest, staff
from teamaround.procedures import drafts
from teamaround.procedures.calendars import keeper
from teamaround.procedures.format import Procedure
from teamaround.procedures.models import ProcedureDraft, ProcedureVersion
from teamaround.procedures.past import past_streams
from teamaround.procedures.publishing import later_than, publish, withdraw, would_be_drafted
from teamaround.procedures.versions import procedure_of
from teamaround.procedures.whatif import compare, stages_in
from teamaround.ui.forms import StaleForm
from teamaround.ui.presentation import uk_date

from ..forms import PublishForm, WithdrawForm
from ..loaders import team_names
from ..presenters import tried
from ..words import differences
from .changing import CHANGE, base_of


def _usable(request: StaffRequest, slug: str) -> tuple[ProcedureDraft, Procedure] | None:
    """The draft and what it means; None, with a message, where there is none or it is wrong."""
    _latest, draft = base_of(slug)
    if draft is None or not drafts.is_open(draft):
        messages.warning(request, _("There is no change yet. Change the procedure first."))
        return None
    procedure, problems = drafts.read_draft(slug, draft.text)
    if procedure is None:
        messages.warning(request, _("The draft has a mistake: %(what)s") % {"what": problems[0]})
        return None
    return draft, procedure


@staff(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def what_if(request: StaffRequest, slug: str) -> HttpResponse:
    """The draft run over last year's cases, beside the version that it changes."""
    usable = _usable(request, slug)
    if usable is None:
        return redirect("practice:change", slug)
    draft, procedure = usable
    if draft.based_on is None:
        messages.info(request, _("No case followed this procedure yet, so there is nothing to try it on."))
        return redirect("practice:publish", slug)
    before = procedure_of(draft.based_on.pk)
    context = {
        "heading": _("Try it on last year’s cases"),
        "caption": procedure.name,
        "slug": slug,
        "number": draft.based_on.number,
        "differences": differences(before, procedure),
        "back_url": reverse("practice:change", args=[slug]),
        "back_text": _("The draft"),
    }
    if request.method == "POST":
        now = timezone.now()
        streams = past_streams(slug, now=now)
        cells = compare(before, procedure, streams, now, kept_by=keeper())
        context["tried"] = tried(
            cells,
            cases=len(streams),
            stages=stages_in(before, procedure),
            teams=team_names({cell.team for cell in cells}),
        )
    return render(request, "practice/what_if.html", context)


@staff(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def publish_draft(request: StaffRequest, slug: str) -> HttpResponse:
    """From which day the draft is in force, and why."""
    usable = _usable(request, slug)
    if usable is None:
        return redirect("practice:change", slug)
    draft, procedure = usable
    form = PublishForm(
        request.POST or None, initial={"effective_on": timezone.localdate()}, version=draft.version
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            made = publish(by=request.me, draft=draft, **form.cleaned_data)
        except drafts.ChangeRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        except StaleEdit:
            form.refuse_stale(StaleForm(draft.version, draft.by.name if draft.by else ""))
            status = 409
        else:
            day = uk_date(timezone.localtime(made.effective_from).date())
            said = _("Version %(number)s is published. New cases follow it from %(day)s.")
            if draft.based_on is None:
                said = _("It is published, in force from %(day)s. Now a team can choose it.")
            messages.success(request, said % {"number": made.number, "day": day})
            return redirect("practice:procedure", slug)
    context = {
        "form": form,
        "heading": _("Publish the change") if draft.based_on else _("Publish the procedure"),
        "caption": procedure.name,
        "new": draft.based_on is None,
        "differences": differences(procedure_of(draft.based_on.pk), procedure) if draft.based_on else (),
        "submit": _("Publish"),
        "cancel_url": reverse("practice:change", args=[slug]),
        "back_url": reverse("practice:change", args=[slug]),
        "back_text": _("The draft"),
    }
    return render(request, "practice/publish.html", context, status=status)


@staff(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_version(request: StaffRequest, slug: str, number: int) -> HttpResponse:
    """Take back a version that has not begun, with the reason. 404 for one that began or was withdrawn."""
    row = ProcedureVersion.objects.filter(slug=slug, number=number, withdrawn_at=None).defer("text").first()
    if row is None or row.effective_from <= timezone.now():
        raise Http404
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            drafted = withdraw(by=request.me, version=row, why=form.cleaned_data["why"])
        except drafts.ChangeRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            said = _("Version %(number)s is withdrawn. What it says is in the draft.")
            if not drafted:
                said = _("Version %(number)s is withdrawn. What it says can still be read under its number.")
            messages.success(request, said % {"number": row.number})
            return redirect("practice:change" if drafted else "practice:procedure", slug)
    context = {
        "form": form,
        "heading": _("Withdraw version %(number)s") % {"number": row.number},
        "caption": procedure_of(row.pk).name,
        "lead": _what_withdrawing_does(row),
        "submit": _("Withdraw"),
        "submit_class": "warning",
        "cancel_url": reverse("practice:procedure", args=[slug]),
        "back_url": reverse("practice:procedure", args=[slug]),
        "back_text": _("The procedure"),
    }
    return render(request, "ui/form_page.html", context)


def _what_withdrawing_does(row: ProcedureVersion) -> str:
    words = _("It was to be in force from %(day)s. No case follows it.") % {"day": _from(row)}
    if would_be_drafted(row):
        return words + " " + _("What it says goes back into the draft.")
    words += " " + _("What it says can still be read under its number; it does not go back into the draft.")
    later = later_than(row)
    if later is None:
        return words
    stays = _(
        "Version %(later)s, in force from %(day)s, was made after it and stays as it is, with what it took over from "
        "this one. Withdraw that one as well if it should not begin."
    )
    return words + " " + stays % {"later": later.number, "day": _from(later)}


def _from(row: ProcedureVersion) -> str:
    return uk_date(timezone.localtime(row.effective_from).date())
