"""The partnership's kinds of meeting: the list, and one of them."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.tasks.kind_pages import KindPages, edit_page, listing_page
from teamaround.ui import forms

from . import types
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


PAGES = KindPages(
    model=MeetingType,
    listing="meetings:types",
    one="meetings:type",
    adding="meetings:add_type",
    heading=gettext_lazy("Kinds of meeting"),
    lead=gettext_lazy(
        "What meetings are called here, and who is usually invited. Whoever calls a meeting chooses from these."
    ),
    add_words=gettext_lazy("Add a kind of meeting"),
    columns=(gettext_lazy("Meeting"), gettext_lazy("Usually invited"), gettext_lazy("State")),
    cells=lambda row: (row.usually,),
    offered=gettext_lazy("Called here"),
    ended=gettext_lazy("No longer called"),
    saved=gettext_lazy("Saved. Meetings are called in these words from now on."),
    form=TypeForm,
    says=("title", "usually", "event"),
    blank={"event": types.HELD},
    add=types.add_type,
    change=types.change_type,
)


@staff(Permission.SET_PLANNING)
def listing(request: StaffRequest) -> HttpResponse:
    """Every kind of meeting, ended ones last."""
    return listing_page(request, PAGES)


@staff(Permission.SET_PLANNING)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, key: str = "") -> HttpResponse:
    """Add a kind of meeting, or say one in other words."""
    return edit_page(request, PAGES, key)
