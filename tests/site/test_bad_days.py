"""Odd names, junk in addresses, double clicks, bodies too large, a full disk: each is met plainly."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django.utils.html import escape

from harness.cases import accepted, typed_referral, with_procedures
from teamaround.importing.jobs import go_on
from teamaround.importing.models import ImportRun, RunState
from teamaround.people.actions import add_person
from teamaround.people.models import Person, PersonName, SchoolPlace
from teamaround.plans.models import Contact
from teamaround.procedures.models import Allocation, Episode
from teamaround.procedures.versions import reset_cache
from teamaround.referrals.models import Referral, ReferralStep
from teamaround.tasks.actions import Owner, add_task
from teamaround.tasks.models import Task

ADD = "/people/add/"
SCRIPT = "<script>alert(1)</script>"
NAMES = (
    ("Siobhán-Marie", "O’Brien-D'Souza"),
    ("Zoë", "Nuñez Łukaszewicz"),
    ("محمد", "الأحمد"),
    ("דוד", "כהן"),
    ("Ngọc Ánh", "Nguyễn"),
    ("小明", "王"),
    ("Sunny 🌻", "Day 👩‍👧"),
    ("A" * 200, "B" * 200),
    (SCRIPT, "Surname"),
    ('"quoted" & {{ person }}', "{% now %} \\' --"),
)


def junior(given: str, family_name: str = "Osei", **more: str) -> dict[str, str]:
    return {"given": given, "family_name": family_name, "sex": "U", **more}


def refusals(answer: Any) -> list[str]:
    """What the summary of errors on a page says."""
    return re.findall(r'href="#[^"]*">([^<]+)', answer.content.decode())


@pytest.fixture
def area(cast: Any) -> Iterator[Any]:
    yield with_procedures(cast)
    reset_cache()


@pytest.fixture
def client(area: Any) -> Client:
    found: Client = area.yasmin.client()
    found.raise_request_exception = False
    return found


def referred(area: Any, child: Person | None = None, **more: str) -> Referral:
    """Tom refers a child to the young carers team."""
    address = f"/referrals/new/?person={child.uuid}" if child else "/referrals/new/"
    answer = area.tom.client().post(address, typed_referral(**more))
    assert answer.status_code == 302, refusals(answer)
    with area.as_(area.tom):
        return Referral.objects.select_related("episode").get(uuid=answer.url.strip("/").split("/")[-1])


@pytest.fixture
def case(area: Any) -> Episode:
    """Kofi's case, worked by Yasmin."""
    return accepted(area)[1]


# Names


@pytest.mark.parametrize(("given", "family_name"), NAMES)
def test_a_name_is_kept_shown_and_found_as_it_was_written(
    client: Client, given: str, family_name: str
) -> None:
    answer = client.post(ADD, junior(given, family_name))
    assert answer.status_code == 302
    page = client.get(answer.url).content.decode()
    assert escape(given) in page
    assert escape(family_name) in page or escape(family_name.upper()) in page
    assert SCRIPT not in page
    words = f"{given} {family_name}"[:200]
    client.post("/search/", {"name": words, "reason": "A call from the school"})
    found = client.get("/search/").content.decode()
    assert escape(given) in found
    assert SCRIPT not in found


def test_a_name_longer_than_200_characters_is_refused_beside_its_field(client: Client) -> None:
    page = client.post(ADD, junior("A" * 201)).content.decode()
    assert 'id="error-given"' in page or 'href="#id_given"' in page
    assert "201" in page


def test_script_typed_into_a_person_a_contact_or_a_referral_is_text_on_every_page(
    area: Any, client: Client, case: Episode
) -> None:
    answer = client.post(ADD, junior(SCRIPT, SCRIPT, address=SCRIPT, phone=SCRIPT, local_reference=SCRIPT))
    assert answer.status_code == 302
    pages = [client.get(answer.url)]
    recorded = client.post(f"/plans/contact/{case.uuid}/", contact(others_seen=SCRIPT, child_words=SCRIPT))
    pages += [client.get(recorded.url), client.get(f"/cases/{case.uuid}/")]
    referral = referred(area, given=SCRIPT, cares_for=SCRIPT, worries=SCRIPT)
    here = f"/referrals/{referral.uuid}/"
    pages += [client.get(here), client.get("/referrals/"), client.get("/"), area.tom.client().get(here)]
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.content.decode()
    assert any("&lt;script&gt;alert" in page.content.decode() for page in pages)


# What no keyboard types


JUNK = (
    "\x00",
    "zzz",
    "-1",
    "9" * 30,
    "9" * 5000,
    "00000000-0000-0000-0000-00000000000g",
    "٣",
    "²",
    "\ud7ff",
    "%s",
)
ASKED = (
    "show", "before", "after", "person", "for", "change", "name", "outcome", "on", "team", "next", "left",
)  # fmt: skip


