"""The stamp across threads, a pool, streams and failures: nobody ever reads another actor's rows."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.utils import Error
from hypothesis import given
from hypothesis import strategies as st

from teamaround.database.actor import ANONYMOUS, Actor, acting_as, current_actor
from teamaround.database.stamp import padded_keys, sign
from teamaround.index.actions import involve
from teamaround.people.actions import add_person
from teamaround.people.models import Person, PersonName


@pytest.fixture(scope="module")
def two_teams(live: Any) -> tuple[Any, Any]:
    """Twenty persons written by Yasmin's team and as many by Tom's."""
    cast = live.cast
    for member, name in ((cast.yasmin, "Amber"), (cast.tom, "Blue")):
        with cast.as_(member) as me:
            for _ in range(20):
                person = add_person(by=me, team=member.team.pk, given=name, family_name="Example")
                involve(by=me, team=member.team.pk, subject=person.pk)
    return cast.yasmin, cast.tom


def read(member: Any, how: str) -> set[str]:
    """The given names that a member sees, read in one of several manners."""
    me = member.me
    if how == "raising":
        with pytest.raises(ZeroDivisionError), acting_as(me.actor()), transaction.atomic():
            list(PersonName.objects.all())
            raise ZeroDivisionError
    if how == "streaming":

        def rows() -> Iterator[str]:
            with acting_as(me.actor()), transaction.atomic():
                yield from PersonName.objects.values_list("given", flat=True).iterator(chunk_size=3)

        return set(rows())
    with acting_as(me.actor()), transaction.atomic():
        lazy = PersonName.objects.values_list("given", flat=True)
        return set(lazy)


def test_mixed_requests_over_threads_and_a_pool_never_show_another_actors_rows(
    two_teams: tuple[Any, Any],
) -> None:
    yasmin, tom = two_teams
    wrong: list[str] = []

    def work(seed: int) -> None:
        choice = random.Random(seed)
        try:
            for _ in range(30):
                member, name = choice.choice([(yasmin, "Amber"), (tom, "Blue")])
                found = read(member, choice.choice(["lazy", "streaming", "raising"]))
                if found != {name}:
                    wrong.append(f"{sorted(found)} for one who sees {name}")
                if choice.random() < 0.2:
                    with acting_as(ANONYMOUS), transaction.atomic():
                        if Person.objects.exists():
                            wrong.append("an anonymous visitor saw a person")
        except Exception as error:
            wrong.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_stamp_is_gone_when_the_transaction_ends(two_teams: tuple[Any, Any]) -> None:
    read(two_teams[0], "lazy")
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(current_setting('app.stamp', true), '')")
        assert cursor.fetchone() == ("",)
    with pytest.raises(Error, match="names no actor"):
        PersonName.objects.exists()


def test_a_stamp_taken_to_another_session_does_not_open_it(two_teams: tuple[Any, Any]) -> None:
    with acting_as(two_teams[0].me.actor()), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select current_setting('app.stamp')")
        stolen = cursor.fetchone()[0]
    other = connections["log"]
    with other.cursor() as cursor, pytest.raises(Error, match="another session"):
        cursor.execute("begin")
        try:
            cursor.execute("select set_config('app.stamp', %s, true)", [stolen])
            cursor.execute("select count(*) from person_name")
        finally:
            other.connection.rollback()


def test_an_expired_stamp_does_not_open_the_session(two_teams: tuple[Any, Any]) -> None:
    from django.conf import settings

    with pytest.raises(Error, match="has expired"), transaction.atomic(), connection.cursor() as cursor:
        value = sign(
            two_teams[0].me.actor(),
            backend_pid=connection.connection.info.backend_pid,
            key=settings.STAMP_KEY,
            now=1_000_000,
        )
        cursor.execute("select set_config('app.stamp', %s, true)", [value])
        cursor.execute("select count(*) from person_name")


@given(st.binary(min_size=0, max_size=200))
def test_padded_keys_are_those_of_hmac_for_any_key(key: bytes) -> None:
    import hashlib
    import hmac

    inner, outer = padded_keys(key)
    message = b"practitioner|1|1|1,2|99|4711"
    assert (
        hashlib.sha256(outer + hashlib.sha256(inner + message).digest()).digest()
        == hmac.new(key, message, hashlib.sha256).digest()
    )


def test_acting_ends_with_its_block() -> None:
    with acting_as(Actor(kind="service", principal=7)) as actor:
        assert current_actor() == actor
    assert current_actor() is None
