"""Who may read the access log, and which looks raise an alert."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from teamaround.access import alerts
from teamaround.access.log import Looks, write_look
from teamaround.access.models import Alert, AlertKind, AlertRule
from teamaround.access.reading import Cursor, PageKind, access_log, looks_on
from teamaround.agencies.models import Account, Agency, Membership, Principal, Team
from teamaround.database.actor import SET_UP, Actor, acting_as
from teamaround.index.actions import involve
from teamaround.notices.jobs import seal_access_log, watch_access_log
from teamaround.people.actions import add_person
from teamaround.people.models import PortalAccount


def kinds(cast: Any) -> list[tuple[str, str]]:
    """The alerts there are, but for those that depend on when the test runs."""
    with cast.as_(cast.greta):
        return [
            (row.kind, row.practitioner.name)
            for row in Alert.objects.select_related("practitioner").order_by("id")
            if row.kind != AlertKind.OUT_OF_HOURS
        ]


def child(cast: Any, given: str = "Kofi", family_name: str = "Osei", *, by: Any = None) -> Any:
    worker = by or cast.yasmin
    with cast.as_(worker) as me:
        person = add_person(
            by=me,
            team=worker.team.pk,
            given=given,
            family_name=family_name,
            date_of_birth=dt.date(2014, 3, 2),
        )
        involve(by=me, team=worker.team.pk, subject=person.pk)
    return person


def look(
    member: Any,
    *subjects: int,
    page: str = "desk:person",
    act: str = "view",
    reason: str = "",
    categories: tuple[str, ...] = ("index",),
) -> None:
    actor = member.me.actor()
    with acting_as(actor), transaction.atomic():
        looks = Looks(lines={each: set(categories) for each in subjects}, act=act, reason=reason)
        write_look(actor=actor, page=page, looks=looks)


def watched() -> None:
    seal_access_log(timestamp=0)
    watch_access_log(timestamp=0)


def portal(cast: Any, person: Any) -> Actor:
    """The actor of the person's own account."""
    with cast.as_(cast.yasmin) as me:
        account = Account.objects.create(email=f"p{person.pk}@family.example", password="!")
        opened = PortalAccount.objects.create(
            principal=Principal.objects.create(kind="family"),
            account=account,
            person_id=person.pk,
            opened_by_id=me.principal,
        )
    return Actor(kind="family", principal=opened.pk, principals=(opened.pk,), account=account.pk)


def told(actor: Actor, person: Any) -> list[tuple[str, str, PageKind]]:
    with acting_as(actor), transaction.atomic():
        return [(row.role, row.agency, row.page) for row in looks_on(person.pk)]


def test_a_look_by_somebody_who_works_with_the_child_raises_nothing(cast: Any) -> None:
    look(cast.yasmin, child(cast).pk)
    watched()
    assert kinds(cast) == []


def test_a_look_without_work_grant_or_reason_raises_an_alert_once_a_day(cast: Any) -> None:
    kofi = child(cast)
    for _ in range(3):
        look(cast.olive, kofi.pk)
        watched()
    assert kinds(cast) == [("no_tie", "Olive Marsh")]


def test_a_look_for_a_stated_reason_raises_nothing(cast: Any) -> None:
    look(cast.olive, child(cast).pk, act="search", page="desk:search", reason="Family asked for help")
    watched()
    assert kinds(cast) == []


def test_more_different_people_in_an_hour_than_the_limit_raise_one_alert(cast: Any) -> None:
    with cast.as_(cast.greta) as me:
        alerts.set_rule(by=me, kind="many", limit=3)
    people = [child(cast, given=f"Child {letter}") for letter in "ABCD"]
    for person in people[:3]:
        look(cast.yasmin, person.pk)
    look(cast.yasmin, *[person.pk for person in people], act="list")
    watched()
    assert kinds(cast) == []
    look(cast.yasmin, people[3].pk)
    watched()
    look(cast.yasmin, people[3].pk)
    watched()
    assert kinds(cast) == [("many", "Yasmin Okoro")]


def test_sixty_people_in_an_hour_are_the_limit_before_anybody_sets_another(cast: Any) -> None:
    with cast.as_(cast.greta):
        assert AlertRule.objects.get(kind="many").limit == 60


