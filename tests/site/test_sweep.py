"""Every URL, as every member of a named cast, by GET and by POST.

A URL that nobody has said who may open fails the sweep. The world is the demonstration's: Dana works the
Rahmans' case and Mel is in her team; Tom, at school, has a consent; Nina is a nurse with an involvement of her
own; Jo is an outsider; Ada administers; Greta oversees; Farah is a parent with a portal account.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from harness.headers import unsafe
from harness.sweep import client_of, every_url, one, parent
from teamaround.desk.put_right import key_of

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CASEWORKERS = frozenset({"dana", "mel", "tom", "nina", "jo"})
STAFF = CASEWORKERS | {"ada", "greta"}
CAST = (*sorted(STAFF), "farah", "nobody")
OWN = frozenset({"dana", "mel"})
ADMIN = frozenset({"ada"})
ALL = frozenset(CAST)
SIGNED_IN = ALL - {"nobody"}
NONE: frozenset[str] = frozenset()

# Who may open each URL, for the objects of the world below. Others get 403 or 404; a visitor is sent to sign in.
MAY: dict[str, frozenset[str]] = {
    # the site
    "help": ALL,
    "accessibility": ALL,
    "privacy": ALL,
    "invitation": ALL,
    "invitation_accept": ALL,
    "demonstration_sign_in": NONE,
    **dict.fromkeys(("account_login", "account_logout", "account_inactive"), ALL),
    **dict.fromkeys(
        (
            "account_reset_password",
            "account_reset_password_done",
            "account_reset_password_from_key",
            "account_reset_password_from_key_done",
        ),
        ALL,
    ),
    **dict.fromkeys(("account_change_password", "account_set_password", "mfa_index"), SIGNED_IN),
    **dict.fromkeys(
        ("mfa_activate_totp", "mfa_generate_recovery_codes"),
        SIGNED_IN,
    ),
    # Farah has no password to prove again; nobody of the cast has a second factor to look at.
    "account_reauthenticate": STAFF,
    "mfa_reauthenticate": STAFF,
    "mfa_deactivate_totp": NONE,
    "mfa_view_recovery_codes": NONE,
    "mfa_authenticate": ALL,
    **dict.fromkeys(("mfa_list_webauthn", "mfa_add_webauthn"), SIGNED_IN),
    "mfa_reauthenticate_webauthn": STAFF,
    "own_family": STAFF,
    "own_family_end": STAFF,
    "mfa_login_webauthn": ALL,
    # No agency of the demonstration signs its people in itself.
    **dict.fromkeys(("openid_connect_login", "openid_connect_callback"), NONE),
    # Practitioners are asked for their password first; then there is nothing of that number.
    "mfa_remove_webauthn": STAFF,
    # the front door
    "desk:my_day": STAFF,
    "notices:choice": STAFF,
    "desk:search": CASEWORKERS,
    "desk:search_live": CASEWORKERS,
    "desk:open_found": CASEWORKERS,
    "desk:add_person": CASEWORKERS,
    "desk:person": frozenset({"dana", "mel", "tom", "nina"}),
    "desk:involve": frozenset({"dana", "mel", "tom", "nina"}),
    "desk:add_fact": frozenset({"dana", "mel", "tom", "nina"}),
    "desk:add_family": frozenset({"dana", "mel", "tom", "nina"}),
    "desk:put_right": OWN,
    "desk:end_involvement": OWN,
    # the numbers of Dana's team: whoever works with the child
    "desk:contact_details": frozenset({"dana", "mel", "tom", "nina"}),
    "desk:quiet": CASEWORKERS,
    # nothing of theirs ended by itself in this world
    "desk:begin_again": NONE,
    "desk:family": frozenset({"dana", "mel", "tom"}),
    "desk:add_member": OWN,
    "desk:join_family": OWN,
    "desk:stop_joining": CASEWORKERS,
    # managers join records, and none is of this cast
    **dict.fromkeys(("desk:same_as", "desk:compare", "desk:stop_same_as", "desk:undo_merge"), NONE),
    "desk:case": OWN,
    "desk:clock_done": OWN,
    **dict.fromkeys(("desk:move_on", "desk:reopen", "desk:take_back", "desk:follow_up"), OWN),
    "desk:record_event": OWN,
    "desk:recorded": OWN,
    "desk:cases": CASEWORKERS,
    # the manager's day: of the cast nobody manages a team
    **dict.fromkeys(("desk:allocate", "desk:worker_profile"), NONE),
    "desk:my_profile": CASEWORKERS,
    **dict.fromkeys(("desk:team", "desk:board", "desk:keep_view", "desk:drop_view", "desk:set_pace"), NONE),
    # the diary; the team that an appointment is with reads it, and its maker changes it
    "desk:diary": frozenset({"dana", "mel", "tom"}),
    "desk:person_diary": frozenset({"dana", "mel", "tom", "nina"}),
    "desk:appoint_person": frozenset({"dana", "mel", "tom", "nina"}),
    **dict.fromkeys(("desk:appoint_family", "desk:appoint_case"), OWN),
    "desk:appointment": frozenset({"dana", "mel", "tom", "nina"}),
    **dict.fromkeys(("desk:move_appointment", "desk:cancel_appointment"), OWN),
    "desk:calendar_link": CASEWORKERS,
    "portal:calendar": frozenset({"farah"}),
    # A calendar's address opens by its secret alone, whoever is signed in.
    **dict.fromkeys(("desk:feed", "portal:feed"), NONE),
    **dict.fromkeys(("tasks:kinds", "tasks:add_kind", "tasks:kind"), ADMIN),
    "drafts:save": STAFF,
    "drafts:drop": STAFF,
    # oversight: no look was asked about in this world
    **dict.fromkeys(
        (
            "oversight:log",
            "oversight:alerts",
            "oversight:rules",
            "oversight:change_rule",
            "oversight:names",
            "oversight:end_name",
        ),
        frozenset({"greta"}),
    ),
    "oversight:alert": NONE,
    # rights over one's own data
    **dict.fromkeys(
        (
            "rights:overview",
            "rights:requests",
            "rights:new",
            "rights:retention",
            "rights:new_rule",
            "rights:dispose",
            "rights:disposals",
            "rights:holds",
            "rights:new_hold",
            "rights:agreements",
            "rights:new_agreement",
        ),
        frozenset({"greta"}),
    ),
    **dict.fromkeys(
        (
            "rights:request",
            "rights:gather",
            "rights:review",
            "rights:release",
            "rights:pdf",
            "rights:json",
            "rights:erase",
            "rights:act",
            "rights:disposal",
            "rights:lift_hold",
            "rights:renew_agreement",
            "rights:end_agreement",
        ),
        frozenset({"greta"}),
    ),
    # counts of the whole area, and the planning numbers beside them
    **dict.fromkeys(("reports:coverage", "reports:export"), frozenset({"greta"})),
    **dict.fromkeys(
        (
            "reports:planning",
            "reports:add",
            "reports:load",
            "reports:example",
            "reports:choose",
            "reports:add_rate",
            "reports:services",
            "reports:place",
            "reports:end",
        ),
        ADMIN,
    ),
    # the area's procedures: read by all who work in it, changed by a partnership officer, and none is of this cast
    **dict.fromkeys(("practice:list", "practice:procedure", "practice:version"), STAFF),
    **dict.fromkeys(
        (
            "practice:change",
            "practice:check",
            "practice:discard",
            "practice:clock",
            "practice:what_if",
            "practice:publish",
            "practice:move",
            "practice:move_back",
            "practice:new",
            "practice:withdraw",
            # a manager's: none of this cast is one
            "practice:follow",
            "practice:team",
        ),
        NONE,
    ),
    # referrals
    "referrals:inbox": CASEWORKERS,
    "referrals:new": CASEWORKERS,
    "referrals:detail": frozenset({"dana", "mel", "tom"}),
    **dict.fromkeys(("referrals:check", "referrals:child", "referrals:write"), OWN),
    **dict.fromkeys(("referrals:decide", "referrals:allocate"), NONE),
    **dict.fromkeys(("referrals:answer", "referrals:take_back"), frozenset({"tom"})),
    # assessments
    "assessments:detail": frozenset({"dana", "mel", "tom"}),
    **dict.fromkeys(
        (
            "assessments:edit",
            "assessments:finish",
            "assessments:mistake",
            "assessments:risk",
            "assessments:start",
        ),
        OWN,
    ),
    "assessments:tasks": OWN,
    # sharing
    # Whoever works with the child may be told their answer.
    "sharing:consent": frozenset({"dana", "mel", "tom", "nina"}),
    "sharing:safeguarding": frozenset({"dana", "mel", "tom", "nina"}),
    "sharing:detail": frozenset({"dana", "mel", "tom", "nina", "jo"}),
    "sharing:withdraw": OWN,
    **dict.fromkeys(
        (
            "sharing:take_back",
            "sharing:settle",
            "sharing:lawful",
            "sharing:vital",
            "sharing:emergency",
            "sharing:shield",
            "sharing:put_on_agenda",
        ),
        frozenset({"dana", "mel", "tom", "nina"}),
    ),
    **dict.fromkeys(
        ("sharing:before", "sharing:decisions", "sharing:hidden"), frozenset({"dana", "mel", "tom", "nina"})
    ),
    "sharing:requests": STAFF,
    # Nobody asks to see more.
    "sharing:request": NONE,
    # The duty is switched off; nobody has a shield, a settlement, a scan or an item on an agenda.
    **dict.fromkeys(
        (
            "sharing:duty",
            "sharing:shield_review",
            "sharing:end_settlement",
            "sharing:paper",
            "sharing:close_item",
            "sharing:review",
            "sharing:agenda",
            "sharing:emergency_review",
        ),
        NONE,
    ),
    "sharing:emergencies": frozenset({"greta"}),
    # the rota is everybody's at work; Lewis Grant's hours are kept by himself, his manager and an administrator
    **dict.fromkeys(("rota:week", "rota:mine", "rota:person", "rota:own_duty"), STAFF),
    "rota:duty": STAFF,
    **dict.fromkeys(("rota:hours", "rota:away"), ADMIN),
    # Nobody of the cast is away, on duty, or asked to take a shift.
    **dict.fromkeys(
        ("rota:back", "rota:add_shift", "rota:off_duty", "rota:swap", "rota:answer", "rota:unask"), NONE
    ),
    "desk:on_duty": CASEWORKERS,
    **dict.fromkeys(("desk:hand_over", "desk:duty_phones"), OWN),
    "desk:settle_handover": OWN,
    # supervision: one's own; of the cast nobody manages a team, so none is recorded and no file is drawn
    **dict.fromkeys(("supervision:mine", "supervision:say_load", "supervision:support"), CASEWORKERS),
    **dict.fromkeys(
        (
            "supervision:team",
            "supervision:of_team",
            "supervision:measures",
            "supervision:record",
            "supervision:audits",
            "supervision:draw",
            "supervision:new_question",
            "supervision:drop_question",
            "supervision:audit",
            "supervision:set_aside",
            "supervision:decide",
            "supervision:detail",
            "supervision:words",
        ),
        NONE,
    ),
    # plans and tasks
    **dict.fromkeys(("plans:detail", "plans:print", "plans:pdf"), frozenset({"dana", "mel", "tom"})),
    **dict.fromkeys(
        (
            "plans:start",
            "plans:contact",
            "plans:contact_detail",
            "plans:close",
            "plans:change",
            "plans:agree",
            "plans:review",
            "plans:add_goal",
            "plans:add_action",
            "plans:goal",
        ),
        OWN,
    ),
    "tasks:complete": OWN,
    # meetings
    "meetings:list": CASEWORKERS,
    "meetings:detail": frozenset({"dana", "mel", "tom", "nina"}),
    # Nina is invited and has no grant for the plan: she is led to what she may see of the meeting.
    "meetings:minutes": frozenset({"dana", "mel", "tom", "nina"}),
    "meetings:pdf": frozenset({"dana", "mel", "tom", "nina"}),
    "meetings:panels": CASEWORKERS,
    "meetings:gaps": frozenset({"greta"}),
    # No panel sits yet.
    **dict.fromkeys(
        (
            "meetings:plan_sitting",
            "meetings:sitting",
            "meetings:build_agenda",
            "meetings:close_sitting",
            "meetings:panel_item",
        ),
        NONE,
    ),
    "meetings:earlier": frozenset({"dana", "mel", "tom", "nina"}),
    "meetings:answer": frozenset({"dana", "mel", "tom"}),
    **dict.fromkeys(
        (
            "meetings:amend",
            "meetings:call",
            "meetings:cancel",
            "meetings:change",
            "meetings:invite",
            "meetings:record",
            "meetings:live",
            "meetings:live_lines",
        ),
        OWN,
    ),
    "meetings:withdraw": OWN,
    # The meeting of the cast has no paragraph yet.
    **dict.fromkeys(("meetings:line", "meetings:settle_line", "meetings:remove_line"), NONE),
    **dict.fromkeys(("meetings:types", "meetings:add_type", "meetings:type"), ADMIN),
    # the family's own pages, and the worker's invitation to them
    **dict.fromkeys(
        (
            "portal:home",
            "portal:sharing",
            "portal:looks",
            "portal:about",
            "portal:agree",
            "portal:change",
            "portal:ask",
            "portal:put_right",
            "portal:complain",
            "portal:messages",
            "portal:children",
        ),
        frozenset({"farah"}),
    ),
    # Farah shares nothing that this key stands for, and nobody wrote anything.
    **dict.fromkeys(("portal:agree_with", "portal:stop", "portal:answer", "portal:received"), NONE),
    # A child's own identifier is no key to a parent's page about them.
    **dict.fromkeys(("portal:child", "portal:child_change", "portal:child_stop"), NONE),
    "portal:inbox": STAFF,
    **dict.fromkeys(("portal:sign_in", "portal:code", "portal:start", "portal:invitation"), ALL),
    "portal:invite": frozenset({"dana", "mel", "tom", "nina"}),
    "portal:end_access": NONE,
    # notices: the outbox exists in demonstration mode alone
    "notices:outbox": NONE,
    # the review desk: of the cast nobody manages a team
    **dict.fromkeys(
        (
            "recognition:desk",
            "recognition:next",
            "recognition:agreement",
            "recognition:pair",
            "recognition:ask_again",
        ),
        NONE,
    ),
    # feeds; the interface for machines opens to keys alone, and its document to everybody
    "feeds:feeds": CASEWORKERS,
    "feeds:feed": OWN,
    "api:openapi": ALL,
    **dict.fromkeys(("api:feeds", "api:caseloads", "api:run", "api:rows"), NONE),
    # import; before the dry run there is nothing refused to download
    "importing:refused": NONE,
    "importing:start": CASEWORKERS,
    "importing:remembered": CASEWORKERS,
    # Nothing is remembered before somebody said what the columns are.
    "importing:forget": NONE,
    **dict.fromkeys(
        (
            "importing:run",
            "importing:columns",
            "importing:confirm",
            "importing:decide",
            "importing:progress",
            "importing:again",
            "importing:take_up",
            "importing:unlisted",
            "importing:withdraw",
        ),
        OWN,
    ),
}


def may(name: str) -> frozenset[str] | None:
    """Who may open it; None where nobody has said."""
    return ADMIN if name.startswith("administration:") else MAY.get(name)


@dataclass
class World:
    """The demonstration, the parts of its URLs, and readers of the log."""

    clients: dict[str, Client]
    parts: dict[str, dict[str, str]]
    names: dict[str, int]
    auditor: psycopg.Connection
    mark: Any = None

    def url(self, name: str, groups: list[str]) -> str:
        """The URL, with the parts of the Rahmans' case."""
        room = name.split(":")[0]
        known = {**self.parts["*"], **self.parts.get(room, {}), **self.parts.get(name, {})}
        return reverse(name, kwargs={group: known[group] for group in groups})

    def rows_since(self) -> list[set[int]]:
        """The subjects of each access row written since the last call."""
        rows = self.auditor.execute(
            "select k.id, k.at, array(select l.subject_id from access_look_line l where l.look = k.id), k.act "
            "from access_look k where k.at > %s order by k.at",
            [self.mark],
        ).fetchall()
        if rows:
            self.mark = rows[-1][1]
        return [set(row[2]) for row in rows if row[3] != "refused"]


