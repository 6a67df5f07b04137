"""The partnership's kinds of appointment: the list, and one of them."""

from __future__ import annotations

from django import forms as django_forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.ui import forms

from .appointments import add_kind, change_kind
from .kind_pages import KindPages, edit_page, listing_page
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


PAGES = KindPages(
    model=AppointmentKind,
    listing="tasks:kinds",
    one="tasks:kind",
    adding="tasks:add_kind",
    heading=gettext_lazy("Kinds of appointment"),
    lead=gettext_lazy(
        "What appointments are called here. Whoever makes one chooses from these. Calendars on telephones show the "
        "neutral title alone."
    ),
    add_words=gettext_lazy("Add a kind of appointment"),
    columns=(
        gettext_lazy("Appointment"),
        gettext_lazy("A calendar shows"),
        gettext_lazy("Minutes"),
        gettext_lazy("Assessment"),
        gettext_lazy("State"),
    ),
    cells=lambda row: (row.called, str(row.lasts), _("Yes") if row.assessment else _("No")),
    offered=gettext_lazy("Made here"),
    ended=gettext_lazy("No longer made"),
    saved=gettext_lazy("Saved. Appointments are made in these words from now on."),
    form=KindForm,
    says=("title", "called", "lasts", "assessment"),
    blank={"called": gettext_lazy("Appointment"), "lasts": 60},
    add=add_kind,
    change=change_kind,
)


@staff(Permission.SET_PLANNING)
def listing(request: StaffRequest) -> HttpResponse:
    """Every kind of appointment, ended ones last."""
    return listing_page(request, PAGES)


@staff(Permission.SET_PLANNING)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, key: str = "") -> HttpResponse:
    """Add a kind of appointment, or say one in other words."""
    return edit_page(request, PAGES, key)
