"""After how many days an involvement is quiet: read and set by an administrator."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from teamaround.agencies.models import AdministrationLog
from teamaround.index.freshness import DaysRefused, set_days
from teamaround.index.models import FreshnessRule
from teamaround.ui.presentation import uk_date

PAGE = reverse("administration:quiet")


def change(role: str) -> str:
    return reverse("administration:change_quiet", args=[role])


def days(ask: object, remind: object, end: object) -> dict[str, str]:
    return {
        "quiet_after_days": str(ask),
        "remind_after_days": str(remind),
        "end_after_days": str(end),
    }


def rule(cast: Any, role: str = "worker") -> FreshnessRule:
    with cast.as_(cast.admin):
        return FreshnessRule.objects.select_related("set_by").get(role=role)


def test_the_page_tells_the_days_of_every_kind_of_involvement(cast: Any) -> None:
    page = cast.admin.client().get(PAGE).content.decode()
    for told in ("Lead practitioner", "Their surgery", "After 365 days", "14 days later", "30 days after"):
        assert told in page
    assert page.count("As delivered") == 6


def test_days_set_by_an_administrator_hold_and_say_who_set_them(cast: Any) -> None:
    client = cast.admin.client()
    answer = client.post(change("worker"), days(60, 10, 21), follow=True)
    page = answer.content.decode()
    assert "The days are set" in page
    assert "After 60 days" in page
    assert f"{cast.admin.practitioner.name}, {uk_date(timezone.localdate())}" in page
    kept = rule(cast)
    assert (kept.quiet_after_days, kept.remind_after_days, kept.end_after_days) == (60, 10, 21)
    assert kept.set_by == cast.admin.practitioner
    assert rule(cast, "lead").set_at is None


def test_setting_days_leaves_one_line_in_the_log_with_what_was_before(cast: Any) -> None:
    client = cast.admin.client()
    client.post(change("worker"), days(60, 10, 21))
    client.post(change("worker"), days(60, 10, 21))
    with cast.as_(cast.admin):
        (line,) = AdministrationLog.objects.filter(act="set_quiet_days")
    assert line.by == cast.admin.practitioner
    assert "asked after 60 days" in line.reason
    assert "Before: Works with them: asked after 90 days" in line.reason
    assert "Days of quiet involvements set" in client.get(reverse("administration:log")).content.decode()


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (days(0, 14, 30), "quiet_after_days"),
        (days(13, 14, 30), "quiet_after_days"),
        (days(36500, 14, 30), "quiet_after_days"),
        (days(99999, 14, 30), "quiet_after_days"),
        (days(90, 0, 30), "remind_after_days"),
        (days(90, -1, 30), "remind_after_days"),
        (days(90, 30, 14), "end_after_days"),
        (days(90, 24, 30), "end_after_days"),
        (days(90, 14, 36500), "end_after_days"),
        (days("soon", 14, 30), "quiet_after_days"),
        (days("", 14, 30), "quiet_after_days"),
    ],
)
def test_days_that_cannot_be_are_refused_beside_their_field(
    cast: Any, typed: dict[str, str], field: str
) -> None:
    page = cast.admin.client().post(change("worker"), typed).content.decode()
    assert f'href="#id_{field}"' in page
    assert rule(cast).set_at is None


def test_only_an_administrator_sets_days(cast: Any) -> None:
    for member in (cast.yasmin, cast.morgan, cast.greta):
        assert member.client().get(PAGE).status_code == 403
        assert member.client().post(change("worker"), days(60, 10, 21)).status_code == 403
    with (
        cast.as_(cast.morgan),
        pytest.raises(DatabaseError, match="only an administrator"),
        transaction.atomic(),
    ):
        set_days(
            by=cast.morgan.practitioner.pk,
            role="worker",
            quiet_after_days=60,
            remind_after_days=10,
            end_after_days=21,
        )
    assert rule(cast).quiet_after_days == 90


def test_the_database_refuses_days_out_of_bounds_whoever_writes_them(cast: Any) -> None:
    for wrong in (
        {"quiet_after_days": 13},
        {"quiet_after_days": 1096},
        {"end_after_days": 366},
        {"end_after_days": F("remind_after_days") + 6},
    ):
        with cast.as_(cast.admin), pytest.raises(DatabaseError, match="in_bounds"), transaction.atomic():
            FreshnessRule.objects.filter(role="worker").update(**wrong)


def test_a_kind_of_involvement_that_is_not_there_has_no_days(cast: Any) -> None:
    assert cast.admin.client().get(change("nobody")).status_code == 404


def test_who_set_the_days_is_said_by_the_database(cast: Any) -> None:
    with cast.as_(cast.admin):
        set_days(
            by=cast.admin.practitioner.pk,
            role="gp",
            quiet_after_days=700,
            remind_after_days=14,
            end_after_days=30,
        )
        with pytest.raises(DatabaseError), transaction.atomic():
            FreshnessRule.objects.filter(role="gp").update(set_by=None)
    with cast.as_(cast.admin), pytest.raises(DaysRefused):
        set_days(
            by=cast.admin.practitioner.pk,
            role="gp",
            quiet_after_days=700,
            remind_after_days=30,
            end_after_days=30,
        )
