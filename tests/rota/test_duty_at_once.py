"""Two people at one rota at the same moment: a shift stands once, and each is told what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from harness.at_once import at_once
from teamaround.access.me import Me
from teamaround.rota import duty
from teamaround.rota.models import DutyShift, DutySwap

HOUR = dt.timedelta(hours=1)
Act = Callable[[Me], str]


def said(act: Callable[[Me], object]) -> Act:
    """What somebody is told: why not, or that it is done."""

    def told(me: Me) -> str:
        try:
            act(me)
        except duty.DutyRefused as refused:
            return str(refused)
        return "done"

    return told


def add(cast: Any, who: Any, starts: dt.datetime, hours: int = 8) -> Callable[[Me], DutyShift]:
    def act(me: Me) -> DutyShift:
        return duty.add_shift(
            by=me,
            team=cast.morgan.team.pk,
            practitioner=who.practitioner.pk,
            starts_at=starts,
            ends_at=starts + HOUR * hours,
        )

    return act


def test_two_who_put_one_person_on_duty_at_once_put_them_on_once(live: Any) -> None:
    cast, starts = live.cast, timezone.now() + HOUR
    told = at_once(
        cast,
        (cast.morgan, said(add(cast, cast.yasmin, starts))),
        (cast.morgan, said(add(cast, cast.yasmin, starts + HOUR * 2))),
    )
    assert told == ("done", "They are on duty then already.")
    with cast.as_(cast.morgan):
        assert DutyShift.objects.filter(practitioner=cast.yasmin.practitioner, withdrawn_at=None).count() == 1


def takes(swap: DutySwap) -> Act:
    return said(lambda me: duty.answer_swap(by=me, swap=DutySwap.objects.get(pk=swap.pk), takes=True))


def refuses(swap: DutySwap) -> Act:
    return said(lambda me: duty.answer_swap(by=me, swap=DutySwap.objects.get(pk=swap.pk), takes=False))


def asks_no_more(swap: DutySwap) -> Act:
    return said(lambda me: duty.take_question_back(by=me, swap=DutySwap.objects.get(pk=swap.pk)))


def withdraws(swap: DutySwap) -> Act:
    return said(lambda me: duty.withdraw_shift(by=me, shift=swap.shift))


@pytest.mark.parametrize(
    ("first", "second", "by", "told", "whose"),
    [
        (takes, takes, "yusuf", str(duty.ANSWERED), "yusuf"),
        (takes, refuses, "yusuf", str(duty.ANSWERED), "yusuf"),
        (refuses, takes, "yusuf", str(duty.ANSWERED), "yasmin"),
        (takes, asks_no_more, "yasmin", str(duty.ANSWERED), "yusuf"),
        (takes, withdraws, "morgan", "took this shift over. Look at the rota again.", "yusuf"),
    ],
)
def test_a_question_has_one_answer_and_whoever_comes_second_is_told(
    live: Any, request: pytest.FixtureRequest, first: Any, second: Any, by: str, told: str, whose: str
) -> None:
    cast = live.cast
    days = 2 + request.node.callspec.indices["first"]
    starts = timezone.now() + dt.timedelta(days=days)
    with cast.as_(cast.morgan) as me:
        shift = add(cast, cast.yasmin, starts)(me)
    with cast.as_(cast.yasmin) as me:
        swap = duty.ask_to_swap(by=me, shift=shift, asked=cast.yusuf.practitioner.pk)
    one, other = at_once(cast, (cast.yusuf, first(swap)), (getattr(cast, by), second(swap)))
    assert one == "done"
    assert other.endswith(told)
    with cast.as_(cast.morgan):
        (standing,) = DutyShift.objects.filter(starts_at=starts, withdrawn_at=None)
        assert standing.practitioner_id == getattr(cast, whose).practitioner.pk
