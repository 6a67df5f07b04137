"""The list of planted faults: what goes wrong in words, where, and the change of text that does it."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class In(enum.Enum):
    """Where a fault is planted."""

    FUNCTION = "function"
    POLICY = "policy"
    STATEMENT = "statement"
    STAMP = "stamp"


@dataclass(frozen=True)
class Fault:
    """One planted fault. `writes` names tables whose writing is compared for everybody, not by sample."""

    words: str
    where: In
    target: str
    old: str
    new: str
    writes: tuple[str, ...] = ()


def _function(name: str, *faults: tuple[str, str, str]) -> tuple[Fault, ...]:
    return tuple(Fault(words, In.FUNCTION, name, old, new) for words, old, new in faults)


def _policy(target: str, words: str, old: str, new: str, *writes: str) -> Fault:
    return Fault(words, In.POLICY, target, old, new, writes)


CONSENTS = _function(
    "rebuild_consents",
    (
        "a withdrawal stops nothing",
        "b.withdrawn_at, b.given_by_id",
        "null::timestamptz as withdrawn_at, b.given_by_id",
    ),
    ("a consent never ends", "least(b.ends, b.valid_until, b.withdrawn_at)", "least(b.ends, b.withdrawn_at)"),
    ("a later decision supersedes nothing", "least(d.superseded, case", "least(null::timestamptz, case"),
    ("a withdrawal is silence, not a no", "and b.withdrawn_at is not null", "and false"),
    ("asking first is silence, not a no", "where b.answer <> 'share'", "where b.answer = 'refuse'"),
    (
        "of two decisions at once the earlier recorded rules",
        "order by l.valid_from, l.id)",
        "order by l.valid_from, l.id desc)",
    ),
    (
        "a refusal ends with its consent",
        "app.span(b.valid_from, b.ends) from",
        "app.span(b.valid_from, b.valid_until) from",
    ),
    (
        "between two parents the less restrictive stands",
        "from held n where n.says = 'no'",
        "from held n where n.says = 'no' and n.own",
    ),
    (
        "a child's own refusal counts for nothing",
        "from held n where n.says = 'no'",
        "from held n where n.says = 'no' and not n.own",
    ),
    ("a parent's refusal stands over the child's share", "and (r.own or not h.own)", ""),
    ("a settlement lifts the subject's own refusal", "where not n.own and s.holder_id", "where s.holder_id"),
    ("a settlement lifts a refusal that begins later", "and lower(n.during) <= s.valid_from", ""),
    ("a settlement for one subject settles another's", "where s.subject_id = any (records)", "where true"),
    ("a settlement never ends", "tstzrange(s.valid_from, s.valid_until)", "tstzrange(s.valid_from, null)"),
    (
        "a shared category does not bring the index",
        "(values (s.shared_category), ('index'))",
        "(values (s.shared_category))",
    ),
)
LAPSES = _function(
    "decision_lapses",
    ("the sixteenth birthday changes nothing", "interval '16 years'", "interval '160 years'"),
    (
        "a birthday known to the month is taken to the day",
        "date_trunc(p.born_precision,",
        "date_trunc('day',",
    ),
    ("whoever left a family goes on deciding for it", "bool_and(m.until is not null)", "false"),
    (
        "one of two places in a family that ended is enough",
        "bool_and(m.until is not null)",
        "bool_or(m.until is not null)",
    ),
    ("a place in a family recorded by mistake counts", "and m.voided_at is null", ""),
)
OTHERS = _function(
    "rebuild_others",
    ("a review that was missed ends nothing", "(b.review_on + 1)", "(b.review_on + 5000)"),
    ("the day of a review is lost", "(b.review_on + 1)", "b.review_on"),
    ("a duty opens outside its period", "when b.kind = 'duty' then coalesce", "when false then coalesce"),
    (
        "withdrawing another basis stops nothing",
        "least(b.valid_until, b.withdrawn_at,",
        "least(b.valid_until,",
    ),
    (
        "the later of two ends counts",
        "least(b.valid_until, b.withdrawn_at,",
        "greatest(b.valid_until, b.withdrawn_at,",
    ),
    (
        "break-glass opens to the team",
        "l.holder_id, c.category",
        "case when b.kind = 'break_glass' then b.author_team_id else l.holder_id end, c.category",
    ),
    ("a line that does not share opens", "and l.answer = 'share'", ""),
)
DERIVED = (
    *_function(
        "derive_duties",
        ("switching the duty on or off derives nothing", "perform app.rebuild_others(one)", "null"),
    ),
    *_function(
        "derive_sharing_again",
        ("a corrected date of birth derives nothing", "perform app.rebuild_consents(new.subject_id)", "null"),
    ),
    *_function(
        "derive_involvement",
        ("an involvement holds on its last day", "new.until::timestamp", "(new.until + 1)::timestamp"),
        (
            "an involvement opens the names as well as the index",
            "new.author_team_id, 'index'",
            "new.author_team_id, 'identity'",
        ),
    ),
    *_function(
        "derive_episode",
        ("a closed case goes on opening", "('waiting', 'open')", "('waiting', 'open', 'closed')"),
        (
            "a case opens the child and not the family",
            "array[new.subject_id, new.family_id]",
            "array[new.subject_id]",
        ),
    ),
    *_function(
        "involvement_category",
        (
            "a sensitive team's involvement stands in the index",
            "when 'justice' then 'justice'",
            "when 'justice' then 'index'",
        ),
    ),
    *_function(
        "hide_involvements",
        (
            "a team that becomes sensitive is seen in what it wrote before",
            "update involvement set category = category where author_team_id = new.id",
            "null",
        ),
    ),
    *_function(
        "rebuild_purposes",
        ("a purpose opens under a full shield", "s.level = 'full'", "false"),
        ("a shield that spares where somebody lives takes purposes away", "s.level = 'full'", "true"),
        (
            "whom a shield names is bound in a purpose",
            "h.holder_id in (p.team_id, p.practitioner_id)",
            "false",
        ),
    ),
)
SHIELDS = (
    *_function(
        "shielded",
        ("a shield binds nobody", "return exists (", "return false and exists ("),
        ("a shield that was lifted still binds", "least(s.valid_until, s.lifted_at)", "s.valid_until"),
        ("whom a shield names is bound", "h.holder_id = any (app.principals())", "false"),
        ("who recorded a shield is bound", "not (s.author_team_id = any (app.principals()))", "true"),
    ),
    *_function(
        "shielded_from_passers_by",
        ("a stated purpose sees involvements behind a shield", "g.basis_kind <> 'purpose'", "true"),
    ),
    _policy(
        "person_address.person_address_shield",
        "a shield hides what one's own team wrote",
        "(author_team_id = ANY (( SELECT app.principals() AS principals)::integer[])) OR",
        "",
    ),
    _policy(
        "referral_whereabouts.referral_whereabouts_shield",
        "who receives a referral reads where a shielded child lives",
        "",
        "true",
    ),
    _policy(
        "referral_whereabouts_history.referral_whereabouts_history_as_row",
        "what a referral said of a child's whereabouts stays readable in its history",
        "",
        "true",
    ),
)
FAMILY_INHERITS = """
create policy planted on person for select to app_rw using (true);
alter policy person_select on person using (
    author_team_id = any ((select app.principals())::int[]) or exists (
        select 1 from access_grant g where g.principal_id = any (app.principals()) and g.category = 'index'
            and g.valid_during @> statement_timestamp() and (g.subject_id = person.subject_id or g.subject_id in (
                select m.subject_id from family_member m where m.person_id = person.subject_id))))
