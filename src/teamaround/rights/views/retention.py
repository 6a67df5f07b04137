"""How long things are kept; holds; what is due, disposed of by two people."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, staff

from .. import loaders, presenters
from ..actions import RightsRefused
from ..actions import retention as actions
from ..actions.requests import find_person
from ..forms import HoldForm, ReasonForm, RuleForm
from ..models import Disposal, LegalHold, RightsRequest
from . import HANDLE, REASON, acted, named


@staff(HANDLE)
def retention(request: StaffRequest) -> HttpResponse:
    """The rules, and a dry run of today: what would go, by table and rule, and what holds keep."""
    rules = loaders.rules_in_force()
    due = actions.what_is_due()
    lines = presenters.count_lines(actions.counted(due), {rule.pk: rule for rule in rules})
    rows = list(loaders.holds())
    names = named(request, [row.subject_id for row in rows])
    context = {
        "heading": _("How long things are kept"),
        "rules": [presenters.rule_line(rule) for rule in rules],
        "due": lines,
        "subjects": len({each.subject for each in due if each.subject and not each.held}),
        "held": len({each.subject for each in due if each.subject and each.held}),
        "going": sum(line.going for line in lines),
        "holds": [presenters.hold_line(row, names) for row in rows],
        "back_url": reverse("rights:overview"),
        "back_text": _("Governance"),
    }
    return render(request, "rights/retention.html", context)


@staff(HANDLE)
def new_rule(request: StaffRequest) -> HttpResponse:
    """A rule from now on; those before it stay to be read."""
    form = RuleForm(request.POST or None)
    if acted(form, lambda: actions.set_rule(by=request.me, **form.cleaned_data)):
        messages.success(request, _("The rule holds from now on."))
        return redirect("rights:retention")
    back = reverse("rights:retention")
    return render(
        request,
        "ui/form_page.html",
        {"form": form, "heading": _("Change how long things are kept"), "back_url": back, "cancel_url": back},
    )


@staff(HANDLE)
def dispose(request: StaffRequest) -> HttpResponse:
    """Ask that what is due be disposed of."""
    form = ReasonForm(request.POST or None)
    made: list[Disposal] = []
    if acted(form, lambda: made.append(actions.ask_for_disposal(by=request.me, **form.cleaned_data))):
        messages.success(request, _("Somebody else has to confirm it."))
        return redirect("rights:disposal", made[0].uuid)
    back = reverse("rights:retention")
    context = {
        "form": form,
        "heading": _("Ask for a disposal"),
        "lead": _("What is due today is noted. Nothing goes before somebody else confirms."),
        "back_url": back,
        "cancel_url": back,
    }
    return render(request, "ui/form_page.html", context)


@staff(HANDLE)
def erase(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Ask that everything on somebody be erased, as was granted."""
    row = get_object_or_404(RightsRequest, uuid=uuid, kind="erasure", outcome="granted")
    form = ReasonForm(request.POST or None)
    made: list[Disposal] = []
    if acted(
        form, lambda: made.append(actions.ask_for_disposal(by=request.me, request=row, **form.cleaned_data))
    ):
        messages.success(request, _("Somebody else has to confirm it."))
        return redirect("rights:disposal", made[0].uuid)
    back = reverse("rights:request", args=[row.uuid])
    found = named(request, [row.subject_id], act="view")
    context = {
        "form": form,
        "heading": _("Ask for the erasure"),
        "caption": found[row.subject_id].name if row.subject_id in found else "",
        "lead": _("Everything held on them is noted. Nothing goes before somebody else confirms."),
        "back_url": back,
        "cancel_url": back,
    }
    return render(request, "ui/form_page.html", context)


@staff(HANDLE)
def disposals(request: StaffRequest) -> HttpResponse:
    """What was disposed of, and what waits."""
    context = {
        "heading": _("Disposals"),
        "disposals": [presenters.disposal_line(row) for row in loaders.disposals()[:200]],
        "back_url": reverse("rights:overview"),
        "back_text": _("Governance"),
    }
    return render(request, "rights/disposals.html", context)


@staff(HANDLE)
def disposal(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """One disposal: what would go, or what went; confirming it, or taking it back."""
    row = get_object_or_404(loaders.disposals(), uuid=uuid)
    if request.method == "POST":
        try:
            if request.POST.get("act") == "confirm":
                actions.confirm_disposal(by=request.me, disposal=row)
                messages.success(request, _("It is done."))
            elif request.POST.get("act") == "take_back":
                actions.take_back_disposal(by=request.me, disposal=row)
        except RightsRefused as refused:
            messages.error(request, str(refused))
        return redirect("rights:disposal", row.uuid)
    rules = {rule.pk: rule for rule in loaders.rules_in_force()}
    waits = row.done_at is None and row.cancelled_at is None
    items = list(row.items.all()) if waits else []
    expected = actions.counted(
        [
            actions.Due(each.rule_id, each.subject_id, each.table_name, each.category, each.rows, False)
            for each in items
        ]
    )
    counts = list(row.counts.select_related("rule").order_by("table_name"))
    context = {
        "heading": row.get_kind_display(),
        "row": row,
        "tag": presenters.disposal_tag(row),
        "waits": waits,
        "mine": row.asked_by_id == request.me.principal,
        "expected": presenters.count_lines(expected, rules),
        "subjects": len({each.subject_id for each in items if each.subject_id}),
        "counts": [
            (
                presenters.table_name(each.table_name),
                presenters.how_long(each.rule) if each.rule else _("Erasure on request"),
                each,
            )
            for each in counts
        ],
        "back_url": reverse("rights:disposals"),
        "back_text": _("Disposals"),
    }
    return render(request, "rights/disposal.html", context)


@staff(HANDLE)
def holds(request: StaffRequest) -> HttpResponse:
    """Holds that stand."""
    rows = list(loaders.holds())
    names = named(request, [row.subject_id for row in rows])
    context = {
        "heading": _("Legal holds"),
        "holds": [presenters.hold_line(row, names) for row in rows],
        "back_url": reverse("rights:retention"),
        "back_text": _("How long things are kept"),
    }
    return render(request, "rights/holds.html", context)


@staff(HANDLE)
def new_hold(request: StaffRequest) -> HttpResponse:
    """Keep everything about somebody."""
    form = HoldForm(request.POST or None)

    def act() -> None:
        typed = dict(form.cleaned_data)
        who = {name: typed.pop(name) for name in ("given", "family_name", "born", "postcode")}
        found = find_person(**who)
        shown(request, [found.subject], Category.INDEX, act="change", reason=REASON)
        actions.set_hold(by=request.me, subject=found.subject, **typed)

    if acted(form, act):
        messages.success(request, _("Nothing about them is disposed of while the hold stands."))
        return redirect("rights:holds")
    back = reverse("rights:holds")
    return render(
        request,
        "ui/form_page.html",
        {"form": form, "heading": _("Set a legal hold"), "back_url": back, "cancel_url": back},
    )


@staff(HANDLE)
def lift_hold(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """End a hold."""
    row = get_object_or_404(LegalHold, uuid=uuid, lifted_at=None)
    form = ReasonForm(request.POST or None)
    if acted(form, lambda: actions.lift_hold(hold=row, **form.cleaned_data)):
        messages.success(request, _("The hold is lifted."))
        return redirect("rights:holds")
    back = reverse("rights:holds")
    found = named(request, [row.subject_id], act="view")
    context = {
        "form": form,
        "heading": _("Lift the hold"),
        "caption": found[row.subject_id].name if row.subject_id in found else "",
        "back_url": back,
        "cancel_url": back,
    }
    return render(request, "ui/form_page.html", context)
