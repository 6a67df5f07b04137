"""Reading one row, by the oracle: the general rule, and the further readers of some tables.

The further readers stand in `docs/sharing-rules.md` under "Further readers", and here a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from teamaround.checks.oracle import SENSITIVE_WORK, Oracle
from teamaround.checks.places import Row
from teamaround.checks.tables import (
    HISTORY,
    READERS,
    WHEREABOUTS,
)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks: kind, own principal, and all principals held now."""

    kind: str
    principal: int
    principals: frozenset[int]
    governs: bool = False
    """Whether one of their current roles is that of the information-governance lead."""
    manages: bool = False
    """Whether one of their current roles is that of a manager."""
    searches: bool = False
    """Whether they are the nightly search."""


def category_of(oracle: Oracle, table: str, row: Row) -> str:
    """The category a row stands under. What a sensitive team does stands under the category of its work.

    A meeting and a reply carry their author's; an invitation that of the team invited, else of the author.
    A version in a history stands under the category that it had.
    """
    author = oracle.sensitivity.get(row["author_team_id"], "")
    if table == "involvement":
        return SENSITIVE_WORK.get(author, "index")
    if table in ("meeting", "meeting_reply"):
        return SENSITIVE_WORK.get(author, "plan")
    if table == "appointment":
        host = oracle.sensitivity.get(row["with_team_id"], "")
        return SENSITIVE_WORK.get(host, SENSITIVE_WORK.get(author, "plan"))
    if table == "meeting_invitation":
        invited = oracle.sensitivity.get(row["invited_team_id"], "")
        return SENSITIVE_WORK.get(invited, SENSITIVE_WORK.get(author, "plan"))
    return str(row["category"])


def may_read(oracle: Oracle, who: Asking, table: str, row: Row) -> bool:
    """Whether the actor sees this row of the table.

    A history's rows follow the rule of its table; those of involvements, of meetings and of where a
    referral's child lives show only where the present row does.
    """
    if table in ALONE:
        return ALONE[table](oracle, who, row)
    mine = who.principals
    name, table = table, table.removesuffix(HISTORY)
    if name != table and (
        table in ("involvement", "referral_whereabouts")
        or table.startswith(("appointment", "meeting", "minute_line"))
    ):
        present = oracle.present(table, row["id"])
        if present is None or not may_read(oracle, who, table, present):
            return False
    if row["author_team_id"] in mine:
        return True
    if table in WHEREABOUTS and oracle.bound(row.get("subject_id"), mine):
        return False
    if any(row[column] in mine for column in READERS.get(name, READERS.get(table, ()))):
        return True
    if name in FURTHER and FURTHER[name](oracle, who, row):
        return True
    subject = row.get("subject_id")
    if "category" not in row or not oracle.granted(subject, category_of(oracle, name, row), mine):
        return False
    if table == "involvement":
        return not (oracle.bound(subject, mine) and oracle.only_passing_by(subject, mine))
    return True


def _invited(oracle: Oracle, who: Asking, meeting: int) -> bool:
    """Whether one of the actor's teams is invited, and not uninvited."""
    return any(
        each["meeting_id"] == meeting
        and each["withdrawn_at"] is None
        and each["invited_team_id"] in who.principals
        for each in oracle.table("meeting_invitation")
    )


def _meeting(oracle: Oracle, who: Asking, row: Row) -> bool:
    """When, where and why: for those invited."""
    return _invited(oracle, who, row["id"])


def _invitation(oracle: Oracle, who: Asking, row: Row) -> bool:
    """An invitation: for the team invited, while it is; and who else comes, for all who are invited.

    That a sensitive service is invited is not for the others.
    """
    asked = row["withdrawn_at"] is None and row["invited_team_id"] in who.principals
    return asked or (row["category"] == "plan" and _invited(oracle, who, row["meeting_id"]))


def _merge(oracle: Oracle, who: Asking, row: Row) -> bool:
    """Two records told as one: for who may see the one merged into, as well as for who may see the other."""
    return oracle.granted(row["into_id"], "index", who.principals)


