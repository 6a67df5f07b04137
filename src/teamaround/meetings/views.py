"""Pages of meetings."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from teamaround.access.drafts import draft_of, drop_draft
from teamaround.access.edits import StaleEdit
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.procedures.acting import WrongRole
from teamaround.procedures.models import Episode
from teamaround.ui.forms import StaleForm

from . import actions, loaders, times, types
from .forms import AnswerForm, CallForm, CancelForm, ChangeForm, InviteForm
from .models import InvitationAnswer, Meeting, MeetingInvitation, MeetingState
from .presenters import (
    ShownMinutes,
    attended,
    facts,
    identity_of,
    listed,
    page,
    shown_invitation,
    shown_minutes,
    state_tag,
    suggested,
)

CALL_DRAFT = "meeting"


def _key(text: str) -> uuids.UUID | None:
    try:
        return uuids.UUID(text) if text else None
    except ValueError:
        return None


@staff(Permission.WORK_CASES)
def listing(request: StaffRequest) -> HttpResponse:
    """Meetings that my teams call or are invited to: those to come, then those of days gone by."""
    after, before = (_key(request.GET.get(name, "")) for name in ("after", "before"))
    coming = [] if before else loaders.coming(request.me, after=after)
    past = [] if after else loaders.past(request.me, before=before)
    now, then = coming[: loaders.A_PAGE], past[: loaders.A_PAGE]
    shown(request, {row.subject_id for row in [*now, *then]}, "plan", act="list")
    context = {
        "heading": _("Meetings"),
        "coming": [listed(row, request.me) for row in now],
        "past": [listed(row, request.me) for row in then],
        "show_coming": not before,
        "show_past": not after,
        "later_url": f"?after={now[-1].uuid}" if len(coming) > loaders.A_PAGE else "",
        "earlier_url": f"?before={then[-1].uuid}" if len(past) > loaders.A_PAGE else "",
        "first_url": reverse("meetings:list") if after or before else "",
    }
    return render(request, "meetings/list.html", context)


@staff(Permission.CALL_MEETINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def call(request: StaffRequest, episode: uuids.UUID) -> HttpResponse:
    """Call a meeting for an episode of my team, and invite across agencies."""
    case = load(request, Episode.objects.all(), uuid=episode, writable=True)
    if case.subject_id is None:
        messages.error(request, _("Say first which child this referral is about."))
        return redirect(page("desk:case", case.uuid) or "meetings:list")
    shown(request, [case.subject_id], "plan")
    involved = loaders.involved(case, but=case.author_team_id)
    family = loaders.family_of(case)
    shown(request, [person.pk for person in family], "index")
    teams = loaders.other_teams(but=[case.author_team_id, *(row.author_team_id for row in involved)])
    draft = (
        None if request.method == "POST" else draft_of(by=request.me, form=CALL_DRAFT, about=str(case.uuid))
    )
    initial: dict[str, Any] = {
        "teams": [str(row.author_team_id) for row in involved],
        "family": [str(person.uuid) for person in family[:1]],
        "kind": "team-around",
        "starts_on": request.GET.get("on", ""),
        "starts_at": request.GET.get("at", ""),
    }
    sent = _key(request.POST.get("token", ""))
    # Pressed twice, the meeting itself stands at its time already: that is no clash.
    again = sent is not None and Meeting.objects.filter(uuid=sent).exists()
    busy = [] if again else times.busy_of(case, [person.pk for person in family])
    typed = {name: value for name, value in (draft.typed if draft else {}).items() if name != "token"}
    form = CallForm(
        request.POST or None,
        initial={**initial, **_lists(typed), "token": uuids.uuid4()},
        involved=involved,
        teams=teams,
        family=family,
        types=types.offered(),
        busy=busy,
    )
    if request.method == "POST" and form.is_valid():
        try:
            meeting = actions.call_meeting(
                by=request.me,
                team=case.author_team_id,
                episode=case,
                kind=form.cleaned_data["kind"],
                starts_at=form.moment,
                place=form.cleaned_data["place"],
                purpose=form.cleaned_data["purpose"],
                teams=form.invited_teams(),
                people=form.invited_people(),
                uuid=form.cleaned_data["token"],
            )
        except (actions.MeetingRefused, WrongRole) as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            drop_draft(by=request.me, form=CALL_DRAFT, about=str(case.uuid))
            messages.success(request, _("The meeting is called. Those invited have been told."))
            return redirect("meetings:detail", uuid=meeting.uuid)
    context = {
        "form": form,
        "heading": _("Call a meeting"),
        "caption": family[0].name if family else "",
        "submit": _("Call the meeting and invite"),
        "cancel_url": page("desk:case", case.uuid),
        "draft_url": page("drafts:save", CALL_DRAFT, str(case.uuid)),
        **suggested(busy, family[0].name if family else ""),
    }
    return render(request, "meetings/call.html", context)


def _lists(typed: dict[str, Any]) -> dict[str, Any]:
    """A draft's answers; where many may be chosen, one alone is a list too, and a date's boxes are one date."""
    found = {
        name: [value] if name in ("teams", "family") and isinstance(value, str) else value
        for name, value in typed.items()
    }
    if typed and not {"teams", "family"} & set(typed):
        found |= {"teams": [], "family": []}
    boxes = [str(typed.get(f"starts_on_{part}", "")) for part in ("day", "month", "year")]
    if any(boxes):
        found["starts_on"] = "/".join(boxes)
    return found


@staff(Permission.WORK_CASES)
def detail(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """One meeting: when, where, why and who; and the minutes for those who may read them."""
    meeting = load(request, loaders.read_whole(), uuid=uuid)
    rows = actions.standing_invitations(meeting)
    replies = loaders.replies_to(meeting)
    held = meeting.state == MeetingState.FULFILLED
    said = loaders.said_at(meeting) if held else None
    calling = meeting.author_team_id in request.me.teams
    booked = meeting.state == MeetingState.BOOKED
    invitations = [shown_invitation(row, meeting, request.me, replies.get(row.pk)) for row in rows]
    context = {
        "meeting": meeting,
        "heading": meeting.title,
        "identity": identity_of(meeting),
        "tag": state_tag(meeting),
        "facts": facts(meeting),
        "invitations": invitations,
        "attended": attended(said, rows, invitations) if said else (),
        "booked": booked,
        "unanswered": next(
            (
                reverse("meetings:answer", args=[row.uuid])
                for row in rows
                if booked
                and row.invited_team_id in request.me.teams
                and row.answer == InvitationAnswer.NEEDS_ACTION
            ),
            "",
        ),
        "minutes": _shown(request, meeting, said) if said else None,
        "may_amend": said is not None and calling and request.me.may(Permission.CALL_MEETINGS),
        "minutes_hidden": held and said is None,
        "may_change": calling and booked and request.me.may(Permission.CALL_MEETINGS),
        "started": meeting.starts_at <= timezone.now(),
        "back_url": reverse("meetings:list"),
        "back_text": _("Meetings"),
    }
    return render(request, "meetings/detail.html", context)


def _shown(request: StaffRequest, meeting: Meeting, said: loaders.Said) -> ShownMinutes:
    """The minutes as far as this reader may see them; every category of a paragraph shown is in the log."""
    for category in sorted({each.category for each in said.lines} - {meeting.category}):
        shown(request, [meeting.subject_id], category)
    return shown_minutes(said, withheld=loaders.withheld_from(request.me, meeting))


@staff(Permission.WORK_CASES)
def minutes(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """The minutes alone, to be read on paper. Not written yet: the page that records them."""
    meeting = load(request, loaders.read_whole(), uuid=uuid, act="print")
    said = loaders.said_at(meeting)
    if said is None:
        recording = meeting.author_team_id in request.me.teams and meeting.state == MeetingState.BOOKED
        return redirect("meetings:record" if recording else "meetings:detail", uuid=meeting.uuid)
    rows = actions.standing_invitations(meeting)
    context = {
        "meeting": meeting,
        "heading": _("Minutes: %(title)s") % {"title": meeting.title},
        "caption": meeting.about,
        "facts": facts(meeting),
        "minutes": _shown(request, meeting, said),
        "invitations": [shown_invitation(row, meeting, request.me, None) for row in rows],
        "back_url": reverse("meetings:detail", args=[meeting.uuid]),
        "back_text": _("The meeting"),
    }
    return render(request, "meetings/minutes.html", context)


@staff(Permission.CALL_MEETINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Move a meeting, or say its purpose better."""
    meeting = load(request, loaders.read_whole(), uuid=uuid, writable=True)
    planned = timezone.localtime(meeting.starts_at)
    form = ChangeForm(
        request.POST or None,
        version=meeting.version,
        initial={
            "starts_on": planned.date(),
            "starts_at": planned.time(),
            "place": meeting.place,
            "purpose": meeting.purpose,
        },
    )
    status = _sent(
        form,
        lambda typed: actions.change_meeting(
            by=request.me,
            meeting=meeting,
            version=typed["version"],
            starts_at=form.moment,
            place=typed["place"],
            purpose=typed["purpose"],
        ),
        version=meeting.version,
    )
    if status == 302:
        messages.success(request, _("The meeting is changed. Those invited have been told."))
        return redirect("meetings:detail", uuid=meeting.uuid)
    return _form_page(request, meeting, form, _("Change the meeting"), _("Save"), status=status)


