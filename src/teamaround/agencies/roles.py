"""What a role may do, as described data that a governance lead can read. `docs/permissions.md` is made from it."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Permission(enum.Enum):
    """One thing that a role may do. The value is the sentence shown to people."""

    SEARCH_INDEX = "Search for a child or an adult, giving a reason"
    WORK_CASES = "Read and write the records of the team's own cases"
    REFER = "Send a referral to another team"
    DECIDE_REFERRALS = "Accept or decline referrals, and allocate them"
    IMPORT_CASELOAD = "Bring in the team's caseload from a file"
    CALL_MEETINGS = "Call meetings and write their minutes"
    RECORD_CONSENT = "Record consent and its withdrawal"
    RECORD_SAFEGUARDING = "Record a safeguarding reason for sharing"
    CLOSE_CASES = "Close a case"
    SET_UP_AREA = "Set up agencies, teams, panels and sites"
    INVITE = "Invite practitioners, move them between teams, and end their access"
    READ_OUTBOX = "Read the demonstration's outbox"
    MERGE_RECORDS = "Join two records of the same person, and undo it"
    OVERSEE_ACCESS = "Read the access log of the whole area"
    HANDLE_RIGHTS = (
        "Handle requests for one’s own data and its erasure, disposal, holds and sharing agreements"
    )
    SEE_REPORTS = "See counts of the whole area"
    KEEP_CALENDARS = "Close the service for days; administrators also keep sites’ hours and school terms"
    CHANGE_PROCEDURES = "Change the area’s procedures, try a change on past cases, and publish it"
    SET_PLANNING = "Keep the area’s planning numbers: rolls, children by district, rates"


@dataclass(frozen=True, slots=True)
class Role:
    """A role of a practitioner in one team."""

    key: str
    display_name: str
    description: str
    permissions: frozenset[Permission]


_CASEWORK = frozenset(
    {
        Permission.SEARCH_INDEX,
        Permission.WORK_CASES,
        Permission.REFER,
        Permission.CALL_MEETINGS,
        Permission.RECORD_CONSENT,
        Permission.RECORD_SAFEGUARDING,
        Permission.IMPORT_CASELOAD,
        Permission.CLOSE_CASES,
    }
)

ROLES: dict[str, Role] = {
    role.key: role
    for role in (
        Role(
            "practitioner",
            "Practitioner",
            "Works with children and families: the usual role of a worker in a team.",
            _CASEWORK,
        ),
        Role(
            "manager",
            "Manager",
            "Decides on referrals, allocates named workers and sees the whole team's cases.",
            _CASEWORK
            | {
                Permission.DECIDE_REFERRALS,
                Permission.MERGE_RECORDS,
                Permission.SEE_REPORTS,
                Permission.KEEP_CALENDARS,
            },
        ),
        Role(
            "administrator",
            "Administrator",
            "Sets up the area and looks after people's access. Sees no case.",
            frozenset(
                {
                    Permission.SET_UP_AREA,
                    Permission.INVITE,
                    Permission.READ_OUTBOX,
                    Permission.SET_PLANNING,
                    Permission.KEEP_CALENDARS,
                }
            ),
        ),
        Role(
            "governance",
            "Information-governance lead",
            "Oversees who looked at what, and why. Sees no case.",
            frozenset({Permission.OVERSEE_ACCESS, Permission.HANDLE_RIGHTS, Permission.SEE_REPORTS}),
        ),
        Role(
            "partnership",
            "Partnership officer",
            "Plans for the whole area from counts, and keeps its procedures. Sees no case.",
            frozenset({Permission.SEE_REPORTS, Permission.SET_PLANNING, Permission.CHANGE_PROCEDURES}),
        ),
    )
}


ON_DUTY = Role(
    "duty",
    "On duty",
    "Somebody of the agency who is on duty for a team they do not work in: they work its cases as long as the shift "
    "lasts, and not a minute longer. Nobody is given this role; a shift brings it.",
    frozenset({Permission.SEARCH_INDEX, Permission.WORK_CASES, Permission.RECORD_SAFEGUARDING}),
)


def permissions_of(role_keys: list[str]) -> frozenset[Permission]:
    """All permissions that these roles hold together; an unknown role gives none."""
    found: set[Permission] = set()
    for key in role_keys:
        if key in ROLES:
            found |= ROLES[key].permissions
        elif key == ON_DUTY.key:
            found |= ON_DUTY.permissions
    return frozenset(found)