def reads_person(oracle: Oracle, who: Asking, subject: int) -> bool:
    return any(
        may_read(oracle, who, "person", row) for row in oracle.table("person") if row["subject_id"] == subject
    )


FURTHER: dict[str, Callable[[Oracle, Asking, Row], bool]] = {
    "meeting": _meeting,
    "meeting_history": _meeting,
    "meeting_invitation": _invitation,
    "person_merge": _merge,
    "person_merge_history": _merge,
}
"""Tables with readers that no column of the row names."""


def _wrote(who: Asking, row: Row) -> bool:
    return row["author_team_id"] in who.principals


def _basis(oracle: Oracle, who: Asking, row: Row) -> bool:
    """A decision: for its author, for the holders of its lines, and break-glass for the governance lead."""
    held = any(
        line["basis_id"] == row["id"] and line["holder_id"] in who.principals
        for line in oracle.table("sharing_line")
    )
    return _wrote(who, row) or held or (row["kind"] == "break_glass" and who.governs)


def _line(oracle: Oracle, who: Asking, row: Row) -> bool:
    """A cell: for its author and its holder, and of a break-glass for the governance lead."""
    glass = who.governs and oracle.kind_of(row["basis_id"]) == "break_glass"
    return _wrote(who, row) or row["holder_id"] in who.principals or glass


def _shield(oracle: Oracle, who: Asking, row: Row) -> bool:
    """A shield: for its author, whom it lists, and the governance lead."""
    return _wrote(who, row) or who.governs or bool(oracle.listed(row["id"]) & who.principals)


def _shield_holder(oracle: Oracle, who: Asking, row: Row) -> bool:
    return _wrote(who, row) or who.governs or row["holder_id"] in who.principals


def _own(oracle: Oracle, who: Asking, row: Row) -> bool:
    return row["practitioner_id"] in who.principals


def _portal_account(oracle: Oracle, who: Asking, row: Row) -> bool:
    """An account of the family's: for itself and for who opened it."""
    return row["id"] in who.principals or row["opened_by_id"] in who.principals


def _glass_review(oracle: Oracle, who: Asking, row: Row) -> bool:
    return _wrote(who, row) or who.governs or row["opened_by_id"] in who.principals


def _shield_review(oracle: Oracle, who: Asking, row: Row) -> bool:
    return _wrote(who, row) or who.governs


def _agenda(oracle: Oracle, who: Asking, row: Row) -> bool:
    """An item of an agenda: for its author and the panel."""
    return _wrote(who, row) or row["panel_id"] in who.principals


def _step(oracle: Oracle, who: Asking, row: Row) -> bool:
    """A step of a referral: for its two teams and nobody else."""
    return _wrote(who, row) or bool({row["referring_team_id"], row["receiving_team_id"]} & who.principals)


def _message(oracle: Oracle, who: Asking, row: Row) -> bool:
    """What a family member wrote: for themselves, and for who answers it."""
    own = any(
        account["id"] == who.principal
        and oracle.together.same(account["person_id"], row["subject_id"])
        and account["ended_at"] is None
        for account in oracle.table("portal_account")
    )
    return (own and who.kind == "family") or answers(who, row)


def answers(who: Asking, row: Row) -> bool:
    """The team it was sent to; a complaint the governance lead."""
    return row["receiving_team_id"] in who.principals or (row["kind"] == "complaint" and who.governs)


def _request(oracle: Oracle, who: Asking, row: Row) -> bool:
    """A request to see more: for the team that asks, and for who answers."""
    return _wrote(who, row) or answers_request(who, row)


def answers_request(who: Asking, row: Row) -> bool:
    """The team of whoever leads; where nobody does, the governance lead."""
    team = row["answering_team_id"]
    return who.governs if team is None else team in who.principals


def _author(oracle: Oracle, who: Asking, row: Row) -> bool:
    return _wrote(who, row)


