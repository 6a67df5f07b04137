"""Two requests that make or end one calendar link at the same moment: one stands, or none."""

from __future__ import annotations

from typing import Any

from harness.at_once import at_once
from teamaround.access.me import Me
from teamaround.notices.calendars import account_of, end_link, renew_link
from teamaround.notices.models import CalendarLink


def renew(me: Me) -> str:
    return renew_link(owner=me.principal)


def end(me: Me) -> str:
    end_link(owner=me.principal)
    return ""


def standing(cast: Any, who: Any) -> int:
    with cast.as_(who) as me:
        return CalendarLink.objects.filter(owner=me.principal, ended_at=None).count()


def opens(cast: Any, who: Any, secret: str) -> bool:
    with cast.as_(who):
        return account_of(secret) is not None


def test_of_two_links_made_at_once_the_later_stands_alone(live: Any) -> None:
    cast = live.cast
    first, second = at_once(cast, (cast.yasmin, renew), (cast.yasmin, renew))
    assert standing(cast, cast.yasmin) == 1
    assert [opens(cast, cast.yasmin, each) for each in (first, second)] == [False, True]


def test_whoever_ends_a_link_ends_also_what_is_being_made_at_that_moment(live: Any) -> None:
    cast = live.cast
    for _round in range(2):  # the first link of all, and one that is renewed
        made, _ended = at_once(cast, (cast.morgan, renew), (cast.morgan, end))
        assert standing(cast, cast.morgan) == 0
        assert not opens(cast, cast.morgan, made)
        with cast.as_(cast.morgan) as me:
            renew(me)


def test_one_made_while_another_is_ended_stands(live: Any) -> None:
    cast = live.cast
    with cast.as_(cast.tom) as me:
        before = renew(me)
    _ended, made = at_once(cast, (cast.tom, end), (cast.tom, renew))
    assert standing(cast, cast.tom) == 1
    assert [opens(cast, cast.tom, each) for each in (before, made)] == [False, True]
