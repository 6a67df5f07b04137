"""The library's sign-in forms with the product's labels, hints and messages; what they check is the library's."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as second_factor
from allauth.mfa.totp import forms as totp
from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from teamaround.ui import forms

PASSWORD_HINT = _("At least 12 characters. Three or four words that do not belong together are easy to keep.")


def _say(field: django_forms.Field, label: Any, *, hint: Any = "", required: Any = "") -> None:
    field.label, field.help_text = label, hint
    field.widget.attrs.pop("placeholder", None)
    if required:
        field.error_messages["required"] = required


def _email(field: django_forms.Field, hint: Any = "") -> None:
    _say(field, _("E-mail address"), hint=hint, required=_("Enter your e-mail address"))
    field.widget.attrs.update({"autocomplete": "username", "spellcheck": "false", "autocapitalize": "none"})
    field.error_messages["invalid"] = _("Enter an e-mail address, like name@school.example")


def _two_passwords(form: django_forms.BaseForm) -> None:
    _say(
        form.fields["password1"],
        _("Choose a password"),
        hint=PASSWORD_HINT,
        required=_("Choose a password"),
    )
    _say(
        form.fields["password2"],
        _("Type the password again"),
        required=_("Type the password again"),
    )


def _code(field: django_forms.Field, hint: Any) -> None:
    _say(field, _("Code"), hint=hint, required=_("Enter the code"))
    field.widget = forms.TextInput(
        width=10, attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
    )


class SignInForm(forms.Form, account.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["login"])
        _say(self.fields["password"], _("Password"), required=_("Enter your password"))


class AskForResetForm(forms.Form, account.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self.fields["email"], hint=_("The one that you sign in with."))


class ResetForm(forms.Form, account.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _two_passwords(self)


class ChangePasswordForm(forms.Form, account.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["oldpassword"], _("Your password of now"), required=_("Enter your password of now"))
        _two_passwords(self)


class SetPasswordForm(forms.Form, account.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _two_passwords(self)


class ReauthenticateForm(forms.Form, account.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say(self.fields["password"], _("Password"), required=_("Enter your password"))


class ActivateForm(forms.Form, totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self.fields["code"], _("The six digits that the app shows now."))


class CodeForm(forms.Form, second_factor.AuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(
            self.fields["code"], _("The six digits that your app shows now, or one of your recovery codes.")
        )


class CodeAgainForm(forms.Form, second_factor.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(
            self.fields["code"], _("The six digits that your app shows now, or one of your recovery codes.")
        )
