"""The diary of a family, and of one person: a week of it."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, load, staff
from teamaround.agencies.roles import Permission
from teamaround.people.models import Family
from teamaround.people.one_person import load_person
from teamaround.ui.components import Identity

from ..appointing import team_to_book
from ..diary import Diary, Who, diary_of, week_of
from ..diary_page import diary_page, family_key
from ..family import members_of
from ..person import identity_of


@staff(Permission.WORK_CASES)
def family(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Every agency's appointments for a family, a week at a time, as far as the reader may see them."""
    row = load(request, Family.objects.all(), uuid=key, act="list")
    who = [Who(member.records, member.name) for member in members_of(row.pk)]
    today = timezone.localdate()
    diary = diary_of(who, week_of(request.GET.get("week", ""), today=today), me=request.me, family=row.pk)
    _shown(request, diary, who)
    books = team_to_book(request.me, row.pk) is not None
    context = {
        "page": diary_page(
            diary,
            who,
            family=row.pk,
            today=today,
            make_url=reverse("desk:appoint_family", args=[row.uuid]) if books else "",
        ),
        "heading": _("Diary"),
        "identity": Identity(row.name, "", reverse("desk:family", args=[row.uuid])),
        "back_url": reverse("desk:family", args=[row.uuid]),
        "back_text": _("Team around the family"),
    }
    return render(request, "desk/diary.html", context)


@staff(Permission.WORK_CASES)
def person(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """The same for one person, with the way to the diary of their family."""
    row, records = load_person(request, key, act="list")
    who = [Who(records, row.name)]
    today = timezone.localdate()
    week = week_of(request.GET.get("week", ""), today=today)
    diary = diary_of(who, week, me=request.me)
    _shown(request, diary, who)
    of = family_key(records)
    books = team_to_book(request.me, row.pk) is not None
    context = {
        "page": diary_page(
            diary,
            who,
            family=None,
            today=today,
            make_url=reverse("desk:appoint_person", args=[row.uuid]) if books else "",
        ),
        "heading": _("Diary"),
        "identity": identity_of(row),
        "family_url": f"{reverse('desk:diary', args=[of])}?week={week.monday}" if of is not None else "",
        "back_url": reverse("desk:person", args=[row.uuid]),
        "back_text": row.name,
    }
    return render(request, "desk/diary.html", context)


def _shown(request: StaffRequest, diary: Diary, who: list[Who]) -> None:
    shown(request, [each.subject for each in who], Category.INDEX)
    for subject, category in sorted(diary.shown):
        shown(request, [subject], category)
