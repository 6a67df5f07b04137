"""Loading a row together with the right to it, and who may open a page."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from teamaround.agencies.roles import Permission
from teamaround.database.actor import Actor

from .log import shown
from .me import FamilyMember, Me, family_member_of

P = ParamSpec("P")
M = TypeVar("M", bound=models.Model)


class StaffRequest(HttpRequest):
    """A request by a signed-in practitioner."""

    me: Me
    actor: Actor


StaffView = Callable[Concatenate[StaffRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def staff(*permissions: Permission) -> Callable[[StaffView[P]], View[P]]:
    """Let practitioners in whose current roles hold all of these permissions.

    Not signed in: the sign-in page. Signed in without the permission: 403. A family member: 404. The view
    carries `required_permissions`, which the permissions page and the URL sweep read.
    """

    def decorate(view: StaffView[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            me: Me | None = getattr(request, "me", None)
            if me is None:
                if request.user.is_authenticated:
                    raise Http404
                return redirect_to_sign_in(request)
            if not me.seats or any(not me.may(permission) for permission in permissions):
                raise PermissionDenied
            return view(cast(StaffRequest, request), *args, **kwargs)

        guarded.required_permissions = permissions  # type: ignore[attr-defined]
        return guarded

    return decorate


class FamilyRequest(HttpRequest):
    """A request by a signed-in family member; `person.subject` is the one subject that is theirs."""

    person: FamilyMember
    actor: Actor


FamilyView = Callable[Concatenate[FamilyRequest, P], HttpResponseBase]


def family(view: FamilyView[P]) -> View[P]:
    """Let family members in, each as themselves.

    Not signed in: the family's sign-in page. A practitioner, or an account whose access has ended: 404. The
    view carries `for_family`, which the permissions page reads.
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("portal:sign_in"))
        person = family_member_of(request.actor)  # type: ignore[attr-defined]
        if person is None:
            raise Http404
        request.person = person  # type: ignore[attr-defined]
        return view(cast(FamilyRequest, request), *args, **kwargs)

    guarded.for_family = True  # type: ignore[attr-defined]
    return guarded


def redirect_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """To the sign-in page, and back here afterwards."""
    if request.headers.get("HX-Request"):
        response = redirect("account_login")
        response.status_code = 401
        response["HX-Redirect"] = "/account/login/"
        return response
    return redirect_to_login(request.get_full_path())


def load(
    request: HttpRequest,
    rows: models.QuerySet[M],
    /,
    *,
    show: bool = True,
    writable: bool = False,
    act: str = "",
    **lookup: Any,
) -> M:
    """The one row, with the right to it and its line in the access log.

    A row that policies hide does not exist: 404. `writable` asks in addition that the row's author team
    is one of mine: a reader without that gets 403. The row must have `subject_id` and `category`.
    """
    try:
        row = rows.get(**lookup)
    except (ObjectDoesNotExist, ValueError) as missing:
        raise Http404 from missing
    me: Me | None = getattr(request, "me", None)
    if writable and (me is None or getattr(row, "author_team_id", None) not in me.teams):
        raise PermissionDenied
    if show:
        subject = getattr(row, "subject_id", None)
        if subject is not None:
            shown(request, [subject], row.category, act=act)  # type: ignore[attr-defined]
    return row


__all__ = ["FamilyRequest", "StaffRequest", "family", "load", "redirect_to_sign_in", "staff"]
