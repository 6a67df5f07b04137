"""Pages of the kinds that a partnership keeps in its own words (of appointment, of meeting): the list, and one of them.

A kind has a `title`, an `ended_at`, a `version`, and what else is said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.db import models
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from teamaround.access.edits import StaleEdit
from teamaround.access.requests import StaffRequest
from teamaround.agencies.refusals import Refused
from teamaround.ui.components import Tag
from teamaround.ui.forms import StaleForm, VersionedForm

Words = str | Promise


@dataclass(frozen=True, slots=True)
class KindPages:
    """What the pages of one sort of kind say, where they are, and what they do.

    `says` names the fields that are said of a kind, and `form` has these and `ended`. `add` is called with `by` and
    these; `change` with `kind`, `version` and `ended` in addition. Both raise Refused; `change` StaleEdit too.
    """

    model: type[models.Model]
    listing: str
    one: str
    adding: str
    heading: Words
    lead: Words
    add_words: Words
    columns: Sequence[Words]
    cells: Callable[[Any], Sequence[Words]]
    offered: Words
    ended: Words
    saved: Words
    form: type[VersionedForm]
    says: Sequence[str]
    blank: Mapping[str, object]
    add: Callable[..., object]
    change: Callable[..., object]


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind in the list: each cell with the heading of its column."""

    title: str
    url: str
    cells: tuple[tuple[Words, Words], ...]
    tag: Tag


def listing_page(request: StaffRequest, pages: KindPages) -> HttpResponse:
    """Every kind, ended ones last."""
    rows = cast(Any, pages.model)._default_manager.all()
    context = {
        "heading": pages.heading,
        "lead": pages.lead,
        "add_url": reverse(pages.adding),
        "add_words": pages.add_words,
        "columns": pages.columns,
        "rows": [
            KindLine(
                title=row.title,
                url=reverse(pages.one, args=[row.key]),
                cells=tuple(zip(pages.columns[1:-1], pages.cells(row), strict=True)),
                tag=Tag(str(pages.ended), "grey") if row.ended_at else Tag(str(pages.offered), "green"),
            )
            for row in sorted(rows, key=lambda each: each.ended_at is not None)
        ],
    }
    return render(request, "tasks/kinds.html", context)


def edit_page(request: StaffRequest, pages: KindPages, key: str) -> HttpResponse:
    """Add a kind (no key), or say one in other words."""
    rows = cast(Any, pages.model)._default_manager
    kind = rows.filter(pk=key).first() if key else None
    if key and kind is None:
        raise Http404
    initial = dict(pages.blank)
    if kind is not None:
        initial = {name: getattr(kind, name) for name in pages.says} | {"ended": kind.ended_at is not None}
    form = pages.form(request.POST or None, version=kind.version if kind else 1, initial=initial)
    if kind is None:
        del form.fields["ended"]
    status = 200
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        said = {name: typed[name] for name in pages.says}
        try:
            if kind is None:
                pages.add(by=request.me, **said)
            else:
                pages.change(by=request.me, kind=kind, version=typed["version"], ended=typed["ended"], **said)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        except StaleEdit:
            form.refuse_stale(StaleForm(rows.values_list("version", flat=True).get(pk=key)))
            status = 409
        else:
            messages.success(request, str(pages.saved))
            return redirect(pages.listing)
    context = {
        "form": form,
        "heading": kind.title if kind else pages.add_words,
        "submit": _("Save"),
        "back_url": reverse(pages.listing),
        "back_text": pages.heading,
    }
    return render(request, "ui/form_page.html", context, status=status)