def addresses(found: list[URLPattern | URLResolver], name: str = "") -> Iterator[tuple[str, list[str]]]:
    for pattern in found:
        if isinstance(pattern, URLResolver):
            yield from addresses(
                pattern.url_patterns, f"{name}{pattern.namespace}:" if pattern.namespace else name
            )
        elif pattern.name:
            yield f"{name}{pattern.name}", list(pattern.pattern.regex.groupindex)


URLS = sorted(addresses(get_resolver().url_patterns))
OPAQUE = {
    "agency", "team", "panel", "site", "slug",  # of the partnership's own bodies and procedures
    "form", "page", "kind", "entry", "act", "role", "clock", "number", "what",  # kinds of form, of the code's own making
    "about", "secret", "key", "uidb36",
}  # fmt: skip


@pytest.mark.parametrize("junk", JUNK)
def test_junk_asked_for_in_an_address_is_never_a_failure(area: Any, case: Episode, junk: str) -> None:
    wrong = []
    admin = area.admin.client()
    worker = area.yasmin.client()
    admin.raise_request_exception = worker.raise_request_exception = False
    asked = dict.fromkeys(ASKED, junk)
    for name, groups in URLS:
        client = admin if name.startswith("administration:") else worker
        if name == "account_logout":
            continue
        if not groups:
            url = reverse(name)
        elif groups == ["episode"]:
            url = reverse(name, kwargs={"episode": case.uuid})
        else:
            continue
        status = client.get(url, asked).status_code
        if status >= 500:
            wrong.append(f"{name}: {status}")
    assert wrong == []


def test_junk_in_the_parts_of_an_address_is_never_a_failure(client: Client) -> None:
    wrong = []
    for bad in ("%00", "a%00b", "%FF", "..%2f", "0" * 300):
        for path in (
            f"/people/{bad}/", f"/cases/{bad}/", f"/drafts/{bad}/new/", f"/drafts/plan/{bad}/",
            f"/drafts/plan/{bad}/drop/", f"/account/password/reset/key/1-{bad}/", f"/referrals/{bad}/",
            f"/administration/agencies/{bad}/", f"/account/invitation/{bad}/", f"/{bad}",
        ):  # fmt: skip
            for answer in (client.get(path), client.post(path, {"words": "x"})):
                if answer.status_code >= 500:
                    wrong.append(f"{path[:60]}: {answer.status_code}")
    assert wrong == []


def test_a_nul_byte_in_a_text_field_is_refused_beside_the_field(
    area: Any, client: Client, case: Episode
) -> None:
    nul = "Kofi\x00"
    for url, typed in (
        (ADD, junior(nul)),
        ("/search/", {"name": nul, "reason": "A call"}),
        (f"/plans/contact/{case.uuid}/", contact(notes=nul)),
        ("/referrals/new/", {"worries": nul, "receiving_team": nul, "form_token": nul}),
        ("/account/login/", {"login": nul, "password": nul}),
    ):
        answer = client.post(url, typed)
        assert answer.status_code in (200, 302), url
        if url != "/account/login/":
            assert "Null characters are not allowed" in answer.content.decode(), url


def test_a_nul_byte_in_a_draft_is_left_out_of_it(client: Client) -> None:
    answer = client.post("/drafts/plan/new/", {"words": "half\x00way", "na\x00me": "x"})
    assert answer.status_code == 200


def test_no_address_has_room_for_a_name() -> None:
    for name, groups in URLS:
        for group in groups:
            # The library's own addresses: the number of one's own passkey, the name of an agency's sign-on.
            if (name, group) == ("mfa_remove_webauthn", "pk") or group == "provider_id":
                continue
            found = re.search(rf"\?P<{group}>([^)]*)", str(_pattern_of(name)))
            assert group in OPAQUE or (found and "[0-9a-f]{8}" in found.group(1)), (name, group)


def _pattern_of(wanted: str, found: Any = None, name: str = "") -> str:
    for pattern in found if found is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            space = f"{name}{pattern.namespace}:" if pattern.namespace else name
            inner = _pattern_of(wanted, pattern.url_patterns, space)
            if inner:
                return inner
        elif f"{name}{pattern.name}" == wanted:
            return str(pattern.pattern.regex.pattern)
    return ""


# Double clicks


def contact(**more: str) -> dict[str, Any]:
    now = timezone.localtime() - dt.timedelta(minutes=5)
    return {
        "once": str(uuid.uuid4()),
        "kind": "call",
        "on_day": str(now.day),
        "on_month": str(now.month),
        "on_year": str(now.year),
        "on": now.date().isoformat(),
        "at": f"{now:%H:%M}",
        "notes": "Rang mum.",
        **more,
    }


def test_adding_a_person_twice_adds_one(area: Any, client: Client) -> None:
    first = client.post(ADD, junior("Kofi", postcode="SK1 3XE"))
    second = client.post(ADD, junior("Kofi", postcode="SK1 3XE"))
    assert (first.status_code, second.status_code, second.url) == (302, 302, first.url)
    with area.as_(area.yasmin):
        assert Person.objects.count() == 1