@pytest.fixture(scope="module")
def world(server_report: dict[str, str], django_db_blocker: Any) -> Iterator[World]:
    from harness.asked import what_feeds, what_was_asked
    from harness.told import told_database
    from teamaround.demonstration.area import PEOPLE

    name = f"live_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_sweep"
    with django_db_blocker.unblock(), told_database(server_report, name) as (area, past):
        owner = past.owner
        clients = {somebody.key: client_of(area.accounts[somebody.key]) for somebody in PEOPLE}
        farah_person = one(owner, "select subject_id from person where given = 'Farah'")
        clients["farah"] = parent(area, farah_person)
        clients["nobody"] = Client(raise_request_exception=False)
        upload = clients["dana"].post(
            reverse("importing:start"),
            {
                "team": str(area.team("young-carers")),
                "file": SimpleUploadedFile(
                    "list.csv", b"Name,DoB,Postcode\nKim Example,01/02/2012,NM1 1AA\n"
                ),
            },
        )
        assert upload.status_code == 302
        handed = clients["dana"].post(
            reverse("desk:hand_over", args=[one(owner, "select uuid from episode order by id limit 1")]),
            {"text": "Farah’s sister has the key.", "until_at": "9am", **tomorrow("until_on")},
        )
        assert handed.status_code == 302
        homes = one(owner, "select slug from agency where name = 'Northmoor Homes'")
        placed = clients["ada"].post(
            reverse("administration:new_site", args=[homes]),
            {"name": "Hope House", "address": "", "postcode": ""},
        )
        assert placed.status_code == 302
        authorised = clients["ada"].post(
            reverse("administration:registers"),
            {
                "agency": str(one(owner, "select id from agency order by id limit 1")),
                "area": "Northmoor, children of school age",
                "assessment_reference": "DPIA-2026-014",
                "assessed_on": "01/10/2026",
                "decided_by": "Greta Lindqvist",
                "effective_from": "01/10/2026",
                "effective_until": "31/12/2099",
            },
        )
        assert authorised.status_code == 302
        asked = what_was_asked(area) | what_feeds(area)
        auditor = psycopg.connect(server_report["auditor"].replace("DATABASE", name), autocommit=True)
        yield World(
            clients=clients,
            parts={**parts(owner), **asked},
            names={
                row[0]: row[1]
                for row in owner.execute(
                    "select given || ' ' || family_name, min(subject_id) from person group by 1 having count(*) = 1"
                )
            },
            auditor=auditor,
            mark=one(owner, "select clock_timestamp()"),
        )
        auditor.close()


