"""Forms of the family's own sign-in, and the worker's invitation."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.ui import forms


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
    """Where the invitation goes; for a young child also the note on understanding."""

    email = _email(
        _("Their own e-mail address"),
        _("One that nobody else reads. Whoever opens the e-mail can read their information."),
        own=False,
    )
    understanding = django_forms.CharField(
        label=_("How you know that they understand"),
        help_text=_(
            "They are under 12, or their age is not known. Say what they understand, and who helps them to read it."
        ),
        max_length=500,
        widget=django_forms.Textarea({"rows": 4}),
    )

    def __init__(self, *args: Any, with_note: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_note:
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
