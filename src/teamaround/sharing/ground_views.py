"""Pages of the reasons that stand without consent: reviewing one, and opening a record in an emergency."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person

from . import cards
from .bases import GROUNDS, review_basis
from .break_glass import open_in_emergency, openings, review_opening
from .ground_forms import EmergencyForm, EmergencyReviewForm, ReviewForm
from .models import Basis, Kind
from .pages import acted, form_page


@staff(Permission.RECORD_SAFEGUARDING)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Look again at a reason for sharing without consent: it goes on until a new review, or ends."""
    basis = load(request, Basis.objects.filter(kind__in=GROUNDS, withdrawn_at=None), uuid=uuid, writable=True)
    child = Person.objects.filter(pk=basis.subject_id).first()
    form = ReviewForm(request.POST or None, version=basis.version)

    def act() -> None:
        typed = form.cleaned_data
        review_basis(
            by=request.me,
            basis=basis,
            version=typed["version"],
            outcome=typed["outcome"],
            reason=typed["reason"],
            review_on=typed["review_on"],
        )

    status = acted(
        form, act, current=lambda: Basis.objects.values_list("version", flat=True).get(pk=basis.pk)
    )
    if status == 302:
        messages.success(request, _("Recorded. It counts from this moment."))
        return redirect("sharing:detail", uuid=uuid)
    return form_page(
        request,
        form,
        child=child,
        heading=_("Review: %(kind)s") % {"kind": basis.get_kind_display()},
        template="sharing/act.html",
        lead=_("Nobody reviews it: it ends by itself on its review date."),
        submit=_("Record the review"),
        status=status,
        cards=[cards.Card(_("What was recorded"), [basis.reason])],
    )


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def emergency(request: StaffRequest, person: uuids.UUID) -> HttpResponse:
    """Open in an emergency: what I need of this record, to me alone, for a day."""
    child = load(request, Person.objects.all(), uuid=person)
    form = EmergencyForm(request.POST or None)

    def act() -> None:
        typed = form.cleaned_data
        open_in_emergency(
            by=request.me,
            team=request.me.team.team,
            subject=child.pk,
            reason=typed["reason"],
            categories=typed["categories"],
            token=typed["token"],
        )

    status = acted(form, act)
    if status == 302:
        shown(request, [child.pk], "index", act="change", reason=form.cleaned_data["reason"])
        messages.warning(
            request,
            _(
                "Open to you for 24 hours. The information-governance lead and the lead practitioner were told."
            ),
        )
        return redirect("desk:person", child.uuid)
    return form_page(
        request,
        form,
        child=child,
        heading=_("Open in an emergency"),
        template="sharing/act.html",
        submit=_("Open now"),
        submit_class="warning",
        status=status,
        cards=[
            cards.Card(
                _("What happens next"),
                [
                    _("What you choose opens to you alone, for 24 hours."),
                    _("The information-governance lead is told at once."),
                    _("The lead practitioner’s team is told at once, with your reason."),
                    _("Somebody reviews whether it was justified."),
                    _("The family is told unless that adds risk."),
                ],
            ),
            cards.Card(_("In danger now?"), [_("Ring 999 first, then write.")], danger=True),
        ],
    )


@staff(Permission.OVERSEE_ACCESS)
def emergencies(request: StaffRequest) -> HttpResponse:
    """What was opened in an emergency, and what waits for a review. Whoever governs sees no case."""
    rows = list(openings()[:100])
    shown(request, {row.subject_id for row in rows}, "identity", act="list")
    context = {
        "heading": _("Opened in an emergency"),
        "above": [cards.opening_card(row) for row in rows],
        "nothing": "" if rows else _("Nothing was opened in an emergency."),
        "form": None,
    }
    return render(request, "sharing/act.html", context)


@staff(Permission.OVERSEE_ACCESS)
@require_http_methods(["GET", "HEAD", "POST"])
def emergency_review(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Say whether an opening was justified."""
    basis = load(request, openings().filter(kind=Kind.BREAK_GLASS), uuid=uuid)
    if basis.recorded_by_id == request.me.principal:
        raise Http404
    form = EmergencyReviewForm(request.POST or None)
    team = request.me.team.team

    def act() -> None:
        typed = form.cleaned_data
        review_opening(
            by=request.me, team=team, basis=basis, justified=typed["justified"] == "yes", note=typed["note"]
        )

    status = acted(form, act)
    if status == 302:
        messages.success(request, _("Reviewed. Whoever opened it reads your note."))
        return redirect("sharing:emergencies")
    return form_page(
        request,
        form,
        child=None,
        heading=_("Review an opening in an emergency"),
        template="sharing/act.html",
        above=[cards.opening_card(basis)],
        submit=_("Record the review"),
        status=status,
    )