def tomorrow(name: str) -> dict[str, str]:
    """The day after today, as a form of three boxes sends it."""
    day = timezone.localdate() + dt.timedelta(days=1)
    return {f"{name}_day": str(day.day), f"{name}_month": str(day.month), f"{name}_year": str(day.year)}


def parts(owner: psycopg.Connection) -> dict[str, dict[str, str]]:
    """What stands in the URLs: the Rahmans' case, and one of everything of it."""
    child = one(owner, "select subject_id from person where given = 'Aisha'")
    found = {
        "child": f"select uuid from person where subject_id = {child}",
        "brother": "select uuid from person where given = 'Sami' order by subject_id desc limit 1",
        "family": "select uuid from family limit 1",
        "episode": f"select uuid from episode where subject_id = {child}",
        "occurrence": f"select occurrence from event where subject_id = {child} and kind = 'allocation.made' limit 1",
        "referral": f"select uuid from referral where subject_id = {child}",
        "assessment": "select uuid from assessment where kind = 'early_help' limit 1",
        "plan": "select uuid from plan limit 1",
        "goal": f"select uuid from goal where subject_id = {child}",
        "contact": "select uuid from contact order by id limit 1",
        "task": "select t.uuid from task t join practitioner p on p.id = t.owner_id where p.name = 'Dana Price' limit 1",
        "meeting": "select uuid from meeting limit 1",
        "invitation": "select i.uuid from meeting_invitation i join practitioner p on p.id = i.practitioner_id limit 1",
        "basis": "select uuid from sharing_basis limit 1",
        "appointment": f"select a.uuid from appointment a join team t on t.id = a.with_team_id where a.subject_id = {child} and t.name = 'School nursing' limit 1",
        "involvement": f"select i.uuid from involvement i join team t on t.id = i.author_team_id where i.subject_id = {child} and t.slug like '%young-carers%'",
        "run": "select uuid from import_run limit 1",
        "authorisation": "select uuid from import_authorisation limit 1",
        "practitioner": "select uuid from practitioner where name = 'Lewis Grant'",
        "agency": "select slug from agency where name = 'Northmoor Homes'",
        "team": "select slug from team where name = 'Tenancy team'",
        "own_team": f"select t.slug from episode e join team t on t.id = e.author_team_id where e.subject_id = {child} limit 1",
        "panel": "select slug from panel limit 1",
        "handover": "select uuid from handover_note limit 1",
        "place": "select uuid from planning_place where kind = 'school' order by id limit 1",
        "other_place": "select uuid from planning_place where kind = 'school' order by id desc limit 1",
    }
    of = {key: str(one(owner, query)) for key, query in found.items()}
    entry = key_of("caring", one(owner, f"select id from person_caring where subject_id = {child}"))
    return {
        "*": {"episode": of["episode"], "plan": of["plan"], "goal": of["goal"], "contact": of["contact"], "task": of["task"],
              "key": of["child"], "person": of["child"], "person_key": of["brother"], "other_key": of["brother"], "kind": "name",
              "form": "sweep", "about": "new", "page": "about", "secret": "not-a-secret", "uidb36": "1",
              "entry": entry},
        "referrals": {"uuid": of["referral"]},
        "reports": {"uuid": of["place"]},
        "practice": {"uuid": of["episode"], "slug": "stockport-families-first", "number": "1", "key": "review",
                     "team": of["own_team"]},
        "reports:end": {"uuid": of["other_place"]},
        "assessments": {"uuid": of["assessment"]},
        "meetings": {"uuid": of["meeting"]},
        "meetings:answer": {"uuid": of["invitation"]},
        "meetings:withdraw": {"uuid": of["invitation"]},
        "meetings:type": {"key": "team-around"},
        "rota": {"uuid": of["plan"], "team": of["team"], "worker": of["practitioner"]},
        "desk:hand_over": {"key": of["episode"]},
        "desk:duty_phones": {"key": of["episode"]},
        "desk:settle_handover": {"key": of["handover"]},
        "supervision": {"uuid": of["plan"], "team": of["team"], "worker": of["practitioner"]},
        "sharing": {"uuid": of["basis"], "panel": of["panel"]},
        "portal": {
            "uuid": "00000000-0000-4000-8000-000000000000",
            "what": "00000000-0000-4000-8000-000000000000",
        },
        "importing": {"uuid": of["run"]},
        "administration": {"person": of["practitioner"], "agency": of["agency"], "team": of["team"], "panel": of["panel"]},
        "administration:revoke_register": {"uuid": of["authorisation"]},
        "administration:change_quiet": {"role": "lead"},
        "administration:site_hours": {"site": "hope-house"},
        "oversight:change_rule": {"kind": "many"},
        "oversight:alert": {"alert": of["plan"]},
        "account_reset_password_from_key": {"key": "nothing"},
        "mfa_remove_webauthn": {"pk": "1"},
        "openid_connect_login": {"provider_id": "northmoor-homes"},
        "openid_connect_callback": {"provider_id": "northmoor-homes"},
        "desk:family": {"key": of["family"]},
        "desk:add_member": {"key": of["family"]},
        "desk:join_family": {"key": of["family"]},
        "desk:case": {"key": of["episode"]},
        **{f"desk:{name}": {"key": of["family"]} for name in ("diary", "appoint_family")},
        "desk:appoint_case": {"key": of["episode"]},
        **{f"desk:{name}": {"key": of["appointment"]} for name in ("appointment", "move_appointment", "cancel_appointment")},
        "tasks:kind": {"key": "visit"},
        "desk:drop_view": {"view": of["plan"]},
        "desk:clock_done": {"key": of["episode"], "clock": "contact"},
        "desk:move_on": {"key": of["episode"]},
        "desk:reopen": {"key": of["episode"]},
        "desk:allocate": {"key": of["episode"]},
        "desk:worker_profile": {"worker": of["practitioner"]},
        "desk:follow_up": {"key": of["episode"]},
        "desk:take_back": {"key": of["episode"], "what": "closure"},
        "desk:record_event": {"key": of["episode"]},
        "desk:recorded": {"key": of["episode"], "occurrence": of["occurrence"]},
        "desk:end_involvement": {"key": of["involvement"]},
        "desk:contact_details": {"key": of["involvement"]},
        "desk:begin_again": {"key": of["involvement"]},
    }  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """One answer: what it named, and the subjects of each access row that it left."""

    name: str
    who: str
    status: int
    location: str
    named: set[int]
    rows: list[set[int]]
    unsafe: list[str]
    hidden: tuple[bytes, Any] | None
    """The page and the headers of what was not there to find."""


