"""Planted faults about persons who were recorded twice: what goes wrong in words, and the change that does it."""

from __future__ import annotations

from teamaround.checks.faults import Fault, In


def _function(name: str, *faults: tuple[str, str, str]) -> tuple[Fault, ...]:
    return tuple(Fault(words, In.FUNCTION, name, old, new) for words, old, new in faults)


ANSWERS = _function(
    "rebuild_consents",
    (
        "what was agreed for one record before the merge opens the other",
        "one.id = s.record or s.valid_from >= became_one",
        "true",
    ),
    (
        "what is agreed after the merge opens one record alone",
        "or s.valid_from >= became_one",
        "",
    ),
    (
        "an answer from before the merge stands for what the other record refused",
        "n.valid_from >= d.one_since and",
        "",
    ),
    ("nobody can decide anew for all the records", "case when d.one_since is not null", "case when false"),
    ("a giver recorded twice is two givers", "n.root = d.root", "n.given_by_id = d.given_by_id"),
    (
        "when the giver's records became one counts for nothing",
        "greatest(became_one, g.joined)",
        "became_one",
    ),
    (
        "when the subject's records became one counts for nothing",
        "greatest(became_one, g.joined)",
        "g.joined",
    ),
    (
        "what somebody says under another of their records is not their own",
        "b.given_by_id = any (records)",
        "b.given_by_id = l.subject_id",
    ),
    (
        "a settlement leaves what the same giver refused under another record",
        "(s.given_by_id, s.record) <> (n.given_by_id, n.record)",
        "s.given_by_id <> n.given_by_id",
    ),
    (
        "a settlement settles the record alone that it names",
        "where s.subject_id = any (records)",
        "where s.subject_id = h.record",
    ),
)
BIRTHDAYS = _function(
    "decision_lapses",
    ("the later of two birthdays counts", "min((date_trunc", "max((date_trunc"),
    (
        "another record's birthday counts for nothing",
        "p.subject_id = any (records)",
        "p.subject_id = subject",
    ),
    (
        "a giver's place in a family under another record counts for nothing",
        "m.person_id = any (givers)",
        "m.person_id = giver",
    ),
)
SHARED = (
    *_function(
        "shielded",
        (
            "a shield protects the record alone that it names",
            "s.subject_id = any ((select app.same_person(wanted))::bigint[])",
            "s.subject_id = wanted",
        ),
    ),
    *_function(
        "rebuild_purposes",
        (
            "a purpose for one record passes a full shield on the other",
            "where s.subject_id = any (records)",
            "where s.subject_id = p.subject_id",
        ),
    ),
    *_function(
        "spread_grants",
        ("what is granted after a merge stays with one record", "other.id <> w.subject_id", "false"),
    ),
    *_function(
        "derive_merge",
        (
            "what was granted before a merge stays with one record",
            "and other.id <> g.subject_id",
            "and false",
        ),
        (
            "what was shared goes on when a merge is undone",
            "delete from access_grant where subject_id = any (records) and merged_from_id is not null",
            "null",
        ),
        ("a merge derives no consent anew", "perform app.rebuild_consents(one)", "null"),
        (
            "a giver's merge derives nothing for those they decided about",
            "b.given_by_id = any (records)) x",
            "false) x",
        ),
    ),
    *_function(
        "merged_at",
        (
            "a merge that was undone still asks for a decision after it",
            "m.undone_at is null and m.subject_id",
            "m.subject_id",
        ),
    ),
    *_function(
        "same_person",
        (
            "of three records in a row the third is forgotten",
            "and m.undone_at is null)",
            "and m.undone_at is null and t.depth < 1)",
        ),
    ),
    *_function(
        "derive_sharing_again",
        (
            "a birthday corrected in one record changes nothing in the other",
            "any ((select app.same_person(new.subject_id))::bigint[])",
            "any (array[new.subject_id])",
        ),
    ),
)
ROWS = (
    Fault(
        "who sees the record alone that was merged into sees no merge",
        In.POLICY,
        "person_merge.person_merge_select",
        "person_merge.into_id",
        "person_merge.subject_id",
    ),
    Fault(
        "the history of merges is open to all",
        In.POLICY,
        "person_merge_history.person_merge_history_select",
        "",
        "true",
    ),
    Fault(
        "whoever sees a merge undoes it",
        In.POLICY,
        "person_merge.person_merge_update",
        "( SELECT app.manages() AS manages) AND",
        "",
        ("person_merge",),
    ),
    Fault(
        "a record that is merged is merged again",
        In.FUNCTION,
        "guard_merge",
        "m.subject_id in (new.subject_id, new.into_id)",
        "false",
        ("person_merge",),
    ),
)
MERGES: tuple[Fault, ...] = (*ANSWERS, *BIRTHDAYS, *SHARED, *ROWS)
"""Every planted fault about merges."""
