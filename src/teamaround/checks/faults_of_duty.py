"""Planted faults of what a shift on duty opens."""

from __future__ import annotations

from teamaround.checks.faults import Fault, In

DUTY: tuple[Fault, ...] = (
    Fault(
        "a shift that ended goes on", In.FUNCTION, "duty_brings", "and d.ends_at > statement_timestamp()", ""
    ),
    Fault(
        "a shift holds before it begins",
        In.FUNCTION,
        "duty_brings",
        "and d.starts_at <= statement_timestamp()",
        "",
    ),
    Fault("a shift that was withdrawn goes on", In.FUNCTION, "duty_brings", "and d.withdrawn_at is null", ""),
    Fault(
        "somebody of another agency is on duty",
        In.FUNCTION,
        "may_be_on_duty",
        "o.agency_id = t.agency_id and",
        "",
    ),
    Fault(
        "whoever is on duty has a sensitive service's cases",
        In.FUNCTION,
        "may_be_on_duty",
        "and t.sensitivity = ''",
        "",
    ),
    Fault(
        "a shift outlasts the work in the agency",
        In.FUNCTION,
        "may_be_on_duty",
        "and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp())",
        "",
    ),
)
