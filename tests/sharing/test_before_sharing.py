"""“May I tell them?” and the decision that follows, with the named cast."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from teamaround.access.actions import state_purpose
from teamaround.events.models import Event
from teamaround.index.actions import involve
from teamaround.people.actions import add_family, add_member, add_person
from teamaround.people.models import Family, Person
from teamaround.sharing.actions import BasisRefused, Cell, record_consent, withdraw_consent
from teamaround.sharing.bases import record_basis
from teamaround.sharing.before import Outcome, Verdict, before_sharing
from teamaround.sharing.decisions import SharedWith, record_decision
from teamaround.sharing.golden_rules import golden_rules
from teamaround.sharing.models import Basis, DecisionLine, SharingDecision
from teamaround.sharing.shields import put_up_shield


class Home:
    """Kofi (12), his mother Efua, and their family."""

    kofi: Person
    efua: Person
    family: Family


@pytest.fixture
def home(cast: Any) -> Home:
    found = Home()
    today = timezone.localdate()
    with cast.as_(cast.yasmin) as me:
        team = me.team.team
        found.family = add_family(by=me, team=team, name="Osei family")
        for name, age, role in (("kofi", 12, "child"), ("efua", 41, "parent")):
            person = add_person(
                by=me,
                team=team,
                given=name.title(),
                family_name="Osei",
                date_of_birth=dt.date(today.year - age, 1, 1),
            )
            add_member(by=me, team=team, family=found.family.pk, person=person.pk, role=role)
            setattr(found, name, person)
        involve(by=me, team=team, subject=found.kofi.pk, practitioner=me.principal, role="lead")
        involve(by=me, team=team, subject=found.family.pk, practitioner=me.principal)
    with cast.as_(cast.tom) as me:
        involve(by=me, team=me.team.team, subject=found.kofi.pk, role="school", practitioner=me.principal)
    return found


def consents(
    cast: Any, member: Any, home: Home, holder: str, *answers: tuple[str, str], about: Person | None = None
) -> Basis:
    """What Efua answered, as this member's team recorded it."""
    subject = about or home.kofi
    with cast.as_(member) as me:
        return record_consent(
            by=me,
            team=me.team.team,
            subject=subject.pk,
            given_by=home.efua.pk,
            capacity="self" if subject.pk == home.efua.pk else "parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(subject.pk, cast.teams[holder].pk, category, answer) for category, answer in answers],
        )


def answers(cast: Any, member: Any, subject: int, holder: str) -> dict[str, Any]:
    with cast.as_(member):
        found = before_sharing(subject=subject, recipient=cast.teams[holder].pk)
        return {str(each.category): each for each in found}


def test_what_a_parent_agreed_is_allowed_with_who_and_until_when(cast: Any, home: Home) -> None:
    consents(
        cast, cast.yasmin, home, "moor-lane", ("education", "share"), ("health", "refuse"), ("plan", "ask")
    )
    said = answers(cast, cast.yasmin, home.kofi.pk, "moor-lane")
    assert said["education"].verdict == Verdict.ALLOWED
    assert (said["education"].ground, said["education"].giver) == ("consent", "Efua")
    assert said["education"].until is not None
    assert (said["health"].verdict, said["health"].outcome) == (Verdict.NOT_ALLOWED, Outcome.REFUSED)
    assert (said["plan"].verdict, said["plan"].outcome) == (Verdict.ASK, Outcome.ASK_ME)
    assert (said["notes"].verdict, said["notes"].outcome) == (Verdict.ASK, Outcome.UNKNOWN)


def test_what_was_taken_back_is_not_allowed_from_that_moment(cast: Any, home: Home) -> None:
    basis = consents(cast, cast.yasmin, home, "moor-lane", ("education", "share"))
    with cast.as_(cast.yasmin) as me:
        withdraw_consent(by=me, basis=basis)
    said = answers(cast, cast.yasmin, home.kofi.pk, "moor-lane")["education"]
    assert (said.verdict, said.outcome, said.giver) == (Verdict.NOT_ALLOWED, Outcome.TAKEN_BACK, "Efua")


