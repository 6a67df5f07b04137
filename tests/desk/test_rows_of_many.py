"""What is put together once and used for many rows keeps each row's own words, whatever is in them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.template import Context, Template

from teamaround.desk.owed import Owed
from teamaround.ui.components import Clock

AWKWARD = "{title} <b>%s</b> & {0}"
ESCAPED = "{title} &lt;b&gt;%s&lt;/b&gt; &amp; {0}"


def drawn(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def test_a_card_shows_braces_and_brackets_as_they_are_written() -> None:
    clock = Clock(
        title=AWKWARD,
        url="/a/?b={c}&d",
        state="late",
        left=AWKWARD,
        reason=AWKWARD,
        by=AWKWARD,
        subject=AWKWARD,
    )
    line = Owed(clock, dt.datetime(2026, 11, 23, tzinfo=dt.UTC), done_url="/done/{x}/", began="{y}")
    cards = drawn("{% clock_cards lines %}", lines=[line, line])
    assert cards.count(ESCAPED) == 12
    assert "<b>" not in cards
    assert (
        cards.count('href="/a/?b={c}&amp;d"')
        == cards.count('action="/done/{x}/"')
        == cards.count('value="{y}"')
        == 2
    )
    assert drawn("{% clock_card clock %}", clock=clock).count("<form") == 0


def test_cells_keep_their_headings_and_texts_apart() -> None:
    row = drawn("{% cells labels texts %}", labels=[AWKWARD, "B"], texts=["{1}", AWKWARD])
    assert row == (
        f'<td data-label="{ESCAPED}"><div>{{1}}</div></td><td data-label="B"><div>{ESCAPED}</div></td>'
    )
    with pytest.raises(ValueError, match="1 cells under 2 headings"):
        drawn("{% cells labels texts %}", labels=["A", "B"], texts=["x"])
