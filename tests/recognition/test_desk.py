"""The review desk: who sees which pair, what an answer does, and that nobody is told what another said first."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from recognition.conftest import Adds
from teamaround.people.models import Merge
from teamaround.recognition.models import Pair
from teamaround.recognition.nightly import recognise

LIKELY: dict[str, Any] = {"family_name": "Osey", "date_of_birth": dt.date(2012, 7, 3)}
HARD: dict[str, Any] = {"given": "Kwame"}
"""Perhaps a twin."""


@pytest.fixture
def pair(cast: Any, add: Adds) -> Pair:
    """Two records of which nobody is sure yet."""
    add("yasmin")
    add("tom", **LIKELY)
    recognise()
    with cast.as_(cast.morgan):
        found: Pair = Pair.objects.get()
        return found


def url(pair: Pair, name: str = "pair") -> str:
    return reverse(f"recognition:{name}", args=[pair.uuid])


def answer(client: Any, pair: Pair, said: str, reason: str = "The school says so.", **more: str) -> Any:
    page = client.get(url(pair))
    into = page.context["form"]["into"].initial
    return client.post(url(pair), {"answer": said, "reason": reason, "into": into, **more})


def test_a_pair_stands_on_the_list_and_opens_side_by_side(cast: Any, pair: Pair) -> None:
    client = cast.morgan.client()
    listed = client.get(reverse("recognition:desk")).content.decode()
    assert "Kofi Osei-Mensah and Kofi Osey" in listed
    page = client.get(url(pair))
    text = page.content.decode()
    assert page.status_code == 200
    assert "Differs" in text
    assert "Moor Lane School says" in text
    steps = page.context["weighed"].steps
    bits = [float(step.bits.replace("−", "-")) for step in steps]
    assert sum(bits[:-1]) == pytest.approx(bits[-1], abs=0.05 * len(bits))


def test_the_same_child_is_joined_and_the_next_pair_follows(cast: Any, pair: Pair) -> None:
    client = cast.morgan.client()
    said = answer(client, pair, "same")
    assert said.status_code == 302
    with cast.as_(cast.morgan):
        print(Pair.objects.get().state, Pair.objects.get().weight)
        assert Merge.objects.filter(undone_at=None).exists()


@pytest.mark.parametrize("name", ["desk", "pair", "agreement"])
def test_a_page_of_the_desk_asks_few_questions(cast: Any, pair: Pair, name: str) -> None:
    client = cast.morgan.client()
    where = url(pair) if name == "pair" else reverse(f"recognition:{name}")
    client.get(where)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(where).status_code == 200
    assert len(asked) <= 15, "\n".join(each["sql"][:160] for each in asked.captured_queries)
