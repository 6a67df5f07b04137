"""A case goes on with another team: what goes along, whose the lead is, who knows of it, and how mistakes are put right."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.utils import Error
from django.utils import timezone

from harness.cases import with_procedures
from teamaround.access.edits import StaleEdit
from teamaround.agencies.models import Membership, Team
from teamaround.database.actor import SET_UP, acting_as
from teamaround.events.models import Event
from teamaround.index.models import Involvement
from teamaround.people.actions import add_person
from teamaround.plans import actions as plans
from teamaround.plans.closing_gaps import gaps_of
from teamaround.plans.models import Closing, Plan
from teamaround.procedures import actions as procedures
from teamaround.procedures.links import goes_on, waits_for_lead
from teamaround.procedures.models import Allocation, Clock, Episode, EpisodeLink
from teamaround.procedures.moving_on import UNDO_DAYS
from teamaround.referrals import actions, moving_on
from teamaround.referrals.models import Referral, ReferralStep
from teamaround.sharing.actions import Cell, record_consent, withdraw_consent
from teamaround.sharing.models import Basis, SharingDecision
from teamaround.tasks.actions import Owner


@pytest.fixture
def kofi(cast: Any) -> Any:
    """Kofi’s case: referred by his school, worked by Yasmin; Nina’s team takes referrals under another procedure."""
    with_procedures(cast)
    with acting_as(SET_UP), transaction.atomic():
        for slug in ("school-nursing", "recovery"):
            Team.objects.filter(slug=slug).update(takes_referrals=True, procedure_slug="croydon-young-carers")
        for member in (cast.nina, cast.sam):
            member.team.refresh_from_db()
        Membership.objects.create(practitioner=cast.nina.practitioner, team=cast.nina.team, role="manager")
        Membership.objects.create(practitioner=cast.sam.practitioner, team=cast.sam.team, role="manager")
    with cast.as_(cast.tom) as me:
        child = add_person(
            by=me,
            team=cast.tom.team.pk,
            given="Kofi",
            family_name="Osei",
            date_of_birth=dt.date(2014, 3, 2),
            postcode="SK1 3XE",
        )
        actions.send(
            by=me,
            team=cast.tom.team.pk,
            receiving_team=cast.yasmin.team,
            child=child.pk,
            intake=actions.Intake(
                given="Kofi",
                family_name="Osei",
                worries="He is late most days.",
                postcode="SK1 3XE",
                school="Moor Lane",
                cares=True,
                cares_for="Mum",
            ),
            form_token=uuid.uuid4(),
        )
    with cast.as_(cast.morgan) as me:
        referral = Referral.objects.select_related("episode").get()
        actions.accept(
            by=me,
            referral=referral,
            version=referral.episode.version,
            practitioner=cast.yasmin.practitioner.pk,
        )
    return Kofi(cast, child.pk, referral.episode_id)


class Kofi:
    def __init__(self, cast: Any, child: int, episode: int) -> None:
        self.cast, self.child, self.number = cast, child, episode

    @property
    def case(self) -> Episode:
        return Episode.objects.get(pk=self.number)

    def agrees(self, *categories: str) -> None:
        """The family agrees that Nina’s team may see these."""
        cast = self.cast
        with cast.as_(cast.yasmin) as me:
            mum = add_person(by=me, team=cast.yasmin.team.pk, given="Efua", family_name="Osei")
            record_consent(
                by=me,
                team=cast.yasmin.team.pk,
                subject=self.child,
                given_by=mum.pk,
                capacity="parent",
                how="signed",
                valid_until=timezone.now() + dt.timedelta(days=90),
                cells=[Cell(self.child, cast.nina.team.pk, each, "share") for each in categories],
            )

    def steps_down(self, *, lead: bool = True, to: Any = None, **more: Any) -> Referral:
        cast = self.cast
        with cast.as_(cast.yasmin) as me:
            return moving_on.move_on(
                by=me,
                episode=self.case,
                kind=more.pop("kind", "step_down"),
                receiving_team=(to or cast.nina).team,
                asking=moving_on.Asking(reason="He is in school again.", lead=lead, **more),
                form_token=uuid.uuid4(),
            )

    def answered(self, referral: Referral, *, accepts: bool, by: Any = None) -> None:
        cast = self.cast
        with cast.as_(by or cast.nina) as me:
            row = Referral.objects.select_related("episode").get(pk=referral.pk)
            if accepts:
                actions.accept(by=me, referral=row, version=row.episode.version)
            else:
                actions.decline(by=me, referral=row, version=row.episode.version, reason="No room")

    def gates_passed(self) -> None:
        with self.cast.as_(self.cast.yasmin) as me:
            for gate in procedures.standing(self.case).missing_gates:
                procedures.happened(by=me, episode=self.case, kind=gate.event, subjects=[self.child])

    def says_what_comes_after(self, lead: Owner | None = None) -> None:
        with self.cast.as_(self.cast.yasmin) as me:
            closing = Closing.objects.filter(episode=self.number).first()
            plans.record_stepdown(
                by=me,
                episode=self.case,
                version=closing.version if closing else 0,
                lead=lead or Owner(words="Nan"),
                agreed_on=timezone.localdate(),
                who_stays="School",
                no_follow_up="They asked us not to.",
                exit_strategy="They ring Nan.",
                future_contact="By telephone.",
            )

    def closed(self) -> None:
        self.gates_passed()
        self.says_what_comes_after()
        with self.cast.as_(self.cast.yasmin) as me:
            plans.close_case(by=me, episode=self.case, version=self.case.version, outcome="Support ended.")

    def lead(self) -> int | None:
        with self.cast.as_(self.cast.yasmin):
            rows = Involvement.objects.filter(subject_id=self.child, role="lead", until=None)
            return rows.values_list("author_team_id", flat=True).first()


def test_what_nobody_agreed_to_does_not_go_along(kofi: Kofi) -> None:
    referral = kofi.steps_down()
    with kofi.cast.as_(kofi.cast.nina):
        row = Referral.objects.get(pk=referral.pk)
        assert (row.child, row.worries) == ("Kofi Osei", "He is in school again.")
        assert (row.lives.postcode, row.lives.school, row.cares, row.cares_for) == ("", "", None, "")
        assert (row.moves, row.asks_to_lead) == ("step_down", True)
    with kofi.cast.as_(kofi.cast.yasmin):
        assert not SharingDecision.objects.exists()


def test_what_the_family_agreed_to_goes_along_and_nothing_else(kofi: Kofi) -> None:
    kofi.agrees("referral", "education")
    referral = kofi.steps_down()
    with kofi.cast.as_(kofi.cast.nina):
        row = Referral.objects.get(pk=referral.pk)
        assert row.worries == "He is in school again.\n\nWhen the case began:\nHe is late most days."
        assert (row.cares, row.cares_for, row.lives.school) == (True, "Mum", "Moor Lane")
        assert (row.lives.postcode, row.lives.address) == ("", "")
    with kofi.cast.as_(kofi.cast.yasmin):
        told = SharingDecision.objects.get()
        assert {line.shared_category for line in told.lines.all()} == {"referral", "education"}


def test_an_agreement_that_was_taken_back_carries_nothing(kofi: Kofi) -> None:
    kofi.agrees("referral")
    with kofi.cast.as_(kofi.cast.yasmin) as me:
        withdraw_consent(by=me, basis=Basis.objects.get())
    referral = kofi.steps_down()
    with kofi.cast.as_(kofi.cast.nina):
        assert "late" not in Referral.objects.get(pk=referral.pk).worries


def test_the_old_lead_stays_until_the_other_team_accepts(kofi: Kofi) -> None:
    cast = kofi.cast
    referral = kofi.steps_down()
    assert kofi.lead() == cast.yasmin.team.pk
    kofi.gates_passed()
    with (
        cast.as_(cast.yasmin) as me,
        pytest.raises(procedures.EpisodeRefused, match="still to accept the lead"),
    ):
        procedures.close(by=me, episode=kofi.case, version=kofi.case.version)
    kofi.answered(referral, accepts=True)
    assert kofi.lead() == cast.nina.team.pk
    with cast.as_(cast.yasmin) as me:
        assert waits_for_lead(kofi.case) is None
        procedures.close(by=me, episode=kofi.case, version=kofi.case.version)
    with cast.as_(cast.nina):
        assert Involvement.objects.get(role="lead", until=None).author_team_id == cast.nina.team.pk


def test_a_referral_without_the_lead_leaves_it_where_it_is(kofi: Kofi) -> None:
    kofi.answered(kofi.steps_down(lead=False), accepts=True)
    assert kofi.lead() == kofi.cast.yasmin.team.pk
    kofi.closed()


def test_a_declined_step_down_leaves_the_lead_and_lets_another_be_found(kofi: Kofi) -> None:
    kofi.answered(kofi.steps_down(), accepts=False)
    assert kofi.lead() == kofi.cast.yasmin.team.pk
    kofi.steps_down(lead=False)
    with kofi.cast.as_(kofi.cast.yasmin):
        assert [(each.kind, each.episode.status) for each in goes_on(kofi.case)] == [
            ("step_down", "waiting"),
            ("step_down", "declined"),
        ]


def test_a_case_is_not_closed_onto_a_lead_that_did_not_accept(kofi: Kofi) -> None:
    cast = kofi.cast
    kofi.gates_passed()
    kofi.answered(kofi.steps_down(), accepts=False)
    for lead, closes in ((Owner(team=cast.nina.team.pk), False), (Owner(words="Nan"), True)):
        kofi.says_what_comes_after(lead)
        with cast.as_(cast.yasmin) as me:
            missing = [str(gap.label) for gap in gaps_of(kofi.case, Closing.objects.get()) if gap.missing]
            if closes:
                assert missing == []
                continue
            assert missing == ["School nursing did not accept to lead: somebody else is named"]
            with pytest.raises(procedures.EpisodeRefused, match="did not accept to lead"):
                plans.close_case(by=me, episode=kofi.case, version=kofi.case.version)
    with cast.as_(cast.yasmin) as me:
        plans.close_case(by=me, episode=kofi.case, version=kofi.case.version)


def test_the_same_form_or_the_same_team_is_asked_once(kofi: Kofi) -> None:
    cast, token = kofi.cast, uuid.uuid4()
    with cast.as_(cast.yasmin) as me:
        asking = moving_on.Asking(reason="He needs more.")
        asked = {
            "by": me,
            "episode": kofi.case,
            "kind": "step_up",
            "receiving_team": cast.nina.team,
            "asking": asking,
        }
        with pytest.raises(actions.ReferralRefused, match="Say why"):
            moving_on.move_on(form_token=token, **asked | {"asking": moving_on.Asking(reason=" ")})
        first = moving_on.move_on(form_token=token, **asked)
        assert moving_on.move_on(form_token=token, **asked).pk == first.pk
        with pytest.raises(actions.ReferralRefused, match="already"):
            moving_on.move_on(form_token=uuid.uuid4(), **asked)
        with pytest.raises(actions.ReferralRefused, match="another team"):
            moving_on.move_on(form_token=uuid.uuid4(), **asked | {"receiving_team": cast.yasmin.team})


def test_only_who_sees_both_cases_is_told_that_one_goes_on_in_the_other(kofi: Kofi) -> None:
    cast = kofi.cast
    referral = kofi.steps_down()
    for member, seen in ((cast.yasmin, 1), (cast.nina, 0), (cast.tom, 0), (cast.olive, 0), (cast.sam, 0)):
        with cast.as_(member):
            assert EpisodeLink.objects.count() == seen
    kofi.agrees("referral")
    with cast.as_(cast.nina):
        assert EpisodeLink.objects.get().episode_id == referral.episode_id


def test_nobody_links_to_a_case_that_is_not_theirs(kofi: Kofi) -> None:
    cast = kofi.cast
    kofi.agrees("referral")
    with cast.as_(cast.nina) as me:
        with pytest.raises(PermissionDenied):
            moving_on.move_on(
                by=me,
                episode=kofi.case,
                kind="transfer",
                receiving_team=cast.nina.team,
                asking=moving_on.Asking(reason="We take it.", lead=True),
                form_token=uuid.uuid4(),
            )
        waits = procedures.receive(
            by=me, team=cast.nina.team.pk, receiving_team=cast.nina.team, child=kofi.child
        )
        for author in (cast.nina.team.pk, cast.yasmin.team.pk):
            with pytest.raises(Error), transaction.atomic():
                EpisodeLink.objects.create(
                    subject_id=kofi.child,
                    category="referral",
                    author_team_id=author,
                    episode=waits,
                    from_episode=kofi.case,
                    kind="transfer",
                    lead=True,
                    reason="We take it.",
                    occurrence=uuid.uuid4(),
                )
        procedures.accept(by=me, episode=waits, version=waits.version)
    assert kofi.lead() == cast.yasmin.team.pk


def test_a_closed_case_is_reopened_by_its_own_team_with_all_that_was_written(kofi: Kofi) -> None:
    cast = kofi.cast
    kofi.closed()
    asking = moving_on.Asking(reason="Mum rang: he stays at home again.")
    for member in (cast.tom, cast.nina):
        with cast.as_(member) as me, pytest.raises((PermissionDenied, Episode.DoesNotExist)):
            moving_on.move_on(
                by=me,
                episode=Episode(pk=kofi.number, author_team_id=cast.yasmin.team.pk),
                kind="reopen",
                receiving_team=cast.yasmin.team,
                asking=asking,
                form_token=uuid.uuid4(),
            )
    with cast.as_(cast.yasmin) as me:
        wanted = {"by": me, "episode": kofi.case, "kind": "reopen", "asking": asking}
        with pytest.raises(actions.ReferralRefused, match="Only the team"):
            moving_on.move_on(receiving_team=cast.nina.team, form_token=uuid.uuid4(), **wanted)
        row = moving_on.move_on(receiving_team=cast.yasmin.team, form_token=uuid.uuid4(), **wanted)
        assert (row.given, row.cares_for, row.lives.postcode) == ("Kofi", "Mum", "SK1 3XE")
        assert "He is late most days." in row.worries
        assert kofi.case.status == "closed"
        assert goes_on(kofi.case)[0].kind == "reopen"
        with pytest.raises(actions.ReferralRefused, match="already"):
            moving_on.move_on(receiving_team=cast.yasmin.team, form_token=uuid.uuid4(), **wanted)


def test_a_referral_sent_by_mistake_is_taken_back_while_nobody_has_answered(kofi: Kofi) -> None:
    cast = kofi.cast
    referral = kofi.steps_down()
    with cast.as_(cast.tom) as me, pytest.raises((PermissionDenied, Error)):
        moving_on.withdraw(by=me, referral=referral, reason="Not theirs")
    with cast.as_(cast.yasmin) as me:
        moving_on.withdraw(by=me, referral=Referral.objects.get(pk=referral.pk), reason="The wrong team")
        assert waits_for_lead(kofi.case) is None
    with cast.as_(cast.nina):
        episode = Episode.objects.get(pk=referral.episode_id)
        assert episode.status == "reversed"
        assert not Clock.objects.filter(episode=episode, stopped_at=None).exists()
        assert not procedures.standing(episode).open_clocks
        kinds = list(Event.objects.filter(episode=episode.pk).order_by("id").values_list("kind", flat=True))
        assert kinds == ["referral.received", "referral.withdrawn"]
        assert ReferralStep.objects.filter(referral=referral).latest("id").words == "The wrong team"
    answered = kofi.steps_down()
    kofi.answered(answered, accepts=True)
    with cast.as_(cast.yasmin) as me, pytest.raises(procedures.EpisodeRefused, match="answered already"):
        moving_on.withdraw(by=me, referral=Referral.objects.get(pk=answered.pk), reason="Too late")


def test_an_acceptance_by_mistake_is_taken_back_and_the_lead_goes_back_too(kofi: Kofi) -> None:
    cast = kofi.cast
    referral = kofi.steps_down()
    kofi.answered(referral, accepts=True)
    with cast.as_(cast.nina) as me:
        episode = Episode.objects.get(pk=referral.episode_id)
        seen = episode.version
        moving_on.take_back_answer(by=me, episode=episode, version=seen, reason="Another child was meant.")
        assert (episode.status, procedures.standing(episode).ended_at) == ("waiting", None)
        accepted = Event.objects.filter(episode=episode.pk, kind="referral.accepted").order_by("id")
        assert [row.voids for row in accepted] == [False, True]
        with pytest.raises((StaleEdit, procedures.EpisodeRefused)):
            moving_on.take_back_answer(by=me, episode=episode, version=seen, reason="Again")
    assert kofi.lead() == cast.yasmin.team.pk
    with cast.as_(cast.yasmin) as me, pytest.raises(procedures.EpisodeRefused, match="still to accept"):
        kofi.gates_passed()
        procedures.close(by=me, episode=kofi.case, version=kofi.case.version)


def test_an_acceptance_is_not_taken_back_once_somebody_worked_in_the_case(kofi: Kofi) -> None:
    with kofi.cast.as_(kofi.cast.morgan) as me:
        procedures.happened(by=me, episode=kofi.case, kind="visit.made", subjects=[kofi.child])
        with pytest.raises(procedures.EpisodeRefused, match="Close it instead"):
            moving_on.take_back_answer(by=me, episode=kofi.case, version=kofi.case.version, reason="Mistake")


def test_a_decline_by_mistake_is_taken_back_and_the_clocks_run_again(kofi: Kofi) -> None:
    referral = kofi.steps_down()
    kofi.answered(referral, accepts=False)
    with kofi.cast.as_(kofi.cast.nina) as me:
        episode = Episode.objects.get(pk=referral.episode_id)
        assert not Clock.objects.filter(episode=episode, stopped_at=None).exists()
        moving_on.take_back_answer(by=me, episode=episode, version=episode.version, reason="The wrong file.")
        assert Clock.objects.filter(episode=episode, stopped_at=None).exists()
    kofi.answered(referral, accepts=True)


def test_a_worker_named_by_mistake_gives_the_case_back_to_who_had_it(kofi: Kofi) -> None:
    cast = kofi.cast
    with cast.as_(cast.morgan) as me:
        procedures.allocate(by=me, episode=kofi.case, practitioner=cast.yusuf.practitioner.pk)
        restored = moving_on.take_back_allocation(
            by=me, episode=kofi.case, version=kofi.case.version, reason="Another Yusuf."
        )
        assert restored is not None
        assert restored.practitioner_id == cast.yasmin.practitioner.pk
        lead = Involvement.objects.get(subject_id=kofi.child, author_team_id=cast.morgan.team.pk)
        assert (lead.role, lead.practitioner_id) == ("lead", cast.yasmin.practitioner.pk)
        assert set(
            Clock.objects.filter(episode=kofi.number).exclude(owner=None).values_list("owner", flat=True)
        ) == {cast.yasmin.practitioner.pk}
    with cast.as_(cast.yasmin) as me, pytest.raises(PermissionDenied):
        moving_on.take_back_allocation(
            by=me, episode=kofi.case, version=kofi.case.version, reason="I want it."
        )


def test_with_nobody_before_the_case_waits_for_a_worker_again(kofi: Kofi) -> None:
    with kofi.cast.as_(kofi.cast.morgan) as me:
        done = moving_on.take_back_allocation(
            by=me, episode=kofi.case, version=kofi.case.version, reason="Mistake"
        )
        assert done is None
        assert Clock.objects.filter(episode=kofi.number, stopped_at=None, link="allocate").exists()
        assert not Allocation.objects.filter(episode=kofi.number, until=None).exists()


def test_a_case_closed_by_mistake_is_as_it_was_and_both_facts_stay(kofi: Kofi) -> None:
    cast = kofi.cast
    with cast.as_(cast.yasmin) as me:
        plan = plans.start_plan(by=me, episode=kofi.case)
        goal = plans.add_goal(
            by=me, plan=plan, subject=kofi.child, words="Football", why="Joy", measure="Weekly"
        )
        assert goal.pk
    kofi.closed()
    assert kofi.lead() is None
    with cast.as_(cast.tom) as me, pytest.raises(PermissionDenied):
        moving_on.take_back_closure(by=me, episode=kofi.case, version=kofi.case.version, reason="Not ours")
    with cast.as_(cast.yasmin) as me:
        before = kofi.case
        moving_on.take_back_closure(by=me, episode=before, version=before.version, reason="The wrong child.")
        assert (kofi.case.status, kofi.case.closed_at, kofi.case.outcome_for_referrer) == ("open", None, "")
        closed = Event.objects.filter(episode=kofi.number, kind="episode.closed", subject_id=kofi.child)
        assert [row.voids for row in closed.order_by("id")] == [False, True]
        assert Plan.objects.get(pk=plan.pk).is_live
        assert (
            Allocation.objects.get(episode=kofi.number, until=None).practitioner_id
            == cast.yasmin.practitioner.pk
        )
        running = procedures.standing(kofi.case)
        assert running.ended_at is None
        assert running.open_clocks
    assert kofi.lead() == cast.yasmin.team.pk
    with cast.as_(cast.tom):
        step = ReferralStep.objects.filter(kind="put_right").get()
        assert "wrong child" not in step.words


def test_a_closure_long_ago_is_no_mistake_but_a_new_beginning(kofi: Kofi) -> None:
    kofi.closed()
    with kofi.cast.as_(kofi.cast.yasmin) as me:
        long_ago = timezone.now() - dt.timedelta(days=UNDO_DAYS + 1)
        Episode.objects.filter(pk=kofi.number).update(closed_at=long_ago)
        with pytest.raises(procedures.EpisodeRefused, match="Re-open the case"):
            moving_on.take_back_closure(by=me, episode=kofi.case, version=kofi.case.version, reason="Mistake")


def test_a_closing_is_no_mistake_any_more_once_the_case_was_reopened(kofi: Kofi) -> None:
    kofi.closed()
    with kofi.cast.as_(kofi.cast.yasmin) as me:
        case = kofi.case
        moving_on.move_on(
            by=me,
            episode=case,
            kind="reopen",
            receiving_team=kofi.cast.yasmin.team,
            asking=moving_on.Asking(reason="He stays at home again."),
            form_token=uuid.uuid4(),
        )
        with pytest.raises(procedures.EpisodeRefused, match="re-opened with a new referral"):
            moving_on.take_back_closure(by=me, episode=kofi.case, version=kofi.case.version, reason="Oops")


def test_a_lead_asked_for_by_mistake_holds_up_no_closing(kofi: Kofi) -> None:
    kofi.gates_passed()
    kofi.says_what_comes_after()
    sent = kofi.steps_down()
    with kofi.cast.as_(kofi.cast.yasmin) as me:
        closing = Closing.objects.get()
        assert [gap.waits for gap in gaps_of(kofi.case, closing) if gap.missing] == [True]
        moving_on.withdraw(by=me, referral=Referral.objects.get(pk=sent.pk), reason="The wrong team.")
        assert [gap for gap in gaps_of(kofi.case, closing) if gap.missing] == []
