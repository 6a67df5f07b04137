"""Pages of shields: put one up, look at it again, lift it, let another team know."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.people.merging import records_of
from teamaround.people.models import Person

from . import cards
from .circle import offers_for
from .ground_forms import ShieldForm, ShieldReviewForm
from .models import Shield
from .pages import acted, form_page, person_and_team
from .shields import add_holders, lift_shield, put_up_shield, review_shield, shields_of


@staff(Permission.RECORD_SAFEGUARDING)
@require_http_methods(["GET", "HEAD", "POST"])
def shield(request: StaffRequest, person: uuids.UUID) -> HttpResponse:
    """The shields of a person that I may know of, and putting one up."""
    child, records, team = person_and_team(request, person)
    offers = [offer for offer in offers_for(request.me, records, own=False) if offer.involved]
    form = ShieldForm(
        request.POST or None, teams=[(offer.slug, f"{offer.agency}: {offer.name}") for offer in offers]
    )

    def act() -> None:
        typed = form.cleaned_data
        put_up_shield(
            by=request.me,
            team=team,
            subject=child.pk,
            level=typed["level"],
            reason=typed["reason"],
            review_on=typed["review_on"],
            holders=[offer.team for offer in offers if offer.slug in typed.get("holders", ())],
        )

    status = acted(form, act)
    if status == 302:
        messages.success(request, _("The shield is up, from this moment."))
        return redirect("sharing:shield", child.uuid)
    found = shields_of(records)
    shown(request, records if found else [], "safeguarding")
    names = cards.holder_names(holder.holder_id for each in found for holder in each.holders.all())
    return form_page(
        request,
        form,
        child=child,
        heading=_("Protect where they are"),
        template="sharing/act.html",
        lead=_("For somebody who could come to harm by being found."),
        above=[
            cards.shield_card(each, own=each.author_team_id in request.me.teams, names=names)
            for each in found
        ],
        form_title=_("Put up another shield") if found else "",
        submit=_("Put up the shield"),
        submit_class="warning",
        status=status,
        cards=[
            cards.Card(
                _("What a shield does"),
                [
                    _("It hides address and school from everybody but your team and those you name."),
                    _("A search neither finds them by postcode nor shows the area."),
                    _("It does not hide them from teams that you name, so name few."),
                    _("It never says to others that it is there, or why."),
                ],
            )
        ],
    )


@staff(Permission.RECORD_SAFEGUARDING)
@require_http_methods(["GET", "HEAD", "POST"])
def shield_review(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Look at a shield again: it stays, with other teams named if need be, or it is lifted."""
    row = load(
        request,
        Shield.objects.filter(lifted_at=None)
        .select_related("author_team__agency")
        .prefetch_related("holders"),
        uuid=uuid,
        writable=True,
    )
    child = load(request, Person.objects.all(), pk=row.subject_id)
    named = {holder.holder_id for holder in row.holders.all()}
    offers = [
        offer
        for offer in offers_for(request.me, records_of(child.pk), own=False)
        if offer.involved and offer.team not in named
    ]
    form = ShieldReviewForm(
        request.POST or None,
        version=row.version,
        teams=[(offer.slug, f"{offer.agency}: {offer.name}") for offer in offers],
    )

    def act() -> None:
        typed = form.cleaned_data
        with transaction.atomic():
            if typed["outcome"] == "lifted":
                lift_shield(by=request.me, shield=row, version=typed["version"], reason=typed["reason"])
                return
            review_shield(
                by=request.me,
                shield=row,
                version=typed["version"],
                reason=typed["reason"],
                review_on=typed["review_on"],
            )
            picked = [offer.team for offer in offers if offer.slug in typed.get("holders", ())]
            add_holders(by=request.me, shield=row, holders=picked)

    status = acted(form, act, current=lambda: Shield.objects.values_list("version", flat=True).get(pk=row.pk))
    if status == 302:
        lifted = form.cleaned_data["outcome"] == "lifted"
        messages.success(request, _("The shield is lifted.") if lifted else _("The shield stays up."))
        return redirect("sharing:shield", child.uuid)
    return form_page(
        request,
        form,
        child=child,
        heading=_("Review the shield"),
        template="sharing/act.html",
        above=[cards.shield_card(row, own=False, names=cards.holder_names(named))],
        submit=_("Record the review"),
        status=status,
    )
