"""After how many days an involvement is quiet: asked about, reminded of, ended. Set for each kind of involvement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.index.freshness import BEGIN_AGAIN_DAYS, DaysRefused, set_days
from teamaround.index.models import FreshnessRule, InvolvementRole
from teamaround.ui import forms
from teamaround.ui.presentation import uk_date

SET_UP = Permission.SET_UP_AREA


def _days(label: Any, hint: Any) -> django_forms.IntegerField:
    return django_forms.IntegerField(
        label=label,
        help_text=hint,
        widget=forms.TextInput(width=4, attrs={"inputmode": "numeric", "data-suffix": gettext_lazy("days")}),
        error_messages={"invalid": gettext_lazy("Write a number of days, for example 90.")},
    )


class QuietDaysForm(forms.Form):
    """Three numbers of days. The rules are the action's own."""

    quiet_after_days = _days(
        gettext_lazy("Ask the team after"),
        gettext_lazy("Days since anybody last recorded a contact, or said that they still work with them."),
    )
    remind_after_days = _days(
        gettext_lazy("Remind the team after"), gettext_lazy("Days after the question. It is reminded once.")
    )
    end_after_days = _days(
        gettext_lazy("End the involvement after"),
        gettext_lazy("Days after the question. The team has a week at least after the reminder."),
    )


@dataclass(frozen=True, slots=True)
class QuietLine:
    """The days of one kind of involvement, in words, and who set them."""

    name: str
    asked: str
    reminded: str
    ended: str
    set_by: str
    url: str


@staff(SET_UP)
@require_safe
def quiet(request: StaffRequest) -> HttpResponse:
    """The days of every kind of involvement, with who set them and when."""
    rules = {rule.role: rule for rule in FreshnessRule.objects.select_related("set_by")}
    context = {
        "heading": _("Quiet involvements"),
        "rules": [_line(rules[role]) for role in InvolvementRole.values if role in rules],
        "again": BEGIN_AGAIN_DAYS,
        "back_url": reverse("administration:overview"),
        "back_text": _("Administration"),
    }
    return render(request, "administration/quiet.html", context)


def _line(rule: FreshnessRule) -> QuietLine:
    after, asked = rule.remind_after_days, rule.quiet_after_days
    ended = rule.end_after_days
    who = _("As delivered")
    if rule.set_at is not None:
        told = {
            "who": rule.set_by.name if rule.set_by else _("the command line"),
            "day": uk_date(timezone.localdate(rule.set_at)),
        }
        who = _("%(who)s, %(day)s") % told
    return QuietLine(
        name=rule.get_role_display(),
        asked=ngettext("After %(n)d day", "After %(n)d days", asked) % {"n": asked},
        reminded=ngettext("%(n)d day later", "%(n)d days later", after) % {"n": after},
        ended=ngettext("%(n)d day after the question", "%(n)d days after the question", ended) % {"n": ended},
        set_by=who,
        url=reverse("administration:change_quiet", args=[rule.role]),
    )


@staff(SET_UP)
@require_http_methods(["GET", "HEAD", "POST"])
def change_quiet(request: StaffRequest, role: str) -> HttpResponse:
    """Other days for one kind of involvement."""
    rule = FreshnessRule.objects.filter(role=role).first()
    if rule is None:
        raise Http404
    back = reverse("administration:quiet")
    names = tuple(QuietDaysForm.base_fields)
    form = QuietDaysForm(request.POST or None, initial={name: getattr(rule, name) for name in names})
    if request.method == "POST" and form.is_valid():
        try:
            kept = set_days(by=request.me.principal, role=role, **form.cleaned_data)
        except DaysRefused as refused:
            form.add_error(refused.field, str(refused))
        else:
            if kept.set_at == rule.set_at:
                messages.info(request, _("These are the days that hold already."))
            else:
                messages.success(request, _("The days are set. They hold from tonight."))
            return redirect(back)
    context = {
        "form": form,
        "heading": rule.get_role_display(),
        "caption": _("Quiet involvements"),
        "lead": _(
            "Ask sooner, and more children are asked about tonight. Ask later, and questions that came too early are "
            "taken back. A team that was reminded has the days until the end that you set here."
        ),
        "submit": _("Set the days"),
        "cancel_url": back,
        "back_url": back,
    }
    return render(request, "ui/form_page.html", context)
