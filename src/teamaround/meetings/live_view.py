"""Minutes that several people write while the meeting is held. Without JavaScript: a form with Save."""

from __future__ import annotations

import time
import uuid as uuids
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from teamaround.access.categories import Category
from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.models import Practitioner
from teamaround.agencies.roles import Permission
from teamaround.ui import forms

from . import lines, loaders
from .actions import MeetingRefused
from .models import Meeting, MeetingState, MinuteLine
from .presenters import identity_of

SECONDS = 3
"""How often a page asks for what others wrote."""
UNTOUCHED = 30 * 60
"""Seconds without a word written after which a page stops asking: it must not hold a session open for ever."""


class LineForm(forms.Form):
    """One paragraph."""

    token = django_forms.UUIDField(widget=django_forms.HiddenInput)
    text = django_forms.CharField(
        label=gettext_lazy("Next paragraph"),
        max_length=lines.LONGEST,
        widget=django_forms.Textarea({"rows": 4}),
    )
    category = django_forms.ChoiceField(
        label=gettext_lazy("Who reads this paragraph?"),
        required=False,
        choices=[
            ("", gettext_lazy("All who read the minutes")),
            *((each.value, each.label) for each in lines.NARROWER),
        ],
        help_text=gettext_lazy("Choose a kind of information to keep it for those who may see that."),
    )


class ChangeLineForm(forms.Form):
    """One paragraph in other words."""

    version = django_forms.IntegerField(widget=django_forms.HiddenInput)
    text = django_forms.CharField(
        label=gettext_lazy("Paragraph"), max_length=lines.LONGEST, widget=django_forms.Textarea({"rows": 4})
    )


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A paragraph as it stands, who wrote it last, and the texts beside it."""

    uuid: uuids.UUID
    text: str
    by: str
    kept_for: str
    version: int
    beside: tuple[ShownLine, ...] = ()


def shown_lines(rows: list[MinuteLine], me: int) -> list[ShownLine]:
    """Paragraphs in order; a second text stands with its first, or alone where the first was taken out."""
    wrote = {row.changed_by_id for row in rows}
    names = dict(Practitioner.objects.filter(pk__in=wrote).values_list("pk", "name")) if wrote else {}
    standing = {row.pk for row in rows}

    def one(row: MinuteLine, beside: tuple[ShownLine, ...] = ()) -> ShownLine:
        return ShownLine(
            row.uuid,
            row.text,
            _("you") if row.changed_by_id == me else names.get(row.changed_by_id, ""),
            str(Category(row.category).label) if row.category in lines.NARROWER else "",
            row.version,
            beside,
        )

    others: dict[int, list[MinuteLine]] = {}
    for row in rows:
        if row.beside_id in standing:
            others.setdefault(row.beside_id, []).append(row)
    return [
        one(row, tuple(one(other) for other in others.get(row.pk, ())))
        for row in rows
        if row.beside_id not in standing
    ]


def _seen(rows: list[MinuteLine]) -> str:
    """What a page shows, in short: it asks again with this, and is told nothing while nothing changed."""
    return f"{len(rows)}-{sum(row.version for row in rows)}-{max((row.pk for row in rows), default=0)}"


def _lines(request: StaffRequest, meeting: Meeting, *, since: int | None = None) -> dict[str, Any]:
    rows = lines.lines_of(meeting)
    since = int(time.time()) if since is None else since
    seen = _seen(rows)
    asking = urlencode({"seen": seen, "since": since})
    return {
        "meeting": meeting,
        "categories": sorted({row.category for row in rows} | {meeting.category}),
        "lines": shown_lines(rows, request.me.principal),
        "seen": seen,
        "seconds": SECONDS,
        "ask_url": f"{reverse('meetings:live_lines', args=[meeting.uuid])}?{asking}",
        "asleep": time.time() - since > UNTOUCHED,
    }


def _told(request: StaffRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The same, once the log has every category of paragraph that is shown."""
    for category in context["categories"]:
        shown(request, [context["meeting"].subject_id], category)
    return context


