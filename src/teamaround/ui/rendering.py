"""Turns a Django bound field into what the field templates read. Nothing here makes markup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString
from django.utils.text import slugify

from .dates import PART_LABELS, PART_NAMES, DateInput

TEXT_CLASSES = {
    "input": "govuk-input",
    "password": "govuk-input govuk-password-input__input govuk-js-password-input-input",
    "textarea": "govuk-textarea",
    "select": "govuk-select",
    "file": "govuk-file-upload",
    "checkbox": "govuk-checkboxes__input",
}


@dataclass(frozen=True)
class PartView:
    """One box of a date."""

    label: str
    id: str
    control: SafeString
    name: str


@dataclass(frozen=True)
class ChoiceView:
    """One radio or tick box."""

    id: str
    name: str
    value: str
    label: str
    checked: bool
    disabled: bool
    hint: str
    exclusive: bool
    reveals: Sequence[FieldView]
    group: str = ""

    @property
    def hint_id(self) -> str:
        return f"{self.id}_hint"

    @property
    def conditional_id(self) -> str:
        return f"{self.id}_reveals"


@dataclass(frozen=True)
class FieldView:
    """A question as its template needs it."""

    kind: str
    name: str
    id: str
    focus_id: str
    label: str
    optional: bool
    hint: str
    errors: Sequence[str]
    control: SafeString | str = ""
    choices: Sequence[ChoiceView] = field(default_factory=tuple)
    parts: Sequence[PartView] = field(default_factory=tuple)
    limit: int | None = None
    group_class: str = ""
    prefix: str = ""
    suffix: str = ""

    @property
    def template(self) -> str:
        return f"ui/forms/{self.kind}.html"

    @property
    def hint_id(self) -> str:
        return f"{self.id}_helptext"

    @property
    def error_id(self) -> str:
        return f"{self.id}_error"

    @property
    def limit_id(self) -> str:
        return f"{self.id}-info"

    @property
    def described_by(self) -> str:
        ids = [(self.hint, self.hint_id), (self.errors, self.error_id), (self.limit, self.limit_id)]
        return " ".join(name for present, name in ids if present)

    @property
    def reveals_any(self) -> bool:
        return any(choice.reveals for choice in self.choices)


def kind_of(widget: forms.Widget) -> str:
    """Which field template draws a widget."""
    kinds: tuple[tuple[type[forms.Widget] | tuple[type[forms.Widget], ...], str], ...] = (
        (DateInput, "date"),
        (forms.CheckboxSelectMultiple, "checkboxes"),
        (forms.RadioSelect, "radios"),
        (forms.CheckboxInput, "checkbox"),
        (forms.Select, "select"),
        (forms.Textarea, "textarea"),
        (forms.PasswordInput, "password"),
        (forms.FileInput, "file"),
    )
    if widget.is_hidden:
        return "hidden"
    return next((kind for types, kind in kinds if isinstance(widget, types)), "input")


def field_view(bound: BoundField, *, mark_optional: bool = True, revealed: bool = False) -> FieldView:
    """Everything a template needs to draw one field, the questions it reveals included."""
    kind = kind_of(bound.field.widget)
    id_ = bound.auto_id or f"id_{slugify(bound.html_name)}"
    shared: dict[str, Any] = {
        "kind": kind,
        "name": bound.html_name,
        "id": id_,
        "label": str(bound.label),
        "optional": mark_optional and not (bound.field.required or revealed or _answered(bound, kind)),
        "hint": str(bound.help_text or ""),
        "errors": [str(error) for error in bound.errors],
        "prefix": bound.field.widget.attrs.get("data-prefix", ""),
        "suffix": bound.field.widget.attrs.get("data-suffix", ""),
    }
    if kind == "hidden":
        return FieldView(**shared, focus_id="", control=bound.as_widget())
    if kind == "date":
        return _date_view(bound, shared)
    if kind in ("radios", "checkboxes"):
        choices = list(_choices(bound))
        return FieldView(
            **shared, focus_id=choices[0].id if choices else "", choices=choices, group_class=_layout(bound)
        )
    if kind == "checkbox":
        return FieldView(**shared, focus_id=id_, choices=[_tick_box(bound, id_)])
    return _simple_view(bound, shared)


def _answered(bound: BoundField, kind: str) -> bool:
    """Whether the field has an answer in any case: a tick box, or choices one of which is chosen beforehand."""
    if kind != "radios":
        return kind == "checkbox"
    choices = getattr(bound.field, "choices", ())
    return bound.initial not in (None, "") or any(value in (None, "") for value, _words in choices)


def _simple_view(bound: BoundField, shared: dict[str, Any]) -> FieldView:
    kind, id_ = shared["kind"], shared["id"]
    limit = getattr(bound.field, "max_length", None) if kind == "textarea" else None
    view = FieldView(**shared, focus_id=id_, limit=limit)
    widget = bound.field.widget
    classes = [TEXT_CLASSES[kind], widget.attrs.get("class", "")]
    if width := getattr(widget, "width", None):
        classes.append(f"govuk-input--width-{width}")
    if limit:
        classes.append("govuk-js-character-count")
    if view.errors:
        classes.append(f"{TEXT_CLASSES[kind].split()[0]}--error")
    # maxlength would silently cut a pasted text; the form says instead that it is too long
    attrs: dict[str, Any] = {
        "class": " ".join(filter(None, classes)),
        "maxlength": False,
        "id": id_,
        "data-prefix": False,
        "data-suffix": False,
    }
    if view.described_by:
        attrs["aria-describedby"] = view.described_by
    if kind == "textarea":
        attrs["rows"] = widget.attrs["rows"] if widget.attrs.get("rows") not in (None, "10") else "5"
        attrs["cols"] = False
    return FieldView(**shared, focus_id=id_, limit=limit, control=bound.as_widget(attrs=attrs))


def _bad_parts(bound: BoundField) -> Sequence[str]:
    problems = bound.form.errors.get(bound.name)
    if not problems:
        return ()
    for problem in problems.as_data():
        params = problem.params
        if params and "parts" in params:
            return tuple(params["parts"])
    return PART_NAMES


def _date_view(bound: BoundField, shared: dict[str, Any]) -> FieldView:
    widget = bound.field.widget
    assert isinstance(widget, DateInput)
    bad = _bad_parts(bound)
    context = widget.get_context(bound.html_name, bound.value(), {"id": shared["id"]})
    parts = []
    for name, box, data in zip(PART_NAMES, widget.widgets, context["widget"]["subwidgets"], strict=True):
        classes = f"govuk-input govuk-date-input__input govuk-input--width-{4 if name == 'year' else 2}"
        attrs = {**data["attrs"], "class": f"{classes} govuk-input--error" if name in bad else classes}
        id_ = attrs["id"] = f"{shared['id']}_{name}"
        if name in bad:
            attrs["aria-invalid"] = "true"
        control = box.render(data["name"], data["value"], attrs, bound.form.renderer)
        parts.append(PartView(label=str(PART_LABELS[name]).capitalize(), id=id_, control=control, name=name))
    focus = next((part.id for part in parts if part.name in bad), parts[0].id)
    return FieldView(**shared, focus_id=focus, parts=parts)


def _layout(bound: BoundField) -> str:
    widget = bound.field.widget
    base = f"govuk-{kind_of(widget)}"
    flags = [f"{base}--{flag}" for flag in ("inline", "small") if getattr(widget, flag, False)]
    return " ".join([base, *flags])


def _revealed(bound: BoundField, value: str) -> list[FieldView]:
    reveals = getattr(bound.form, "reveals", {}).get(bound.name, {})
    names = [name for name in reveals.get(value, ()) if name in bound.form.fields]
    return [field_view(bound.form[name], revealed=True) for name in names]


def _choices(bound: BoundField) -> Iterator[ChoiceView]:
    widget = bound.field.widget
    hints = getattr(widget, "hints", {})
    exclusive: frozenset[str] = getattr(widget, "exclusive", frozenset())
    groups = _groups(bound)
    for option in bound.subwidgets:
        data = option.data
        value = str(data["value"])
        yield ChoiceView(
            id=data["attrs"]["id"],
            name=data["name"],
            value=value,
            label=str(data["label"]),
            checked=bool(data["selected"]),
            disabled=bool(data["attrs"].get("disabled")),
            hint=str(hints.get(value, "")),
            exclusive=value in exclusive,
            reveals=_revealed(bound, value),
            group=groups.get(value, ""),
        )


def _groups(bound: BoundField) -> dict[str, str]:
    """Under which words each choice stands, where choices are given in groups."""
    given = getattr(bound.field.widget, "choices", ())
    return {
        str(value): str(name)
        for name, inside in given
        if isinstance(inside, list | tuple)
        for value, _words in inside
    }


def _tick_box(bound: BoundField, id_: str) -> ChoiceView:
    return ChoiceView(
        id=id_,
        name=bound.html_name,
        value="on",
        label=str(bound.label),
        checked=bool(bound.value()),
        disabled=bound.field.disabled,
        hint=str(bound.help_text or ""),
        exclusive=False,
        reveals=_revealed(bound, "on"),
    )


@dataclass(frozen=True)
class SummaryError:
    """A line of the error summary; `focus_id` is empty when no one field is to blame."""

    text: str
    focus_id: str = ""


def summary_errors(forms_: Sequence[forms.BaseForm]) -> list[SummaryError]:
    """Every error of the forms in the order of the page: first those of no field, then field by field."""
    found: list[SummaryError] = []
    for form in forms_:
        if not form.is_bound or not form.errors:
            continue
        found += [SummaryError(str(text)) for text in form.non_field_errors()]
        for name in form.fields:
            if name in form.errors:
                bound = form[name]
                focus = field_view(bound).focus_id
                found += [SummaryError(str(text), focus) for text in bound.errors]
    return found