URLS = every_url()


def test_somebody_has_said_who_may_open_each_url() -> None:
    assert [name for name, _ in URLS if may(name) is None] == []


def test_nothing_is_said_of_a_url_that_is_not_there() -> None:
    assert set(MAY) - {name for name, _ in URLS} == set()


# Answers to one who may open the page: shown, led on, or told what is missing, stale or gone.
OPEN = (200, 204, 302, 303, 400, 401, 405, 409, 410, 422)
# Where a visitor is sent to sign in: practitioners, and family members.
DOORS = ("/account/login/", "/my-information/sign-in/")
# What opens to a key alone: whoever is signed in is nobody there.
KEYED = frozenset({"api:feeds", "api:caseloads", "api:run", "api:rows"})
# Posting nothing names nothing to act on.
NAMES_NOTHING = {
    f"administration:{act}"
    for act in ("end_role", "invite_again", "remove_term", "reopen", "seat", "unseat", "withdraw")
} | {"oversight:end_name"}


def verdict(name: str, who: str, status: int, location: str) -> str:
    """What is wrong with this answer; empty where nothing is."""
    if status >= 500:
        return f"{name} as {who}: {status}"
    if name in KEYED:
        return "" if status in (401, 405) else f"{name} as {who}: {status} without a key"
    if who in (may(name) or NONE):
        return (
            ""
            if status in OPEN or (status == 404 and name in NAMES_NOTHING)
            else f"{name} as {who}: {status}"
        )
    if (
        who == "nobody"
        and status in (302, 401)
        and (status == 401 or any(door in location for door in DOORS))
    ):
        return ""
    return "" if status in (403, 404, 405) else f"{name} as {who}: {status}, though not theirs to open"