"""
GRANTED = """
drop policy planted on person;
alter policy person_select on person using (
    author_team_id = any ((select app.principals())::int[]) or (
        select true from access_grant g where g.subject_id = person.subject_id and g.category = person.category
            and g.principal_id = any ((select app.principals())::int[]) and g.valid_during @> statement_timestamp() limit 1))
"""
READING = (
    _policy(
        "event.event_select",
        "a grant for one category opens them all",
        " AND ((g.category)::text = (event.category)::text)",
        "",
    ),
    _policy(
        "event.event_select",
        "a subject without its table's name is everybody",
        "g.subject_id = event.subject_id",
        "g.subject_id = g.subject_id",
    ),
    _policy(
        "event.event_select",
        "a grant holds before its start and after its end",
        " AND (g.valid_during @> statement_timestamp())",
        "",
    ),
    _policy("person_need_history.person_need_history_select", "a history is open to all", "", "true"),
    _policy(
        "sharing_basis.sharing_basis_select",
        "the governance lead reads every decision",
        "((kind)::text = 'break_glass'::text) AND",
        "",
    ),
    _policy(
        "meeting_invitation.meeting_invitation_select",
        "a team that is invited no more reads its invitation",
        " AND (withdrawn_at IS NULL)",
        "",
    ),
    _policy(
        "referral.referral_select",
        "who receives a referral cannot read it",
        "(receiving_team_id = ANY (( SELECT app.principals() AS principals)::integer[])) OR",
        "",
    ),
    _policy(
        "involvement_history.involvement_history_as_row", "a hidden involvement shows its history", "", "true"
    ),
    _policy("draft.draft_select", "a draft is everybody's", "", "true"),
    Fault(
        "row-level security is off for one table",
        In.STATEMENT,
        "",
        "alter table goal enable row level security",
        "alter table goal disable row level security",
    ),
    Fault("who may see a family may see its members", In.STATEMENT, "", GRANTED, FAMILY_INHERITS),
)
WRITING = (
    _policy("contact.contact_update", "who may read a row may change it", "", "true", "contact"),
    _policy("contact.contact_insert", "a row may be added in another team's name", "", "true", "contact"),
    Fault(
        "a row moves to another author",
        In.FUNCTION,
        "touch",
        "new.author_team_id is distinct from old.author_team_id",
        "false",
        ("contact", "goal", "task"),
    ),
    Fault(
        "a row moves to another subject",
        In.FUNCTION,
        "touch",
        "new.subject_id is distinct from old.subject_id",
        "false",
        ("contact", "goal", "task"),
    ),
    Fault(
        "a row can be deleted",
        In.STATEMENT,
        "",
        "revoke delete on contact_seen from app_rw; drop policy planted on contact_seen",
        "grant delete on contact_seen to app_rw; create policy planted on contact_seen for delete to app_rw using (true)",
        ("contact_seen",),
    ),
    Fault(
        "an event can be changed",
        In.STATEMENT,
        "",
        "revoke update on event from app_rw; drop policy planted on event; alter table event enable trigger a_append_only",
        "grant update on event to app_rw; create policy planted on event for update to app_rw using (true); "
        "alter table event disable trigger a_append_only",
        ("event",),
    ),
)
STAMPED = (
    Fault(
        "a membership that ended goes on",
        In.STAMP,
        "who",
        "and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp())",
        "",
    ),
    Fault("a membership holds before it begins", In.STAMP, "who", "m.since <= statement_timestamp() and", ""),
    Fault(
        "a seat on a panel that ended goes on",
        In.STAMP,
        "who",
        "and (s.until is null or s.until > statement_timestamp())",
        "",
    ),
    Fault("a panel that ended goes on", In.STAMP, "who", "n.ended_at is null", "true"),
    Fault("a team that ended goes on", In.STAMP, "who", "t.ended_at is null", "true"),
    Fault("who left goes on", In.STAMP, "who", "p.left_at is null", "true"),
)
FAULTS: tuple[Fault, ...] = (*CONSENTS, *LAPSES, *OTHERS, *DERIVED, *SHIELDS, *READING, *WRITING, *STAMPED)
"""Every planted fault."""