def test_what_ran_out_is_asked_again(cast: Any, home: Home) -> None:
    with cast.as_(cast.yasmin) as me:
        record_consent(
            by=me,
            team=me.team.team,
            subject=home.kofi.pk,
            given_by=home.efua.pk,
            capacity="parent",
            how="signed",
            valid_from=timezone.now() - dt.timedelta(days=90),
            valid_until=timezone.now() - dt.timedelta(days=3),
            cells=[Cell(home.kofi.pk, cast.teams["moor-lane"].pk, "education", "share")],
        )
    said = answers(cast, cast.yasmin, home.kofi.pk, "moor-lane")["education"]
    assert (said.verdict, said.outcome) == (Verdict.ASK, Outcome.RAN_OUT)


def test_another_teams_consent_is_told_in_generic_words(cast: Any, home: Home) -> None:
    with cast.as_(cast.nina) as me:
        involve(by=me, team=me.team.team, subject=home.kofi.pk)
    consents(cast, cast.nina, home, "moor-lane", ("education", "share"))
    said = answers(cast, cast.yasmin, home.kofi.pk, "moor-lane")["education"]
    assert (said.outcome, said.verdict) == (Outcome.ELSEWHERE, Verdict.ALLOWED)
    assert (said.ground, said.giver, said.basis, said.since, said.until) == ("", "", None, None, None)


@pytest.mark.parametrize("category", ["health", "substance", "justice", "safeguarding"])
def test_another_teams_basis_on_a_delicate_category_answers_as_nothing_does(
    cast: Any, home: Home, category: str
) -> None:
    nothing = answers(cast, cast.yasmin, home.kofi.pk, "moor-lane")[category]
    with cast.as_(cast.nina) as me:
        involve(by=me, team=me.team.team, subject=home.kofi.pk)
    consents(cast, cast.nina, home, "moor-lane", (category, "share"))
    assert answers(cast, cast.yasmin, home.kofi.pk, "moor-lane")[category] == nothing
    assert nothing.outcome == Outcome.UNKNOWN


def test_another_teams_refusal_answers_as_nothing_does(cast: Any, home: Home) -> None:
    nothing = answers(cast, cast.yasmin, home.kofi.pk, "moor-lane")
    with cast.as_(cast.nina) as me:
        involve(by=me, team=me.team.team, subject=home.kofi.pk)
    consents(cast, cast.nina, home, "moor-lane", ("education", "refuse"), ("plan", "ask"))
    assert answers(cast, cast.yasmin, home.kofi.pk, "moor-lane") == nothing


def test_a_sensitive_service_as_recipient_answers_as_nothing_does(cast: Any, home: Home) -> None:
    nothing = answers(cast, cast.yasmin, home.kofi.pk, "recovery")
    with cast.as_(cast.sam) as me:
        involve(by=me, team=me.team.team, subject=home.kofi.pk)
    consents(cast, cast.sam, home, "recovery", ("education", "share"), ("identity", "share"))
    assert answers(cast, cast.yasmin, home.kofi.pk, "recovery") == nothing
    assert {each.outcome for each in nothing.values()} == {Outcome.UNKNOWN}


def test_it_answers_nobody_who_neither_works_with_them_nor_may_see(cast: Any, home: Home) -> None:
    consents(cast, cast.yasmin, home, "moor-lane", ("education", "share"), ("plan", "refuse"))
    with cast.as_(cast.olive) as me:
        state_purpose(by=me, subject=home.kofi.pk, reason="Housing check")
    said = answers(cast, cast.olive, home.kofi.pk, "moor-lane")
    assert {each.outcome for each in said.values()} == {Outcome.UNKNOWN}


def test_it_answers_a_holder_for_the_categories_it_holds_alone(cast: Any, home: Home) -> None:
    consents(cast, cast.yasmin, home, "moor-lane", ("education", "share"), ("plan", "share"))
    with cast.as_(cast.nina) as me:
        involve(by=me, team=me.team.team, subject=home.kofi.pk)
    consents(cast, cast.nina, home, "housing", ("education", "share"))
    said = answers(cast, cast.olive, home.kofi.pk, "moor-lane")
    assert said["education"].outcome == Outcome.ELSEWHERE
    assert said["plan"].outcome == Outcome.UNKNOWN


