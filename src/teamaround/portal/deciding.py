"""The family's own decisions: yes, no or ask me first; and taking back what was agreed."""

from __future__ import annotations

import uuid as uuids

from django.contrib import messages
from django.db import ProgrammingError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.requests import FamilyRequest, family
from teamaround.sharing.models import How
from teamaround.sharing.withdrawals import withdraw_cells
from teamaround.sharing.wording import OWN_PHONE, wording
from teamaround.ui.presentation import uk_date

from . import pages
from .forms import AgreeForm
from .own import (
    NotTheirs,
    give_own_consent,
    holders,
    key_of,
    last_day,
    may_decide,
    own_answers,
    own_sharing,
    tell,
)
from .views import own_entry, own_page
from .words import ASKED


@family
def agree(request: FamilyRequest) -> HttpResponse:
    """The teams to say yes or no to."""
    person = own_entry(request)
    able = may_decide(person)
    teams = [
        pages.Choice(
            "",
            pages.team_name(each),
            reverse("portal:agree_with", args=[key_of(person.pk, f"team:{each.team}")]),
        )
        for each in (holders(own_sharing(), own_answers()) if able else ())
    ]
    return own_page(request, person, "portal/agree.html", _("Say yes or no"), teams=teams, able=able)


@family
def agree_with(request: FamilyRequest, key: uuids.UUID) -> HttpResponse:
    """Yes, no or ask me first, for each kind of information and one team."""
    person = own_entry(request, act="change" if request.method == "POST" else "")
    shared, said = own_sharing(), own_answers()
    team = next(
        (each for each in holders(shared, said) if key_of(person.pk, f"team:{each.team}") == key), None
    )
    if team is None or not may_decide(person):
        raise Http404
    words, own = pages.answers_now(shared, said, team.team)
    form = AgreeForm(request.POST or None, now=words, initial=dict(own))
    if request.method == "POST" and form.is_valid():
        answers = [(team.team, kind, answer) for kind, answer in form.answers()]
        try:
            give_own_consent(
                by=request.person, person=person, answers=answers, token=form.cleaned_data["token"]
            )
        except NotTheirs as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Saved. It counts from now."))
            return redirect("portal:sharing")
    return own_page(
        request,
        person,
        "portal/agree_with.html",
        _("What may %(team)s see?") % {"team": team.agency},
        title=_("Say yes or no"),
        form=form,
        kinds=[form[kind] for kind in ASKED],
        team=pages.team_name(team),
        statements=wording(OWN_PHONE).statements,
        until=uk_date(last_day(timezone.localdate())),
        back_url=reverse("portal:agree"),
        status=422 if form.errors else 200,
    )


@family
def change(request: FamilyRequest) -> HttpResponse:
    """What can be stopped: everything, one team, or one kind."""
    person = own_entry(request)
    teams, kinds = pages.choices(own_sharing(), person)
    everything = reverse("portal:stop", args=[key_of(person.pk, "all")])
    return own_page(
        request,
        person,
        "portal/change.html",
        _("Change my mind"),
        teams=teams,
        kinds=kinds,
        everything=everything,
    )


@family
def stop(request: FamilyRequest, key: uuids.UUID) -> HttpResponse:
    """What stops and what goes on, and why; then it stops, at once."""
    person = own_entry(request, act="change" if request.method == "POST" else "")
    shared = own_sharing()
    teams, kinds = pages.choices(shared, person)
    wanted = {"all": _("everything"), **{each.what: each.text for each in (*teams, *kinds)}}
    what = next((each for each in wanted if key_of(person.pk, each) == key), None)
    if what is None:
        raise Http404
    if request.method == "POST":
        _take_back(request, what)
        messages.success(request, _("Done. It has stopped."))
        return redirect("portal:sharing")
    ends, stays = pages.stops_and_goes_on(shared, what)
    return own_page(
        request,
        person,
        "portal/stop.html",
        _("Stop sharing everything?") if what == "all" else _("Stop sharing?"),
        everything=what == "all",
        team=wanted[what] if what.startswith("team:") else "",
        kind=wanted[what] if what.startswith("kind:") else "",
        ends=ends,
        stays=stays,
        back_url=reverse("portal:change"),
    )


def _take_back(request: FamilyRequest, what: str) -> None:
    """Take it back; where nothing stood any more, nothing is left to do and the page says the same."""
    person = request.person
    sort, _colon, which = what.partition(":")
    try:
        ended = withdraw_cells(
            by=person,
            subject=person.subject,
            giver=person.subject,
            holders=[int(which)] if sort == "team" else None,
            categories=[which] if sort == "kind" else None,
            how=How.SIGNED,
        )
    except ProgrammingError as nothing:
        if getattr(nothing.__cause__, "sqlstate", "") != "42501":
            raise
        return
    if ended:
        tell("family.decided", link=reverse("desk:my_day"))
