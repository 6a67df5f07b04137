"""The partnership's kinds of appointment: the list, and one of them."""

from __future__ import annotations

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

from .appointments import AppointmentRefused, add_kind, change_kind
from .models import AppointmentKind


class KindForm(forms.VersionedForm):
    """A kind of appointment."""

    title = django_forms.CharField(label=gettext_lazy("What is it called at work?"), max_length=80)
    called = django_forms.CharField(
        label=gettext_lazy("What does a calendar show?"),
        max_length=60,
        help_text=gettext_lazy("A telephone shows this to whoever looks. For example, Appointment."),
    )
    lasts = django_forms.IntegerField(
        label=gettext_lazy("How many minutes does it usually last?"),
        min_value=5,
        max_value=720,
        widget=forms.TextInput(width=3, attrs={"inputmode": "numeric"}),
    )
    assessment = django_forms.BooleanField(
        label=gettext_lazy("The family is assessed at it"),
        required=False,
        help_text=gettext_lazy("The family’s diary says so when assessments come close together."),
    )
    ended = django_forms.BooleanField(
        label=gettext_lazy("No longer made here"),
        required=False,
        help_text=gettext_lazy("Appointments made before keep these words."),
    )


@staff(Permission.SET_PLANNING)
def listing(request: StaffRequest) -> HttpResponse:
    """Every kind of appointment, ended ones last."""
    rows = sorted(AppointmentKind.objects.all(), key=lambda each: each.ended_at is not None)
    context = {
        "heading": _("Kinds of appointment"),
        "rows": [
            {
                "title": row.title,
                "called": row.called,
                "lasts": row.lasts,
                "assessment": row.assessment,
                "url": reverse("tasks:kind", args=[row.key]),
                "tag": Tag(_("No longer made"), "grey") if row.ended_at else Tag(_("Made here"), "green"),
            }
            for row in rows
        ],
    }
    return render(request, "tasks/kinds.html", context)


@staff(Permission.SET_PLANNING)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, key: str = "") -> HttpResponse:
    """Add a kind of appointment, or say one in other words."""
    kind = AppointmentKind.objects.filter(pk=key).first() if key else None
    if key and kind is None:
        raise Http404
    form = KindForm(
        request.POST or None,
        version=kind.version if kind else 1,
        initial={
            "title": kind.title,
            "called": kind.called,
            "lasts": kind.lasts,
            "assessment": kind.assessment,
            "ended": kind.ended_at is not None,
        }
        if kind
        else {"called": _("Appointment"), "lasts": 60},
    )
    if kind is None:
        del form.fields["ended"]
    status = 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        words = {name: typed[name] for name in ("title", "called", "lasts", "assessment")}
        try:
            if kind is None:
                add_kind(by=request.me, **words)
            else:
                change_kind(by=request.me, kind=kind, version=typed["version"], ended=typed["ended"], **words)
        except AppointmentRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        except StaleEdit:
            assert kind is not None  # only a change can be stale
            current = AppointmentKind.objects.values_list("version", flat=True).get(pk=kind.pk)
            form.refuse_stale(StaleForm(current))
            status = 409
        else:
            messages.success(request, _("Saved. Appointments are made in these words from now on."))
            return redirect("tasks:kinds")
    context = {
        "form": form,
        "heading": kind.title if kind else _("Add a kind of appointment"),
        "submit": _("Save"),
        "back_url": reverse("tasks:kinds"),
        "back_text": _("Kinds of appointment"),
    }
    return render(request, "ui/form_page.html", context, status=status)
