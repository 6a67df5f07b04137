"""The partnership's kinds of meeting: the list, and one of them."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from teamaround.access.edits import StaleEdit
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.ui import forms
from teamaround.ui.components import Tag
from teamaround.ui.forms import StaleForm

from . import types
from .actions import MeetingRefused
from .models import MeetingType


class TypeForm(forms.VersionedForm):
    """A kind of meeting."""

    title = django_forms.CharField(label=gettext_lazy("What is the meeting called?"), max_length=120)
    usually = django_forms.CharField(
        label=gettext_lazy("Who is usually invited?"),
        max_length=500,
        widget=django_forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Whoever calls such a meeting reads this."),
    )
    event = django_forms.ChoiceField(label=gettext_lazy("What does holding it record?"))
    ended = django_forms.BooleanField(
        label=gettext_lazy("No longer called here"),
        required=False,
        help_text=gettext_lazy("Meetings called before keep these words."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["event"]
        chosen.choices = types.event_choices()


@staff(Permission.SET_PLANNING)
def listing(request: StaffRequest) -> HttpResponse:
    """Every kind of meeting, ended ones last."""
    rows = sorted(MeetingType.objects.all(), key=lambda each: each.ended_at is not None)
    context = {
        "heading": _("Kinds of meeting"),
        "rows": [
            {
                "title": row.title,
                "usually": row.usually,
                "url": reverse("meetings:type", args=[row.key]),
                "tag": Tag(_("No longer called"), "grey") if row.ended_at else Tag(_("Called here"), "green"),
            }
            for row in rows
        ],
    }
    return render(request, "meetings/types.html", context)


@staff(Permission.SET_PLANNING)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, key: str = "") -> HttpResponse:
    """Add a kind of meeting, or say one in other words."""
    kind = MeetingType.objects.filter(pk=key).first() if key else None
    if key and kind is None:
        raise Http404
    initial = (
        {
            "title": kind.title,
            "usually": kind.usually,
            "event": kind.event,
            "ended": kind.ended_at is not None,
        }
        if kind
        else {"event": types.HELD}
    )
    form = TypeForm(request.POST or None, version=kind.version if kind else 1, initial=initial)
    if kind is None:
        del form.fields["ended"]
    status = 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        words = {"title": typed["title"], "usually": typed["usually"], "event": typed["event"]}
        try:
            if kind is None:
                types.add_type(by=request.me, **words)
            else:
                types.change_type(
                    by=request.me, kind=kind, version=typed["version"], ended=typed["ended"], **words
                )
        except MeetingRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        except StaleEdit:
            assert kind is not None  # only a change can be stale
            current = MeetingType.objects.values_list("version", flat=True).get(pk=kind.pk)
            form.refuse_stale(StaleForm(current))
            status = 409
        else:
            messages.success(request, _("Saved. Meetings are called in these words from now on."))
            return redirect("meetings:types")
    context = {
        "form": form,
        "heading": kind.title if kind else _("Add a kind of meeting"),
        "submit": _("Save"),
        "back_url": reverse("meetings:types"),
        "back_text": _("Kinds of meeting"),
    }
    return render(request, "ui/form_page.html", context, status=status)
