"""Setting up an area, and who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import reverse

from teamaround.agencies import actions
from teamaround.agencies.models import AdministrationLog, Agency, Panel, Team
from teamaround.database.actor import SET_UP, acting_as
from teamaround.index.actions import involve
from teamaround.index.models import Involvement
from teamaround.people.actions import add_person


def url(name: str, *args: Any) -> str:
    return reverse(f"administration:{name}", args=args)


def test_an_administrator_sets_up_an_agency_its_teams_and_a_panel(cast: Any) -> None:
    client = cast.admin.client()
    answer = client.post(url("new_agency"), {"name": "Eastfield Youth Trust", "sector": "voluntary"})
    assert answer.headers["Location"] == url("agency", "eastfield-youth-trust")
    client.post(url("new_site", "eastfield-youth-trust"), {"name": "The Mill", "postcode": "sk1 3xe"})
    with cast.as_(cast.admin):
        site = Agency.objects.get(slug="eastfield-youth-trust").sites.get()
    assert site.postcode == "SK1 3XE"
    answer = client.post(
        url("new_team", "eastfield-youth-trust"),
        {
            "name": "Young carers team",
            "site": site.pk,
            "sensitivity": "no",
            "takes_referrals": "on",
            "procedure_slug": "stockport-families-first",
        },
        follow=True,
    )
    assert "The team was added" in answer.content.decode()
    with cast.as_(cast.admin):
        team = Team.objects.get(agency__slug="eastfield-youth-trust")
    assert team.slug == "young-carers-team"
    client.post(url("new_panel"), {"name": "Eastfield panel", "chair_team": team.pk})
    client.post(url("seat", "eastfield-panel"), {"practitioner": cast.nina.practitioner.pk})
    page = client.get(url("panel", "eastfield-panel")).content.decode()
    assert "Nina Patel" in page
    client.post(url("unseat", "eastfield-panel"), {"practitioner": str(cast.nina.practitioner.uuid)})
    assert "Nina Patel" not in client.get(url("panel", "eastfield-panel")).content.decode()
    with cast.as_(cast.admin):
        acts = list(AdministrationLog.objects.order_by("pk").values_list("act", flat=True))
    assert acts == ["add_agency", "add_site", "add_team", "add_panel", "seat_on_panel", "unseat_from_panel"]


def test_a_team_that_takes_referrals_needs_a_procedure(cast: Any) -> None:
    answer = cast.admin.client().post(
        url("new_team", "agency-housing"),
        {"name": "Front door", "sensitivity": "no", "takes_referrals": "on"},
    )
    assert answer.status_code == 200
    assert 'href="#id_procedure_slug' in answer.content.decode()


def test_a_name_that_is_taken_is_refused_beside_the_field(cast: Any) -> None:
    answer = cast.admin.client().post(url("new_agency"), {"name": "northmoor HOMES", "sector": "housing"})
    page = answer.content.decode()
    assert "There is already an agency with this name" in page
    assert 'value="northmoor HOMES"' in page


def test_a_site_of_another_agency_is_no_choice(cast: Any) -> None:
    with cast.as_(cast.admin):
        site = actions.add_site(by=None, agency=cast.teams["housing"].agency, name="Depot")
    answer = cast.admin.client().post(
        url("new_team", "agency-recovery"), {"name": "Outreach", "sensitivity": "no", "site": site.pk}
    )
    assert "choice" in answer.content.decode().lower()
    with cast.as_(cast.admin), pytest.raises(actions.SetUpRefused):
        actions.add_team(by=None, agency=cast.teams["recovery"].agency, name="Outreach", site=site)


@pytest.mark.parametrize("typed", ["SK1", "12345", "'; drop"])
def test_a_postcode_that_cannot_be_one_is_refused(cast: Any, typed: str) -> None:
    with cast.as_(cast.admin), pytest.raises(actions.SetUpRefused) as refused:
        actions.add_site(by=None, agency=cast.teams["housing"].agency, name="Depot", postcode=typed)
    assert refused.value.field == "postcode"


def test_names_in_any_script_get_a_slug_of_their_own(db: None) -> None:
    with acting_as(SET_UP), transaction.atomic():
        made = [
            actions.add_agency(by=None, name=name, sector="other").slug
            for name in ("O’Neill & Søn", "مركز الشباب", "青少年中心", "x" * 120)
        ]
    assert len(set(made)) == 4
    assert all(made)


def version_of(cast: Any, slug: str) -> int:
    with cast.as_(cast.admin):
        return int(Team.objects.get(slug=slug).version)


def test_of_two_who_change_a_team_the_second_is_told_and_keeps_what_was_typed(cast: Any) -> None:
    client, seen = cast.admin.client(), version_of(cast, "housing")
    typed = {"sensitivity": "no", "version": seen}
    assert client.post(url("change_team", "housing"), typed | {"name": "Homes team"}).status_code == 302
    refused = client.post(url("change_team", "housing"), typed | {"name": "Tenancies"})
    assert refused.status_code == 409
    assert refused.context["form"]["name"].value() == "Tenancies"
    with cast.as_(cast.admin):
        assert Team.objects.get(slug="housing").name == "Homes team"
    again = typed | {"name": "Tenancies", "version": refused.context["form"]["version"].value()}
    assert client.post(url("change_team", "housing"), again).status_code == 302


def test_an_administrator_changes_what_a_team_is_called_and_its_slug_stays(cast: Any) -> None:
    answer = cast.admin.client().post(
        url("change_team", "housing"),
        {"name": "Homes team", "sensitivity": "domestic_abuse", "version": version_of(cast, "housing")},
    )
    assert answer.status_code == 302
    with cast.as_(cast.admin):
        team = Team.objects.get(slug="housing")
    assert (team.name, team.sensitivity) == ("Homes team", "domestic_abuse")


def test_a_team_that_becomes_sensitive_is_hidden_in_what_it_wrote_before(cast: Any) -> None:
    with cast.as_(cast.tom) as me:
        child = add_person(by=me, team=cast.tom.team.pk, given="Kofi", family_name="Osei").pk
        involve(by=me, team=cast.tom.team.pk, subject=child)
    with cast.as_(cast.olive) as me:
        involve(by=me, team=cast.olive.team.pk, subject=child)
    of_the_tenancy_team = Involvement.objects.filter(author_team=cast.olive.team)
    earlier = apps.get_model("index", "InvolvementHistory").objects
    with cast.as_(cast.tom):
        assert of_the_tenancy_team.exists()
        assert earlier.filter(author_team_id=cast.olive.team.pk).exists()
    cast.admin.client().post(
        url("change_team", "housing"),
        {"name": "Homes team", "sensitivity": "domestic_abuse", "version": version_of(cast, "housing")},
    )
    with cast.as_(cast.tom):
        assert not of_the_tenancy_team.all().exists()
        assert not earlier.filter(author_team_id=cast.olive.team.pk).exists()
    with cast.as_(cast.olive):
        assert earlier.filter(author_team_id=cast.olive.team.pk).exists()
        assert of_the_tenancy_team.get().category == "safeguarding"


def test_a_new_area_is_shown_its_first_steps_until_they_are_done(cast: Any) -> None:
    assert "Set up your area" not in cast.admin.client().get(url("overview")).content.decode()
    with cast.as_(cast.admin):
        Panel.objects.all().update(ended_at="2026-01-01T00:00Z")
    assert "Set up your area" in cast.admin.client().get(url("overview")).content.decode()


PAGES = [
    ("overview", ()),
    ("new_agency", ()),
    ("agency", ("agency-housing",)),
    ("change_agency", ("agency-housing",)),
    ("new_site", ("agency-housing",)),
    ("new_team", ("agency-housing",)),
    ("team", ("housing",)),
    ("change_team", ("housing",)),
    ("new_panel", ()),
    ("panel", ("families-panel",)),
    ("change_panel", ("families-panel",)),
    ("seat", ("families-panel",)),
    ("people", ()),
    ("invite", ()),
    ("invitations", ()),
    ("log", ()),
]


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_only_an_administrator_opens_the_pages_of_administration(
    cast: Any, name: str, args: tuple[str, ...]
) -> None:
    assert cast.admin.client().get(url(name, *args)).status_code == 200
    for member in (cast.olive, cast.morgan, cast.greta):
        assert member.client().get(url(name, *args)).status_code == 403
        assert member.client().post(url(name, *args), {}).status_code == 403


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_no_page_of_administration_needs_more_than_fifteen_queries(
    cast: Any, name: str, args: tuple[str, ...]
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = cast.admin.client()
    with CaptureQueriesContext(connection) as captured:
        client.get(url(name, *args))
    assert len(captured) <= 15


def test_what_does_not_exist_is_a_plain_404(cast: Any) -> None:
    client = cast.admin.client()
    for name in ("agency", "team", "panel"):
        assert client.get(url(name, "nowhere")).status_code == 404
    assert client.get(url("person", "00000000-0000-4000-8000-000000000000")).status_code == 404
    assert client.get(url("people") + "?after=x").status_code == 404
    assert client.get(url("log") + "?before=x").status_code == 404
    assert client.post(url("unseat", "families-panel"), {"practitioner": "x"}).status_code == 404
