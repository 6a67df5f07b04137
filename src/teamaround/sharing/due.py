"""What falls due about sharing, as My day lists it. One query, under the reader's own policies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.me import Me
from teamaround.agencies.roles import Permission
from teamaround.ui.presentation import uk_date

RENEWAL_DAYS = 28
"""How long before a consent runs out, or a sixteenth birthday, one is told."""
REVIEW_DAYS = 7
MOST = 50

_DUE = """
with mine as (select %(teams)s::int[] as teams, %(today)s::date as today)
(select 'consent' as what, b.uuid, p.uuid as person, p.subject_id, trim(p.given || ' ' || p.family_name) as name,
    trim(g.given || ' ' || g.family_name) as giver, (b.valid_until at time zone 'Europe/London')::date as due
 from sharing_basis b join person p on p.subject_id = b.subject_id left join person g on g.subject_id = b.given_by_id, mine
 where b.author_team_id = any (mine.teams) and b.kind = 'consent' and b.withdrawn_at is null and b.wording_version <> ''
    and b.valid_until >= mine.today - 28 and b.valid_until < mine.today + %(renewal)s
    and not exists (select 1 from sharing_basis n where n.subject_id = b.subject_id and n.given_by_id = b.given_by_id
                    and n.kind = 'consent' and n.id > b.id)
 order by b.valid_until limit %(most)s)
union all
(select b.kind, b.uuid, p.uuid, p.subject_id, trim(p.given || ' ' || p.family_name), '', b.review_on
 from sharing_basis b join person p on p.subject_id = b.subject_id, mine
 where b.author_team_id = any (mine.teams) and b.kind in ('safeguarding', 'duty', 'vital') and b.withdrawn_at is null
    and b.review_on between mine.today - 28 and mine.today + %(review)s
 order by b.review_on limit %(most)s)
union all
(select 'shield', s.uuid, p.uuid, p.subject_id, trim(p.given || ' ' || p.family_name), '', s.review_on
 from sharing_shield s join person p on p.subject_id = s.subject_id, mine
 where s.author_team_id = any (mine.teams) and s.lifted_at is null and s.review_on <= mine.today + %(review)s
 order by s.review_on limit %(most)s)
union all
(select distinct 'sixteen', p.uuid, p.uuid, p.subject_id, trim(p.given || ' ' || p.family_name), '',
    (p.date_of_birth + interval '16 years')::date
 from sharing_basis b join person p on p.subject_id = b.subject_id, mine
 where b.author_team_id = any (mine.teams) and b.kind = 'consent' and b.given_by_id <> b.subject_id
    and b.withdrawn_at is null and b.valid_until >= mine.today and b.wording_version <> ''
    and p.date_of_birth + interval '16 years' between mine.today and mine.today + %(renewal)s
 limit %(most)s)
union all
(select 'break_glass', b.uuid, null, b.subject_id, '', '', (b.valid_from at time zone 'Europe/London')::date
 from sharing_basis b
 where %(governs)s and b.kind = 'break_glass'
    and not exists (select 1 from sharing_break_glass_review r where r.basis_id = b.id)
 order by b.valid_from limit %(most)s)
union all
(select 'asked', r.uuid, null, null, t.name, '', (r.recorded_at at time zone 'Europe/London')::date
 from sharing_access_request r join team t on t.id = r.author_team_id, mine
 where r.state = 'asked'
    and (r.answering_team_id = any (mine.teams) or (%(governs)s and r.answering_team_id is null))
 order by r.recorded_at limit %(most)s)
union all
(select 'answered', r.uuid, null, null, '', '', (r.answered_at at time zone 'Europe/London')::date
 from sharing_access_request r, mine
 where r.author_team_id = any (mine.teams) and r.recorded_by = %(me)s and r.answered_at > statement_timestamp() - interval '7 days'
 order by r.answered_at limit %(most)s)
"""


@dataclass(frozen=True, slots=True)
class DueSharing:
    """One line: what falls due, why, and where it is done. `subject` is whom it names, for the access log."""

    title: str
    reason: str
    url: str
    action: str
    due: dt.date
    subject: int | None


def due_for(me: Me) -> list[DueSharing]:
    """What falls due for my teams, the soonest first: consents to renew and sixteenth birthdays within 28 days,
    reviews within 7 days; requests to see more, and answers to mine of the last 7 days; for whoever governs access,
    openings in an emergency that wait for a review.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _DUE,
            {
                "teams": list(me.teams),
                "me": me.principal,
                "today": timezone.localdate(),
                "renewal": RENEWAL_DAYS,
                "review": REVIEW_DAYS,
                "most": MOST,
                "governs": me.may(Permission.OVERSEE_ACCESS),
            },
        )
        rows = [_line(*row) for row in cursor.fetchall()]
    return sorted(rows, key=lambda each: each.due)


def _line(
    what: str, key: object, person: object, subject: int, name: str, giver: str, due: dt.date
) -> DueSharing:
    past = due < timezone.localdate()
    day = uk_date(due)
    if what == "consent":
        title = _("Ask %(name)s’s family again about sharing") % {"name": name}
        words = (
            _("%(giver)s’s answer ran out on %(day)s.")
            if past
            else _("%(giver)s’s answer runs out on %(day)s.")
        )
        reason = words % {"giver": giver or _("An"), "day": day}
        url, action = reverse("sharing:consent", args=[person]), _("Ask again")
    elif what == "sixteen":
        title = _("Ask %(name)s before their sixteenth birthday") % {"name": name}
        words = _("On %(day)s %(name)s decides for themselves: ask them before then.")
        reason = words % {"day": day, "name": name.split(" ")[0]}
        url, action = reverse("sharing:consent", args=[person]), _("Ask")
    elif what == "shield":
        title = _("Review the shield of %(name)s") % {"name": name}
        reason = _("Due by %(day)s. It stays up until you lift it.") % {"day": day}
        url, action = reverse("sharing:shield_review", args=[key]), _("Review")
    elif what == "asked":
        title = _("%(team)s asks to see more") % {"team": name}
        reason = _("Asked on %(day)s. The request waits for your answer.") % {"day": day}
        url, action, name = reverse("sharing:request", args=[key]), _("Answer"), ""
    elif what == "answered":
        title = _("Your request to see more has an answer")
        reason = _("Answered on %(day)s.") % {"day": day}
        url, action = reverse("sharing:request", args=[key]), _("Read it")
    elif what == "break_glass":
        title = _("Review an opening in an emergency")
        reason = _("Opened on %(day)s.") % {"day": day}
        url, action = reverse("sharing:emergency_review", args=[key]), _("Review")
    else:
        title = _("Review why %(name)s’s information is shared without consent") % {"name": name}
        words = (
            _("It ended on %(day)s: nobody reviewed it.")
            if past
            else _("It ends on %(day)s unless you review it.")
        )
        reason = words % {"day": day}
        url, action = reverse("sharing:review", args=[key]), _("Review")
    return DueSharing(title, reason, url, action, due, subject if name else None)
