"""Forms of the family's own pages and sign-in, and of the worker's invitation and answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.ui import forms

from .models import MessageKind
from .words import ANSWERS, ASKED, CHILDS_KINDS, KINDS


def _email(label: Any, hint: Any, *, own: bool) -> django_forms.EmailField:
    return django_forms.EmailField(
        label=label,
        help_text=hint,
        max_length=254,
        widget=forms.TextInput(
            attrs={
                "type": "email",
                "autocomplete": "username webauthn" if own else "off",
                "spellcheck": "false",
                "autocapitalize": "none",
            }
        ),
        error_messages={
            "required": _("Enter an e-mail address"),
            "invalid": _("Enter an e-mail address, like name@home.example"),
        },
    )


class InviteForm(forms.Form):
    """Where the invitation goes; for a child under 16 also the note on understanding, asked for under 12."""

    email = _email(
        _("Their own e-mail address"),
        _("One that nobody else reads. Whoever opens the e-mail can read their information."),
        own=False,
    )
    understanding = django_forms.CharField(
        label=_("How you know that they understand"),
        help_text=_(
            "Say what they understand, and who helps them to read it. With this note they can also say yes or no "
            "to sharing on their own phone. We need it for a child under 12, or whose age is not known."
        ),
        max_length=500,
        widget=django_forms.Textarea({"rows": 4}),
    )

    def __init__(self, *args: Any, with_note: bool, may_note: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["understanding"].required = with_note
        if not with_note and not may_note:
            del self.fields["understanding"]


class AddressForm(forms.Form):
    """Where the code goes."""

    email = _email(_("Your e-mail address"), _("The one your invitation was sent to."), own=True)


class CodeForm(forms.Form):
    """The code from the e-mail."""

    code = django_forms.CharField(
        label=_("Code"),
        help_text=_("The six numbers in the e-mail."),
        max_length=12,
        widget=forms.TextInput(
            width=10, attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
        error_messages={"required": _("Enter the code")},
    )


def _token() -> django_forms.UUIDField:
    return django_forms.UUIDField(widget=django_forms.HiddenInput, initial=uuid.uuid4)


def _words(label: Any) -> django_forms.CharField:
    return django_forms.CharField(label=label, max_length=2000, widget=django_forms.Textarea({"rows": 5}))


class QuestionForm(forms.Form):
    """A question about one's own information."""

    token = _token()
    words = _words(_("What do you want to ask?"))


class CorrectionForm(forms.Form):
    """Something that is wrong, and what is right."""

    token = _token()
    words = _words(_("What is wrong?"))
    should_be = django_forms.CharField(
        label=_("What is right?"), max_length=1000, widget=django_forms.Textarea({"rows": 3})
    )


class ComplaintForm(forms.Form):
    """A complaint about how information was used."""

    token = _token()
    words = _words(_("What happened?"))


MESSAGE_FORMS: Mapping[MessageKind, type[QuestionForm | CorrectionForm | ComplaintForm]] = {
    MessageKind.QUESTION: QuestionForm,
    MessageKind.CORRECTION: CorrectionForm,
    MessageKind.COMPLAINT: ComplaintForm,
}


class AgreeForm(forms.Form):
    """Yes, no or ask me first, for each kind of information; an answer may be left out."""

    mark_optional = False
    token = _token()

    def __init__(self, *args: Any, now: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in ASKED:
            self.fields[kind] = django_forms.ChoiceField(
                label=str(KINDS[kind]),
                help_text=now.get(kind, ""),
                choices=list(ANSWERS.items()),
                required=False,
                widget=forms.RadioSelect(inline=True),
                error_messages={"invalid_choice": _("Choose one of the answers listed")},
            )

    def answers(self) -> list[tuple[str, str]]:
        """What was chosen, as (kind, answer)."""
        return [(kind, self.cleaned_data[kind]) for kind in ASKED if self.cleaned_data.get(kind)]


class ChildForm(forms.Form):
    """A parent's answers for a child: each of `teams` (its key, and its number) by each kind of information, but
    not what `own` says that the child has answered, as (team, kind). `now` says what stands of each.
    """

    mark_optional = False
    token = _token()
    seen = django_forms.CharField(widget=django_forms.HiddenInput, max_length=40, required=False)
    until = forms.DateField(
        label=_("Until which day?"),
        help_text=_("It starts when you send it. We ask you again before this day."),
    )

    def __init__(
        self,
        *args: Any,
        teams: Mapping[int, uuid.UUID],
        own: frozenset[tuple[int, str]],
        now: Mapping[tuple[int, str], str],
        said: Mapping[tuple[int, str], str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.cells = {
            (team, kind): f"cell-{key.hex}-{kind}"
            for team, key in teams.items()
            for kind in ASKED
            if (team, kind) not in own
        }
        for cell, name in self.cells.items():
            self.initial.setdefault(name, said.get(cell, ""))
            self.fields[name] = django_forms.ChoiceField(
                label=str(CHILDS_KINDS[cell[1]]),
                help_text=now.get(cell, ""),
                choices=list(ANSWERS.items()),
                required=False,
                widget=forms.RadioSelect(inline=True),
                error_messages={"invalid_choice": _("Choose one of the answers listed")},
            )
        self.order_fields([name for name in self.fields if name != "until"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if any(name.startswith("cell-") and name not in self.fields for name in self.data):
            words = _("One of your answers is about something that we do not ask. Look again, then send.")
            self.add_error(None, words)
        return cleaned

    def answers(self) -> list[tuple[int, str, str]]:
        """What was chosen, as (team, kind, answer)."""
        return [
            (team, kind, answer)
            for (team, kind), name in self.cells.items()
            if (answer := self.cleaned_data.get(name))
        ]

    def asked_of(self, team: int) -> Sequence[str]:
        """The names of the fields about one team."""
        return [name for (each, _kind), name in self.cells.items() if each == team]

    def touched(self, team: int) -> bool:
        """Whether something about this team was chosen here that was not said before, or is wrong."""
        return self.is_bound and any(
            self.data.get(name, "") != self.initial.get(name, "") or name in self.errors
            for name in self.asked_of(team)
        )

    def refuse_stale(self, now: str) -> None:
        """Something changed meanwhile. All that was chosen stays; sent a second time it counts."""
        self.errors.clear()
        words = _(
            "Something changed while you had this page open. Nothing is saved yet. What you chose is still here. "
            "Look at it again, then send it."
        )
        self.add_error(None, django_forms.ValidationError(words, code="stale"))
        data: Any = copy(self.data)  # of a QueryDict, a copy that may be changed
        data[self.add_prefix("seen")] = now
        self.data = data


class AnswerForm(forms.Form):
    """The worker's answer to what a family member wrote."""

    answer = django_forms.CharField(
        label=_("Your answer"),
        help_text=_("They read this on their own page. Use short words. Write nothing about anybody else."),
        max_length=2000,
        widget=django_forms.Textarea({"rows": 6}),
    )