@staff(Permission.CALL_MEETINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Cancel a meeting, with the reason."""
    meeting = load(request, loaders.read_whole(), uuid=uuid, writable=True)
    form = CancelForm(request.POST or None, version=meeting.version)
    status = _sent(
        form,
        lambda typed: actions.cancel_meeting(
            by=request.me,
            meeting=meeting,
            version=typed["version"],
            reason=typed["reason"],
        ),
        version=meeting.version,
    )
    if status == 302:
        messages.success(request, _("The meeting is cancelled. Those invited have been told."))
        return redirect("meetings:detail", uuid=meeting.uuid)
    words = _("Cancel the meeting")
    return _form_page(request, meeting, form, words, words, status=status, submit_class="warning")


@staff(Permission.CALL_MEETINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Invite one more team."""
    meeting = load(request, loaders.read_whole(), uuid=uuid, writable=True)
    standing = [row.invited_team_id for row in actions.standing_invitations(meeting) if row.invited_team_id]
    teams = loaders.other_teams(but=[meeting.author_team_id, *standing])
    form = InviteForm(request.POST or None, teams=teams)
    if request.method == "POST" and form.is_valid():
        try:
            actions.invite_team(by=request.me, meeting=meeting, team=int(form.cleaned_data["team"]))
        except actions.MeetingRefused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, _("The team is invited and has been told."))
            return redirect("meetings:detail", uuid=meeting.uuid)
    return _form_page(request, meeting, form, _("Invite another team"), _("Invite"))


