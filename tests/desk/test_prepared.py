"""A query put together once answers each asker with their own rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from teamaround.desk.clocks import MOST_CLOCKS, running_clocks
from teamaround.procedures.models import Clock


def test_one_query_for_two_askers_gives_each_their_own(cast: Any, world: Any) -> None:
    later = timezone.now() + dt.timedelta(days=400)
    team = cast.yasmin.team.pk
    for _again in range(2):
        for member, teams in (
            (cast.yasmin, ()),
            (cast.morgan, (team,)),
            (cast.yusuf, (team,)),
            (cast.olive, (1,)),
        ):
            with cast.as_(member) as me:
                found = {clock.pk for clock in running_clocks(me.principal, teams, later, MOST_CLOCKS)}
                mine = Clock.objects.filter(stopped_at=None, owner=me.principal)
                nobodys = Clock.objects.filter(stopped_at=None, owner=None, author_team_id__in=teams)
                assert found == {clock.pk for clock in [*mine, *nobodys]}


def test_the_moment_is_the_askers_own(cast: Any, world: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        team = (cast.yasmin.team.pk,)
        assert running_clocks(me.principal, team, timezone.now() + dt.timedelta(days=400), MOST_CLOCKS)
        assert not running_clocks(me.principal, team, timezone.now() - dt.timedelta(days=1), MOST_CLOCKS)
