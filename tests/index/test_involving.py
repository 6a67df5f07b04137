"""A team works with a child once, however many say so at the same moment."""

from __future__ import annotations

from typing import Any

from harness.at_once import at_once
from teamaround.access.me import Me
from teamaround.index.actions import involve
from teamaround.index.models import Involvement
from teamaround.people.actions import add_person


def test_two_who_say_at_once_that_their_team_works_with_a_child_say_it_once(live: Any) -> None:
    cast = live.cast
    with cast.as_(cast.yasmin) as me:
        child = add_person(by=me, team=me.team.team, given="Ines", family_name="Okoro")

    def say(me: Me) -> int:
        return int(involve(by=me, team=me.team.team, subject=child.pk).pk)

    one, other = at_once(cast, (cast.yasmin, say), (cast.morgan, say))
    assert one == other
    with cast.as_(cast.yasmin) as me:
        running = Involvement.objects.filter(subject_id=child.pk, author_team_id=me.team.team, until=None)
        assert running.count() == 1
