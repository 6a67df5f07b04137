"""Forms of the review desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy

from teamaround.people.models import Person
from teamaround.ui import forms
from teamaround.ui.presentation import uk_date

from .models import Answer


class OpinionForm(forms.Form):
    """What I think, why, and which record stands for the child if it is one. The answer is the button pressed."""

    reason = django_forms.CharField(
        label=gettext_lazy("How do you know?"),
        help_text=gettext_lazy("For example: the school and the mother say that it is one child."),
        max_length=300,
        widget=django_forms.Textarea({"rows": 2}),
    )
    into = django_forms.ChoiceField(
        label=gettext_lazy("If it is the same child, which record stands for them?"),
        help_text=gettext_lazy("Its name is shown first. The other’s stays in view beneath."),
        widget=forms.RadioSelect(small=True),
    )
    answer = django_forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        choices=Answer.choices,
        error_messages={"required": gettext_lazy("Choose an answer.")},
    )

    def __init__(self, *args: Any, people: Sequence[Person], **more: Any) -> None:
        super().__init__(*args, **more)
        choices: Any = self.fields["into"]
        choices.choices = [
            (str(row.uuid), f"{row.name}, {row.author_team.agency.name}, {uk_date(row.recorded_at)}")
            for row in people
        ]


class AskAgainForm(forms.Form):
    """Why a decided pair is put before people again."""

    reason = django_forms.CharField(
        label=gettext_lazy("What is known now that was not known then?"),
        max_length=300,
        widget=django_forms.Textarea({"rows": 3}),
    )
