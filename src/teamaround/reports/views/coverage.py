"""Where hidden young carers are: children known beside children expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.sheets import write_csv

from .. import loaders, presenters
from ..forms import CoverageForm
from ..loaders import Asked
from ..models import PlaceKind, Way

SEE = Permission.SEE_REPORTS


SORTS = {
    "found": gettext_lazy("Fewest found first"),
    "gap": gettext_lazy("Most not found yet first"),
    "expected": gettext_lazy("Most expected first"),
    "known": gettext_lazy("Most known first"),
    "name": gettext_lazy("Name"),
}


@dataclass(frozen=True, slots=True)
class Switch:
    """One way of looking at the page; `current` is the one in hand."""

    text: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of the table: its name, the link that sorts by it, and how it is sorted now."""

    text: str
    url: str
    sorted: str
    number: bool


def asked_of(request: StaffRequest) -> Asked:
    """What the address asks for; anything that is not understood falls back to the usual."""
    form = CoverageForm(request.GET)
    form.is_valid()
    said = form.cleaned_data
    return Asked(
        by=said.get("by") or PlaceKind.AREA,
        way=said.get("way") or Way.REGISTERED,
        sort=said.get("sort") or "found",
        name=(said.get("name") or "").strip(),
        only_none=said.get("none") == "yes",
        after=said.get("after") or "",
    )


def address(asked: Asked, **changed: str) -> str:
    """The address of the page as asked for, with some of it changed; what is as usual is left out."""
    query = {
        "by": asked.by,
        "way": asked.way,
        "sort": asked.sort,
        "name": asked.name,
        "none": "yes" if asked.only_none else "",
    } | changed
    usual = {"by": PlaceKind.AREA, "way": Way.REGISTERED, "sort": "found"}
    left = {
        key: value for key, value in query.items() if value and (value != usual.get(key) or key in changed)
    }
    return f"?{urlencode(left)}" if left else "?"


def headings(asked: Asked) -> list[Heading]:
    """The table's columns."""
    columns = (
        (presenters.THEY[PlaceKind(asked.by)], "name", "ascending"),
        (_("Known"), "known", "descending"),
        (_("Expected"), "expected", "descending"),
        (_("Share found"), "found", "ascending"),
        (_("Not found yet"), "gap", "descending"),
    )
    return [
        Heading(
            str(text), address(asked, sort=sort), way if asked.sort == sort else "none", number=sort != "name"
        )
        for text, sort, way in columns
    ]


@staff(SEE)
def coverage(request: StaffRequest) -> HttpResponse:
    """Known and expected, by area, school or surgery; those that have none first."""
    asked = asked_of(request)
    rows, following = loaders.places(asked)
    of_kind = {
        kind: loaders.whole(Asked(by=kind, way=asked.way))
        for kind in (PlaceKind.AREA, PlaceKind.SCHOOL, PlaceKind.SURGERY)
    }
    total = loaders.total(asked.way)
    choice = loaders.chosen()
    context: dict[str, Any] = {
        "heading": _("Coverage"),
        "asked": asked,
        "way_label": Way(asked.way).label,
        "way_meaning": presenters.WAYS[Way(asked.way)],
        "ways": Way.choices,
        "kinds": [
            Switch(str(text), address(asked, by=kind, name="", none=""), kind == asked.by)
            for kind, text in presenters.KINDS.items()
        ],
        "they": presenters.THEY[PlaceKind(asked.by)],
        "headlines": presenters.headlines(total, *of_kind.values()),
        "made_at": total.made_at if total else None,
        "places": of_kind[PlaceKind(asked.by)].places,
        "chart": presenters.chart(rows),
        "lines": presenters.lines(rows),
        "headings": headings(asked),
        "expectation": [*presenters.choice_sentences(choice), *presenters.stated(rows)],
        "sorts": [(sort, str(text)) for sort, text in SORTS.items()],
        "table_open": bool(request.GET.get("sort") or asked.after),
        "uncounted": any(not row.counted for row in rows),
        "first": address(asked) if asked.after else "",
        "next": address(asked, after=following) if following else "",
        "export": reverse("reports:export") + address(asked),
        "may_plan": request.me.may(Permission.SET_PLANNING),
    }
    return render(request, "reports/coverage.html", context)


@staff(SEE)
def export(request: StaffRequest) -> HttpResponse:
    """The same list as a file, whole, with the same suppression."""
    asked = asked_of(request)
    rows, _following = loaders.places(
        Asked(asked.by, asked.way, asked.sort, asked.name, asked.only_none), most=None
    )
    total = loaders.total(asked.way)
    counted = timezone.localdate(total.made_at) if total else ""
    header = (
        presenters.THEY[PlaceKind(asked.by)], _("Known"), _("Expected, low"), _("Expected, high"), _("Share found"),
        _("Not found yet"), _("Children"), _("Children as of"), _("Source"), _("Counted as known"), _("Counted on"),
    )  # fmt: skip
    table = [
        (
            row.name, presenters.known_words(row), row.low, row.high, presenters.share_words(row), presenters.gap_words(row),
            row.children, row.as_of, row.source, Way(asked.way).label, counted,
        )
        for row in rows
    ]  # fmt: skip
    response = HttpResponse(write_csv(header, table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="coverage-{asked.by}-{asked.way}.csv"'
    return response
