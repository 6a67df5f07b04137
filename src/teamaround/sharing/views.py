"""Pages of sharing: ask for consent, record a safeguarding reason, read a decision, withdraw it."""

from __future__ import annotations

import datetime as dt
import uuid as uuids
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.people.merging import records_of
from teamaround.people.models import Person

from . import cards, presenters
from .actions import WORDING_VERSION, BasisRefused, already_recorded, withdraw_consent
from .bases import duty_in_force, record_basis
from .circle import Circle, circle_of, last_change, offers_for, standing_bases, taken_back
from .consent import take_consent
from .forms import SHARED, ConsentForm, SafeguardingForm, WithdrawForm, cell_name
from .links import identity_of, page
from .models import Basis, How, Kind, Paper
from .pages import person_and_team
from .papers import ENDINGS, check_paper, keep_paper
from .settling_views import THREE_APART
from .wording import wording


def _circle(request: StaffRequest, person: uuids.UUID) -> tuple[Circle, int]:
    """The child's circle, and the team of mine that works with the child. 404 unseen, 403 without such a team."""
    child, records, team = person_and_team(request, person)
    circle = circle_of(child, records)
    shown(request, [party.subject for party in circle.parties], "index")
    return circle, team


@staff(Permission.RECORD_CONSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: StaffRequest, person: uuids.UUID) -> HttpResponse:
    """Record who agreed that which team may see what, about whom, until when."""
    circle, team = _circle(request, person)
    offers = offers_for(request.me, circle.everybody, own=True)
    seen = last_change(circle.records)
    form = ConsentForm(
        request.POST or None,
        request.FILES or None,
        circle=circle,
        offers=offers,
        initial={"seen": seen, "with": request.GET.getlist("with")},
    )
    status = 200
    if "add" in request.POST:
        form.keep_without_judging()
    elif request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        scan = typed["paper"].read() if typed["paper"] else b""
        try:
            if scan:
                check_paper(scan)
            if typed["seen"] not in ("", seen) and not already_recorded(typed["token"]):
                raise StaleEdit
            basis = take_consent(
                by=request.me,
                team=team,
                child=circle.child.pk,
                giver=circle.party(typed["given_by"]),
                capacity=typed["capacity"],
                subjects=form.chosen("subjects"),
                answers=form.answers(),
                since=typed["since"],
                until=typed["until"],
                how=typed["how"],
                witness=typed["witness"],
                understanding=typed["understanding"],
                token=typed["token"],
            )
            if scan and not basis.papers.exists():
                keep_paper(by=request.me, basis=basis, content=scan)
        except StaleEdit:
            form.refuse_stale(seen)
            status = 409
        except BasisRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Recorded. It counts from this moment."))
            return redirect("sharing:detail", uuid=basis.uuid)
    bases = list(standing_bases(circle.records))
    shown(request, [circle.child.pk] if bases else [], "identity")
    context = {
        "heading": _("What may be shared, and with whom"),
        "title": _("Consent to sharing"),
        "identity": identity_of(circle.child),
        "form": form,
        "teams": presenters.team_rows(
            form, {o.slug: [cell_name(o.slug, c) for c in SHARED] for o in form.teams}
        ),
        "statements": wording(WORDING_VERSION).statements,
        "in_force": presenters.in_force(bases),
        "safeguarding_url": page("sharing:safeguarding", circle.child.uuid),
        "take_back_url": page("sharing:take_back", circle.child.uuid),
        "settle_url": page("sharing:settle", circle.child.uuid),
        "lawful_url": page("sharing:lawful", circle.child.uuid),
        "three_apart": THREE_APART,
        "back_url": page("desk:person", circle.child.uuid),
    }
    return render(request, "sharing/consent.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Ground:
    """How the page of one kind of reason reads."""

    heading: Any
    lead: Any
    review_in: int


GROUNDS = {
    Kind.SAFEGUARDING: Ground(
        gettext_lazy("Share to keep somebody safe"),
        gettext_lazy(
            "Record why information must be shared without consent. It shows to the teams you choose at once."
        ),
        28,
    ),
    Kind.DUTY: Ground(
        gettext_lazy("Share under the legal duty"),
        gettext_lazy(
            "The law asks you to share what matters for a child’s safety or welfare, unless sharing would harm "
            "the child more. Say why it matters, and why it would not."
        ),
        28,
    ),
    Kind.VITAL: Ground(
        gettext_lazy("Share to protect life"),
        gettext_lazy("Somebody’s life is at risk and they cannot be asked. Review it within a week."),
        3,
    ),
}


@staff(Permission.RECORD_SAFEGUARDING)
@require_http_methods(["GET", "HEAD", "POST"])
def ground(request: StaffRequest, person: uuids.UUID, kind: str = Kind.SAFEGUARDING) -> HttpResponse:
    """Record why something must be shared without consent, with whom, and when that is reviewed."""
    if kind == Kind.DUTY and duty_in_force() is None:
        raise Http404
    circle, team = _circle(request, person)
    offers = offers_for(request.me, circle.everybody, own=False)
    words = GROUNDS[Kind(kind)]
    form = SafeguardingForm(
        request.POST or None,
        circle=circle,
        offers=offers,
        initial={"review_on": timezone.localdate() + dt.timedelta(days=words.review_in)},
    )
    if kind == Kind.VITAL:
        form.fields["review_on"].help_text = _("Within seven days. It ends on that day unless you review it.")
    if "add" in request.POST:
        form.keep_without_judging()
    elif request.method == "POST" and form.is_valid():
        try:
            basis = record_basis(
                by=request.me,
                team=team,
                kind=kind,
                subject=circle.child.pk,
                reason=form.cleaned_data["reason"],
                review_on=form.cleaned_data["review_on"],
                cells=form.cells(),
                told_family=not form.cleaned_data["keep_from_family"],
                token=form.cleaned_data["token"],
            )
        except BasisRefused as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("Recorded. The teams you chose can see it from this moment."))
            return redirect("sharing:detail", uuid=basis.uuid)
    context = {
        "heading": words.heading,
        "lead": words.lead,
        "identity": identity_of(circle.child),
        "form": form,
        "teams": presenters.team_rows(form, {o.slug: [o.slug] for o in form.teams}),
        "back_url": page("desk:person", circle.child.uuid),
        "others": [
            (str(other.heading), reverse(f"sharing:{key}", args=[circle.child.uuid]))
            for key, other in GROUNDS.items()
            if key != kind and (key != Kind.DUTY or duty_in_force() is not None)
        ],
    }
    return render(request, "sharing/safeguarding.html", context)


