"""A parent answers for a child under 16 on their own phone; nobody else does, and nothing of others is told."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.access.models import Grant
from teamaround.database.actor import acting_as
from teamaround.events.models import Event
from teamaround.index.actions import involve
from teamaround.people.actions import add_member, add_person, relate
from teamaround.people.models import Family, FamilyMember, Person, PortalAccount, Relationship
from teamaround.portal.child_pages import child_key
from teamaround.portal.children import Child
from teamaround.portal.own import key_of
from teamaround.sharing.models import Basis, Shield, ShieldHolder
from teamaround.sharing.settlements import settle
from teamaround.sharing.wording import PARENTS_PHONE
from teamaround.tasks.models import Task

from .conftest import Home, Own, own_page_of


class Parents:
    """Efua and Kwame, who both have parental responsibility for Kofi (13) and Ama (8)."""

    def __init__(self, cast: Any, home: Home) -> None:
        self.cast, self.home = cast, home
        self.kofi, self.efua = home.kofi, home.efua
        today = timezone.localdate()
        with cast.as_(cast.yasmin) as me:
            team = me.team.team
            self.family = Family.objects.get(name="Osei")
            made = {}
            for given, age, role, sex in (("Ama", 8, "child", "F"), ("Kwame", 43, "parent", "M")):
                made[given] = add_person(
                    by=me,
                    team=team,
                    given=given,
                    family_name="Osei",
                    date_of_birth=today.replace(year=today.year - age, day=1),
                    sex=sex,
                )
                add_member(by=me, team=team, family=self.family.pk, person=made[given].pk, role=role)
                involve(by=me, team=team, subject=made[given].pk, practitioner=me.principal, role="lead")
            self.ama = made["Ama"]
            for parent in (self.efua.person, made["Kwame"]):
                for child in (self.kofi.person, self.ama, home.abena.person):
                    relate(
                        by=me,
                        team=team,
                        person=parent.pk,
                        other=child.pk,
                        kind="parent",
                        parental_responsibility=True,
                    )
        self.kwame = own_page_of(cast, made["Kwame"])

    def url(self, parent: Own, child: Person, name: str = "child", what: str = "") -> str:
        about = Child(child.pk, child.given, child.family_name)
        keys = [child_key(parent.person.pk, about)]
        if what:
            keys.append(child_key(parent.person.pk, about, what))
        return reverse(f"portal:{name}", args=keys)

    def field(self, parent: Own, member: Any, kind: str) -> str:
        return f"cell-{key_of(parent.person.pk, f'child-team:{member.team.pk}').hex}-{kind}"

    def form(self, parent: Own, child: Person) -> dict[str, str]:
        """The form as the page gives it, with what is ticked on it."""
        page = parent.client().get(self.url(parent, child)).content.decode()
        found = dict(re.findall(r'<input type="hidden" name="(token|seen)" value="([^"]+)"', page))
        for radio in re.findall(r"<input[^>]*type=\"radio\"[^>]*>", page):
            if "checked" in radio:
                name, value = (re.search(rf'{part}="([^"]+)"', radio) for part in ("name", "value"))
                assert name
                assert value
                found[name[1]] = value[1]
        found["until"] = (timezone.localdate() + dt.timedelta(days=60)).isoformat()
        return found

    def answer(self, parent: Own, *said: tuple[Any, str, str], child: Person | None = None) -> Any:
        """What a parent sends: (member of the cast whose team it is, category, answer)."""
        child = child or self.kofi.person
        form = self.form(parent, child)
        form |= {self.field(parent, member, kind): answer for member, kind, answer in said}
        return parent.client().post(self.url(parent, child), form)

    def page(self, parent: Own, child: Person | None = None, name: str = "child", what: str = "") -> str:
        answer = parent.client().get(self.url(parent, child or self.kofi.person, name, what))
        assert answer.status_code == 200, answer.status_code
        return str(answer.content.decode())

    def sees(self, member: Any, child: Person | None = None) -> set[str]:
        with self.cast.as_(member):
            return set(
                Grant.objects.filter(
                    subject_id=(child or self.kofi.person).pk,
                    basis_kind="consent",
                    valid_during__contains=timezone.now(),
                ).values_list("category", flat=True)
            )

    def shield(self, person: Person, level: str = "whereabouts") -> Shield:
        with self.cast.as_(self.cast.yasmin) as me:
            return Shield.objects.create(
                subject_id=person.pk,
                author_team_id=me.team.team,
                level=level,
                reason="He said that he will find them.",
                review_on=timezone.localdate() + dt.timedelta(days=30),
            )

    def offered(self, parent: Own) -> str:
        """The list of children, without the tokens of its forms."""
        page = parent.client().get(reverse("portal:children"))
        assert page.status_code == 200
        text = re.sub(r"[A-Za-z0-9]{64}", "", page.content.decode())
        return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text)

    def asked(self, parent: Own, child: Person) -> list[int]:
        """How each page about the child answers this parent, by GET and by POST."""
        client = parent.client()
        urls = [
            self.url(parent, child),
            self.url(parent, child, "child_change"),
            self.url(parent, child, "child_stop", "all"),
        ]
        return [ask(url).status_code for url in urls for ask in (client.get, client.post)]


@pytest.fixture
def parents(cast: Any, home: Home) -> Parents:
    return Parents(cast, home)


def give(own: Own, child: Person, holder: int, category: str = "plan", answer: str = "share") -> bool:
    """Straight at the database's own door."""
    with acting_as(own.actor()), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select app.give_for_child(%s, jsonb_build_array(jsonb_build_object('holder', %s::int, "
            "'category', %s::text, 'answer', %s::text)), now() + interval '90 days', 'x', %s)",
            [child.pk, holder, category, answer, uuid.uuid4()],
        )
        return bool(cursor.fetchone()[0])


def test_a_parent_says_yes_no_and_ask_me_first_and_it_counts_at_once(cast: Any, parents: Parents) -> None:
    answer = parents.answer(
        parents.efua,
        (cast.tom, "education", "share"),
        (cast.tom, "health", "ask"),
        (cast.tom, "money", "refuse"),
    )
    assert answer.status_code == 302
    assert parents.sees(cast.tom) == {"education", "index"}
    with cast.as_(cast.yasmin):
        basis = Basis.objects.latest("pk")
        assert (basis.subject_id, basis.given_by_id) == (parents.kofi.person.pk, parents.efua.person.pk)
        assert (basis.capacity, basis.how, basis.wording_version) == ("parent", "signed", PARENTS_PHONE)
        assert basis.recorded_by_id == parents.efua.actor().principal
        assert basis.author_team_id == cast.yasmin.team.pk
        assert timezone.localdate(basis.valid_until) == timezone.localdate() + dt.timedelta(days=61)
        assert set(basis.lines.values_list("subject_id", "shared_category", "answer")) == {
            (parents.kofi.person.pk, "education", "share"),
            (parents.kofi.person.pk, "health", "ask"),
            (parents.kofi.person.pk, "money", "refuse"),
        }
        assert Event.objects.filter(kind="consent.given", subject_id=parents.kofi.person.pk).count() == 1
    text = parents.page(parents.efua)
    assert "Now: yes. You said yes on" in text
    assert PARENTS_PHONE in text


def test_only_the_children_under_sixteen_are_offered(parents: Parents) -> None:
    text = parents.offered(parents.efua)
    assert text.index("Kofi Osei") < text.index("Ama Osei")
    assert "Abena" not in text
    assert set(parents.asked(parents.efua, parents.home.abena.person)) == {404}
    with pytest.raises(ProgrammingError):
        give(parents.efua, parents.home.abena.person, parents.cast.yasmin.team.pk)


def test_from_the_sixteenth_birthday_a_parent_answers_no_more(cast: Any, parents: Parents) -> None:
    today = timezone.localdate()
    with cast.as_(cast.yasmin):
        Person.objects.filter(pk=parents.ama.pk).update(date_of_birth=today.replace(year=today.year - 16))
    assert set(parents.asked(parents.efua, parents.ama)) == {404}
    with pytest.raises(ProgrammingError):
        give(parents.efua, parents.ama, cast.yasmin.team.pk)


def test_a_child_whose_birthday_nobody_knows_is_asked_about_by_a_worker(cast: Any, parents: Parents) -> None:
    with cast.as_(cast.yasmin):
        Person.objects.filter(pk=parents.ama.pk).update(date_of_birth=None)
    assert set(parents.asked(parents.efua, parents.ama)) == {404}


@pytest.mark.parametrize("change", ["ended", "voided", "not_yet", "never"])
def test_without_parental_responsibility_now_nobody_answers(cast: Any, parents: Parents, change: str) -> None:
    today = timezone.localdate()
    form = parents.form(parents.efua, parents.kofi.person)
    with cast.as_(cast.yasmin):
        Relationship.objects.filter(
            subject_id=parents.efua.person.pk, other_id=parents.kofi.person.pk
        ).update(
            **{
                "ended": {"until": today},
                "voided": {"voided_at": timezone.now()},
                "not_yet": {"since": today + dt.timedelta(days=1)},
                "never": {"parental_responsibility": False},
            }[change]
        )
    form[parents.field(parents.efua, cast.tom, "plan")] = "share"
    assert parents.efua.client().post(parents.url(parents.efua, parents.kofi.person), form).status_code == 404
    assert "Kofi" not in parents.offered(parents.efua)
    with pytest.raises(ProgrammingError):
        give(parents.efua, parents.kofi.person, cast.tom.team.pk)
    assert parents.sees(cast.tom) == set()


def test_an_end_that_one_agency_recorded_counts_whatever_another_still_says(
    cast: Any, parents: Parents
) -> None:
    today = timezone.localdate()
    pair = {"person": parents.efua.person.pk, "other": parents.kofi.person.pk, "kind": "parent"}
    with cast.as_(cast.tom) as me:
        theirs = relate(by=me, team=me.team.team, parental_responsibility=True, **pair)
        Relationship.objects.filter(pk=theirs.pk).update(since=today - dt.timedelta(days=900), until=today)
    with cast.as_(cast.yasmin):
        Relationship.objects.filter(subject_id=pair["person"], other_id=pair["other"]).update(
            since=today - dt.timedelta(days=400)
        )
    assert set(parents.asked(parents.efua, parents.kofi.person)) == {404}
    with cast.as_(cast.yasmin) as me:
        relate(by=me, team=me.team.team, parental_responsibility=True, **pair)
    assert "Kofi" in parents.offered(parents.efua)


@pytest.mark.parametrize("level", ["whereabouts", "full"])
def test_a_shielded_child_is_as_one_who_was_never_recorded(cast: Any, parents: Parents, level: str) -> None:
    parents.answer(parents.kwame, (cast.tom, "education", "share"))
    with cast.as_(cast.yasmin):
        FamilyMember.objects.filter(person=parents.kofi.person).update(lives_here=False)
    shield = parents.shield(parents.kofi.person, level)
    shielded = parents.offered(parents.kwame)
    home = parents.kwame.client().get(reverse("portal:home")).content.decode()
    assert "Ama" in shielded
    assert "Kofi" not in shielded + home
    assert set(parents.asked(parents.kwame, parents.kofi.person)) == {404}
    for statement in (
        "select count(*) from app.child_sharing(%s)",
        "select count(*) from app.child_cells(%s)",
        "select app.refuse_cells(%s, " + str(parents.kwame.person.pk) + ", null, null, null, 'signed', '')",
    ):
        with pytest.raises(DatabaseError), acting_as(parents.kwame.actor()), transaction.atomic():
            connection.cursor().execute(statement, [parents.kofi.person.pk])
    with pytest.raises(ProgrammingError):
        give(parents.kwame, parents.kofi.person, cast.tom.team.pk)
    with cast.as_(cast.yasmin):
        Shield.objects.filter(pk=shield.pk).update(lifted_at=timezone.now())
        Relationship.objects.filter(
            subject_id=parents.kwame.person.pk, other_id=parents.kofi.person.pk
        ).update(voided_at=timezone.now())
    assert parents.offered(parents.kwame) == shielded


def test_the_last_child_who_is_shielded_leaves_the_page_as_that_of_somebody_without_children(
    cast: Any, parents: Parents
) -> None:
    parents.shield(parents.kofi.person)
    parents.shield(parents.ama)
    without = parents.home.abena.client()
    for name in ("home", "children"):
        theirs = parents.kwame.client().get(reverse(f"portal:{name}")).content.decode()
        others = without.get(reverse(f"portal:{name}")).content.decode()
        theirs, others = (re.sub(r"[A-Za-z0-9]{64}", "", text) for text in (theirs, others))
        assert theirs.replace("Kwame", "X") == others.replace("Abena", "X")


def test_a_shield_that_names_the_account_does_not_hide_the_child(cast: Any, parents: Parents) -> None:
    shield = parents.shield(parents.kofi.person)
    with cast.as_(cast.yasmin) as me:
        ShieldHolder.objects.create(
            shield=shield,
            subject_id=parents.kofi.person.pk,
            holder_id=parents.efua.actor().principal,
            author_team_id=me.team.team,
        )
    assert "Kofi" in parents.offered(parents.efua)
    assert "Kofi" not in parents.offered(parents.kwame)


def test_a_child_who_lives_with_somebody_shielded_is_offered_to_that_parent_alone(
    cast: Any, parents: Parents
) -> None:
    parents.shield(parents.efua.person)
    assert "Kofi" not in parents.offered(parents.kwame)
    with pytest.raises(ProgrammingError):
        give(parents.kwame, parents.kofi.person, cast.tom.team.pk)
    assert "Kofi" in parents.offered(parents.efua)
    with cast.as_(cast.yasmin):
        FamilyMember.objects.filter(person=parents.efua.person).update(lives_here=False)
    assert "Kofi" in parents.offered(parents.kwame)


def test_a_closed_account_answers_for_nobody(cast: Any, parents: Parents) -> None:
    actor = parents.efua.actor()
    with cast.as_(cast.yasmin):
        PortalAccount.objects.filter(pk=actor.principal).update(ended_at=timezone.now())
    with pytest.raises(ProgrammingError), acting_as(actor), transaction.atomic():
        connection.cursor().execute(
            "select app.give_for_child(%s, '[]'::jsonb, now() + interval '9 days', 'x', gen_random_uuid())",
            [parents.kofi.person.pk],
        )


def test_nobody_but_a_parents_own_account_answers_through_this_door(cast: Any, parents: Parents) -> None:
    for actor in (
        cast.yasmin.me.actor(),
        cast.admin.me.actor(),
        parents.kofi.actor(),
        parents.home.abena.actor(),
    ):
        with pytest.raises(ProgrammingError), acting_as(actor), transaction.atomic():
            connection.cursor().execute(
                "select app.give_for_child(%s, '[{\"holder\": 1}]'::jsonb, now() + interval '9 days', 'x', "
                "gen_random_uuid())",
                [parents.kofi.person.pk],
            )


def test_a_familys_account_writes_no_consent_by_any_other_way(cast: Any, parents: Parents) -> None:
    insert = (
        "insert into sharing_basis (uuid, subject_id, category, kind, given_by_id, capacity, understanding, how, witness, "
        "reason, wording_version, valid_from, valid_until, withdrawn_reason, version, author_team_id, told_family) "
        "values (gen_random_uuid(), %s, 'identity', 'consent', %s, 'parent', '', 'signed', '', '', 'x', now(), "
        "now() + interval '9 days', '', 1, %s, true)"
    )
    efua, kofi, team = parents.efua.person.pk, parents.kofi.person.pk, cast.yasmin.team.pk
    for child, giver in ((kofi, efua), (kofi, kofi), (kofi, parents.kwame.person.pk), (efua, efua)):
        with pytest.raises(ProgrammingError), acting_as(parents.efua.actor()), transaction.atomic():
            connection.cursor().execute(insert, [child, giver, team])


def test_who_lost_parental_responsibility_takes_nothing_back_by_the_databases_own_door(
    cast: Any, parents: Parents
) -> None:
    parents.answer(parents.efua, (cast.tom, "education", "share"))
    with cast.as_(cast.yasmin):
        Relationship.objects.filter(subject_id=parents.efua.person.pk).update(until=timezone.localdate())
    with pytest.raises(ProgrammingError), acting_as(parents.efua.actor()), transaction.atomic():
        connection.cursor().execute(
            "select app.refuse_cells(%s, %s, null, null, null, 'signed', '')",
            [parents.kofi.person.pk, parents.efua.person.pk],
        )
    assert parents.sees(cast.tom) == {"education", "index"}


def test_a_team_the_parent_may_not_know_of_is_neither_named_nor_answered(cast: Any, parents: Parents) -> None:
    with cast.as_(cast.sam) as me:
        involve(by=me, team=me.team.team, subject=parents.kofi.person.pk, role="worker")
    parents.home.agree(parents.kofi, (cast.olive, "money", "share"), (cast.sam, "substance", "share"))
    parents.home.agree(parents.kwame, (cast.nina, "health", "share"), about=parents.kofi)
    text = parents.page(parents.efua)
    assert "Moor Lane School" in text
    for name in ("Northmoor Recovery", "Northmoor Homes", "Northmoor Health"):
        assert name not in text
    for member in (cast.sam, cast.olive, cast.nina):
        with pytest.raises(ProgrammingError):
            give(parents.efua, parents.kofi.person, member.team.pk)
    for category in ("index", "everything"):
        with pytest.raises(ProgrammingError):
            give(parents.efua, parents.kofi.person, cast.tom.team.pk, category)
    with pytest.raises(ProgrammingError):
        give(parents.efua, parents.kofi.person, cast.tom.team.pk, answer="perhaps")


def test_where_the_child_has_answered_the_childs_own_answer_counts_and_is_not_told(
    cast: Any, parents: Parents
) -> None:
    for said in ("refuse", "share"):
        parents.home.agree(parents.kofi, (cast.tom, "health", said))
        text = parents.page(parents.efua)
        assert "Kofi has answered some of this" in text
        assert "own answer counts" in text
        assert parents.field(parents.efua, cast.tom, "health") not in text
        assert "Kofi said" not in text
        with pytest.raises(ProgrammingError):
            give(parents.efua, parents.kofi.person, cast.tom.team.pk, "health", "refuse")


def test_what_the_child_shares_or_refuses_makes_no_difference_to_the_parents_page(
    cast: Any, parents: Parents
) -> None:
    pages = []
    for said in ("refuse", "share", "ask"):
        parents.home.agree(parents.kofi, (cast.tom, "health", said))
        text = re.sub(r"[A-Za-z0-9]{64}", "", parents.page(parents.efua))
        pages.append(re.sub(r'name="(token|seen)" value="[^"]+"', "", text))
    assert pages[0] == pages[1] == pages[2]


def test_two_parents_who_differ_are_told_that_not_everybody_agrees_and_no_more(
    cast: Any, parents: Parents
) -> None:
    parents.answer(parents.efua, (cast.tom, "education", "share"), (cast.tom, "plan", "share"))
    parents.answer(parents.kwame, (cast.tom, "education", "refuse"))
    assert parents.sees(cast.tom) == {"plan", "index"}
    text = parents.page(parents.efua)
    assert "Not everybody who may answer for Kofi agrees" in text
    assert "Not everybody who may answer agrees, so it is not shared for now" in text
    assert "Kwame" not in text
    theirs = parents.page(parents.kwame)
    assert "You said no on" in theirs
    assert "Not everybody who may answer agrees" not in theirs
    assert "Efua" not in theirs
    with cast.as_(cast.yasmin) as me:
        basis = Basis.objects.filter(given_by=parents.efua.person).latest("pk")
        settle(
            by=me, team=me.team.team, subject=parents.kofi.person.pk, basis=basis, reason="Talked with both."
        )
    assert parents.sees(cast.tom) == {"plan", "education", "index"}
    assert "Not everybody who may answer for Kofi agrees" not in parents.page(parents.efua)
    assert "settled it: it is shared" in parents.page(parents.kwame)


def test_an_answer_left_out_stays_as_it_was(cast: Any, parents: Parents) -> None:
    parents.answer(parents.efua, (cast.tom, "education", "share"))
    parents.answer(parents.efua, (cast.yasmin, "plan", "share"))
    assert parents.sees(cast.tom) == {"education", "index"}


def test_one_cell_one_team_one_kind_or_everything_can_be_stopped(cast: Any, parents: Parents) -> None:
    said = [
        (who, kind, "share") for who in (cast.tom, cast.yasmin) for kind in ("education", "health", "plan")
    ]
    parents.answer(parents.efua, *said)
    kofi, client = parents.kofi.person, parents.efua.client()
    tom = cast.tom.team.pk
    text = parents.page(parents.efua, None, "child_stop", f"cell:{tom}:plan")
    assert "will no longer see" in text
    assert "They work with Kofi." in text
    for what, left in (
        (f"cell:{tom}:plan", {"education", "health", "index"}),
        ("kind:health", {"education", "index"}),
        (f"team:{tom}", set()),
    ):
        url = parents.url(parents.efua, kofi, "child_stop", what)
        assert client.post(url).status_code == 302
        assert parents.sees(cast.tom) == left
        assert client.post(url).status_code == 302, "sent twice, it has stopped"
    assert parents.sees(cast.yasmin) == {"education", "plan", "index"}
    client.post(parents.url(parents.efua, kofi, "child_stop", "all"))
    assert parents.sees(cast.yasmin) == set()
    with cast.as_(cast.yasmin):
        assert Event.objects.filter(kind="consent.withdrawn", subject_id=kofi.pk).count() == 4
        assert Task.objects.filter(subject_id=kofi.pk, owner=cast.yasmin.practitioner).exists()


def test_looking_at_what_would_stop_stops_nothing(cast: Any, parents: Parents) -> None:
    parents.answer(parents.efua, (cast.tom, "education", "share"))
    parents.page(parents.efua, None, "child_stop", "all")
    parents.page(parents.efua, None, "child_change")
    assert parents.sees(cast.tom) == {"education", "index"}


@pytest.mark.parametrize("what", ["team:0", "kind:index", "cell:0:plan", "everything"])
def test_what_was_never_answered_has_no_page_to_stop_it(cast: Any, parents: Parents, what: str) -> None:
    parents.answer(parents.efua, (cast.tom, "education", "share"))
    url = parents.url(parents.efua, parents.kofi.person, "child_stop", what)
    assert parents.efua.client().post(url).status_code == 404


def test_anothers_address_or_a_childs_own_identifier_opens_nothing(cast: Any, parents: Parents) -> None:
    client = parents.efua.client()
    for url in (
        parents.url(parents.kwame, parents.kofi.person),
        reverse("portal:child", args=[parents.kofi.person.uuid]),
        reverse("portal:child", args=[uuid.uuid4()]),
    ):
        assert client.get(url).status_code == 404
        assert client.post(url, {"token": str(uuid.uuid4())}).status_code == 404
    assert parents.home.abena.client().get(parents.url(parents.efua, parents.ama)).status_code == 404


@pytest.mark.parametrize(
    ("days", "words"), [(-1, "That day is past"), (500, "too far away"), (None, "until which day")]
)
def test_a_last_day_that_cannot_be_is_said_beside_it_and_nothing_is_lost(
    cast: Any, parents: Parents, days: int | None, words: str
) -> None:
    form = parents.form(parents.efua, parents.kofi.person)
    form[parents.field(parents.efua, cast.tom, "plan")] = "share"
    form["until"] = "" if days is None else (timezone.localdate() + dt.timedelta(days=days)).isoformat()
    answer = parents.efua.client().post(parents.url(parents.efua, parents.kofi.person), form)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text.lower() or words in text
    assert text.count(" checked") == 1
    assert parents.sees(cast.tom) == set()


def test_a_cell_that_is_not_asked_is_refused_and_nothing_is_lost(cast: Any, parents: Parents) -> None:
    form = parents.form(parents.efua, parents.kofi.person)
    form[parents.field(parents.efua, cast.tom, "plan")] = "share"
    for wrong in (parents.field(parents.efua, cast.olive, "money"), "cell-x-index"):
        answer = parents.efua.client().post(
            parents.url(parents.efua, parents.kofi.person), {**form, wrong: "share"}
        )
        assert answer.status_code == 422
        assert "something that we do not ask" in answer.content.decode()
        assert answer.content.decode().count(" checked") == 1
    bad = {**form, parents.field(parents.efua, cast.tom, "plan"): "perhaps"}
    assert parents.efua.client().post(parents.url(parents.efua, parents.kofi.person), bad).status_code == 422
    assert parents.sees(cast.tom) == set()


def test_answering_nothing_says_what_to_do(parents: Parents) -> None:
    answer = parents.answer(parents.efua)
    assert answer.status_code == 422
    assert "Choose an answer" in answer.content.decode()


def test_an_answer_recorded_meanwhile_is_shown_before_anything_is_saved(cast: Any, parents: Parents) -> None:
    client, url = parents.efua.client(), parents.url(parents.efua, parents.kofi.person)
    form = parents.form(parents.efua, parents.kofi.person)
    form[parents.field(parents.efua, cast.tom, "plan")] = "share"
    form[parents.field(parents.efua, cast.tom, "health")] = "share"
    parents.home.agree(parents.efua, (cast.tom, "money", "refuse"), about=parents.kofi)
    parents.home.agree(parents.kofi, (cast.tom, "health", "refuse"))
    answer = client.post(url, form)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Something changed while you had this page open" in text
    assert text.count(" checked") == 1
    assert parents.sees(cast.tom) == set()
    seen = re.search(r'name="seen" value="([^"]+)"', text)
    assert seen
    form |= {"seen": seen[1]}
    del form[parents.field(parents.efua, cast.tom, "health")]
    assert client.post(url, form).status_code == 302
    assert parents.sees(cast.tom) == {"plan", "index"}


def test_the_same_form_sent_twice_counts_once(cast: Any, parents: Parents) -> None:
    client, url = parents.efua.client(), parents.url(parents.efua, parents.kofi.person)
    form = parents.form(parents.efua, parents.kofi.person)
    form[parents.field(parents.efua, cast.tom, "plan")] = "share"
    for _twice in range(2):
        assert client.post(url, form).status_code == 302
    with cast.as_(cast.yasmin):
        assert Basis.objects.filter(given_by=parents.efua.person).count() == 1


def test_a_parents_answer_is_told_to_whoever_leads_for_the_child_without_any_detail(
    cast: Any, parents: Parents
) -> None:
    from teamaround.notices.models import Message

    parents.answer(parents.efua, (cast.tom, "plan", "share"))
    (message,) = Message.objects.all()
    assert message.address == "yasmin@northmoor.example"
    assert not any(
        word in message.subject_line + message.body for word in ("Kofi", "Osei", "Efua", "Moor Lane", "plan")
    )


def test_each_child_shown_stands_in_the_access_log(parents: Parents) -> None:
    client = parents.efua.client()
    with CaptureQueriesContext(connection) as queries:
        client.get(parents.url(parents.efua, parents.kofi.person))
    log = next(each["sql"] for each in queries if "access_look_line" in each["sql"])
    for subject in (parents.efua.person.pk, parents.kofi.person.pk):
        assert str(subject) in log
    assert len(queries) <= 15


def test_no_address_names_a_child_a_team_or_a_kind(cast: Any, parents: Parents) -> None:
    parents.answer(parents.efua, (cast.tom, "health", "share"))
    for text in (
        parents.page(parents.efua),
        parents.page(parents.efua, None, "child_change"),
        parents.offered(parents.efua),
    ):
        for link in re.findall(r'href="([^"]+)"', text):
            assert not any(word in link.lower() for word in ("kofi", "moor", "health"))
            assert str(parents.kofi.person.uuid) not in link