TOKEN = re.compile(rb"[A-Za-z0-9]{64}")


def page_of(answer: Any) -> bytes:
    """The page, but for the token of its form."""
    return TOKEN.sub(b"", answer.content)


@pytest.fixture(scope="module")
def readings(world: World) -> list[Reading]:
    """What each of the cast got for each URL, by GET, and the access rows that it left."""
    found = []
    world.rows_since()
    for name, groups in URLS:
        if name == "account_logout":
            continue
        url = world.url(name, groups)
        for who in CAST:
            answer = world.clients[who].get(url)
            text = "" if answer.streaming else answer.content.decode(errors="replace")
            named = {subject for full, subject in world.names.items() if full in text}
            found.append(
                Reading(
                    name,
                    who,
                    answer.status_code,
                    answer.headers.get("Location", ""),
                    named,
                    world.rows_since(),
                    unsafe(answer),
                    (page_of(answer), answer.headers) if answer.status_code == 404 else None,
                )
            )
    return found


def test_reading_each_url_as_each_of_the_cast_opens_only_what_is_theirs(readings: list[Reading]) -> None:
    wrong = [verdict(each.name, each.who, each.status, each.location) for each in readings]
    assert not any(wrong), "\n".join(each for each in wrong if each)


def test_every_answer_has_the_headers_and_no_page_holds_what_they_forbid(readings: list[Reading]) -> None:
    wrong = [f"{each.name} as {each.who}: {', '.join(each.unsafe)}" for each in readings if each.unsafe]
    assert not wrong, "\n".join(wrong)


