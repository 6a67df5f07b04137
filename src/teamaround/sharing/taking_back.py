"""The page on which anybody who works with a person records what they no longer want shared."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Collection, Iterable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.ui.presentation import uk_date

from . import cards
from .circle import circle_of, offers_for
from .ground_forms import TakeBackForm
from .models import Answer, BasisLine, Kind
from .pages import acted, form_page, person_and_team
from .presenters import holds, party_label
from .settlements import ruling
from .standing import can_decide_for
from .withdrawals import withdraw_cells


@staff(Permission.RECORD_CONSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: StaffRequest, person: uuids.UUID) -> HttpResponse:
    """Take back what was agreed, in whole or by cell; it counts at the next request of anybody."""
    child, records, team = person_and_team(request, person)
    circle = circle_of(child, records)
    shown(request, [party.subject for party in circle.parties], "index")
    me = circle.party(str(child.uuid))
    givers = [party for party in circle.parties if can_decide_for(party, me)]
    offers = offers_for(request.me, records, own=True)
    every = list(BasisLine.objects.filter(subject_id__in=records).select_related("basis__given_by"))
    lines = [line for line in every if line.basis.kind == Kind.CONSENT]
    bases = {line.basis_id: line.basis for line in every if holds(line.basis)}.values()
    rules = ruling(lines, timezone.now())
    shared = [
        line
        for line in lines
        if line.answer == Answer.SHARE
        and (
            said := rules.get(
                (line.subject_id, line.holder_id, line.shared_category, line.basis.given_by_id or 0)
            )
        )
        is not None
        and said.share
        and said.basis == line.basis_id
    ]
    holders = {line.holder_id for line in shared}
    by_key = {str(party.uuid): (party.subject, party_label(party, child)) for party in givers}
    by_key |= _unseen_givers(shared, {party.subject for party in circle.parties})
    form = TakeBackForm(
        request.POST or None,
        givers=[(key, label) for key, (_subject, label) in by_key.items()],
        teams=[
            (offer.slug, f"{offer.agency}: {offer.name}")
            for offer in offers
            if offer.involved or offer.mine or offer.team in holders
        ],
    )
    ended: list[int] = []

    def act() -> None:
        typed = form.cleaned_data
        some = typed["what"] == "some"
        picked = [offer.team for offer in offers if offer.slug in typed["holders"]]
        ended.append(
            withdraw_cells(
                by=request.me,
                team=team,
                subject=child.pk,
                giver=by_key[typed["giver"]][0],
                holders=picked if some else None,
                categories=typed["categories"] if some else None,
                how=typed["how"],
                reason=typed["reason"],
            )
        )

    status = acted(form, act)
    if status == 302:
        n = ended[0]
        words = ngettext(
            "Taken back: %(n)d permission ended. It is hidden from now on, on every open page.",
            "Taken back: %(n)d permissions ended. It is hidden from now on, on every open page.",
            n,
        )
        messages.success(request, words % {"n": n})
        messages.info(request, _("Whoever leads is asked to find out what lies behind it."))
        return redirect("desk:person", child.uuid)
    shown(request, records if every else [], "identity")
    names = {offer.team: f"{offer.agency}: {offer.name}" for offer in offers}
    return form_page(
        request,
        form,
        child=child,
        heading=_("They no longer want something shared"),
        template="sharing/act.html",
        lead=_("It counts from the moment you record it. Their word is enough: nobody has to give a reason."),
        submit=_("Take back now"),
        submit_class="warning",
        status=status,
        cards=[
            cards.Card(
                _("What your team knows to be shared"),
                cards.what_stops(shared, names) or [_("Nothing that your team recorded or was named in.")],
            ),
            cards.Card(_("What goes on, and why"), cards.what_goes_on(bases)),
            cards.Card(
                _("Ask what lies behind it"),
                [
                    _("Did something happen that they did not expect?"),
                    _("Is somebody putting pressure on them?"),
                    _("Would they agree to less, or to another team?"),
                ],
            ),
        ],
    )


def _unseen_givers(shared: Iterable[BasisLine], seen: Collection[int]) -> dict[str, tuple[int, str]]:
    """Givers whose answer my team was named in, and whom it does not see: by what they agreed to."""
    words = _("Whoever agreed on %(day)s: your team cannot see who that is")
    return {
        str(line.basis.uuid): (line.basis.given_by_id, words % {"day": uk_date(line.basis.valid_from)})
        for line in shared
        if line.basis.given_by_id is not None and line.basis.given_by_id not in seen
    }