def _by_part(request: StaffRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def _closed(request: StaffRequest, meeting: Meeting) -> HttpResponse:
    messages.error(request, _("The minutes of this meeting can no longer be written together."))
    response: HttpResponse = redirect("meetings:detail", uuid=meeting.uuid)
    if _by_part(request):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = reverse("meetings:detail", args=[meeting.uuid])
    return response


@staff(Permission.CALL_MEETINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def live(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """The minutes as they are written; a POST adds a paragraph."""
    meeting = load(request, loaders.read_whole(), uuid=uuid, writable=True)
    if meeting.state != MeetingState.BOOKED:
        return _closed(request, meeting)
    form = LineForm(request.POST or None, initial={"token": uuids.uuid4()})
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            lines.write_line(
                by=request.me,
                meeting=meeting,
                text=typed["text"],
                category=typed["category"],
                uuid=typed["token"],
            )
        except MeetingRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            if not _by_part(request):
                return redirect("meetings:live", uuid=meeting.uuid)
            form = LineForm(initial={"token": uuids.uuid4()})
    if _by_part(request) and request.method == "POST":
        if not form.is_bound:
            form.fields["text"].widget.attrs["autofocus"] = True
        context = {**_told(request, _lines(request, meeting)), "form": form, "others": True}
        return render(request, "meetings/live_write.html", context)
    context = {
        **_told(request, _lines(request, meeting)),
        "form": form,
        "heading": _("Write the minutes together"),
        "caption": meeting.title,
        "identity": identity_of(meeting),
        "back_url": reverse("meetings:detail", args=[meeting.uuid]),
        "back_text": _("The meeting"),
    }
    return render(request, "meetings/live.html", context)


@staff(Permission.CALL_MEETINGS)
def live_lines(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """The paragraphs alone, for a page that asks again; nothing (204) while nothing changed."""
    meeting = load(request, Meeting.objects.all(), show=False, uuid=uuid, writable=True)
    if meeting.state != MeetingState.BOOKED:
        return _closed(request, meeting)
    asked = request.GET.get("since", "")
    since = int(asked) if asked.isdecimal() and len(asked) < 12 else 0
    context = _lines(request, meeting, since=since)
    if request.GET.get("seen") == context["seen"] and not context["asleep"]:
        return HttpResponse(status=204)
    return render(request, "meetings/live_lines.html", _told(request, context))


def _line(request: StaffRequest, uuid: uuids.UUID) -> MinuteLine:
    rows = MinuteLine.objects.select_related("meeting")
    return load(request, rows, uuid=uuid, writable=True)


@staff(Permission.CALL_MEETINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def line(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Change a paragraph. One that somebody changed meanwhile keeps both texts, side by side."""
    row = _line(request, uuid)
    meeting = row.meeting
    if meeting.state != MeetingState.BOOKED:
        return _closed(request, meeting)
    form = ChangeLineForm(request.POST or None, initial={"text": row.text, "version": row.version})
    form.fields["text"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        try:
            kept = lines.change_line(
                by=request.me,
                line=row,
                version=form.cleaned_data["version"],
                text=form.cleaned_data["text"],
            )
        except MeetingRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            said = _("Somebody changed this paragraph meanwhile. Both texts are kept, side by side.")
            if _by_part(request):
                context = {
                    **_told(request, _lines(request, meeting)),
                    "said": said if kept else "",
                    "others": True,
                }
                return render(request, "meetings/live_changed.html", context)
            if kept is not None:
                messages.warning(request, said)
            return redirect("meetings:live", uuid=meeting.uuid)
    context = {
        "form": form,
        "line": row,
        "meeting": meeting,
        "heading": _("Change a paragraph"),
        "caption": meeting.title,
        "submit": _("Save"),
        "back_url": reverse("meetings:live", args=[meeting.uuid]),
        "back_text": _("The minutes"),
    }
    template = "meetings/live_change.html" if _by_part(request) else "ui/form_page.html"
    response = render(request, template, context)
    response["Vary"] = "HX-Request"
    return response


@require_POST
@staff(Permission.CALL_MEETINGS)
def settle_line(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Say which of two texts stands, or that both do."""
    row = _line(request, uuid)
    try:
        lines.settle(by=request.me, other=row, keep=request.POST.get("keep", ""))
    except MeetingRefused as refused:
        messages.error(request, str(refused))
    except StaleEdit:
        messages.error(request, _("Somebody has settled this already."))
    return redirect("meetings:live", uuid=row.meeting.uuid)


@require_POST
@staff(Permission.CALL_MEETINGS)
def remove_line(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Take a paragraph out."""
    row = _line(request, uuid)
    version = request.POST.get("version", "")
    try:
        lines.remove_line(by=request.me, line=row, version=int(version) if version.isdecimal() else 0)
    except MeetingRefused as refused:
        messages.error(request, str(refused))
    except StaleEdit:
        messages.error(request, _("Somebody changed this paragraph meanwhile. Look at it, then try again."))
    return redirect("meetings:live", uuid=row.meeting.uuid)