def test_only_practitioners_may_ask(cast: Any, home: Home) -> None:
    from teamaround.database.actor import ANONYMOUS, acting_as

    with acting_as(ANONYMOUS), pytest.raises(ProgrammingError), transaction.atomic():
        before_sharing(subject=home.kofi.pk, recipient=cast.teams["moor-lane"].pk)


def test_safeguarding_allows_what_consent_refused(cast: Any, home: Home) -> None:
    consents(cast, cast.yasmin, home, "moor-lane", ("safeguarding", "refuse"))
    with cast.as_(cast.yasmin) as me:
        record_basis(
            by=me,
            team=me.team.team,
            kind="safeguarding",
            subject=home.kofi.pk,
            reason="Bruises seen twice.",
            review_on=timezone.localdate() + dt.timedelta(days=30),
            cells=[Cell(home.kofi.pk, cast.teams["moor-lane"].pk, "safeguarding", "share")],
        )
    said = answers(cast, cast.yasmin, home.kofi.pk, "moor-lane")["safeguarding"]
    assert (said.verdict, said.ground, said.giver) == (Verdict.ALLOWED, "safeguarding", "")


def test_two_parents_who_disagree_are_asked_again(cast: Any, home: Home) -> None:
    consents(cast, cast.yasmin, home, "moor-lane", ("education", "share"))
    with cast.as_(cast.yasmin) as me:
        kwame = add_person(by=me, team=me.team.team, given="Kwame", family_name="Osei")
        add_member(by=me, team=me.team.team, family=home.family.pk, person=kwame.pk, role="parent")
    with cast.as_(cast.nina) as me:
        involve(by=me, team=me.team.team, subject=home.kofi.pk)
        record_consent(
            by=me,
            team=me.team.team,
            subject=home.kofi.pk,
            given_by=kwame.pk,
            capacity="parent",
            how="signed",
            valid_until=timezone.now() + dt.timedelta(days=90),
            cells=[Cell(home.kofi.pk, cast.teams["moor-lane"].pk, "education", "refuse")],
        )
    said = answers(cast, cast.yasmin, home.kofi.pk, "moor-lane")["education"]
    assert (said.verdict, said.outcome) == (Verdict.ASK, Outcome.NOT_NOW)


def test_whereabouts_are_never_allowed_to_those_a_shield_binds(cast: Any, home: Home) -> None:
    consents(cast, cast.yasmin, home, "moor-lane", ("identity", "share"), ("plan", "share"))
    with cast.as_(cast.yasmin) as me:
        put_up_shield(
            by=me,
            team=me.team.team,
            subject=home.kofi.pk,
            level="whereabouts",
            reason="A violent relative looks for them.",
            review_on=timezone.localdate() + dt.timedelta(days=30),
            holders=[],
        )
    said = answers(cast, cast.yasmin, home.kofi.pk, "moor-lane")
    assert (said["identity"].verdict, said["identity"].outcome) == (Verdict.NOT_ALLOWED, Outcome.SHIELDED)
    assert said["plan"].verdict == Verdict.ALLOWED


def decide(cast: Any, home: Home, **more: Any) -> SharingDecision:
    with cast.as_(cast.yasmin) as me:
        school = cast.teams["moor-lane"].pk
        return record_decision(
            by=me,
            team=me.team.team,
            subject=home.kofi.pk,
            **{
                "decided": "shared",
                "recipient": SharedWith(school),
                "categories": ["education"],
                "said": before_sharing(subject=home.kofi.pk, recipient=school),
                "reason": "He is late on Wednesdays.",
                "told_family": True,
                **more,
            },
        )


def test_a_decision_keeps_the_basis_it_rests_on_and_stands_in_the_chronology(cast: Any, home: Home) -> None:
    basis = consents(cast, cast.yasmin, home, "moor-lane", ("education", "share"))
    row = decide(cast, home)
    with cast.as_(cast.yasmin):
        line = DecisionLine.objects.get(decision=row)
        assert (line.shared_category, line.basis_id, row.relied_on) == ("education", basis.pk, "consent")
        assert Event.objects.filter(kind="sharing.decided", subject_id=home.kofi.pk).count() == 1


