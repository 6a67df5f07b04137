"""Moving a running case to the version in force, and taking that back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.people.models import Person
from teamaround.procedures import moving
from teamaround.procedures.actions import EpisodeRefused
from teamaround.procedures.models import Episode
from teamaround.procedures.versions import procedure_of
from teamaround.ui.components import Identity
from teamaround.ui.forms import StaleForm

from ..forms import MoveForm
from ..presenters import move_lines

MOVE = Permission.DECIDE_REFERRALS


def _episode(request: StaffRequest, uuid: UUID) -> Episode:
    rows = Episode.objects.select_related("procedure").defer("procedure__text")
    return load(request, rows, writable=True, uuid=uuid)


@staff(MOVE)
@require_http_methods(["GET", "HEAD", "POST"])
def move_case(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """What moving the case to the version in force would change; and moving it, with the reason."""
    episode = _episode(request, uuid)
    newer = moving.newer_version(episode)
    if newer is None:
        raise Http404
    return _page(request, episode, newer.pk, newer.number, back=False)


@staff(MOVE)
@require_http_methods(["GET", "HEAD", "POST"])
def move_case_back(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Take the last move back, with the reason."""
    episode = _episode(request, uuid)
    done = moving.last_move(episode)
    if done is None:
        raise Http404
    return _page(request, episode, done.from_version_id, done.from_version.number, back=True)


def identity_of_case(request: StaffRequest, episode: Episode) -> Identity | None:
    """Whose case it is; None where the team no longer sees their entry."""
    person = Person.objects.filter(pk=episode.subject_id).first()
    if person is None:
        return None
    shown(request, [person.pk], "index")
    return Identity(person.name, "", reverse("desk:person", args=[person.uuid]))


def _page(request: StaffRequest, episode: Episode, to: int, number: int, *, back: bool) -> HttpResponse:
    case = reverse("desk:case", args=[episode.uuid])
    form = MoveForm(request.POST or None, version=episode.version)
    status = 200
    if request.method == "POST" and form.is_valid():
        said, version = form.cleaned_data["reason"], form.cleaned_data["version"]
        newer = moving.newer_version(episode)
        try:
            if back or newer is None:
                moving.move_back(by=request.me, episode=episode, version=version, reason=said)
            else:
                moving.move(by=request.me, episode=episode, version=version, to=newer, reason=said)
        except EpisodeRefused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        except StaleEdit:
            now = Episode.objects.values_list("version", flat=True).get(pk=episode.pk)
            form.refuse_stale(StaleForm(now, ""))
            status = 409
        else:
            messages.success(request, _("The case follows version %(number)s now.") % {"number": number})
            return redirect(case)
    told = moving.what_changes(episode, to)
    context = {
        "form": form,
        "heading": _("Go back to version %(number)s") % {"number": number}
        if back
        else _("Move the case to version %(number)s") % {"number": number},
        "caption": procedure_of(to).name,
        "identity": identity_of_case(request, episode),
        "told": told,
        "clocks": move_lines(told),
        "submit": _("Go back") if back else _("Move the case"),
        "cancel_url": case,
        "back_url": case,
        "back_text": _("The case"),
    }
    return render(request, "practice/move.html", context, status=status)
