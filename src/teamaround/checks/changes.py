"""Adding, changing and deleting one row, by the oracle."""

from __future__ import annotations

from teamaround.checks.oracle import Oracle
from teamaround.checks.places import Row
from teamaround.checks.rows import Asking, answers, answers_request, both, is_new, may_read, reads_person
from teamaround.checks.tables import ADDED_BY, HISTORY, MORE_ASKED, NEVER_ADDED, NEVER_CHANGED, WRITERS

AUDITS = ("file_audit", "file_audit_answer")
"""What managers say of the team's files: all of the team read it, its managers alone write it."""


def may_add(oracle: Oracle, who: Asking, table: str, row: Row) -> bool | None:
    """Whether the actor may add such a row; None where they may, if what the table asks besides is so."""
    if table == "recognition_pair":
        # Beside it, the database asks that nobody told the two apart.
        return None if who.searches and is_new(row) else False
    if (
        table in NEVER_ADDED
        or table.endswith(HISTORY)
        or row[ADDED_BY.get(table, "author_team_id")] not in who.principals
    ):
        return False
    if table == "feed_call":
        return _calls(oracle, who, row)
    if table in ("recognition_opinion", "recognition_asked_again"):
        return _answers_pair(oracle, who, table, row)
    if (
        table == "sharing_line"
        and (oracle.kind_of(row["basis_id"]) == "break_glass")
        and (row["holder_id"] != who.principal)
    ):
        return False
    if table == "person_merge":
        return _merges(oracle, who, row)
    return None if table in MORE_ASKED else True


def may_change(oracle: Oracle, who: Asking, table: str, row: Row) -> bool:
    """Whether the actor may change this row."""
    if table.endswith(HISTORY) or table in NEVER_CHANGED:
        return False
    if table == "family_message":
        return answers(who, row) and row["answered_by_id"] is None
    if table == "sharing_access_request":
        return answers_request(who, row)
    if table == "recognition_pair":
        return who.searches and is_new(row)
    if table == "duty_shift":
        return oracle.manages_team(who.principal, row["team_id"])
    if table in AUDITS:
        return oracle.manages_team(who.principal, row["author_team_id"])
    if table == "feed_call" and row["state"] == "stopped":
        return False
    named = any(row[column] in who.principals for column in WRITERS.get(table, ("author_team_id",)))
    return named and may_read(oracle, who, table, row)


def may_delete(oracle: Oracle, who: Asking, table: str, row: Row) -> bool:
    """Whether the actor may delete this row: nothing is deleted, but one's own draft."""
    return table == "draft" and row["practitioner_id"] in who.principals


def _merges(oracle: Oracle, who: Asking, row: Row) -> bool:
    """Who tells two records as one: a manager who may see both, neither of which is merged into another."""
    both = (row["subject_id"], row["into_id"])
    return (
        who.manages
        and all(reads_person(oracle, who, each) for each in both)
        and not any(
            each["undone_at"] is None and each["subject_id"] in both for each in oracle.table("person_merge")
        )
    )


def may_undo(oracle: Oracle, who: Asking, row: Row) -> bool:
    """Whether the actor may undo this merge: a manager who sees it and one of its two persons, while it stands."""
    return (
        who.manages
        and may_read(oracle, who, "person_merge", row)
        and row["undone_at"] is None
        and any(reads_person(oracle, who, row[column]) for column in ("subject_id", "into_id"))
    )


def _calls(oracle: Oracle, who: Asking, row: Row) -> bool:
    """One line of what a feed sent: by itself, while it has not ended, and for its team."""
    return who.kind == "feed" and any(
        feed["id"] == row["feed_id"]
        and feed["principal_id"] == who.principal
        and feed["team_id"] == row["author_team_id"]
        and feed["ended_at"] is None
        for feed in oracle.table("feed")
    )


def _answers_pair(oracle: Oracle, who: Asking, table: str, row: Row) -> bool:
    """An opinion about an open pair that they read; that they ask again, about one that was told apart."""
    pair = oracle.present("recognition_pair", row["pair_id"])
    states = ("waiting", "second") if table == "recognition_opinion" else ("different",)
    return pair is not None and pair["state"] in states and both(oracle, who, row)