def test_what_is_hidden_reads_like_what_does_not_exist(world: World, readings: list[Reading]) -> None:
    """The same page to the byte, but for the token of its form, and the same headers."""
    told, compared, groups_of = [], 0, dict(URLS)
    for each in readings:
        url = world.url(each.name, groups_of[each.name])
        nowhere = UUID.sub(lambda _found: str(uuid.uuid4()), url)
        if each.hidden is None or nowhere == url:
            continue
        absent = world.clients[each.who].get(nowhere)
        compared += 1
        if absent.status_code != 404 or each.hidden != (page_of(absent), absent.headers):
            told.append(f"{each.name} as {each.who}")
    assert not told, "\n".join(told)
    assert compared > 50


def test_a_page_that_names_a_person_leaves_one_access_row_with_a_line_for_each(
    readings: list[Reading],
) -> None:
    wrong = []
    for each in readings:
        if each.status != 200 or not each.named:
            continue
        if len(each.rows) != 1:
            wrong.append(f"{each.name} as {each.who}: {len(each.rows)} access rows")
        elif each.named - each.rows[0]:
            missing = each.named - each.rows[0]
            wrong.append(
                f"{each.name} as {each.who}: no line for {sorted(missing)} among {sorted(each.rows[0])}"
            )
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "share", [pytest.param(2, id="half"), pytest.param(1, id="all", marks=pytest.mark.long)]
)
def test_posting_nothing_to_each_url_as_each_of_the_cast_changes_only_what_is_theirs(
    world: World, share: int
) -> None:
    """Each URL in each run: by turns as one half of the cast or the other, in the long run as everybody."""
    wrong = []
    for name, groups in URLS:
        if name in (
            "account_logout",
            "administration:leave",
            "administration:end_feed",
            "desk:end_involvement",
            "sharing:withdraw",
            "importing:withdraw",
        ):
            continue
        url = world.url(name, groups)
        for who in CAST:
            if zlib.crc32(f"{name} {who}".encode()) % share:
                continue
            answer = world.clients[who].post(url, {})
            wrong.append(verdict(name, who, answer.status_code, answer.headers.get("Location", "")))
    assert not any(wrong), "\n".join(each for each in wrong if each)
