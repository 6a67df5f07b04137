"""`{% load ui %}`: the form renderer, components and date filters. Examples: docs/design-system.md."""

from __future__ import annotations

import datetime
import functools
import html
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from django import forms, template
from django.forms.boundfield import BoundField
from django.template import Context
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from teamaround.ui import presentation
from teamaround.ui.components import BannerKind, Clock, Part, SummaryRow, TagColour, Task, TimelineItem
from teamaround.ui.components import Tag as TagView
from teamaround.ui.rendering import FieldView, field_view, summary_errors

register = template.Library()

register.filter("uk_date", presentation.uk_date)
register.filter("uk_day", presentation.uk_day)
register.filter("uk_time", presentation.uk_time)
register.filter("uk_datetime", presentation.uk_datetime)
register.filter("near_day", presentation.near_day)


@register.simple_tag
def age(born: datetime.date | None, on: datetime.date | None = None, precision: str = "day") -> str:
    """The age in words, as `presentation.age` gives it."""
    return presentation.age(born, on, precision)


@register.inclusion_tag("ui/forms/form.html", takes_context=True)
def form(
    context: Context,
    form: forms.BaseForm,
    *,
    submit: str = "",
    action: str = "",
    method: str = "post",
    submit_class: str = "",
    cancel_url: str = "",
    cancel: str = "",
    draft_url: str = "",
    summary: bool = True,
) -> dict[str, Any]:
    """A whole form: error summary, every field, token, button. Nothing typed is lost on a second showing."""
    return {
        "form": form,
        "fields": list(_views(form)),
        "errors": summary_errors([form]) if summary else [],
        "submit": submit or _("Save"),
        "submit_class": submit_class,
        "action": action,
        "method": method,
        "cancel_url": cancel_url,
        "cancel": cancel or _("Cancel"),
        "draft_url": draft_url,
        "csrf_token": context.get("csrf_token"),
        "multipart": form.is_multipart(),
    }


def _views(form: forms.BaseForm, names: Sequence[str] = ()) -> list[FieldView]:
    revealed: set[str] = form.revealed_names() if hasattr(form, "revealed_names") else set()
    optional = getattr(form, "mark_optional", True)
    chosen = names or [name for name in form.fields if name not in revealed]
    return [field_view(form[name], mark_optional=optional) for name in chosen]


@register.inclusion_tag("ui/forms/fields.html")
def fields(form: forms.BaseForm, *names: str) -> dict[str, Any]:
    """The fields named, or all of them (hidden ones too), for a form laid out by hand."""
    return {"fields": _views(form, names)}


@register.inclusion_tag("ui/forms/fields.html")
def hidden_fields(form: forms.BaseForm) -> dict[str, Any]:
    """The hidden fields alone, for a form laid out field by field."""
    return {"fields": [field_view(bound) for bound in form.hidden_fields()]}


@register.inclusion_tag("ui/forms/fields.html")
def field(bound: BoundField, *, mark_optional: bool = True, heading: bool = False) -> dict[str, Any]:
    """One field; `heading` makes its label the page's heading."""
    return {"fields": [field_view(bound, mark_optional=mark_optional)], "heading": heading}


@register.inclusion_tag("ui/forms/error_summary.html")
def error_summary(*forms_: forms.BaseForm | None) -> dict[str, Any]:
    """What is wrong, each line a link to its field. Empty when nothing is wrong, or before a form is sent."""
    return {"errors": summary_errors([each for each in forms_ if each])}


@register.inclusion_tag("ui/components/submit.html")
def submit(text: str = "", *, submit_class: str = "", name: str = "", value: str = "") -> dict[str, str]:
    """A button that sends the form around it, once."""
    return {"submit": text or _("Save"), "submit_class": submit_class, "name": name, "value": value}


