"""Pages about people's access: who works here, invitations, roles, leaving, resets, and what was done."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies import accounts
from teamaround.agencies.actions import SetUpRefused
from teamaround.agencies.models import Invitation, Membership, Practitioner, Team
from teamaround.agencies.roles import Permission

from . import loaders, presenters
from .area import acted, form_page
from .forms import InviteForm, LeaveForm, MoveForm, RoleForm
from .handover import release_cases
from .mails import invitation_link, send_invitation, send_reset

INVITE = Permission.INVITE


def _person(uuid: UUID) -> Practitioner:
    return get_object_or_404(Practitioner.objects.select_related("account"), uuid=uuid)


def _back(person: Practitioner) -> str:
    return reverse("administration:person", args=[person.uuid])


@staff(INVITE)
def people(request: StaffRequest) -> HttpResponse:
    name = request.GET.get("name", "").replace("\0", "").strip()[:120]
    left = request.GET.get("left") == "yes"
    page = loaders.people_page(name=name, left=left, after=request.GET.get("after", ""))
    query = {"name": name, **({"left": "yes"} if left else {}), "after": page.next}
    context = {
        "heading": _("People"),
        "people": [presenters.person_line(each) for each in page.rows],
        "name": name,
        "left": left,
        "next": f"?{urlencode(query)}" if page.next else "",
        "waiting": len(loaders.open_invitations()),
        "back_url": reverse("administration:overview"),
    }
    return render(request, "administration/people.html", context)


@staff(INVITE)
def invite_somebody(request: StaffRequest) -> HttpResponse:
    team = Team.objects.filter(slug=request.GET.get("team", "").replace("\0", "")).first()
    back = reverse("administration:team", args=[team.slug]) if team else reverse("administration:people")
    form = InviteForm(request.POST or None, initial={"team": team.pk if team else None})

    def act() -> None:
        invited = accounts.invite(by=request.me.principal, **form.cleaned_data)
        send_invitation(invitation_link(request, invited), invited)

    if acted(form, act):
        messages.success(request, _("The invitation was sent. Its link works for seven days."))
        return redirect(back)
    return form_page(request, form, _("Invite somebody"), back, submit=_("Send the invitation"))


@staff(INVITE)
def invitations(request: StaffRequest) -> HttpResponse:
    context = {
        "heading": _("Invitations"),
        "invitations": [presenters.invitation_line(each) for each in loaders.open_invitations()],
        "back_url": reverse("administration:people"),
        "back_text": _("People"),
    }
    return render(request, "administration/invitations.html", context)


def _open_invitation(request: StaffRequest) -> Invitation:
    number = request.POST.get("invitation", "")
    rows = Invitation.objects.filter(accepted_at=None, withdrawn_at=None).select_related("team__agency")
    return get_object_or_404(rows, pk=number if number.isdecimal() else None)


@staff(INVITE)
@require_POST
def invite_again(request: StaffRequest) -> HttpResponse:
    before = _open_invitation(request)
    try:
        invited = accounts.invite(
            by=request.me.principal,
            email=before.email,
            name=before.name,
            job_title=before.job_title,
            team=before.team,
            role=before.role,
        )
    except SetUpRefused as refused:
        messages.error(request, str(refused))
    else:
        send_invitation(invitation_link(request, invited), invited)
        messages.success(request, _("The invitation was sent again. The link before it no longer works."))
    return redirect("administration:invitations")


@staff(INVITE)
@require_POST
def withdraw(request: StaffRequest) -> HttpResponse:
    accounts.withdraw_invitation(by=request.me.principal, invitation=_open_invitation(request))
    messages.success(request, _("The invitation was withdrawn. Its link no longer works."))
    return redirect("administration:invitations")


@staff(INVITE)
def person(request: StaffRequest, person: UUID) -> HttpResponse:
    found = _person(person)
    roles = [presenters.role_line(each) for each in loaders.memberships_of(found)]
    factor = Authenticator.objects.filter(user_id=found.account_id, type=Authenticator.Type.TOTP).exists()
    now = timezone.now()
    context = {
        "heading": found.name,
        "caption": _("Access ended") if found.left_at else _("Person"),
        "person": found,
        "facts": presenters.person_facts(found, second_factor=factor),
        "roles": [role for role in roles if role.until is None or role.until > now],
        "past": [role for role in roles if role.until is not None and role.until <= now],
        "oneself": found.pk == request.me.principal,
        "log": [presenters.log_line(e) for e in loaders.log_page(practitioner=found, size=10).rows],
        "back_url": reverse("administration:people"),
        "back_text": _("People"),
    }
    return render(request, "administration/person.html", context)


@staff(INVITE)
def add_role(request: StaffRequest, person: UUID) -> HttpResponse:
    found = _person(person)
    form = RoleForm(request.POST or None)
    if acted(
        form,
        lambda: accounts.add_membership(by=request.me.principal, practitioner=found, **form.cleaned_data),
    ):
        messages.success(request, _("The role was added."))
        return redirect(_back(found))
    return form_page(request, form, _("Add a role"), _back(found), caption=found.name)


@staff(INVITE)
@require_POST
def end_role(request: StaffRequest, person: UUID) -> HttpResponse:
    found = _person(person)
    number = request.POST.get("membership", "")
    held = get_object_or_404(
        Membership.objects.current().select_related("practitioner"),
        practitioner=found,
        pk=number if number.isdecimal() else None,
    )
    try:
        accounts.end_membership(by=request.me.principal, membership=held)
    except SetUpRefused as refused:
        messages.error(request, str(refused))
    else:
        release_cases(found)
        messages.success(
            request, _("The role ended. Cases allocated to this person there wait for the team’s manager.")
        )
    return redirect(_back(found))


@staff(INVITE)
def move_person(request: StaffRequest, person: UUID) -> HttpResponse:
    found = _person(person)
    form = MoveForm(request.POST or None, practitioner=found)

    def act() -> None:
        accounts.move(by=request.me.principal, **form.cleaned_data)
        release_cases(found)

    if acted(form, act):
        messages.success(
            request, _("The move was made. Cases in the team left wait for that team’s manager.")
        )
        return redirect(_back(found))
    lead = _(
        "One role ends and another begins, both now. Cases allocated to this person in the team they leave "
        "become unallocated, and its manager allocates them again."
    )
    return form_page(
        request,
        form,
        _("Move to another team"),
        _back(found),
        caption=found.name,
        lead=lead,
        submit=_("Move now"),
    )


@staff(INVITE)
def leaves(request: StaffRequest, person: UUID) -> HttpResponse:
    found = _person(person)
    form = LeaveForm(request.POST or None)

    def act() -> None:
        accounts.leave(by=request.me.principal, practitioner=found, **form.cleaned_data)
        release_cases(found)

    if acted(form, act):
        messages.success(request, _("Access ended. Whatever was open in a browser is closed too."))
        return redirect(_back(found))
    context = {
        "form": form,
        "heading": _("End access"),
        "caption": found.name,
        "back_url": _back(found),
        "cancel_url": _back(found),
        "submit": _("End access now"),
        "submit_class": "warning",
    }
    return render(request, "administration/leave.html", context)


@staff(INVITE)
@require_POST
def reset_password(request: StaffRequest, person: UUID) -> HttpResponse:
    found = _person(person)
    try:
        accounts.note_password_reset(by=request.me.principal, practitioner=found)
    except SetUpRefused as refused:
        messages.error(request, str(refused))
    else:
        send_reset(request, found.account.email)
        messages.success(request, _("An e-mail with a link to choose another password was sent."))
    return redirect(_back(found))


@staff(INVITE)
@require_POST
def reset_factor(request: StaffRequest, person: UUID) -> HttpResponse:
    found = _person(person)
    try:
        accounts.reset_second_factor(by=request.me.principal, practitioner=found)
    except SetUpRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request, _("The second factor was reset. The next sign-in asks to set up an authenticator app.")
        )
    return redirect(_back(found))


@staff(INVITE)
def log(request: StaffRequest) -> HttpResponse:
    page = loaders.log_page(before=request.GET.get("before", ""))
    context = {
        "heading": _("Administration log"),
        "lines": [presenters.log_line(each) for each in page.rows],
        "next": f"?{urlencode({'before': page.next})}" if page.next else "",
        "back_url": reverse("administration:overview"),
    }
    return render(request, "administration/log.html", context)