def test_a_rule_holds_from_its_moment_on(cast: Any) -> None:
    with cast.as_(cast.greta) as me:
        alerts.set_rule(
            by=me, kind="no_tie", active=False, effective_from=timezone.now() + dt.timedelta(days=1)
        )
    look(cast.olive, child(cast).pk)
    watched()
    assert kinds(cast) == [("no_tie", "Olive Marsh")]


def test_a_look_at_ones_own_family_name_raises_an_alert_though_it_is_ones_work(cast: Any) -> None:
    look(cast.yasmin, child(cast, family_name="OKORO").pk)
    watched()
    assert kinds(cast) == [("own_family", "Yasmin Okoro")]


def test_a_declared_relative_of_another_name_raises_an_alert(cast: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        alerts.declare_family(by=me, given="Kofi", family_name="Osei")
    look(cast.yasmin, child(cast).pk)
    watched()
    assert kinds(cast) == [("own_family", "Yasmin Okoro")]


def test_somebody_of_the_same_name_elsewhere_raises_nothing_once_the_address_is_declared(cast: Any) -> None:
    with cast.as_(cast.yasmin) as me:
        alerts.declare_family(by=me, family_name="Okoro", postcode="NM1 1AA")
    look(cast.yasmin, child(cast, family_name="Okoro").pk)
    watched()
    assert kinds(cast) == []


def test_a_name_on_the_list_raises_an_alert_and_one_taken_off_it_does_not(cast: Any) -> None:
    kofi = child(cast)
    with cast.as_(cast.greta) as me:
        name = alerts.add_famous_name(by=me, given="KOFI", family_name="Osei")
    look(cast.yasmin, kofi.pk)
    watched()
    assert kinds(cast) == [("famous", "Yasmin Okoro")]
    with cast.as_(cast.greta):
        alerts.end_famous_name(name=name)
    look(cast.yusuf, kofi.pk)
    watched()
    assert kinds(cast) == [("famous", "Yasmin Okoro")]


def test_a_look_outside_the_agencys_hours_raises_one_alert_a_day(cast: Any) -> None:
    here = timezone.localtime()
    closed = (
        {"opens": dt.time(0, 0), "closes": dt.time(0, 1)}
        if here.hour
        else {"opens": dt.time(23, 0), "closes": dt.time(23, 1)}
    )
    agency = cast.yasmin.team.agency_id
    with cast.as_(cast.greta) as me:
        alerts.set_rule(by=me, kind="out_of_hours", agency=agency, **closed)
    kofi = child(cast)
    look(cast.yasmin, kofi.pk)
    look(cast.yasmin, kofi.pk)
    watched()
    with cast.as_(cast.greta):
        assert (
            Alert.objects.filter(kind="out_of_hours", practitioner_id=cast.yasmin.practitioner.pk).count()
            == 1
        )


def test_only_the_information_governance_lead_sees_alerts_and_settles_each_once(cast: Any) -> None:
    look(cast.olive, child(cast).pk)
    watched()
    for member in (cast.yasmin, cast.olive, cast.admin, cast.morgan):
        with cast.as_(member):
            assert Alert.objects.count() == 0
    with cast.as_(cast.greta) as me:
        alert = Alert.objects.get(kind="no_tie")
        with pytest.raises(alerts.AlertRefused):
            alerts.settle(by=me, alert=alert, outcome="proper", reason=" ")
        alerts.settle(
            by=me, alert=alert, outcome="mistake", reason="Wrong child of the same name; spoke with her"
        )
        with pytest.raises(alerts.AlertRefused):
            alerts.settle(by=me, alert=alert, outcome="proper", reason="Again")
        with pytest.raises(DatabaseError), transaction.atomic():
            Alert.objects.filter(pk=alert.pk).update(reason="Rewritten")


def test_nobody_raises_or_removes_an_alert_by_hand(cast: Any) -> None:
    look(cast.olive, child(cast).pk)
    watched()
    with cast.as_(cast.greta):
        with pytest.raises(DatabaseError), transaction.atomic():
            Alert.objects.all().delete()
        with pytest.raises(DatabaseError), transaction.atomic():
            Alert.objects.filter(kind="no_tie").update(kind="many")
        with pytest.raises(DatabaseError), transaction.atomic():
            Alert.objects.create(
                kind="many",
                practitioner_id=cast.olive.practitioner.pk,
                look=Alert.objects.get(kind="no_tie").look,
                at=timezone.now(),
                bucket=timezone.now(),
            )


def test_a_person_reads_who_looked_by_role_and_agency_and_never_by_name(cast: Any) -> None:
    kofi = child(cast)
    look(cast.yasmin, kofi.pk, reason="Visit tomorrow", categories=("index", "plan"))
    look(cast.tom, kofi.pk, page="plans:detail")
    watched()
    me = portal(cast, kofi)
    assert told(me, kofi) == [
        ("Pastoral lead", "Moor Lane School", PageKind.PLAN),
        ("Young carers worker", "Northmoor Young Carers", PageKind.RECORD),
    ]
    with acting_as(me), transaction.atomic():
        rows = looks_on(kofi.pk)
        assert (rows[1].reason, rows[1].categories) == ("Visit tomorrow", ("index", "plan"))
        assert "Yasmin" not in repr(rows)
        assert looks_on(kofi.pk, before=rows[0].cursor) == rows[1:]


def as_police(cast: Any, member: Any) -> None:
    with acting_as(SET_UP), transaction.atomic():
        Agency.objects.filter(pk=member.team.agency_id).update(sector="police")


def as_domestic_abuse(cast: Any, member: Any) -> None:
    with acting_as(SET_UP), transaction.atomic():
        Team.objects.filter(pk=member.team.pk).update(sensitivity="domestic_abuse")


@pytest.mark.parametrize("become", [as_police, as_domestic_abuse])
def test_looks_that_could_tip_somebody_off_leave_no_trace_for_the_person(cast: Any, become: Any) -> None:
    kofi = child(cast)
    become(cast, cast.olive)
    look(cast.yasmin, kofi.pk)
    me = portal(cast, kofi)
    watched()
    before = told(me, kofi)
    look(cast.olive, kofi.pk, reason="Address check")
    look(cast.sam, kofi.pk)
    watched()
    assert told(me, kofi) == before == [("Young carers worker", "Northmoor Young Carers", PageKind.RECORD)]
    with acting_as(me), transaction.atomic():
        assert looks_on(kofi.pk, before=looks_on(kofi.pk)[0].cursor) == []


@pytest.mark.parametrize(
    "said",
    [
        {"reason": "Safeguarding check"},
        {"reason": "Section 47 enquiry"},
        {"page": "sharing:safeguarding"},
        {"page": "sharing:break_glass"},
        {"categories": ("index", "safeguarding")},
    ],
)
def test_a_look_on_a_safeguarding_ground_is_withheld(cast: Any, said: dict[str, Any]) -> None:
    kofi = child(cast)
    look(cast.tom, kofi.pk, **said)
    watched()
    assert told(portal(cast, kofi), kofi) == []


def test_what_was_withheld_stays_so_when_the_ground_is_gone(cast: Any) -> None:
    kofi = child(cast)
    as_domestic_abuse(cast, cast.olive)
    look(cast.olive, kofi.pk)
    watched()
    with acting_as(SET_UP), transaction.atomic():
        Team.objects.filter(pk=cast.olive.team.pk).update(sensitivity="")
    assert told(portal(cast, kofi), kofi) == []


def test_a_look_is_not_shown_before_it_was_watched(cast: Any) -> None:
    kofi = child(cast)
    look(cast.tom, kofi.pk)
    seal_access_log(timestamp=0)
    assert told(portal(cast, kofi), kofi) == []


def test_nobody_reads_who_looked_at_somebody_else(cast: Any) -> None:
    kofi, ama = child(cast), child(cast, given="Ama")
    me = portal(cast, kofi)
    with acting_as(me), pytest.raises(DatabaseError), transaction.atomic():
        looks_on(ama.pk)
    for member in (cast.yasmin, cast.greta, cast.admin):
        with cast.as_(member), pytest.raises(DatabaseError), transaction.atomic():
            looks_on(kofi.pk)
    with (
        acting_as(Actor(kind="family", principal=cast.yasmin.practitioner.pk)),
        pytest.raises(DatabaseError),
        transaction.atomic(),
    ):
        looks_on(kofi.pk)


def test_an_ended_portal_account_reads_nothing(cast: Any) -> None:
    kofi = child(cast)
    me = portal(cast, kofi)
    with cast.as_(cast.yasmin):
        PortalAccount.objects.filter(person_id=kofi.pk).update(ended_at=timezone.now())
    with acting_as(me), pytest.raises(DatabaseError), transaction.atomic():
        looks_on(kofi.pk)


def whole(**more: Any) -> Any:
    now = timezone.now()
    return access_log(since=now - dt.timedelta(days=1), until=now + dt.timedelta(days=1), **more)


def test_the_information_governance_lead_reads_the_whole_log_with_names(cast: Any) -> None:
    kofi = child(cast)
    look(cast.yasmin, kofi.pk)
    look(cast.sam, kofi.pk, reason="Safeguarding check")
    with cast.as_(cast.greta):
        rows = whole()
        assert [(row.who, row.agency, list(row.names)) for row in rows[:2]] == [
            ("Sam Frost", "Northmoor Recovery", ["Kofi Osei"]),
            ("Yasmin Okoro", "Northmoor Young Carers", ["Kofi Osei"]),
        ]
        assert whole(before=Cursor(rows[0].at, rows[0].look))[0].look == rows[1].look
        assert [row.who for row in whole(agency=cast.yasmin.team.agency_id)] == ["Yasmin Okoro"]


def test_nobody_else_reads_the_log(cast: Any) -> None:
    look(cast.yasmin, child(cast).pk)
    for member in (cast.yasmin, cast.morgan, cast.admin):
        with cast.as_(member), pytest.raises(DatabaseError), transaction.atomic():
            whole()


def test_a_lead_whose_role_has_ended_reads_nothing(cast: Any) -> None:
    me = cast.greta.me
    with acting_as(SET_UP), transaction.atomic():
        Membership.objects.filter(practitioner=cast.greta.practitioner).update(until=timezone.now())
    with acting_as(me.actor()), transaction.atomic():
        with pytest.raises(DatabaseError), transaction.atomic():
            whole()
        assert Alert.objects.count() == 0


ROLES_PAGES = ("portal:answer", "portal:inbox", "oversight:log", "rights:request", "sharing:emergency_review")


@pytest.mark.parametrize("page", ROLES_PAGES)
def test_whoever_governs_access_raises_no_alert_by_doing_so(cast: Any, page: str) -> None:
    with cast.as_(cast.greta) as me:
        alerts.set_rule(by=me, kind="many", limit=1)
        # Every hour of the day is out of hours, but for the last minute.
        alerts.set_rule(by=me, kind="out_of_hours", opens=dt.time(23, 58), closes=dt.time(23, 59))
        alerts.add_famous_name(by=me, given="Kofi", family_name="Osei")
    surname = cast.greta.practitioner.name.split()[-1]
    people = [child(cast), child(cast, family_name=surname), child(cast, given="Ama")]
    look(cast.greta, *[person.pk for person in people], page=page)
    watched()
    with cast.as_(cast.greta):
        assert not Alert.objects.filter(practitioner=cast.greta.practitioner.pk).exists()


def test_whoever_governs_access_raises_alerts_like_anybody_on_other_pages(cast: Any) -> None:
    look(cast.greta, child(cast).pk, page="desk:person")
    watched()
    assert kinds(cast) == [("no_tie", "Greta Lindqvist")]


def test_nobody_else_is_excused_by_the_page(cast: Any) -> None:
    kofi = child(cast)
    for page in ROLES_PAGES:
        look(cast.olive, kofi.pk, page=page)
    watched()
    assert kinds(cast) == [("no_tie", "Olive Marsh")]


def test_what_was_read_before_the_role_was_taken_is_not_excused(cast: Any) -> None:
    look(cast.olive, child(cast).pk, page="portal:answer")
    with acting_as(SET_UP), transaction.atomic():
        Membership.objects.create(
            practitioner=cast.olive.practitioner,
            team=cast.greta.team,
            role="governance",
            since=timezone.now() + dt.timedelta(seconds=1),
        )
    watched()
    assert kinds(cast) == [("no_tie", "Olive Marsh")]
