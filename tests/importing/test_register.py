"""Every child of an area is loaded only under an authorisation in force, and goes when it is revoked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from importing.caseloads import HEADER, brought_in
from teamaround.importing import actions, disposal, jobs, register
from teamaround.importing.models import Authorisation, ImportRow, ImportRun, RunKind, RunState
from teamaround.index.actions import Query, involve, search
from teamaround.index.models import Involvement
from teamaround.people.models import Person, PersonName

TODAY = timezone.localdate()
FILE = (HEADER + "P1,Osei,Kofi,02/03/2014,SK3 2DU,,\nP2,Adjei,Ama,04/05/2013,SK4 1AA,,\n").encode()


def authorised(cast: Any, *, agency: Any = None, since: int = -1, until: int = 30) -> Authorisation:
    with cast.as_(cast.admin) as me:
        return register.authorise(
            by=me,
            agency=agency or cast.tom.team.agency,
            area="Northmoor, children of school age",
            assessment_reference="DPIA-2026-014",
            assessed_on=TODAY + dt.timedelta(days=since),
            decided_by="Greta Lindqvist, data protection officer",
            effective_from=TODAY + dt.timedelta(days=since),
            effective_until=TODAY + dt.timedelta(days=until),
        )


def register_of(cast: Any, member: Any, authorisation: Authorisation, content: bytes = FILE) -> ImportRun:
    with cast.as_(member) as me:
        run = actions.upload(
            by=me, team=member.team.pk, filename="all.csv", content=content, authorisation=authorisation
        )
        fields = {column.position: column.field for column in run.columns.all()}
        actions.set_columns(by=me, run=run, version=run.version, fields=fields, role=run.role)
        jobs.step(me, run.pk)
        run.refresh_from_db()
    return run


def found(cast: Any, member: Any, name: str = "Kofi Osei") -> list[str]:
    with cast.as_(member) as me:
        return [each.name for each in search(by=me, query=Query(name=name), reason="Referral")]


def test_a_registers_children_are_found_and_nobody_is_involved_with_them(cast: Any) -> None:
    run = brought_in(cast, cast.tom, register_of(cast, cast.tom, authorised(cast)))
    assert (run.state, run.kind, run.added) == (RunState.DONE, RunKind.REGISTER, 2)
    with cast.as_(cast.tom):
        assert Person.objects.count() == 2
        assert not Involvement.objects.exists()
    assert found(cast, cast.nina) == ["Kofi Osei"]


def test_a_second_register_changes_nothing_and_ends_nobody(cast: Any) -> None:
    authorisation = authorised(cast)
    brought_in(cast, cast.tom, register_of(cast, cast.tom, authorisation))
    again = register_of(cast, cast.tom, authorisation)
    assert (again.matched, again.added) == (2, 0)
    assert not again.whole


def test_every_page_of_a_register_says_what_it_rests_on(cast: Any) -> None:
    authorisation = authorised(cast)
    client = cast.tom.client()
    assert "DPIA-2026-014" in client.get("/caseload/").text
    told = {"team": cast.tom.team.pk, "kind": f"register-{authorisation.uuid}"}
    here = client.post("/caseload/", {**told, "file": SimpleUploadedFile("all.csv", FILE)}).url
    page = client.get(here).text
    assert "DPIA-2026-014" in page
    assert "What is your team to these children?" not in page
    run = register_of(cast, cast.tom, authorisation)
    assert "DPIA-2026-014" in client.get(f"/caseload/{run.uuid}/").text
    brought_in(cast, cast.tom, run)
    assert "Nobody is shown as involved" in client.get(f"/caseload/{run.uuid}/").text
    assert "DPIA-2026-014" in client.get(f"/caseload/{run.uuid}/withdraw/").text


def test_without_an_authorisation_no_register_is_offered_or_taken(cast: Any) -> None:
    client = cast.tom.client()
    assert "Every child of an area" not in client.get("/caseload/").text
    other = authorised(cast, agency=cast.nina.team.agency)
    assert "Every child of an area" not in client.get("/caseload/").text
    told = {"team": cast.tom.team.pk, "kind": f"register-{other.uuid}"}
    client.post("/caseload/", {**told, "file": SimpleUploadedFile("all.csv", FILE)})
    with cast.as_(cast.tom) as me:
        assert not ImportRun.objects.filter(kind=RunKind.REGISTER).exists()
        with pytest.raises(actions.ImportRefused, match="No authorisation"):
            actions.upload(by=me, team=me.team.team, filename="a.csv", content=FILE, authorisation=other)


@pytest.mark.parametrize(("since", "until"), [(-9, -2), (3, 9)])
def test_one_that_is_over_or_has_not_begun_is_not_in_force(cast: Any, since: int, until: int) -> None:
    with cast.as_(cast.admin):
        Authorisation.objects.create(
            agency=cast.tom.team.agency, area="Northmoor", assessment_reference="DPIA-1", decided_by="Greta",
            assessed_on=TODAY - dt.timedelta(days=20), effective_from=TODAY + dt.timedelta(days=since),
            effective_until=TODAY + dt.timedelta(days=until),
        )  # fmt: skip
        assert register.in_force([cast.tom.team.agency_id]) == []


def test_the_database_itself_refuses_a_register_without_one_in_force(cast: Any) -> None:
    other = authorised(cast, agency=cast.nina.team.agency)
    for authorisation in (None, other):
        with pytest.raises(DatabaseError), cast.as_(cast.tom), transaction.atomic():
            ImportRun.objects.create(
                author_team=cast.tom.team,
                filename="a",
                read_as="b",
                kind="register",
                authorisation=authorisation,
            )
    with cast.as_(cast.tom):
        run = ImportRun.objects.create(author_team=cast.tom.team, filename="a", read_as="b")
    with pytest.raises(DatabaseError), cast.as_(cast.tom), transaction.atomic():
        ImportRun.objects.filter(pk=run.pk).update(kind="register", authorisation=other)


def test_one_revoked_after_the_check_stops_the_register_at_the_last_step(cast: Any) -> None:
    authorisation = authorised(cast)
    run = register_of(cast, cast.tom, authorisation)
    with cast.as_(cast.tom) as me:
        actions.confirm(by=me, run=run)
    with cast.as_(cast.admin) as me:
        disposal.revoke(by=me, authorisation=authorisation, reason="The assessment was withdrawn")
    with cast.as_(cast.tom) as me:
        jobs.step(me, run.pk)
        run.refresh_from_db()
        assert run.state == RunState.FAILED
        assert "No authorisation" in run.failure
        assert not Person.objects.exists()


def test_only_administrators_record_and_revoke(cast: Any) -> None:
    for member in (cast.tom, cast.morgan, cast.greta):
        with pytest.raises(DatabaseError), cast.as_(member):
            Authorisation.objects.create(
                agency=cast.tom.team.agency, area="a", assessment_reference="b", assessed_on=TODAY,
                decided_by="c", effective_from=TODAY, effective_until=TODAY,
            )  # fmt: skip
        assert member.client().get("/administration/registers/").status_code == 403
    made = authorised(cast)
    assert made.recorded_by_id == cast.admin.practitioner.pk
    with pytest.raises(DatabaseError), cast.as_(cast.tom):
        Authorisation.objects.filter(pk=made.pk).update(revoked_at=timezone.now(), revoke_reason="x")


def test_what_was_recorded_never_changes_and_revoking_is_for_good(cast: Any) -> None:
    made = authorised(cast)
    changes: tuple[dict[str, Any], ...] = (
        {"assessment_reference": "DPIA-other"},
        {"effective_until": TODAY + dt.timedelta(days=900)},
    )
    for change in changes:
        with pytest.raises(DatabaseError), cast.as_(cast.admin), transaction.atomic():
            Authorisation.objects.filter(pk=made.pk).update(**change)
    with cast.as_(cast.admin) as me:
        disposal.revoke(by=me, authorisation=made, reason="Over")
        assert disposal.revoke(by=me, authorisation=made, reason="Over") == 0
    with pytest.raises(DatabaseError), cast.as_(cast.admin), transaction.atomic():
        Authorisation.objects.filter(pk=made.pk).update(revoked_at=None, revoke_reason="")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("assessment_reference", " "),
        ("decided_by", ""),
        ("assessed_on", TODAY + dt.timedelta(days=2)),
        ("effective_from", TODAY - dt.timedelta(days=5)),
        ("effective_until", TODAY - dt.timedelta(days=4)),
    ],
)
def test_an_authorisation_says_everything_and_its_days_follow_each_other(
    cast: Any, field: str, value: Any
) -> None:
    said: dict[str, Any] = {
        "area": "Northmoor", "assessment_reference": "DPIA-1", "assessed_on": TODAY, "decided_by": "Greta",
        "effective_from": TODAY, "effective_until": TODAY, field: value,
    }  # fmt: skip
    with cast.as_(cast.admin) as me, pytest.raises(register.AuthorisationRefused) as refused:
        register.authorise(by=me, agency=cast.tom.team.agency, **said)
    assert refused.value.field == field


def disposed(cast: Any, authorisation: Authorisation) -> None:
    with cast.as_(cast.admin) as me:
        assert disposal.revoke(by=me, authorisation=authorisation, reason="The assessment was withdrawn") == 1
        with connection.cursor() as cursor:
            cursor.execute(
                "select (args->>'run')::bigint, (args->>'team')::int, (args->>'by')::int from procrastinate_jobs "
                "where task_name = 'importing.dispose' order by id desc limit 1"
            )
            run, team, by = cursor.fetchone()
    for _ in range(2):
        jobs.dispose(run=run, team=team, by=by)


def test_revoking_takes_the_registers_children_out_of_the_index_and_keeps_their_history(cast: Any) -> None:
    authorisation = authorised(cast)
    run = brought_in(cast, cast.tom, register_of(cast, cast.tom, authorisation))
    disposed(cast, authorisation)
    for member in (cast.tom, cast.nina, cast.yasmin):
        assert found(cast, member) == []
    with cast.as_(cast.tom):
        run.refresh_from_db()
        assert run.state == RunState.WITHDRAWN
        assert "Authorisation revoked: The assessment was withdrawn" in run.withdraw_reason
        assert Person.objects.filter(voided_at=None).count() == 0
        assert not PersonName.objects.filter(voided_at=None).exists()
        kept = Person._meta.get_field("history").related_model
        assert kept._default_manager.filter(voided_at=None).exists()
        assert set(ImportRow.objects.filter(run=run).values_list("after", flat=True)) == {"gone"}


def test_a_registers_child_with_whom_somebody_works_by_now_stays(cast: Any) -> None:
    authorisation = authorised(cast)
    brought_in(cast, cast.tom, register_of(cast, cast.tom, authorisation))
    with cast.as_(cast.tom):
        kofi = Person.objects.get(given="Kofi").pk
    with cast.as_(cast.nina) as me:
        involve(by=me, team=cast.nina.team.pk, subject=kofi)
    disposed(cast, authorisation)
    assert found(cast, cast.yasmin) == ["Kofi Osei"]
    assert found(cast, cast.yasmin, "Ama Adjei") == []


def test_an_administrator_records_and_revokes_on_a_page_and_sees_no_child(cast: Any) -> None:
    client = cast.admin.client()
    page = client.get("/administration/registers/")
    assert "none ever might" in page.text
    typed = {
        "agency": cast.tom.team.agency_id, "area": "Northmoor", "assessment_reference": "DPIA-2026-014",
        "assessed_on": f"{TODAY:%d/%m/%Y}", "decided_by": "Greta Lindqvist", "effective_from": f"{TODAY:%d/%m/%Y}",
        "effective_until": f"{TODAY:%d/%m/%Y}",
    }  # fmt: skip
    assert client.post("/administration/registers/", typed).status_code == 302
    page = client.get("/administration/registers/")
    assert "Assessment DPIA-2026-014" in page.text
    assert "In force" in page.text
    with cast.as_(cast.admin):
        made = Authorisation.objects.get()
    brought_in(cast, cast.tom, register_of(cast, cast.tom, made))
    here = f"/administration/registers/{made.uuid}/revoke/"
    assert client.post(here, {"reason": ""}).status_code == 200
    assert client.post(here, {"reason": "Withdrawn"}).status_code == 302
    page = client.get("/administration/registers/")
    assert "Revoked by Ada Winter" in page.text
    assert "Kofi" not in page.text