def test_what_nothing_allows_is_shared_for_a_risk_of_harm_alone(cast: Any, home: Home) -> None:
    with pytest.raises(BasisRefused) as refused:
        decide(cast, home)
    assert refused.value.field == "categories"
    assert decide(cast, home, relied_on="safeguarding").relied_on == "safeguarding"
    with pytest.raises(BasisRefused):
        decide(cast, home, relied_on="duty")


def test_a_decision_not_to_share_rests_on_nothing_and_has_its_reason(cast: Any, home: Home) -> None:
    row = decide(cast, home, decided="not_shared", reason="Efua wants to tell them herself.")
    assert (row.decided, row.relied_on) == ("not_shared", "none")
    with pytest.raises(BasisRefused):
        decide(cast, home, decided="not_shared", reason=" ")


def test_a_family_that_was_not_told_has_its_reason_why(cast: Any, home: Home) -> None:
    with pytest.raises(BasisRefused) as refused:
        decide(cast, home, relied_on="safeguarding", told_family=False)
    assert refused.value.field == "why_not_told"
    told = decide(cast, home, relied_on="safeguarding", told_family=False, why_not_told="It would add risk.")
    assert told.why_not_told == "It would add risk."


def test_a_decision_is_read_by_the_team_that_made_it_alone(cast: Any, home: Home) -> None:
    consents(cast, cast.yasmin, home, "moor-lane", ("education", "share"), ("identity", "share"))
    decide(cast, home)
    for member in (cast.tom, cast.nina, cast.sam, cast.olive, cast.greta, cast.admin):
        with cast.as_(member):
            assert not SharingDecision.objects.exists()
            assert not DecisionLine.objects.exists()
    with cast.as_(cast.yusuf):
        assert SharingDecision.objects.count() == 1


def test_a_decision_is_never_changed_or_removed(cast: Any, home: Home) -> None:
    row = decide(cast, home, relied_on="safeguarding")
    for change in (
        lambda: SharingDecision.objects.filter(pk=row.pk).update(reason="Other"),
        lambda: SharingDecision.objects.filter(pk=row.pk).delete(),
        lambda: DecisionLine.objects.filter(decision=row).update(shared_category="health"),
    ):
        with pytest.raises(DatabaseError), cast.as_(cast.yasmin):
            change()


def test_a_team_that_only_stated_a_purpose_records_no_decision(cast: Any, home: Home) -> None:
    with pytest.raises(DatabaseError), cast.as_(cast.olive) as me:
        state_purpose(by=me, subject=home.kofi.pk, reason="Housing check")
        SharingDecision.objects.create(
            subject_id=home.kofi.pk,
            author_team_id=me.team.team,
            decided="not_shared",
            recipient_words="A cousin",
            reason="None of theirs.",
            relied_on="none",
            told_family=True,
            decided_on=timezone.localdate(),
        )


def test_a_second_click_records_no_second_decision(cast: Any, home: Home) -> None:
    import uuid

    token = uuid.uuid4()
    first, second = (decide(cast, home, relied_on="vital", token=token) for _click in range(2))
    assert first.pk == second.pk


# Through the page


def url(home: Home, to: str = "", name: str = "before") -> str:
    return reverse(f"sharing:{name}", args=[home.kofi.uuid]) + (f"?to={to}" if to else "")


def test_the_page_answers_at_once_where_one_other_team_works_with_the_child(cast: Any, home: Home) -> None:
    consents(cast, cast.yasmin, home, "moor-lane", ("education", "share"))
    text = cast.yasmin.client().get(url(home)).content.decode()
    assert "What Moor Lane School: Pastoral team may know about Kofi" in text
    assert "Efua agreed on" in text
    assert "1 allowed" in text


def test_a_kind_of_agency_is_answered_by_the_one_team_that_works_with_them(cast: Any, home: Home) -> None:
    client = cast.yasmin.client()
    assert (
        "is the one of that kind that works with Kofi"
        in client.get(url(home, "kind-school")).content.decode()
    )
    text = client.get(url(home, "kind-housing")).content.decode()
    assert "Housing: which one?" in text
    assert "?to=housing" in text


