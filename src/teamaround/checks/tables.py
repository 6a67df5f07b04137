"""What `docs/sharing-rules.md` says of single tables: columns that name further readers and writers, what never changes.

A second telling of the rules, as `rows.py` is: nothing here is taken from the policies.
"""

from __future__ import annotations

HISTORY = "_history"

READERS: dict[str, tuple[str, ...]] = {
    "appointment": ("with_team_id",),
    "episode": ("referring_team_id",),
    "meeting_invitation_history": ("invited_team_id",),
    "referral": ("receiving_team_id",),
    "referral_whereabouts": ("receiving_team_id",),
    "task": ("owner_team_id",),
    "meeting_reply": ("calling_team_id",),
}
"""Columns that name a principal who reads the row as its author does."""

WRITERS: dict[str, tuple[str, ...]] = {
    "meeting_invitation": ("author_team_id", "invited_team_id"),
    "portal_account": ("opened_by_id",),
    "referral": ("receiving_team_id",),
    "panel_item": ("panel_id",),
    "sharing_agenda_item": ("author_team_id", "panel_id"),
    "task": ("author_team_id", "owner_team_id"),
    "draft": ("practitioner_id",),
}
"""Columns that name who may change a row that they read; of other tables the author team alone."""

ADDED_BY = {
    "access_purpose": "practitioner_id",
    "draft": "practitioner_id",
    "duty_shift": "team_id",
    "panel_item": "panel_id",
    "portal_account": "opened_by_id",
    "recognition_asked_again": "team_id",
    "recognition_opinion": "team_id",
    "sharing_break_glass_review": "author_team_id",
}
"""The column that names who may add a row; of other tables the author team."""

MORE_ASKED = frozenset(
    {
        "access_purpose",
        "allocation",
        "allocation_wish",
        "appointment",
        "assessment",
        "assessment_answer",
        "assessment_risk",
        "duty_shift",
        "episode_link",
        "episode_move",
        "event_note",
        "file_audit_answer",
        "follow_up",
        "handover_note",
        "import_ending",
        "import_shape_column",
        "meeting_reply",
        "minute_line",
        "panel_item",
        "portal_account",
        "portal_invitation",
        "referral_receipt_check",
        "referral_step",
        "referral_whereabouts",
        "sharing_access_request",
        "sharing_agenda_item",
        "sharing_break_glass_review",
        "sharing_decision",
        "sharing_decision_line",
        "sharing_line",
        "sharing_paper",
        "sharing_review",
        "sharing_settlement",
        "sharing_shield",
        "sharing_shield_holder",
        "sharing_shield_review",
        "supervision_decision",
    }
)
"""Tables where adding asks for more than the author team: the row it hangs on is the team's own, and the like."""

WHEREABOUTS = frozenset({"person_address", "person_school_place", "referral_whereabouts"})
"""What a shield hides, save from the team that wrote it."""

NEVER_CHANGED = frozenset(
    {
        "acquainted",
        "access_purpose",
        "clock",
        "episode_link",
        "episode_move",
        "clock_reminder",
        "clock_report",
        "event",
        "event_note",
        "import_file",
        "recognition_asked_again",
        "recognition_opinion",
        "import_made",
        "person_merge",
        "referral_step",
        "referral_whereabouts",
        "sharing_break_glass_review",
        "sharing_decision",
        "sharing_decision_line",
        "sharing_line",
        "sharing_paper",
        "sharing_review",
        "sharing_shield_holder",
        "sharing_shield_review",
        "supervision_decision",
    }
)
NEVER_ADDED = frozenset(
    {"acquainted", "clock", "clock_reminder", "clock_report", "family_message", "file_audit"}
)
"""Written by functions of the engine alone."""

MOVES = frozenset({("import_row", "subject_id")})
"""What says anew whom a row is about: a row of a caseload's file, until it is brought in."""