@register.inclusion_tag("ui/components/action_button.html", takes_context=True)
def action_button(
    context: Context, text: str, url: str, *, style: str = "secondary", hint: str = "", **values: object
) -> dict[str, Any]:
    """A button that changes something: a small form of its own. `values` travel as hidden fields.

    `style`: primary, secondary, warning or link. `hint` is added for screen readers when the words alone
    would read the same on several rows.
    """
    return {
        "text": text,
        "url": url,
        "style": style,
        "hint": hint,
        "values": values,
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag
def tag(text: str | TagView, colour: TagColour = "grey") -> SafeString:
    """A short state in words; the colour only helps."""
    if isinstance(text, TagView):
        return _tag(text.text, text.colour)
    return _tag(str(text), colour)


# Fifty rows of a list say the same few states over and over.
@functools.lru_cache(maxsize=1024)
def _tag(text: str, colour: TagColour) -> SafeString:
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colour, text)


@register.simple_tag
def cells(labels: Sequence[str], texts: Sequence[str]) -> SafeString:
    """The cells of one row of a `ta-table`, each with its column's heading for a phone. As many texts as labels."""
    if len(labels) != len(texts):
        raise ValueError(f"{len(texts)} cells under {len(labels)} headings")
    return format_html(_row_of(*map(str, labels)), *texts)


@functools.lru_cache(maxsize=256)
def _row_of(*labels: str) -> str:
    """The cells under these headings, with a place for each text."""
    return "".join(
        '<td data-label="{}"><div>{{}}</div></td>'.format(escape(label).replace("{", "{{").replace("}", "}}"))
        for label in labels
    )


_CARD = """<article class="ta-clock ta-clock--{state}%s">
  <div class="ta-clock__what">
    <h{level} class="ta-clock__title">%s%s</h{level}>
    <p class="ta-clock__reason">{reason}</p>
    %s
  </div>
  <p class="ta-clock__left"><strong>{left}</strong>%s</p>
</article>"""
_LINK = '<a class="govuk-link" href="{url}">{title}</a>'
_SUBJECT = '<span class="ta-clock__subject"><span class="ta-clock__dash"> – </span>{subject}</span>'
_BY = '<span class="ta-clock__comma">, </span><span class="ta-clock__by">{by}</span>'
_DONE = (
    '<form class="ta-action" method="post" action="{done_url}">'
    '<input type="hidden" name="csrfmiddlewaretoken" value="{token}">%s'
    '<button class="ta-button-link" data-module="govuk-button" data-prevent-double-click="true">{done}'
    '<span class="govuk-visually-hidden"> {title}</span></button></form>'
)
_ROUND = '<input type="hidden" name="began" value="{began}">'


@functools.lru_cache(maxsize=512)
def _card_of(
    state: str, level: int, done: str, urgent: bool, url: bool, subject: bool, began: bool, by: bool
) -> str:
    """The card with the parts that it has, and what is the same on every card like it; `done` is the button's word."""
    card = _CARD % (
        " ta-clock--urgent" if urgent else "",
        _LINK if url else "{title}",
        _SUBJECT if subject else "",
        _DONE % (_ROUND if began else "") if done else "",
        _BY if by else "",
    )
    same = {"state": state, "level": str(level), "done": done}
    for name, words in same.items():
        card = card.replace(f"{{{name}}}", escape(words).replace("{", "{{").replace("}", "}}"))
    return card


# A caseload has dozens of them on one page: rendered in one go, not through templates within templates.
def _card(clock: Clock, level: int, done_url: str, began: str, token: object, done: str) -> SafeString:
    parts: dict[str, object] = {"title": clock.title, "reason": clock.reason, "left": clock.left}
    if clock.url:
        parts["url"] = clock.url
    if clock.subject:
        parts["subject"] = clock.subject
    if clock.by:
        parts["by"] = clock.by
    if done_url:
        parts |= {"done_url": done_url, "token": token, "began": began}
    card = _card_of(
        clock.state,
        level,
        done if done_url else "",
        clock.urgent,
        bool(clock.url),
        bool(clock.subject),
        bool(began),
        bool(clock.by),
    )
    return SafeString(card.format(**{name: _escaped(value) for name, value in parts.items()}))


