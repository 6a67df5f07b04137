"""Who sees what: the rules of grants, under the application's own role."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import Error
from django.utils import timezone

from teamaround.access.actions import state_purpose
from teamaround.access.models import Grant
from teamaround.database.actor import ActorChanged, acting_as
from teamaround.index.actions import Query, end_involvement, involve, search
from teamaround.index.models import Involvement
from teamaround.people.actions import add_address, add_person, note_care_reason
from teamaround.people.models import CareReason, Identifier, Person, PersonName
from teamaround.sharing.actions import Cell, record_consent, withdraw_consent
from teamaround.sharing.bases import record_basis


@pytest.fixture
def kofi(cast: Any) -> int:
    with cast.as_(cast.yasmin) as me:
        person = add_person(
            by=me,
            team=cast.yasmin.team.pk,
            given="Kofi",
            family_name="Osei",
            date_of_birth=dt.date(2014, 3, 2),
            nhs_number="9434765919",
            postcode="SK3 2DU",
        )
        involve(by=me, team=cast.yasmin.team.pk, subject=person.pk)
    return int(person.pk)


def sees(cast: Any, member: Any, rows: Any) -> bool:
    with cast.as_(member):
        return bool(rows.exists())


def test_a_team_sees_what_it_wrote_and_an_outsider_sees_nothing(cast: Any, kofi: int) -> None:
    rows = PersonName.objects.filter(subject_id=kofi)
    assert sees(cast, cast.yasmin, rows)
    assert sees(cast, cast.yusuf, rows)
    assert not sees(cast, cast.olive, rows)
    assert not sees(cast, cast.admin, rows)
    assert not sees(cast, cast.olive, Person.objects.filter(pk=kofi))


def test_a_stated_purpose_opens_who_is_involved_and_nothing_more(cast: Any, kofi: int) -> None:
    with cast.as_(cast.nina) as me:
        state_purpose(by=me, subject=kofi, reason="Health check at school")
    assert sees(cast, cast.nina, Person.objects.filter(pk=kofi))
    assert sees(cast, cast.nina, Involvement.objects.filter(subject_id=kofi))
    assert not sees(cast, cast.nina, Identifier.objects.filter(subject_id=kofi))
    assert not sees(cast, cast.olive, Person.objects.filter(pk=kofi))


def test_own_involvement_opens_who_is_involved_until_it_ends(cast: Any, kofi: int) -> None:
    with cast.as_(cast.nina) as me:
        own = involve(by=me, team=cast.nina.team.pk, subject=kofi)
    assert sees(cast, cast.nina, Involvement.objects.filter(subject_id=kofi, author_team=cast.yasmin.team))
    with cast.as_(cast.nina) as me:
        end_involvement(by=me, involvement=own)
    assert not sees(
        cast, cast.nina, Involvement.objects.filter(subject_id=kofi, author_team=cast.yasmin.team)
    )


def test_a_sensitive_service_is_hidden_from_the_first_day(cast: Any, kofi: int) -> None:
    with cast.as_(cast.sam) as me:
        hidden = involve(by=me, team=cast.sam.team.pk, subject=kofi)
        hidden.refresh_from_db()
    assert hidden.category == "substance"
    assert not sees(cast, cast.yasmin, Involvement.objects.filter(pk=hidden.pk))
    assert sees(cast, cast.sam, Involvement.objects.filter(subject_id=kofi, author_team=cast.yasmin.team))


def test_consent_opens_its_category_and_withdrawal_closes_it_at_once(cast: Any, kofi: int) -> None:
    school = cast.tom.team.pk
    with cast.as_(cast.yasmin) as me:
        basis = record_consent(
            by=me,
            team=cast.yasmin.team.pk,
            subject=kofi,
            given_by=kofi,
            capacity="self",
            how="signed",
            understanding="Explained it back in his own words",
            valid_until=timezone.now() + dt.timedelta(days=180),
            cells=[Cell(kofi, school, "identity", "share"), Cell(kofi, school, "health", "refuse")],
        )
    assert sees(cast, cast.tom, PersonName.objects.filter(subject_id=kofi))
    with cast.as_(cast.tom):
        assert set(Grant.objects.filter(basis_kind="consent").values_list("category", flat=True)) == {
            "identity",
            "index",
        }
    with cast.as_(cast.yasmin) as me:
        withdraw_consent(by=me, basis=basis)
    assert not sees(cast, cast.tom, PersonName.objects.filter(subject_id=kofi))


def test_safeguarding_opens_what_it_names_without_an_end(cast: Any, kofi: int) -> None:
    with cast.as_(cast.yasmin) as me:
        record_basis(
            kind="safeguarding",
            by=me,
            team=cast.yasmin.team.pk,
            subject=kofi,
            reason="Risk of harm at home",
            review_on=timezone.localdate() + dt.timedelta(days=30),
            cells=[Cell(kofi, cast.nina.team.pk, "identity", "share")],
        )
    assert sees(cast, cast.nina, PersonName.objects.filter(subject_id=kofi))
    assert not sees(cast, cast.olive, PersonName.objects.filter(subject_id=kofi))


def test_the_reason_for_care_stands_on_the_adults_record_alone(cast: Any, kofi: int) -> None:
    with cast.as_(cast.yasmin) as me:
        mum = add_person(by=me, team=cast.yasmin.team.pk, given="Efua", family_name="Osei")
        note_care_reason(by=me, team=cast.yasmin.team.pk, adult=mum.pk, kind="alcohol")
        record_consent(
            by=me,
            team=cast.yasmin.team.pk,
            subject=kofi,
            given_by=mum.pk,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=180),
            cells=[Cell(kofi, cast.tom.team.pk, c, "share") for c in ("identity", "substance", "health")],
        )
    assert not sees(cast, cast.tom, CareReason.objects.all())


def test_nobody_writes_a_grant_or_reads_the_log_by_hand(cast: Any, kofi: int) -> None:
    for statement in (
        "insert into access_grant (subject_id, principal_id, category, valid_during, basis_kind, basis_id) "
        "values (1, 1, 'plan', tstzrange(now(), null), 'consent', 1)",
        "select * from access_look",
        "delete from person",
        "select * from search_feature",
        "select * from name_reading",
        "select * from app.stamp_key",
        "set local role app_owner",
    ):
        with pytest.raises(Error), cast.as_(cast.olive), connection.cursor() as cursor:
            cursor.execute(statement)


def test_another_teams_row_is_neither_written_nor_moved(cast: Any, kofi: int) -> None:
    with cast.as_(cast.olive):
        assert PersonName.objects.filter(subject_id=kofi).update(given="Changed") == 0
    with pytest.raises(Error), cast.as_(cast.olive) as me:
        PersonName.objects.create(
            subject_id=kofi,
            category="identity",
            author_team=cast.yasmin.team,
            source_id=me.team.agency,
            given="Planted",
        )
    with pytest.raises(Error), cast.as_(cast.yasmin):
        PersonName.objects.filter(subject_id=kofi).update(author_team=cast.tom.team)


def test_a_query_without_a_stamp_raises(cast: Any, kofi: int) -> None:
    with pytest.raises(Error, match="names no actor"), transaction.atomic():
        Person.objects.exists()


def test_a_forged_stamp_raises(cast: Any, kofi: int) -> None:
    genuine = "practitioner|1|1|1,2,3|99999999999|1|" + "0" * 64
    with pytest.raises(Error, match="not genuine"), cast.as_(cast.olive), connection.cursor() as cursor:
        cursor.execute("select set_config('app.stamp', %s, true)", [genuine])
        cursor.execute("select count(*) from person")


def test_an_actor_does_not_change_inside_a_transaction(cast: Any, kofi: int) -> None:
    with cast.as_(cast.yasmin), pytest.raises(ActorChanged), acting_as(cast.olive.me.actor()):
        pass


def test_search_answers_with_no_more_than_is_needed(cast: Any, kofi: int) -> None:
    with cast.as_(cast.olive) as me:
        found = search(by=me, query=Query(name="kofi osie"), reason="Family asked for help")
        assert [(f.subject, f.area) for f in found] == [(kofi, "SK3")]
        assert found[0].why == ("same forename", "surname one letter different")
        for typed, why in (("OSEI", "same surname"), ("Kofi", "same forename"), ("Kofi Osei", "same name")):
            assert search(by=me, query=Query(name=typed), reason="Check")[0].why == (why,)
        swapped = search(by=me, query=Query(name="Kofi Osei", born=dt.date(2014, 2, 3)), reason="Check")
        assert "day and month changed about" in swapped[0].why
        number = search(by=me, query=Query(identifier="943 476 5919"), reason="Check")
        assert [f.subject for f in number] == [kofi]


def test_a_search_tells_where_somebody_lives_now_whatever_was_written_last(cast: Any, kofi: int) -> None:
    today = timezone.localdate()
    with cast.as_(cast.yasmin) as me:
        earlier = add_address(
            by=me, team=cast.yasmin.team.pk, person=kofi, postcode="M14 5RX", kind="second_home"
        )
        earlier.since, earlier.until = today - dt.timedelta(days=90), today - dt.timedelta(days=30)
        earlier.save(update_fields=["since", "until"])
    with cast.as_(cast.olive) as me:
        found = search(by=me, query=Query(name="Kofi Osei"), reason="Check")
        assert [each.area for each in found] == ["SK3"]
        formerly = search(by=me, query=Query(name="Kofi Osei", postcode="M14 5RX"), reason="Check")
        assert [(each.area, "same postcode" in each.why) for each in formerly] == [("SK3", True)]


def test_history_is_kept_and_follows_the_policies_of_the_row(cast: Any, kofi: int) -> None:
    from django.apps import apps

    history = apps.get_model("people", "PersonNameHistory")
    with cast.as_(cast.yasmin):
        PersonName.objects.filter(subject_id=kofi).update(middle="Kwame")
        assert list(
            history.objects.filter(subject_id=kofi).order_by("pgh_id").values_list("middle", flat=True)
        ) == [
            "",
            "Kwame",
        ]
    assert not sees(cast, cast.olive, history.objects.all())
    with pytest.raises(Error), cast.as_(cast.yasmin):
        history.objects.filter(subject_id=kofi).update(middle="Rewritten")
