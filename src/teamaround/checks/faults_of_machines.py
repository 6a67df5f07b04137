"""Planted faults about feeds and about pairs of records: what goes wrong in words, and the change that does it."""

from __future__ import annotations

from teamaround.checks.faults import Fault, In

MACHINES: tuple[Fault, ...] = (
    Fault(
        "what others said of a pair is read before one answers",
        In.FUNCTION,
        "may_hear",
        "and o.recorded_by = app.actor()",
        "",
    ),
    Fault(
        "whom a shield binds reads the pair",
        In.POLICY,
        "recognition_pair.recognition_pair_select",
        "NOT app.shielded(subject_id, false)",
        "subject_id is not null",
    ),
    Fault("a caseload that came is told to every team", In.POLICY, "feed_call.feed_call_select", "", "true"),
    Fault(
        "a team writes by hand that a caseload came",
        In.FUNCTION,
        "guard_feed_call",
        "and f.principal_id = app.actor() and f.ended_at is null",
        "",
        ("feed_call",),
    ),
)
"""Every planted fault about what machines bring."""
