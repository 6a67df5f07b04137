"""How I am told: at once in working hours, once a day, or not at all; and by text, where the area has it."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from teamaround.access.requests import StaffRequest, staff
from teamaround.ui import forms

from .models import HowTold, NoticeChoice
from .texts import plain_number, text_sender


class ChoiceForm(forms.Form):
    """How, and to what number."""

    how = django_forms.ChoiceField(
        label=gettext_lazy("How are you told that something happened?"),
        choices=HowTold.choices,
        widget=forms.RadioSelect,
    )
    text_to = django_forms.CharField(
        label=gettext_lazy("Mobile number for a text as well"),
        required=False,
        max_length=25,
        help_text=gettext_lazy("A text says that there is something to read, and nothing about it."),
        widget=forms.TextInput(width=20, attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, texts: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["how"].widget.hints = {
            "at_once": _("What happens in the evening or at night waits until your team opens."),
            "daily": _("One e-mail with all that waits, when your team opens."),
        }
        if not texts:
            del self.fields["text_to"]

    def clean_text_to(self) -> str:
        """The number without blanks; empty where none is given."""
        typed = str(self.cleaned_data["text_to"]).strip()
        try:
            return plain_number(typed) if typed else ""
        except ValueError as wrong:
            raise django_forms.ValidationError(
                _("Enter a telephone number, such as 01632 960123.")
            ) from wrong


@staff()
def choice(request: StaffRequest) -> HttpResponse:
    """Look at my choice, and change it."""
    mine = NoticeChoice.objects.filter(practitioner_id=request.me.principal).first()
    initial = {"how": mine.how, "text_to": mine.text_to} if mine is not None else {"how": HowTold.AT_ONCE}
    texts = text_sender() is not None
    form = ChoiceForm(request.POST or None, texts=texts, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = {"how": form.cleaned_data["how"]}
        if texts:
            given["text_to"] = form.cleaned_data["text_to"]
        NoticeChoice.objects.update_or_create(practitioner_id=request.me.principal, defaults=given)
        messages.success(request, _("Your choice was kept."))
        return redirect("notices:choice")
    lead = _("Notices never name a child. They hold a link, which opens after you sign in.")
    context = {"form": form, "heading": _("How I am told"), "lead": lead}
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)