def test_two_clicks_that_arrive_together_add_one_person(area: Any, client: Client) -> None:
    session = client.session
    before = dict(session.items())
    first = client.post(ADD, junior("Kofi"))
    # The second click was sent before the first was answered: its session knows nothing of it.
    session = client.session
    for key in set(session.keys()) - set(before):
        del session[key]
    session.save()
    second = client.post(ADD, junior("Kofi"))
    assert second.url == first.url
    with area.as_(area.yasmin):
        assert Person.objects.count() == 1


def test_recording_a_contact_twice_records_one(area: Any, client: Client, case: Episode) -> None:
    typed = contact()
    first = client.post(f"/plans/contact/{case.uuid}/", typed)
    second = client.post(f"/plans/contact/{case.uuid}/", typed)
    assert first.status_code == 302, refusals(first)
    assert second.url == first.url
    with area.as_(area.yasmin):
        assert Contact.objects.count() == 1


def test_completing_an_action_twice_completes_it_once(area: Any, client: Client, case: Episode) -> None:
    with area.as_(area.yasmin) as me:
        owner = Owner(practitioner=me.principal, team=area.yasmin.team.pk)
        made = add_task(by=me, team=area.yasmin.team.pk, subject=case.subject_id, title="Ring", owner=owner)
    for _click in range(2):
        assert client.post(f"/tasks/{made.uuid}/complete/").status_code == 302
    with area.as_(area.yasmin):
        row = Task.objects.get(pk=made.pk)
        assert (row.state, row.version) == ("completed", made.version + 1)


def test_accepting_twice_accepts_once(area: Any) -> None:
    with area.as_(area.tom) as me:
        child = add_person(by=me, team=area.tom.team.pk, given="Kofi", family_name="Osei")
    referral = referred(area, child)
    morgan = area.morgan.client()
    here = f"/referrals/{referral.uuid}/"
    with area.as_(area.morgan):
        version = Episode.objects.get(pk=referral.episode_id).version
    typed = {"decision": "accept", "version": version, "practitioner": ""}
    answers = [morgan.post(f"{here}decide/", typed) for _click in range(2)]
    assert [answer.status_code for answer in answers] in ([302, 302], [302, 409]), refusals(answers[0])
    with area.as_(area.morgan):
        assert ReferralStep.objects.filter(referral=referral, kind="accepted").count() == 1
        assert Allocation.objects.filter(episode=referral.episode).count() <= 1


# Too large


def test_a_body_that_is_too_large_gets_a_plain_page(client: Client) -> None:
    body = {"given": "Quillon" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 7 + 1)}
    for answer in (client.post(ADD, body), client.post("/drafts/plan/new/", body)):
        assert answer.status_code in (400, 413)
        assert "Quillon" not in answer.content.decode()


def test_too_many_fields_get_a_plain_page(client: Client) -> None:
    answer = client.post(ADD, {f"field{number}": "x" for number in range(1001)})
    assert answer.status_code == 400
    assert "could not be read" in answer.content.decode()


# A full disk


def test_a_disk_that_fills_up_during_an_import_leaves_nothing_half_done(area: Any, client: Client) -> None:
    lines = b"Ref,Surname,Forename,DOB,Postcode,School\nYC1,Osei,Kofi,02/03/2014,SK3 2DU,Moor Lane\n"
    upload = {"team": area.yasmin.team.pk, "file": SimpleUploadedFile("caseload.csv", lines)}
    columns = client.post("/caseload/", upload).url
    with area.as_(area.yasmin):
        run = ImportRun.objects.get()
        typed = {f"column-{column.position}": column.field for column in run.columns.all()}
    here = client.post(columns, {**typed, "role": run.role, "version": run.version}).url
    go_on(run=run.pk)

    def full(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "insert into" in sql.lower() and SchoolPlace._meta.db_table in sql:
            cause = psycopg.errors.DiskFull("could not extend file: No space left on device")
            raise OperationalError(str(cause)) from cause
        return execute(sql, params, many, context)

    with connection.execute_wrapper(full):
        assert client.post(f"{here}confirm/").status_code == 302
        go_on(run=run.pk)
    with area.as_(area.yasmin):
        run.refresh_from_db()
        assert run.state == RunState.FAILED
        assert "no room left" in run.failure
        assert not Person.objects.exists()
        assert not PersonName.objects.exists()
    assert "no room left" in client.get(here).content.decode()
    client.post(f"{here}again/")
    go_on(run=run.pk)
    client.post(f"{here}confirm/")
    go_on(run=run.pk)
    with area.as_(area.yasmin):
        run.refresh_from_db()
        assert run.state == RunState.DONE
        assert Person.objects.count() == 1
