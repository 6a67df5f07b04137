"""Who is signed in: the practitioner with current teams, roles, panels and permissions; or a family member."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection

from teamaround.agencies.models import Account, PrincipalKind
from teamaround.agencies.roles import Permission, permissions_of
from teamaround.database.actor import ANONYMOUS, Actor


@dataclass(frozen=True, slots=True)
class Seat:
    """One current membership."""

    team: int
    team_name: str
    team_slug: str
    agency: int
    agency_name: str
    role: str
    sensitivity: str
    procedure_slug: str


@dataclass(frozen=True, slots=True)
class Me:
    """A signed-in practitioner at this moment."""

    account: int
    principal: int
    name: str
    seats: tuple[Seat, ...]
    panels: tuple[int, ...] = ()
    permissions: frozenset[Permission] = field(default_factory=frozenset)

    @property
    def teams(self) -> tuple[int, ...]:
        """Principals of the teams I belong to now, first the one I joined first."""
        return tuple(dict.fromkeys(seat.team for seat in self.seats))

    @property
    def team(self) -> Seat:
        """The team I write for where nothing else was chosen. Raises LookupError without a membership."""
        for seat in self.seats:
            return seat
        raise LookupError("no current membership")

    def may(self, permission: Permission) -> bool:
        """Whether one of my current roles holds the permission."""
        return permission in self.permissions

    def may_for(self, permission: Permission, team: int) -> bool:
        """Whether one of my current roles in that team holds the permission."""
        return permission in permissions_of([seat.role for seat in self.seats if seat.team == team])

    def actor(self) -> Actor:
        """The actor for the stamp: own principal, teams, panels."""
        return Actor(
            kind=PrincipalKind.PRACTITIONER,
            principal=self.principal,
            principals=(self.principal, *self.teams, *self.panels),
            account=self.account,
        )


_WHO = """
select p.id, p.name,
  coalesce((select json_agg(json_build_array(t.id, t.name, t.slug, a.id, a.name, w.role, t.sensitivity, t.procedure_slug)
                            order by w.brought, w.since, w.id)
    from (
        select m.team_id, m.role, m.since, m.id, 0 as brought from membership m
        where m.practitioner_id = p.id and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp())
        union all
        select d.team, 'duty', d.since, d.shift, 1 from app.duty_brings(p.id) d
    ) w join team t on t.id = w.team_id join agency a on a.id = t.agency_id
    where t.ended_at is null), '[]'),
  array(select s.panel_id from panel_seat s join panel n on n.id = s.panel_id
    where s.practitioner_id = p.id and n.ended_at is null
    and s.since <= statement_timestamp() and (s.until is null or s.until > statement_timestamp()))
from practitioner p where p.account_id = %s and p.left_at is null
"""


def me_of(account: Account) -> Me | None:
    """The practitioner of this account with the memberships of now; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_WHO, [account.pk])
        row = cursor.fetchone()
    if row is None or not account.is_active:
        return None
    principal, name, seats, panels = row
    return build_me(account.pk, principal, name, tuple(Seat(*seat) for seat in seats), tuple(panels))


def build_me(account: int, principal: int, name: str, seats: tuple[Seat, ...], panels: tuple[int, ...]) -> Me:
    """A `Me` with the permissions that its roles hold."""
    return Me(
        account=account,
        principal=principal,
        name=name,
        seats=seats,
        panels=panels,
        permissions=permissions_of([seat.role for seat in seats]),
    )


@dataclass(frozen=True, slots=True)
class FamilyMember:
    """A signed-in family member: their own principal, and the subject that is themselves."""

    account: int
    principal: int
    subject: int


def family_member_of(actor: Actor) -> FamilyMember | None:
    """The family member who acts; None for everybody else. Reads as the actor: only one's own row shows."""
    if actor.kind != PrincipalKind.FAMILY:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "select person_id from portal_account where id = %s and ended_at is null", [actor.principal]
        )
        row = cursor.fetchone()
    return FamilyMember(actor.account, actor.principal, row[0]) if row is not None else None


def portal_actor(account: Account) -> Actor | None:
    """The actor of a family member's account; None where the account is no portal account."""
    with connection.cursor() as cursor:
        cursor.execute("select app.portal_of(%s)", [account.pk])
        row = cursor.fetchone()
    if row is None or row[0] is None:
        return None
    return Actor(kind=PrincipalKind.FAMILY, principal=row[0], principals=(row[0],), account=account.pk)


def actor_of(account: Account | None) -> tuple[Actor, Me | None]:
    """The actor for a request by this account, and the practitioner where it is one."""
    if account is None or not account.is_authenticated:
        return ANONYMOUS, None
    me = me_of(account)
    if me is not None:
        return me.actor(), me
    return portal_actor(account) or ANONYMOUS, None
