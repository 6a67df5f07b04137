"""Forms of the product: Django forms with kinder messages, revealed questions, refusal of stale pages.

Any Django form can be rendered by the tags in `templatetags/ui.py`; these bases add behaviour, not looks.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Model
from django.forms.utils import pretty_name
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .dates import ApproximateDateField, DateField, DateInput, TimeField
from .presentation import ApproximateDate, Precision, near_day, uk_time
from .widgets import CheckboxSelectMultiple, RadioSelect, TextInput

__all__ = [
    "ApproximateDate",
    "ApproximateDateField",
    "CheckboxSelectMultiple",
    "DateField",
    "DateInput",
    "Form",
    "ModelForm",
    "Precision",
    "RadioSelect",
    "Reveals",
    "StaleForm",
    "TextInput",
    "TimeField",
    "VersionedForm",
]

Reveals = Mapping[str, Mapping[str, Sequence[str]]]

_DJANGO_REQUIRED = forms.Field.default_error_messages["required"]


class StaleForm(Exception):  # named for what the page says, not for what Python calls it
    """What an action raises when the row has moved on since the form was shown. Holds the version of now."""

    def __init__(self, current_version: int, changed_by: str = "") -> None:
        self.current_version = current_version
        self.changed_by = changed_by
        super().__init__("the record changed after this form was shown")


if TYPE_CHECKING:
    _Base = forms.BaseForm
    _DjangoModelForm = forms.ModelForm[Model]
else:
    _Base = object
    _DjangoModelForm = forms.ModelForm


def lower_first(label: str | Promise) -> str:
    """The label as it reads inside a sentence: 'Date of birth' to 'date of birth'; 'NHS number' stays."""
    text = str(label)
    return text if text[1:2].isupper() or text[:2] in ("I ", "I’") else text[:1].lower() + text[1:]


def _choose(field: forms.Field) -> bool:
    return isinstance(field, (forms.ChoiceField, forms.ModelChoiceField))


def required_message(field: forms.Field) -> str:
    """What to do about an empty field, in words that name it."""
    label = str(field.label or "")
    if label.endswith("?"):
        pattern = _("Select an answer to “%(label)s”") if _choose(field) else _("Answer “%(label)s”")
        return str(pattern) % {"label": label}
    if isinstance(field, forms.BooleanField):
        return str(_("Tick “%(label)s” to go on")) % {"label": label}
    if isinstance(field, forms.FileField):
        return str(_("Choose %(label)s")) % {"label": lower_first(label)}
    pattern = _("Select %(label)s") if _choose(field) else _("Enter %(label)s")
    return str(pattern) % {"label": lower_first(label)}


class _FormBehaviour(_Base):
    """What every form of the product shares.

    `reveals` names the fields shown only when a choice is made: `{"caring": {"yes": ["hours", "tasks"]}}`;
    for a single tick box the value is "on". A field that is not revealed is neither required nor kept: its
    cleaned value is empty, whatever was posted.
    """

    reveals: Reveals = {}
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if field.label is None:
                field.label = pretty_name(name)
            self._kinder_messages(field)

    @staticmethod
    def _kinder_messages(field: forms.Field) -> None:
        messages = field.error_messages
        if messages.get("required") == _DJANGO_REQUIRED:
            messages["required"] = required_message(field)
        if isinstance(field, forms.EmailField):
            messages.setdefault("invalid", _("Enter an e-mail address, like name@school.example"))
        if isinstance(field, forms.CharField) and field.max_length:
            text = str(
                _("%(label)s must be %%(limit_value)d characters or fewer. You typed %%(show_value)d.")
            )
            messages["max_length"] = text % {"label": field.label}
        if _choose(field) and not isinstance(field, forms.ModelMultipleChoiceField):
            messages["invalid_choice"] = _("Choose one of the answers listed")
        if isinstance(field, forms.IntegerField):
            messages["invalid"] = str(_("%(label)s must be a whole number, like 12")) % {"label": field.label}

    def revealed_names(self) -> set[str]:
        """Every field that some choice reveals, chosen or not."""
        return {name for choices in self.reveals.values() for names in choices.values() for name in names}

    def hidden_names(self) -> set[str]:
        """The fields that the answers given do not reveal, those beneath them included."""
        shown = set(self._shown(name for name in self.fields if name not in self.revealed_names()))
        return set(self.fields) - shown

    def _shown(self, names: Iterator[str]) -> Iterator[str]:
        for name in names:
            yield name
            chosen = self._chosen(name)
            for value, revealed in self.reveals.get(name, {}).items():
                if value in chosen:
                    yield from self._shown(iter([each for each in revealed if each in self.fields]))

    def _chosen(self, name: str) -> set[str]:
        if name not in self.reveals:
            return set()
        value = self[name].data
        if isinstance(value, (list, tuple)):
            return {str(each) for each in value}
        return {"on"} if value is True else {str(value)}

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]  # private in Django, and its one hook between fields and form
        for name in self.hidden_names():
            self.errors.pop(name, None)
            self.cleaned_data[name] = _empty(self.fields[name])


def _empty(field: forms.Field) -> Any:
    if isinstance(field, forms.ModelMultipleChoiceField):
        return field.queryset.none() if field.queryset is not None else []
    if isinstance(field, forms.MultipleChoiceField):
        return []
    if isinstance(field, forms.BooleanField) and not isinstance(field, forms.NullBooleanField):
        return False
    return getattr(field, "empty_value", "" if isinstance(field, forms.ChoiceField) else None)


class Form(_FormBehaviour, forms.Form):
    """The base of the product's forms."""


class ModelForm(_FormBehaviour, _DjangoModelForm):
    """The base of the product's forms over one model."""


class _Version(forms.IntegerField):
    widget = forms.HiddenInput


class VersionedForm(Form):
    """A form over a row with an integer `version`: `VersionedForm(data, version=row.version)`.

    The action compares `cleaned_data["version"]` in its UPDATE and raises `StaleForm` when the row has moved
    on; the view then calls `refuse_stale` and shows the page again.
    """

    version = _Version(error_messages={"required": _("Open this page again from the record, then retype.")})

    def __init__(self, *args: Any, version: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if version is not None:
            self.initial["version"] = version

    def refuse_stale(
        self,
        stale: StaleForm | None = None,
        *,
        changed_by: str = "",
        changed_at: datetime.datetime | None = None,
    ) -> None:
        """Adds the explaining error, and keeps all that was typed.

        When `stale` is given, the page takes up the version of now, so that saving a second time, after
        reading the warning, is a decision and goes through.
        """
        who = changed_by or (stale.changed_by if stale else "") or str(_("Someone else"))
        when = f" ({near_day(changed_at)}, {uk_time(changed_at)})" if changed_at else ""
        text = _(
            "%(who)s changed this record while you had it open%(when)s. Nothing of yours has been saved yet, "
            "and what you typed is still here. Look at the record, then save again to keep your version."
        )
        self.add_error(None, forms.ValidationError(str(text) % {"who": who, "when": when}, code="stale"))
        if stale is not None:
            data: Any = copy(self.data)  # of a QueryDict, a copy that may be changed
            data[self.add_prefix("version")] = str(stale.current_version)
            self.data = data
