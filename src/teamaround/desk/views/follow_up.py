"""After closing: how the family is, written down by whoever asked them."""

from __future__ import annotations

import datetime as dt
import uuid

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import ON_DUTY, Permission
from teamaround.procedures.actions import EpisodeRefused
from teamaround.procedures.asking_after import ask_after, days_of
from teamaround.procedures.follow_ups import Agreed
from teamaround.procedures.models import EpisodeStatus
from teamaround.ui import forms
from teamaround.ui.presentation import uk_date, uk_day

from .moving_on import case_of, context_of


class FollowUpForm(forms.Form):
    """When they were asked, how they are, and whether they are asked again."""

    on = forms.DateField(label=gettext_lazy("Day on which you asked"), not_future=True)
    at = forms.TimeField(
        label=gettext_lazy("Time"),
        widget=forms.TextInput(width=5),
        help_text=gettext_lazy("For example, 2:30pm"),
    )
    text = django_forms.CharField(
        label=gettext_lazy("How are they?"),
        max_length=1000,
        help_text=gettext_lazy(
            "In their own words, where you can. If nobody could be reached, write that. Those who may read notes of "
            "visits and contacts will read it."
        ),
        widget=django_forms.Textarea({"rows": 5}),
    )
    again = django_forms.ChoiceField(
        label=gettext_lazy("Will you ask them once more?"),
        choices=[("no", gettext_lazy("No more than was agreed")), ("yes", gettext_lazy("Yes"))],
        widget=forms.RadioSelect,
    )
    again_on = forms.DateField(label=gettext_lazy("On which day?"), not_past=True)
    reveals = {"again": {"yes": ["again_on"]}}

    def moment(self) -> dt.datetime:
        """When they were asked, from a valid form."""
        return timezone.make_aware(dt.datetime.combine(self.cleaned_data["on"], self.cleaned_data["at"]))


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def follow_up(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Write down how the family of a closed case is: the follow-up is done, and may be agreed once more."""
    episode = case_of(request, key)
    context = context_of(request, episode)
    if episode.status != EpisodeStatus.CLOSED:
        messages.info(request, _("This case is not closed. Record a contact or visit instead."))
        return redirect(context["back_url"])
    now = timezone.localtime()
    form = FollowUpForm(
        request.POST if request.method == "POST" else None,
        initial={"on": now.date(), "at": now.time().replace(second=0, microsecond=0), "again": "no"},
    )
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        # Whoever is only on duty for the team leaves the next time to its managers.
        works = any(
            seat.team == episode.author_team_id and seat.role != ON_DUTY.key for seat in request.me.seats
        )
        who = request.me.principal if works else None
        again = Agreed(said["again_on"], who) if said["again"] == "yes" else None
        try:
            ask_after(
                by=request.me, episode=episode, happened_at=form.moment(), text=said["text"], again=again
            )
        except EpisodeRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The follow-up was recorded."))
            return redirect(context["back_url"])
    days = ", ".join(uk_day(each.due_on) for each in days_of(episode))
    context |= {
        "form": form,
        "heading": _("How is the family?"),
        "lead": _("The case was closed on %(day)s.") % {"day": uk_date(episode.closed_at)}
        + (" " + _("Agreed to ask on %(days)s.") % {"days": days} if days else ""),
        "submit": _("Save the follow-up"),
    }
    return render(request, "ui/form_page.html", context)
