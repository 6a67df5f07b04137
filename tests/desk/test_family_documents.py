"""Plans and meetings on a family's page, and the last contact on a person's."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from teamaround.index.actions import touch_contact
from teamaround.index.models import Involvement
from teamaround.meetings.actions import InvitedTeam, call_meeting, cancel_meeting
from teamaround.meetings.models import Meeting
from teamaround.plans.actions import record_contact, start_plan


def words(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_a_family_page_leads_to_its_plans_and_meetings_to_come(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        plan = start_plan(by=me, episode=world.episode)
        meetings = [
            call_meeting(
                by=me,
                team=cast.yasmin.team.pk,
                episode=world.episode,
                kind="team-around",
                starts_at=timezone.now() + dt.timedelta(days=days),
                place="School",
                purpose="Look together",
                teams=[InvitedTeam(cast.tom.team.pk)],
            )
            for days in (3, 4)
        ]
        gone = Meeting.objects.get(pk=meetings[1].pk)
        cancel_meeting(by=me, meeting=gone, version=gone.version, reason="Nobody can come")
    client = cast.yasmin.client()
    with CaptureQueriesContext(connection) as queries:
        page = client.get(f"/families/{world.family.uuid}/")
    assert len(queries) <= 15
    source = page.content.decode()
    assert f'href="/plans/{plan.uuid}/"' in source
    assert f'href="/meetings/{meetings[0].uuid}/"' in source
    assert f'href="/meetings/{meetings[1].uuid}/"' not in source
    assert "Plans and meetings" not in words(cast.tom.client().get(f"/families/{world.family.uuid}/"))


def test_a_contact_brings_the_own_teams_involvement_up_to_date_alone(cast: Any, world: Any) -> None:
    def days() -> dict[int, dt.date | None]:
        rows = Involvement.objects.filter(subject_id=world.kofi.pk, until=None)
        return dict(rows.values_list("author_team_id", "last_contact_on"))

    today = timezone.localdate()
    with cast.as_(cast.yasmin) as me:
        for back in (1, 3):
            record_contact(
                by=me,
                episode=world.episode,
                kind="visit",
                happened_at=timezone.now() - dt.timedelta(days=back),
                place="home",
                notes="All well",
            )
        assert days() == {cast.yasmin.team.pk: today - dt.timedelta(days=1), cast.tom.team.pk: None}
        yesterday = today - dt.timedelta(days=1)
        again = touch_contact(by=me, team=cast.yasmin.team.pk, subject=world.kofi.pk, on=yesterday)
        assert again is False
        assert touch_contact(by=me, team=cast.yasmin.team.pk, subject=world.mum.pk, on=today) is False
    assert "Yesterday" in words(cast.yasmin.client().get(f"/people/{world.kofi.uuid}/"))