def _detail(request: StaffRequest, basis: Basis, form: WithdrawForm) -> dict[str, Any]:
    lines = list(basis.lines.all())
    subjects = {line.subject_id for line in lines} | {basis.subject_id}
    people = {person.pk: person for person in Person.objects.filter(pk__in=subjects)}
    names = cards.holder_names(line.holder_id for line in lines)
    shown(request, subjects, basis.category)
    if basis.given_by is not None:
        shown(request, [basis.given_by.pk], "index")
    child = people.get(basis.subject_id)
    consented = basis.kind == Kind.CONSENT
    own = basis.author_team_id in request.me.teams
    may_withdraw = own and presenters.holds(basis)
    shares = [line for line in lines if line.answer == "share"]
    return {
        "heading": _("Consent to sharing") if consented else str(presenters.title(basis)),
        "identity": identity_of(child),
        "basis": basis,
        "state": presenters.state_tag(basis),
        "facts": presenters.facts(basis, {pk: person.name for pk, person in people.items()}, lines),
        "shares": presenters.shares(lines, names),
        "notes": presenters.later_words(taken_back(basis), names) if consented else [],
        "stops": cards.what_stops(shares, names, ended=True) if may_withdraw else [],
        "goes_on": cards.what_goes_on(standing_bases(records_of(basis.subject_id)))
        if may_withdraw and consented
        else [],
        "papers": Paper.objects.filter(basis=basis).defer("content") if basis.how == How.PAPER else (),
        "form": form,
        "may_withdraw": may_withdraw,
        "own": own,
        "statements": wording(basis.wording_version).statements
        if consented and basis.wording_version
        else (),
        "back_url": page("desk:person", child.uuid) if child else "",
        "again_url": page("sharing:consent", child.uuid) if child and consented else "",
        "take_back_url": page("sharing:take_back", child.uuid) if child and consented and own else "",
        "review_url": page("sharing:review", basis.uuid)
        if own and basis.kind in GROUNDS and basis.withdrawn_at is None
        else "",
    }


@staff(Permission.WORK_CASES)
def detail(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """One decision about sharing, for the team that recorded it and for those it names."""
    rows = Basis.objects.select_related("given_by", "author_team__agency").prefetch_related("lines")
    basis = load(request, rows, uuid=uuid)
    return render(request, "sharing/detail.html", _detail(request, basis, WithdrawForm()))


@staff(Permission.RECORD_CONSENT)
@require_http_methods(["POST"])
def withdraw(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """End a decision now. A second click finds it ended."""
    rows = Basis.objects.select_related("given_by", "author_team__agency").prefetch_related("lines")
    basis = load(request, rows, uuid=uuid, writable=True)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return render(request, "sharing/detail.html", _detail(request, basis, form))
    try:
        withdraw_consent(by=request.me, basis=basis, reason=form.cleaned_data["reason"])
    except BasisRefused as refused:
        messages.info(request, str(refused))
    except StaleEdit:
        messages.info(request, _("Somebody changed this a moment ago. Look at it again."))
    else:
        messages.success(request, _("Withdrawn. What it showed is hidden from now on."))
    return redirect("sharing:detail", uuid=uuid)


@staff(Permission.WORK_CASES)
def paper(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """The scan of a consent, as a file to keep: never shown as a page of this site."""
    row = load(request, Paper.objects.all(), uuid=uuid, act="export")
    answer = HttpResponse(bytes(row.content), content_type=row.media_type)
    name = f"consent-{timezone.localdate(row.recorded_at).isoformat()}.{ENDINGS[row.media_type]}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