def _escaped(value: object) -> str:
    """As `conditional_escape` does, but for its look at whether each of a page's hundreds of words is lazy."""
    return str(value) if hasattr(value, "__html__") else html.escape(str(value))


@register.simple_tag(takes_context=True)
def clock_card(
    context: Context, clock: Clock, *, level: int = 3, done_url: str = "", began: str = ""
) -> SafeString:
    """Something owed by a time, with its reason; a row of a list. With `done_url` the card has a button “Done”, which
    sends `began` along."""
    return _card(clock, level, done_url, began, context.get("csrf_token", ""), _("Done"))


class CardLine(Protocol):
    """A clock with what its card's button does."""

    @property
    def view(self) -> Clock: ...
    @property
    def done_url(self) -> str: ...
    @property
    def began(self) -> str: ...


@register.simple_tag(takes_context=True)
def clock_cards(context: Context, lines: Iterable[CardLine], *, level: int = 3) -> SafeString:
    """A card for each of these lines, as `clock_card` draws it."""
    token, done = str(context.get("csrf_token", "")), _("Done")
    return SafeString(
        "".join(_card(each.view, level, each.done_url, each.began, token, done) for each in lines)
    )


@register.inclusion_tag("ui/components/timeline.html")
def timeline(items: Sequence[TimelineItem], *, level: int = 3) -> dict[str, Any]:
    """Events in the order given."""
    return {"items": items, "level": level}


@register.inclusion_tag("ui/components/summary_list.html")
def summary_list(rows: Sequence[SummaryRow], *, borders: bool = True) -> dict[str, Any]:
    """Facts with their names, sources and what may be changed."""
    return {"rows": rows, "borders": borders}


@register.inclusion_tag("ui/components/task_list.html")
def task_list(tasks: Sequence[Task], *, name: str = "task") -> dict[str, Any]:
    """Steps with their states. `name` keeps two lists on a page apart."""
    return {"tasks": tasks, "name": name}


@register.inclusion_tag("ui/components/banner.html")
def banner(kind: BannerKind, text: str, *, title: str = "") -> dict[str, str]:
    """A message across the page: information, success, warning or error."""
    words = {
        "information": _("Information"),
        "success": _("Success"),
        "warning": _("Warning"),
        "error": _("Problem"),
    }
    return {"kind": kind, "text": text, "title": title, "kind_text": words[kind]}


@register.filter
def message_kind(level_tag: str) -> str:
    """The banner for one of Django's message levels."""
    return {"success": "success", "warning": "warning", "error": "error"}.get(level_tag, "information")


@register.inclusion_tag("ui/components/section_heading.html")
def section_heading(
    text: str, *, why: str = "", count: int | None = None, level: int = 2, id: str = ""
) -> dict[str, Any]:
    """A heading, its count, and why the reader may see what is under it."""
    return {"text": text, "why": why, "count": count, "level": level, "id": id}


@register.inclusion_tag("ui/components/contents.html")
def contents(parts: Sequence[Part]) -> dict[str, Any]:
    """Links to the parts of a long page; nothing where there are fewer than three."""
    return {"parts": parts if len(parts) > 2 else ()}


@register.inclusion_tag("ui/components/empty_state.html")
def empty_state(text: str, *, action: str = "", url: str = "") -> dict[str, str]:
    """What to read where there is nothing yet, and the one thing to do about it."""
    return {"text": text, "action": action, "url": url}


@register.inclusion_tag("ui/components/pagination.html")
def pagination(*, previous: str = "", next: str = "", label: str = "") -> dict[str, str]:
    """Previous and next page of a keyset-paged list; nothing when there is neither."""
    return {"previous": previous, "next": next, "label": label or _("Pages")}


@register.simple_tag
def field_error_prefix(form: object = None) -> str:
    """'Error: ' for a page title while a form on the page is refused."""
    return _("Error: ") if isinstance(form, forms.BaseForm) and form.is_bound and form.errors else ""
