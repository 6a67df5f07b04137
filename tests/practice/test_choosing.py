"""A new procedure, a version withdrawn before it begins, what a team runs, and which of it a waiting case follows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from harness.cast import Member
from harness.practising import answers, page, publish, words_of
from teamaround.agencies.actions import change_team
from teamaround.agencies.models import Team
from teamaround.events.models import EventNote
from teamaround.people.actions import add_person
from teamaround.procedures import actions
from teamaround.procedures.acting import EpisodeRefused
from teamaround.procedures.beginning import begin_procedure
from teamaround.procedures.choosing import choose_procedures, follow
from teamaround.procedures.drafts import ChangeRefused, read_draft
from teamaround.procedures.format import shipped_slugs
from teamaround.procedures.models import Clock, Episode, ProcedureDraft, ProcedureVersion
from teamaround.procedures.publishing import withdraw
from teamaround.procedures.versions import current_version, names_in_force

SLUG = "stockport-families-first"
OTHER = "young-carers-needs-assessment"
TOMORROW = dt.timedelta(days=1)


def tomorrows_version(noor: Member) -> None:
    """Noor publishes a change that begins tomorrow."""
    noor.client().post(page("clock", SLUG, "review"), answers())
    assert publish(noor.client(), timezone.localdate() + TOMORROW).status_code == 302


@pytest.mark.parametrize("like", ["", *shipped_slugs()])
@pytest.mark.parametrize("name", ["Northmoor’s own", 'Care: "ours" # and yours', "No"])
def test_a_new_procedure_begins_as_a_draft_that_can_be_used(
    cast: Any, noor: Member, like: str, name: str
) -> None:
    with cast.as_(noor) as me:
        draft = begin_procedure(by=me, name=name, like=like)
        procedure, problems = read_draft(draft.slug, draft.text)
        assert procedure is not None, problems
        assert procedure.name == name
        assert draft.slug not in names_in_force()


def test_a_name_that_is_taken_or_gives_no_address_is_refused(cast: Any, noor: Member) -> None:
    with cast.as_(noor) as me:
        for wrong in ("Stockport Families First", "new", "Teams", "!!!", "12"):
            with pytest.raises(ChangeRefused), transaction.atomic():
                begin_procedure(by=me, name=wrong)
        begin_procedure(by=me, name="Ours")
        with pytest.raises(ChangeRefused, match="waiting already"), transaction.atomic():
            begin_procedure(by=me, name="Ours")
    with cast.as_(cast.morgan) as me, pytest.raises(ChangeRefused):
        begin_procedure(by=me, name="Mine")


def test_a_procedure_is_begun_published_chosen_and_followed(cast: Any, noor: Member) -> None:
    officer, manager = noor.client(), cast.morgan.client()
    assert "A blank" in words_of(officer.get(reverse("practice:new")))
    begun = officer.post(reverse("practice:new"), {"name": "Northmoor carers", "like": ""})
    assert begun.url == page("change", "northmoor-carers")
    assert "New: a draft alone" in words_of(officer.get(begun.url))
    assert "Northmoor carers" in words_of(officer.get(reverse("practice:list")))
    assert "Northmoor carers" not in words_of(manager.get(reverse("practice:list")))
    assert cast.morgan.client().get(begun.url).status_code == 403
    assert officer.get(page("what_if", "northmoor-carers")).url == page("publish", "northmoor-carers")
    assert publish(officer, slug="northmoor-carers").status_code == 302
    with cast.as_(noor):
        assert current_version("northmoor-carers").published_by_id == noor.practitioner.pk

    address = reverse("practice:team", args=[cast.yasmin.team.slug])
    assert "Northmoor carers" in words_of(manager.get(address))
    typed = {
        "version": manager.get(address).context["form"]["version"].value(),
        "first": "northmoor-carers",
        "further": [OTHER],
        "senior_manager": str(cast.greta.practitioner.uuid),
    }
    assert manager.post(address, typed).status_code == 302
    with cast.as_(cast.tom) as me:
        team = Team.objects.get(pk=cast.yasmin.team.pk)
        assert (team.procedure_slug, team.further_procedures) == ("northmoor-carers", [OTHER])
        assert team.senior_manager_id == cast.greta.practitioner.pk
        child = add_person(by=me, team=cast.tom.team.pk, given="Kofi", family_name="Osei")
        sent = actions.receive(by=me, team=cast.tom.team.pk, receiving_team=team, child=child.pk)
        assert sent.procedure.slug == "northmoor-carers"

    case, choose = reverse("desk:case", args=[sent.uuid]), page("follow", str(sent.uuid))
    assert "Choose another procedure for this case" in words_of(manager.get(case))
    assert "Choose another procedure" not in words_of(cast.yasmin.client().get(case))
    assert cast.yasmin.client().get(choose).status_code == 403
    assert cast.olive.client().get(choose).status_code in (403, 404)
    version = manager.get(choose).context["form"]["version"].value()
    assert manager.post(choose, {"version": "77", "procedure": OTHER}).status_code == 409
    assert manager.post(choose, {"version": version, "procedure": SLUG}).status_code == 200
    assert manager.post(choose, {"version": version, "procedure": OTHER}).status_code == 302
    with cast.as_(cast.morgan) as me:
        episode = Episode.objects.select_related("procedure").get(pk=sent.pk)
        assert episode.procedure.slug == OTHER
        told = EventNote.objects.get(event__episode=episode.pk, event__kind="procedure.moved").text
        assert told.startswith("From Northmoor carers to ")
        assert "answer" not in set(Clock.objects.filter(episode=episode).values_list("key", flat=True))
        actions.accept(by=me, episode=episode, version=episode.version)
        with pytest.raises(EpisodeRefused, match="was answered"), transaction.atomic():
            follow(by=me, episode=episode, version=episode.version, slug="northmoor-carers")
    assert manager.get(choose).status_code == 404


def test_a_draft_of_a_new_procedure_is_thrown_away_and_its_name_is_free_again(
    cast: Any, noor: Member
) -> None:
    officer = noor.client()
    officer.post(reverse("practice:new"), {"name": "Ours", "like": SLUG})
    assert officer.post(page("discard", "ours"), {"version": "1"}).url == reverse("practice:list")
    assert officer.get(page("change", "ours")).status_code == 404
    assert "Ours" not in words_of(officer.get(reverse("practice:list")))
    assert officer.post(reverse("practice:new"), {"name": "Ours", "like": ""}).status_code == 302
    assert officer.get(page("change", "ours")).status_code == 200


def test_the_name_of_a_procedure_that_never_began_is_free_again(cast: Any, noor: Member) -> None:
    officer = noor.client()
    officer.post(reverse("practice:new"), {"name": "Ours", "like": SLUG})
    assert publish(officer, timezone.localdate() + TOMORROW, slug="ours").status_code == 302
    assert officer.post(page("withdraw", "ours", 1), {"why": "Not yet"}).url == page("change", "ours")
    version = officer.get(page("change", "ours")).context["form"]["version"].value()
    for odd in ("²", "", "x"):
        assert officer.post(page("discard", "ours"), {"version": odd}).status_code == 404
    assert officer.post(page("discard", "ours"), {"version": version}).status_code == 302
    assert officer.post(reverse("practice:new"), {"name": "Ours", "like": ""}).status_code == 302
    assert publish(officer, timezone.localdate() + TOMORROW, slug="ours").status_code == 302
    with cast.as_(noor):
        numbers = ProcedureVersion.objects.filter(slug="ours").order_by("number")
        assert list(numbers.values_list("number", flat=True)) == [1, 2]


def test_a_version_that_has_not_begun_is_withdrawn_and_its_text_is_a_draft_again(
    cast: Any, noor: Member
) -> None:
    tomorrows_version(noor)
    officer = noor.client()
    assert "Withdraw" in words_of(officer.get(page("procedure")))
    assert "Withdraw version" not in words_of(cast.yasmin.client().get(page("procedure")))
    address = page("withdraw", SLUG, 2)
    assert cast.morgan.client().get(address).status_code == 403
    assert officer.post(address, {"why": " "}).status_code == 200
    assert officer.post(address, {"why": "Families asked us not to"}).status_code == 302
    assert "Withdrawn by Noor Haddad: Families asked us not to" in words_of(
        cast.yasmin.client().get(page("procedure"))
    )
    assert "every 10 working days" in words_of(officer.get(page("change")))
    assert officer.get(address).status_code == 404
    with cast.as_(noor):
        assert current_version(SLUG).number == 1
    # The day is free again, and the number is not used twice.
    assert publish(officer, timezone.localdate() + TOMORROW).status_code == 302
    with cast.as_(noor):
        assert ProcedureDraft.objects.get(slug=SLUG).based_on.number == 3  # type: ignore[union-attr]


def test_one_on_which_a_later_version_was_published_is_withdrawn_without_a_draft_and_the_page_says_so(
    cast: Any, noor: Member
) -> None:
    tomorrows_version(noor)
    officer = noor.client()
    assert "What it says goes back into the draft." in words_of(officer.get(page("withdraw", SLUG, 2)))
    address = page("clock", SLUG, "review")
    version = officer.get(address).context["form"]["version"].value()
    officer.post(address, {**answers(), "version": version, "limit": "every 15 working days"})
    assert publish(officer, timezone.localdate() + 2 * TOMORROW).status_code == 302
    told = words_of(officer.get(page("withdraw", SLUG, 2)))
    assert "it does not go back into the draft. Version 3, in force from" in told
    answer = officer.post(page("withdraw", SLUG, 2), {"why": "Too soon"})
    assert answer.url == page("procedure")
    shown = words_of(officer.get(answer.url))
    assert "Version 2 is withdrawn. What it says can still be read under its number." in shown
    assert "A draft is waiting" not in shown
    assert "every 10 working days" in words_of(officer.get(page("version", SLUG, 2)))
    # Withdrawn as well, the later one is what the draft says, on the version in force.
    assert "What it says goes back into the draft." in words_of(officer.get(page("withdraw", SLUG, 3)))
    assert officer.post(page("withdraw", SLUG, 3), {"why": "Too soon"}).url == page("change")
    with cast.as_(noor):
        draft = ProcedureDraft.objects.select_related("based_on").get(slug=SLUG)
        assert draft.based_on is not None
        assert (draft.based_on.number, "15 working days" in draft.text) == (1, True)


def test_a_version_that_has_begun_is_not_withdrawn_nor_is_anything_else_of_one_changed(
    cast: Any, noor: Member
) -> None:
    with cast.as_(noor) as me:
        with pytest.raises(ChangeRefused, match="has begun"), transaction.atomic():
            withdraw(by=me, version=current_version(SLUG), why="No")
        with pytest.raises(DatabaseError), transaction.atomic():
            ProcedureVersion.objects.filter(slug=SLUG).update(withdrawn_at=timezone.now(), withdrawn_why="No")
    tomorrows_version(noor)
    coming = ProcedureVersion.objects.filter(slug=SLUG, number=2)
    for wrong in ({"text": "other"}, {"note": "other"}, {"effective_from": timezone.now()}, {"number": 9}):
        with pytest.raises(DatabaseError), cast.as_(noor):
            coming.update(**wrong, withdrawn_at=timezone.now(), withdrawn_why="No")
    for member in (cast.morgan, cast.admin, cast.tom):
        with pytest.raises(DatabaseError), cast.as_(member):
            coming.update(withdrawn_at=timezone.now(), withdrawn_why="No")
    with cast.as_(noor):
        assert coming.get().withdrawn_at is None


def test_only_a_manager_says_what_their_own_team_runs(cast: Any, noor: Member) -> None:
    address = reverse("practice:team", args=[cast.yasmin.team.slug])
    for member, status in ((cast.yasmin, 403), (noor, 403), (cast.admin, 403), (cast.morgan, 200)):
        assert member.client().get(address).status_code == status
    other = reverse("practice:team", args=[cast.tom.team.slug])
    assert cast.morgan.client().get(other).status_code == 403
    wrong = {"version": "1", "first": "not-a-procedure", "further": [], "senior_manager": ""}
    assert cast.morgan.client().post(address, wrong).status_code == 200
    with cast.as_(cast.morgan) as me:
        team = Team.objects.get(pk=cast.yasmin.team.pk)
        for typed in (
            {"first": ""},
            {"first": "nothing"},
            {"further": ["nothing"]},
            {"senior_manager": 999_999},
        ):
            with pytest.raises(EpisodeRefused), transaction.atomic():
                asked: Any = {"version": 1, "first": SLUG, "further": [], "senior_manager": None} | typed
                choose_procedures(by=me, team=team, **asked)
    with cast.as_(cast.yasmin) as me, pytest.raises(EpisodeRefused):
        choose_procedures(by=me, team=team, version=1, first=OTHER, further=[], senior_manager=None)


def test_of_two_managers_who_say_what_a_team_runs_the_second_is_told_and_keeps_what_was_typed(
    cast: Any, noor: Member
) -> None:
    address, manager = reverse("practice:team", args=[cast.yasmin.team.slug]), cast.morgan.client()
    seen = manager.get(address).context["form"]["version"].value()
    senior = str(cast.greta.practitioner.uuid)
    mine = {"version": seen, "first": OTHER, "further": [], "senior_manager": ""}
    assert manager.post(address, mine).status_code == 302
    theirs = {"version": seen, "first": SLUG, "further": [OTHER], "senior_manager": senior}
    refused = manager.post(address, theirs)
    assert refused.status_code == 409
    assert "what you typed is still here" in words_of(refused)
    form = refused.context["form"]
    assert [form[name].value() for name in ("first", "further", "senior_manager")] == [SLUG, [OTHER], senior]
    with cast.as_(cast.morgan):
        team = Team.objects.get(pk=cast.yasmin.team.pk)
        assert (team.procedure_slug, team.further_procedures, team.senior_manager_id) == (OTHER, [], None)
    # What was read goes through the second time, as a decision; an administrator's change counts as well.
    assert manager.post(address, theirs | {"version": form["version"].value()}).status_code == 302
    with cast.as_(cast.admin) as me:
        team = Team.objects.get(pk=cast.yasmin.team.pk)
        assert (team.procedure_slug, team.senior_manager_id) == (SLUG, cast.greta.practitioner.pk)
        change_team(
            by=me.principal,
            team=team,
            version=team.version,
            name="Young carers",
            takes_referrals=True,
            procedure_slug=SLUG,
        )
    stale = manager.post(address, mine | {"version": team.version})
    assert stale.status_code == 409
