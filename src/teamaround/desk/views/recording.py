"""What happened in a case and has no page of its own, written down by whoever the procedure lets."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.events.own import kind_of
from teamaround.procedures.actions import EpisodeRefused, standing
from teamaround.procedures.models import Episode, EpisodeStatus
from teamaround.procedures.recording import LONGEST, record_what_happened, recordable
from teamaround.ui import forms
from teamaround.ui.presentation import uk_datetime

from .moving_on import case_of, context_of


class WhatHappenedForm(forms.Form):
    """What happened, when, and what is to be remembered of it."""

    kind = django_forms.ChoiceField(
        label=gettext_lazy("What happened?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Select what happened")},
    )
    on = forms.DateField(label=gettext_lazy("On which day?"), not_future=True)
    at = forms.TimeField(
        label=gettext_lazy("At what time?"),
        widget=forms.TextInput(width=5),
        help_text=gettext_lazy("For example, 2:30pm"),
    )
    text = django_forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=LONGEST,
        widget=django_forms.Textarea({"rows": 5}),
        help_text=gettext_lazy("It is on the child’s file. The family may ask to read it."),
    )

    def __init__(
        self, *args: Any, kinds: Sequence[tuple[str, str]], ends: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.widget.hints = dict(ends)
        kind.choices = list(kinds)

    def moment(self) -> dt.datetime:
        """When it happened, from a valid form."""
        return timezone.make_aware(dt.datetime.combine(self.cleaned_data["on"], self.cleaned_data["at"]))


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def record_event(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Choose what happened, and when. 403 where the procedure leaves me nothing to record."""
    episode = case_of(request, key)
    context = context_of(request, episode)
    kinds = recordable(by=request.me, episode=episode)
    if not kinds:
        if episode.status not in (EpisodeStatus.WAITING, EpisodeStatus.OPEN) or episode.subject_id is None:
            messages.info(request, _("Nothing can be recorded here while a case is over, or names no child."))
            return redirect(context["back_url"])
        raise PermissionDenied
    now = timezone.localtime()
    form = WhatHappenedForm(
        request.POST if request.method == "POST" else None,
        kinds=[(kind, kind_of(kind).words) for kind in kinds],
        ends=_ends(episode, kinds),
        initial={"on": now.date(), "at": now.time().replace(second=0, microsecond=0)},
    )
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            made = record_what_happened(
                by=request.me,
                episode=episode,
                kind=said["kind"],
                happened_at=form.moment(),
                text=said["text"],
            )
        except EpisodeRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            return redirect("desk:recorded", episode.uuid, made)
    context |= {
        "form": form,
        "heading": _("Record what happened"),
        "lead": _("Contacts, visits, assessments, plans and meetings have pages of their own."),
        "submit": _("Record it"),
    }
    return render(request, "ui/form_page.html", context)


def _ends(episode: Episode, kinds: Sequence[str]) -> dict[str, str]:
    """For each kind, what is owed and ends with it."""
    said: dict[str, list[str]] = {}
    for clock in standing(episode).open_clocks:
        for kind in clock.rule.stop:
            if kind in kinds:
                words = _("%(title)s, due %(due)s") % {"title": clock.title, "due": uk_datetime(clock.due_at)}
                said.setdefault(kind, []).append(words)
    return {kind: _("Ends: %(what)s") % {"what": "; ".join(lines)} for kind, lines in said.items()}
