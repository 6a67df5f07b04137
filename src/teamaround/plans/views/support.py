"""What the screens of this room share: try an action, keep what was typed, show the form again."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from django import forms as django_forms
from django.contrib import messages
from django.db import models
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.drafts import drop_draft
from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.models import Authored, Draft
from teamaround.access.requests import StaffRequest
from teamaround.events.actions import EventRefused
from teamaround.people.actions import FactRefused
from teamaround.procedures.actions import EpisodeRefused
from teamaround.tasks.actions import TaskRefused
from teamaround.ui.components import Identity
from teamaround.ui.forms import StaleForm, VersionedForm
from teamaround.ui.presentation import uk_time

from ..actions import PlanRefused
from ..drafts import put_back
from ..links import url
from ..loaders import child_of, names_of, who_wrote
from ..models import Plan
from ..presenters import episode_identity

REFUSED = (PlanRefused, TaskRefused, EpisodeRefused, EventRefused, FactRefused)


class _Refusal(Protocol):
    field: str


def attempt(
    form: django_forms.Form,
    act: Callable[[dict[str, Any]], object],
    *,
    row: models.Model | None = None,
) -> int:
    """Send a form to its action: 302 done, 200 not sent or refused, 409 stale.

    Whatever is refused stands beside its field, and everything typed stays. `row` is the row whose version
    the form carries; its present version goes into the form, so that saving again is a decision.
    """
    if not form.is_bound or not form.is_valid():
        return 200
    try:
        act(form.cleaned_data)
    except REFUSED as refused:
        field = getattr(refused, "field", "")
        form.add_error(field if field in form.fields else None, str(refused))
        return 200
    except StaleEdit:
        assert isinstance(form, VersionedForm), "only a form with a version can be stale"
        form.refuse_stale(_now_of(row))
        return 409
    return 302


def _now_of(row: models.Model | None) -> StaleForm:
    current = type(row)._default_manager.filter(pk=row.pk).first() if row is not None else None
    if not isinstance(current, Authored):
        return StaleForm(0)
    name = who_wrote([current.changed_by_id]).get(current.changed_by_id, "")
    return StaleForm(current.version, name)


def act_of(request: StaffRequest) -> str:
    """What the access log says of this request."""
    return "change" if request.method == "POST" else ""


def with_draft(request: StaffRequest, form: django_forms.Form, name: str, about: object) -> str:
    """Put my draft back into a form that was not sent yet; the address that keeps the next one."""
    return with_drafts(request, {name: form}, about)[name]


def with_drafts(
    request: StaffRequest, forms: Mapping[str, django_forms.Form], about: object
) -> dict[str, str]:
    """Put my drafts back into the forms of one page, by name; the addresses that keep the next ones."""
    if request.method != "POST" and forms:
        drafts = Draft.objects.filter(
            practitioner_id=request.me.principal, form__in=list(forms), about=str(about)
        )
        for draft in drafts:
            if put_back(forms[draft.form], draft.typed):
                messages.info(
                    request,
                    _("We put back what you typed at %(time)s. Nothing was saved to the record yet.")
                    % {"time": uk_time(draft.saved_at)},
                )
    return {name: url("drafts:save", name, about) for name in forms}


def forget_draft(request: StaffRequest, name: str, about: object) -> None:
    """The form was saved: its draft has served."""
    drop_draft(by=request.me, form=name, about=str(about))


def identity_of(request: StaffRequest, plan: Plan) -> Identity:
    """The bar of a page of a plan, with its line in the access log. A reader who may not open the case gets
    no link to it."""
    names = names_of([plan.subject_id, plan.episode.subject_id or 0])
    shown(request, names, Category.INDEX)
    return episode_identity(plan.episode, names, child_of(plan.episode))


def form_page(
    request: StaffRequest,
    form: django_forms.Form,
    *,
    heading: str,
    status: int = 200,
    template: str = "ui/form_page.html",
    **context: Any,
) -> HttpResponse:
    """A page that is one form."""
    return render(
        request,
        template,
        {"form": form, "heading": heading, **context},
        status=409 if status == 409 else 200,
    )


def plan_form(
    request: StaffRequest,
    plan: Plan,
    form: django_forms.Form,
    act: Callable[[dict[str, Any]], object],
    *,
    draft: str,
    about: uuid.UUID,
    said: str,
    row: models.Model | None = None,
    **page: Any,
) -> HttpResponse:
    """A page of a plan that is one form: sent, it leads back to the plan and says so; else it shows again.

    `draft` and `about` name the draft that is put back and, once the form is saved, forgotten. `row` is as for
    `attempt`; `page` is what `form_page` takes beside the plan's own links.
    """
    draft_url = with_draft(request, form, draft, about)
    status = attempt(form, act, row=row)
    if status == 302:
        forget_draft(request, draft, about)
        messages.success(request, said)
        return redirect("plans:detail", plan.uuid)
    return form_page(
        request,
        form,
        status=status,
        identity=identity_of(request, plan),
        back_url=url("plans:detail", plan.uuid),
        cancel_url=url("plans:detail", plan.uuid),
        draft_url=draft_url,
        **page,
    )
