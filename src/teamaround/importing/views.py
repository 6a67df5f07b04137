"""Pages of an upload. Each finds the run under the team's own policy: another team's is no page at all."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.models import Practitioner
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person
from teamaround.sheets import SheetError, export_refused
from teamaround.sheets.mapping import MappingError
from teamaround.ui.forms import StaleForm

from . import actions, checking, deciding, ending, register
from .after_presenters import authorisation_words
from .forms import ColumnsForm, DecideForm, UploadForm
from .jobs import go_on
from .loaders import importing_teams, load_own
from .memory_views import memory_of
from .models import UNDER_WAY, ImportRow, ImportRun, Outcome, RunKind, RunState, Shape
from .presenters import FLAGGED, column_lines, counts_of, row_line, run_line, state_tag

PAGE = 50
RUNS = 20
DECISIONS = 10
DECIDING = "Deciding who the rows of an uploaded caseload are"


@staff(Permission.IMPORT_CASELOAD)
@never_cache
def start(request: StaffRequest) -> HttpResponseBase:
    """Choose a file; the team's earlier uploads."""
    agencies = [
        seat.agency for seat in request.me.seats if request.me.may_for(Permission.IMPORT_CASELOAD, seat.team)
    ]
    form = UploadForm(
        request.POST or None, request.FILES or None, me=request.me, authorisations=register.in_force(agencies)
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = actions.upload(
                by=request.me,
                team=int(form.cleaned_data["team"]),
                filename=file.name,
                content=file.read(actions.MAX_BYTES + 1),
                authorisation=form.authorisations.get(form.cleaned_data.get("kind", "")),
            )
            return redirect("importing:columns", found.uuid)
        except (SheetError, actions.ImportRefused) as refused:
            field = getattr(refused, "field", "")
            form.add_error(field if field in form.fields else "file", str(refused))
    listed = ImportRun.objects.filter(author_team_id__in=importing_teams(request.me)).order_by("-id")
    if before := _uuid(request.GET.get("before", "")):
        listed = listed.filter(id__lt=load_own(request, ImportRun.objects.all(), before).pk)
    runs = list(listed[: RUNS + 1])
    names = dict(
        Practitioner.objects.filter(pk__in={run.uploaded_by_id for run in runs}).values_list("pk", "name")
    )
    context = {
        "form": form,
        "heading": _("Bring in your caseload"),
        "runs": [run_line(run, names) for run in runs[:RUNS]],
        "next": f"?before={runs[RUNS - 1].uuid}" if len(runs) > RUNS else "",
        "remembers": Shape.objects.filter(
            author_team_id__in=importing_teams(request.me), forgotten_at=None
        ).exists(),
    }
    return render(request, "importing/start.html", context)


@staff(Permission.IMPORT_CASELOAD)
@never_cache
def columns(request: StaffRequest, uuid: UUID) -> HttpResponseBase:
    """What each column is: guessed, to be corrected."""
    run = load_own(
        request, ImportRun.objects.select_related("author_team__agency", "authorisation", "shape"), uuid
    )
    if run.state not in (RunState.UPLOADED, RunState.CHECKED, RunState.FAILED) or run.finished_at:
        return redirect("importing:run", uuid)
    found = list(run.columns.all())
    form = ColumnsForm(
        request.POST or None,
        columns=found,
        role=run.role,
        date_order=run.date_order,
        whole=run.whole if run.kind == RunKind.CASELOAD else None,
        version=run.version,
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_columns(
                by=request.me,
                run=run,
                version=form.cleaned_data["version"],
                fields=form.chosen(),
                role=form.cleaned_data.get("role") or run.role,
                date_order=form.cleaned_data["date_order"],
                whole=form.cleaned_data.get("whole") == "whole",
            )
            go_on.defer(run=run.pk)
            return redirect("importing:run", uuid)
        except MappingError as error:
            positions = {column.heading: column.position for column in found}
            for fault in error.faults:
                place = positions.get(fault.column)
                form.add_error(f"column-{place}" if place is not None else None, fault.reason)
        except StaleEdit:
            run.refresh_from_db()
            form.refuse_stale(StaleForm(run.version))
            status = 409
    context = {
        "run": run,
        "form": form,
        "columns": column_lines(found, form),
        "remembered": memory_of(run, found),
        "rests_on": authorisation_words(run.authorisation) if run.authorisation else "",
        "same_file": actions.same_file_before(run),
        "heading": _("Check what each column is"),
        "caption": run.filename,
        "back_url": reverse("importing:start"),
    }
    return render(request, "importing/columns.html", context, status=status)


@staff(Permission.IMPORT_CASELOAD)
@never_cache
def run(request: StaffRequest, uuid: UUID) -> HttpResponseBase:
    """Where an upload stands, what its rows do, and the next step."""
    found = load_own(request, ImportRun.objects.select_related("progress", "authorisation"), uuid)
    if found.state == RunState.UPLOADED:
        return redirect("importing:columns", uuid)
    chosen = request.GET.get("outcome", "")
    rows, newer, older = _page(found, chosen, request)
    subjects = [row.subject_id for row in rows if row.subject_id]
    shown(request, subjects, "index", act="list")
    people = (
        dict(Person.objects.filter(pk__in=subjects).values_list("pk", "uuid")) if found.finished_at else {}
    )
    waits = ending.is_waited_for(by=request.me, run=found)
    context = {
        "run": found,
        "tag": state_tag(found),
        "rests_on": authorisation_words(found.authorisation) if found.authorisation else "",
        "asks_who_ends": waits,
        "ends": ending.words_of(found),
        "under_way": found.state in UNDER_WAY,
        "silent": actions.is_silent(found),
        "checked": bool(found.checked_at),
        "counts": counts_of(found, chosen),
        "rows": [row_line(row, found, people) for row in rows],
        "chosen": chosen,
        "previous": newer,
        "next": older,
        "heading": _("Register of an area") if found.authorisation else _("Your caseload file"),
        "caption": found.filename,
        "back_url": reverse("importing:start"),
        "decided": found.state == RunState.CHECKED
        and ImportRow.objects.filter(run=found, outcome=Outcome.DECIDE).exists(),
    }
    return render(request, "importing/run.html", context)


def _page(found: ImportRun, chosen: str, request: StaffRequest) -> tuple[list[ImportRow], str, str]:
    rows = ImportRow.objects.filter(run=found)
    if chosen == FLAGGED:
        rows = rows.filter(flagged=True)
    elif chosen in Outcome.values:
        rows = rows.filter(outcome=chosen)
    after, before = (_number(request.GET.get(name, "")) for name in ("after", "before"))
    link = f"?outcome={chosen}&" if chosen else "?"
    if before:
        page = list(rows.filter(number__lt=before).order_by("-number")[: PAGE + 1])
        more_before, page = len(page) > PAGE, page[:PAGE][::-1]
        more_after = True
    else:
        page = list(rows.filter(number__gt=after).order_by("number")[: PAGE + 1])
        more_before, more_after, page = bool(after), len(page) > PAGE, page[:PAGE]
    newer = f"{link}before={page[0].number}" if page and more_before else ""
    older = f"{link}after={page[-1].number}" if page and more_after else ""
    return page, newer, older


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


@staff(Permission.IMPORT_CASELOAD)
@never_cache
@require_GET
def progress(request: StaffRequest, uuid: UUID) -> HttpResponseBase:
    """The moving part of the run's page; asks the browser to load the page again when the step is over."""
    found = load_own(request, ImportRun.objects.select_related("progress"), uuid)
    context = {"run": found, "silent": actions.is_silent(found)}
    response = render(request, "importing/progress.html", context)
    if found.state not in UNDER_WAY or context["silent"]:
        response["HX-Refresh"] = "true"
    return response


@staff(Permission.IMPORT_CASELOAD)
@never_cache
@require_GET
def refused(request: StaffRequest, uuid: UUID) -> HttpResponseBase:
    """The refused rows as they came, each with why, to be corrected and uploaded again."""
    found = load_own(request, ImportRun.objects.exclude(checked_at=None), uuid)
    sheet, caseload = checking.caseload_of(found)
    return HttpResponse(
        export_refused(caseload, sheet),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="refused-rows.csv"'},
    )


@staff(Permission.IMPORT_CASELOAD)
@never_cache
def decide(request: StaffRequest, uuid: UUID) -> HttpResponseBase:
    """The uncertain rows, ten a page, each beside the children it may be."""
    found = load_own(request, ImportRun.objects.all(), uuid)
    if found.state != RunState.CHECKED:
        return redirect("importing:run", uuid)
    after = _number(request.GET.get("after", ""))
    waiting = ImportRow.objects.filter(run=found, outcome=Outcome.DECIDE, number__gt=after).order_by("number")
    rows = list(waiting[: DECISIONS + 1])
    more, rows = len(rows) > DECISIONS, rows[:DECISIONS]
    options = deciding.options_of(found, rows)
    pairs = [(row, options[row.number]) for row in rows]
    subjects = [one.subject for _each, offered in pairs for one in offered if one.subject]
    shown(request, subjects, "index", act="search", reason=DECIDING)
    form = DecideForm(request.POST or None, rows=pairs)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                actions.decide(by=request.me, run=found, answers=form.answers())
            here = reverse("importing:decide", args=[uuid])
            return redirect(
                f"{here}?after={rows[-1].number}" if more else reverse("importing:run", args=[uuid])
            )
        except actions.ImportRefused as wrong:
            form.add_error(wrong.field or None, str(wrong))
        except StaleEdit:
            form.add_error(
                None,
                _(
                    "A colleague decided one of these rows meanwhile. Your answers are still here and none is saved yet."
                ),
            )
            typed = request.POST.copy()
            for row in rows:
                typed[f"version-{row.number}"] = str(row.version)
            form.data = typed
            status = 409
    context = {
        "run": found,
        "form": form,
        "pairs": [(row, form[f"answer-{row.number}"]) for row in rows],
        "heading": _("Decide who these children are"),
        "caption": found.filename,
        "back_url": reverse("importing:run", args=[uuid]),
        "next": f"?after={rows[-1].number}" if more else "",
    }
    return render(request, "importing/decide.html", context, status=status)


@staff(Permission.IMPORT_CASELOAD)
@require_POST
def confirm(request: StaffRequest, uuid: UUID) -> HttpResponseBase:
    """Bring the file in. A second click changes nothing."""
    found = load_own(request, ImportRun.objects.all(), uuid)
    try:
        if actions.confirm(by=request.me, run=found):
            go_on.defer(run=found.pk)
    except actions.ImportRefused as wrong:
        messages.error(request, str(wrong))
    return redirect("importing:run", uuid)


@staff(Permission.IMPORT_CASELOAD)
@require_POST
def take_up(request: StaffRequest, uuid: UUID) -> HttpResponseBase:
    """Take up the rows that a run without a person left out: the same file again, to be decided."""
    found = load_own(request, ImportRun.objects.all(), uuid)
    try:
        made = actions.take_up(by=request.me, run=found)
    except actions.ImportRefused as wrong:
        messages.error(request, str(wrong))
        return redirect("importing:run", uuid)
    go_on.defer(run=made.pk)
    return redirect("importing:run", made.uuid)


@staff(Permission.IMPORT_CASELOAD)
@require_POST
def again(request: StaffRequest, uuid: UUID) -> HttpResponseBase:
    """Check again, or go on with what stopped."""
    found = load_own(request, ImportRun.objects.all(), uuid)
    if actions.again(by=request.me, run=found):
        go_on.defer(run=found.pk)
    return redirect("importing:run", uuid)