@require_POST
@staff(Permission.CALL_MEETINGS)
def withdraw(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Withdraw an invitation of my team's meeting."""
    rows = MeetingInvitation.objects.select_related("meeting", "invited_team")
    invitation = load(request, rows, uuid=uuid, writable=True, act="change")
    version = request.POST.get("version", "")
    try:
        with transaction.atomic():
            actions.withdraw_invitation(
                by=request.me, invitation=invitation, version=int(version) if version.isdecimal() else 0
            )
    except actions.MeetingRefused as refused:
        messages.error(request, str(refused))
    except StaleEdit:
        messages.error(request, _("This invitation was changed meanwhile. Look at it, then try again."))
    else:
        messages.success(request, _("The invitation is withdrawn."))
    return redirect("meetings:detail", uuid=invitation.meeting.uuid)


@staff(Permission.WORK_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: StaffRequest, uuid: uuids.UUID) -> HttpResponse:
    """Answer an invitation for my team; or note, as the team that calls, what somebody answered."""
    rows = MeetingInvitation.objects.select_related("meeting", "invited_team", "practitioner")
    invitation = load(request, rows, uuid=uuid)
    ours = invitation.invited_team_id in request.me.teams
    if not ours and invitation.author_team_id not in request.me.teams:
        raise PermissionDenied
    meeting = invitation.meeting
    initial = {} if invitation.answer == InvitationAnswer.NEEDS_ACTION else {"answer": invitation.answer}
    form = AnswerForm(request.POST or None, version=invitation.version, for_others=not ours, initial=initial)
    status = _sent(
        form,
        lambda typed: actions.answer_invitation(
            by=request.me,
            invitation=invitation,
            version=typed["version"],
            answer=typed["answer"],
            words=form.words,
        ),
        version=invitation.version,
    )
    if status == 302:
        messages.success(request, _("The answer is recorded."))
        return redirect("meetings:detail", uuid=meeting.uuid)
    heading = _("Answer the invitation") if ours else invitation.name
    return _form_page(request, meeting, form, heading, _("Save the answer"), status=status)


def _sent(form: Any, act: Callable[[dict[str, Any]], object], *, version: int) -> int:
    """Send a form about a row to its action: 302 done, 200 not sent or refused, 409 stale.

    What is refused stands beside its field. `version` is the row's own of now: saving again is a decision.
    """
    if not form.is_bound or not form.is_valid():
        return 200
    try:
        act(form.cleaned_data)
    except actions.MeetingRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        return 200
    except StaleEdit:
        form.refuse_stale(StaleForm(version))
        return 409
    return 302


def _form_page(
    request: StaffRequest,
    meeting: Meeting,
    form: Any,
    heading: str,
    submit: str,
    *,
    status: int = 200,
    submit_class: str = "",
) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "caption": f"{meeting.title}: {meeting.about}",
        "submit": submit,
        "submit_class": submit_class,
        "back_url": reverse("meetings:detail", args=[meeting.uuid]),
        "back_text": _("The meeting"),
    }
    return render(request, "ui/form_page.html", context, status=status)
