"""What the team's memory says of its files: on the page of the columns, in a list, and forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from teamaround.access.edits import StaleEdit
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.models import Practitioner
from teamaround.agencies.roles import Permission

from . import remembering
from .after_presenters import shape_lines
from .loaders import importing_teams, load_own
from .models import ImportColumn, ImportRun, Origin, Shape

MOST = 100


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered for a file: when and by whom it was said, what is new in it and what is missing from it."""

    at: dt.datetime
    by: str
    filename: str
    same: bool
    new: tuple[str, ...]
    missing: tuple[str, ...]


def memory_of(run: ImportRun, columns: Sequence[ImportColumn]) -> Memory | None:
    """What of the run's columns was remembered; None where nothing was, or it was forgotten meanwhile."""
    shape = run.shape
    if shape is None or shape.forgotten_at is not None:
        return None
    who = Practitioner.objects.filter(pk=shape.remembered_by_id).values_list("name", flat=True).first()
    new = tuple(column.heading for column in columns if column.origin == Origin.NEW)
    missing = tuple(remembering.missing_from(shape, [column.heading for column in columns]))
    return Memory(shape.remembered_at, who or "", shape.filename, not new and not missing, new, missing)


@staff(Permission.IMPORT_CASELOAD)
@never_cache
@require_GET
def remembered(request: StaffRequest) -> HttpResponseBase:
    """The shapes of file that my teams' memory knows."""
    shapes = list(
        Shape.objects.filter(author_team_id__in=importing_teams(request.me), forgotten_at=None)
        .prefetch_related("columns")
        .order_by("-remembered_at", "-id")[:MOST]
    )
    names = Practitioner.objects.filter(pk__in={shape.remembered_by_id for shape in shapes})
    used = ImportRun.objects.filter(shape__in=shapes).values("shape_id").annotate(number=Count("id"))
    context = {
        "shapes": shape_lines(
            shapes,
            dict(names.values_list("pk", "name")),
            dict(used.values_list("shape_id", "number")),
        ),
        "heading": _("Files whose columns are remembered"),
        "back_url": reverse("importing:start"),
    }
    return render(request, "importing/remembered.html", context)


@staff(Permission.IMPORT_CASELOAD)
@require_POST
def forget(request: StaffRequest, uuid: UUID) -> HttpResponseBase:
    """Offer a remembered shape no more."""
    shape = load_own(request, Shape.objects.all(), uuid)
    version = request.POST.get("version", "")
    try:
        remembering.forget(
            by=request.me, shape=shape, version=int(version) if version.isdecimal() else shape.version
        )
        messages.success(request, _("Forgotten. The next file of that shape is asked about again."))
    except StaleEdit:
        messages.info(request, _("A colleague said something else of that file meanwhile. Look at it again."))
    return redirect("importing:remembered")
