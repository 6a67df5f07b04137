"""A team works with a child once, however many say so at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from teamaround.index.actions import involve
from teamaround.index.models import Involvement
from teamaround.people.actions import add_person


def test_two_who_say_at_once_that_their_team_works_with_a_child_say_it_once(live: Any) -> None:
    cast = live.cast
    with cast.as_(cast.yasmin) as me:
        child = add_person(by=me, team=me.team.team, given="Ines", family_name="Okoro")
    written, may_end = threading.Event(), threading.Event()

    def first() -> int:
        try:
            with cast.as_(cast.yasmin) as me:
                made = involve(by=me, team=me.team.team, subject=child.pk)
                written.set()
                may_end.wait(10)
                return int(made.pk)
        finally:
            connections.close_all()

    def second() -> int:
        try:
            with cast.as_(cast.morgan) as me:
                return int(involve(by=me, team=me.team.team, subject=child.pk).pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(first)
        assert written.wait(10)
        other = pool.submit(second)
        threading.Timer(0.3, may_end.set).start()
        assert one.result(20) == other.result(20)
    with cast.as_(cast.yasmin) as me:
        running = Involvement.objects.filter(subject_id=child.pk, author_team_id=me.team.team, until=None)
        assert running.count() == 1