def _link(oracle: Oracle, who: Asking, row: Row) -> bool:
    """That one case goes on in another: for who reads both."""
    both = [oracle.present("episode", row[column]) for column in ("episode_id", "from_episode_id")]
    return all(each is not None and may_read(oracle, who, "episode", each) for each in both)


def _acquainted(oracle: Oracle, who: Asking, row: Row) -> bool:
    """Whom a team knows of, as far as the other is no sensitive service."""
    return _wrote(who, row) and not oracle.sensitivity.get(row["other_team_id"])


def is_new(pair: Row) -> bool:
    """Whether nobody has said anything that stands of the pair: it waits, and was put once."""
    return pair["state"] == "waiting" and pair["asked"] == 1


def both(oracle: Oracle, who: Asking, row: Row) -> bool:
    """Whoever manages a team, reads both persons, and is bound by no shield on either."""
    return who.manages and all(
        reads_person(oracle, who, each) and not oracle.bound(each, who.principals)
        for each in (row["subject_id"], row["other_id"])
    )


def _pair(oracle: Oracle, who: Asking, row: Row) -> bool:
    return who.searches or both(oracle, who, row)


def _opinion(oracle: Oracle, who: Asking, row: Row) -> bool:
    """What somebody said of a pair: for themselves, and for others once they said what they think, or it is settled."""
    if not both(oracle, who, row):
        return False
    if row["recorded_by"] == who.principal:
        return True
    pair = oracle.present("recognition_pair", row["pair_id"])
    settled = pair is not None and (
        pair["asked"] > row["asked"] or pair["state"] not in ("waiting", "second")
    )
    return settled or any(
        each["pair_id"] == row["pair_id"]
        and each["asked"] == row["asked"]
        and each["recorded_by"] == who.principal
        for each in oracle.table("recognition_opinion")
    )


_RULES: dict[str, Callable[[Oracle, Asking, Row], bool]] = {
    "acquainted": _acquainted,
    "draft": _own,
    "episode_link": _link,
    "duty_shift": lambda oracle, who, row: (
        who.kind == "service" or (who.kind == "practitioner" and bool(who.principals))
    ),
    "family_message": _message,
    "access_purpose": _own,
    "portal_account": _portal_account,
    "recognition_asked_again": both,
    "recognition_opinion": _opinion,
    "recognition_pair": _pair,
    "referral_step": _step,
    "sharing_access_request": _request,
    "sharing_basis": _basis,
    "sharing_line": _line,
    "sharing_line_history": lambda oracle, who, row: _wrote(who, row) or row["holder_id"] in who.principals,
    "sharing_shield": _shield,
    "sharing_shield_holder": _shield_holder,
    "sharing_break_glass_review": _glass_review,
    "sharing_shield_review": _shield_review,
    "panel_item": _agenda,
    "panel_item_history": _agenda,
    "sharing_agenda_item": _agenda,
    "sharing_agenda_item_history": _agenda,
}
_AUTHOR_ALONE = (
    "feed_call",
    "feed_heard",
    "feed_key_use",
    "file_audit",
    "file_audit_history",
    "file_audit_answer",
    "file_audit_answer_history",
    "import_column",
    "import_ending",
    "import_file",
    "import_made",
    "import_progress",
    "import_row",
    "import_run",
    "import_shape",
    "import_shape_column",
    "portal_invitation",
    "referral_receipt_check",
    "referral_receipt_check_history",
    "sharing_access_request_history",
    "sharing_basis_history",
    "sharing_decision",
    "sharing_decision_history",
    "sharing_decision_line",
    "sharing_decision_line_history",
    "sharing_lawful_basis",
    "sharing_lawful_basis_history",
    "sharing_paper",
    "sharing_review",
    "sharing_settlement",
    "sharing_settlement_history",
    "sharing_shield_history",
    "sharing_shield_holder_history",
)
ALONE: dict[str, Callable[[Oracle, Asking, Row], bool]] = _RULES | dict.fromkeys(_AUTHOR_ALONE, _author)
"""Tables with a reading rule of their own, in place of the general one."""