def test_somebody_outside_is_always_asked_about_first(cast: Any, home: Home) -> None:
    page = cast.yasmin.client().get(url(home, "outside"))
    assert {row.tag.text for row in page.context["rows"]} == {"Ask first"}
    assert "Ask Efua" in page.content.decode()


def test_a_sensitive_service_is_not_offered_to_those_who_may_not_know(cast: Any, home: Home) -> None:
    with cast.as_(cast.sam) as me:
        involve(by=me, team=me.team.team, subject=home.kofi.pk)
    assert "Recovery" not in cast.yasmin.client().get(url(home)).content.decode()
    page = cast.yasmin.client().get(url(home, "recovery"))
    assert "rows" not in page.context


def test_a_passer_by_reads_no_answer_and_records_no_decision(cast: Any, home: Home) -> None:
    consents(cast, cast.yasmin, home, "moor-lane", ("education", "share"))
    with cast.as_(cast.olive) as me:
        state_purpose(by=me, subject=home.kofi.pk, reason="Housing check")
    page = cast.olive.client().get(url(home, "moor-lane"))
    text = page.content.decode()
    assert {row.tag.text for row in page.context["rows"]} == {"Ask first"}
    assert "Ask the lead practitioner, Yasmin Okoro" in text
    assert "Record what I shared" not in text
    assert cast.olive.client().post(url(home, "moor-lane"), sent()).status_code == 200
    with cast.as_(cast.olive):
        assert not SharingDecision.objects.exists()


def sent(**more: Any) -> dict[str, Any]:
    import uuid

    return {
        "token": str(uuid.uuid4()),
        "categories": ["education"],
        "reason": "He is late on Wednesdays.",
        "relied_on": "recorded",
        "told_family": "yes",
        "decided_on": timezone.localdate().isoformat(),
        "decided": "shared",
        **more,
    }


def test_the_decision_is_recorded_on_the_same_page_and_read_back(cast: Any, home: Home) -> None:
    consents(cast, cast.yasmin, home, "moor-lane", ("education", "share"))
    client = cast.yasmin.client()
    answer = client.post(url(home, "moor-lane"), sent())
    assert answer.status_code == 302
    text = client.get(answer.url).content.decode()
    for words in ("Moor Lane School: Pastoral team", "School and learning", "He is late on Wednesdays."):
        assert words in text
    answer = client.post(url(home, "outside"), sent(decided="not_shared", recipient_words="Football club"))
    assert "Football club" in client.get(answer.url).content.decode()


def test_what_nothing_allows_is_refused_beside_the_table_and_nothing_typed_is_lost(
    cast: Any, home: Home
) -> None:
    page = cast.yasmin.client().post(url(home, "moor-lane"), sent(categories=["money"]))
    text = page.content.decode()
    assert page.status_code == 422
    assert "Nothing recorded lets you share this: Home and money." in text
    assert "He is late on Wednesdays." in text
    assert [row.label for row in page.context["rows"] if row.ticked] == ["Home and money"]


def test_the_seven_rules_stand_beside_the_form(cast: Any, home: Home) -> None:
    rules = golden_rules(timezone.localdate())
    assert len(rules) == 7
    text = cast.yasmin.client().get(url(home)).content.decode()
    assert all(str(rule.title) in text for rule in rules)


def test_the_page_of_somebody_unseen_is_not_there(cast: Any, home: Home) -> None:
    for name in ("before", "decisions", "hidden"):
        assert cast.olive.client().get(url(home, name=name)).status_code == 404
    assert cast.yasmin.client().get(reverse("sharing:before", args=[home.family.uuid])).status_code == 200


def test_the_page_takes_at_most_fifteen_queries(cast: Any, home: Home) -> None:
    consents(cast, cast.yasmin, home, "moor-lane", ("education", "share"), ("plan", "refuse"))
    client = cast.yasmin.client()
    client.get(url(home))
    for address in (url(home, "moor-lane"), url(home, name="decisions"), url(home, name="hidden")):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 15, "\n".join(each["sql"][:150] for each in queries)
