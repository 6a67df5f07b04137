"""Pages on which a worker settles what two equals contradict each other about, and states the lawful ground."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person
from teamaround.ui.presentation import uk_date

from . import cards
from .circle import circle_of
from .ground_forms import NO_SPECIAL_DATA, LawfulForm, SettleForm
from .lawful import lawful_basis_of, state_lawful_basis
from .models import Basis, Settlement
from .pages import acted, form_page, person_and_team
from .settlements import disagreements_of, end_settlement, settle


@staff(Permission.RECORD_CONSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def settling(request: StaffRequest, person: uuids.UUID) -> HttpResponse:
    """Who said yes and who said no; and which answer stands, with the reason."""
    child, records, team = person_and_team(request, person)
    circle = circle_of(child, records)
    me = circle.party(str(child.uuid))
    apart = disagreements_of(records, youngest=me.youngest)
    shown(request, records if apart else [], "identity")
    yes = {says.basis: says for each in apart for says in each.yes}
    bases = {basis.pk: basis for basis in Basis.objects.filter(pk__in=yes)}
    form = SettleForm(
        request.POST or None,
        answers=[
            (
                str(bases[pk].uuid),
                _("%(name)s’s yes of %(day)s") % {"name": says.name, "day": uk_date(bases[pk].valid_from)},
            )
            for pk, says in yes.items()
            if pk in bases
        ],
    )

    def act() -> None:
        wanted = form.cleaned_data["basis"]
        basis = next(each for each in bases.values() if str(each.uuid) == wanted)
        settle(by=request.me, team=team, subject=child.pk, basis=basis, reason=form.cleaned_data["reason"])

    status = acted(form, act)
    if status == 302:
        messages.success(request, _("Settled. What was agreed is shared from this moment."))
        return redirect("sharing:settle", child.uuid)
    open_ones = any(each.settled is None for each in apart)
    names = cards.holder_names(each.holder for each in apart)
    return form_page(
        request,
        form if open_ones else None,
        child=child,
        heading=_("They do not agree"),
        template="sharing/act.html",
        above=[cards.disagreement_words(each, names) for each in apart],
        form_title=_("Settle it") if open_ones else "",
        nothing="" if apart else _("Nobody contradicts anybody now."),
        submit=_("This answer stands"),
        status=status,
        cards=[
            cards.Card(
                _("Before you settle it"),
                [
                    _("Ask the child. A child who understands decides, and that stands over both."),
                    _("Talk to each parent apart."),
                    _("A later no by either of them counts again."),
                ],
            )
        ],
    )


@require_POST
@staff(Permission.RECORD_CONSENT)
def end(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """End a settlement: the more restrictive answer stands again."""
    row = load(request, Settlement.objects.all(), uuid=uuid, writable=True)
    try:
        end_settlement(by=request.me, settlement=row)
    except StaleEdit:
        messages.info(request, _("Somebody changed this a moment ago. Look at it again."))
    else:
        messages.success(request, _("Ended. The more careful answer stands again."))
    child = load(request, Person.objects.all(), pk=row.subject_id)
    return redirect("sharing:settle", child.uuid)


@staff(Permission.RECORD_CONSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def lawful(request: StaffRequest, person: uuids.UUID) -> HttpResponse:
    """On which ground of the UK GDPR my team uses somebody's data."""
    child, records, team = person_and_team(request, person)
    known = lawful_basis_of(records, team)
    initial = {}
    if known is not None:
        special = known.article9 or NO_SPECIAL_DATA
        initial = {"article6": known.article6, "article9": special, "note": known.note}
    form = LawfulForm(request.POST or None, initial=initial)
    status = acted(
        form, lambda: state_lawful_basis(by=request.me, team=team, records=records, **form.cleaned_data)
    )
    if status == 302:
        messages.success(request, _("Recorded."))
        return redirect("desk:person", child.uuid)
    return form_page(
        request,
        form,
        child=child,
        heading=_("Ground in data protection law"),
        template="sharing/act.html",
        submit=_("Record"),
        status=status,
        cards=[cards.Card(_("Three different things"), [str(each) for each in THREE_APART])],
    )


THREE_APART = (
    gettext_lazy(
        "Agreement to a service: they want the help. Without it nothing begins. It stands with the referral."
    ),
    gettext_lazy("Confidentiality consent: who may see what. They can say no and still be helped."),
    gettext_lazy(
        "Ground in data protection law: why your team may hold the record at all. It is seldom consent."
    ),
)
