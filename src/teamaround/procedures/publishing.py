"""Publishing: a draft becomes the next version, from a day on. Running episodes keep the version they have."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.agencies.actions import log_act
from teamaround.events.own import KindRefused
from teamaround.workingtime import LONDON

from .drafts import ChangeRefused, is_open, must_keep_procedures, read_draft
from .models import ProcedureDraft, ProcedureVersion
from .versions import name_own_kinds

FURTHEST = dt.timedelta(days=366)


@transaction.atomic
def publish(
    *, by: Me, draft: ProcedureDraft, version: int, effective_on: dt.date, note: str
) -> ProcedureVersion:
    """Make the draft the next version, in force from `effective_on`: from now where that is today, else from
    the beginning of the day. Returns it.

    Raises ChangeRefused for a text that is wrong or says nothing new, a day that has passed, lies over a year
    ahead or has a version already, or no note; StaleEdit where somebody else saved or published meanwhile.
    """
    must_keep_procedures(by)
    held = (
        ProcedureDraft.objects.select_for_update()
        .filter(pk=draft.pk)
        .values_list("version", flat=True)
        .first()
    )
    if held != version:
        raise StaleEdit
    if not is_open(draft):
        raise ChangeRefused("The draft says the same as the version it is based on. Change it first.")
    procedure, problems = read_draft(draft.slug, draft.text)
    if procedure is None:
        raise ChangeRefused(f"The draft cannot be used: {problems[0]}")
    today = timezone.localdate()
    if effective_on < today:
        raise ChangeRefused("This day has passed. Choose today or a later day.", "effective_on")
    if effective_on > today + FURTHEST:
        raise ChangeRefused("Choose a day within a year.", "effective_on")
    if not note.strip():
        raise ChangeRefused("Say what changed, and why.", "note")
    rows = ProcedureVersion.objects.filter(slug=draft.slug)
    if any(
        each.astimezone(LONDON).date() == effective_on
        for each in rows.filter(withdrawn_at=None).values_list("effective_from", flat=True)
    ):
        raise ChangeRefused("A version takes effect on this day already. Choose another day.", "effective_on")
    try:
        name_own_kinds(procedure)
    except KindRefused as refused:
        raise ChangeRefused(str(refused)) from refused
    midnight = dt.datetime.combine(effective_on, dt.time(), LONDON)
    made = ProcedureVersion.objects.create(
        slug=draft.slug,
        number=1 + max(rows.values_list("number", flat=True), default=0),
        text=draft.text,
        effective_from=timezone.now() if effective_on == today else midnight,
        note=note.strip()[:300],
    )
    update_checked(draft, version=version, based_on_id=made.pk)
    said = f"{procedure.name}, version {made.number}, from {effective_on.isoformat()}: {note.strip()}"
    log_act("publish_procedure", by=by.principal, reason=said)
    return made


def later_than(version: ProcedureVersion) -> ProcedureVersion | None:
    """The last version that was published after this one and stands."""
    rows = ProcedureVersion.objects.filter(slug=version.slug, number__gt=version.number, withdrawn_at=None)
    return rows.defer("text").order_by("number").last()


def would_be_drafted(version: ProcedureVersion) -> bool:
    """Whether what a version says is a draft again once it is withdrawn: where the draft still builds on it, and on
    no version that was published after it."""
    draft = ProcedureDraft.objects.filter(slug=version.slug, based_on_id=version.pk).first()
    if draft is None:
        return False
    draft.based_on = _before(version)
    return is_open(draft)


def _before(version: ProcedureVersion) -> ProcedureVersion | None:
    rows = ProcedureVersion.objects.filter(slug=version.slug, withdrawn_at=None).exclude(pk=version.pk)
    return rows.order_by("number").last()


@transaction.atomic
def withdraw(*, by: Me, version: ProcedureVersion, why: str) -> bool:
    """Take back a published version that has not begun. It stays in the list, with the reason. Returns whether what it
    said is a draft again: not so where a later version was published on it, which stays as it is.

    Raises ChangeRefused for anybody but a partnership officer, for a version that has begun or was withdrawn
    before, and without a reason.
    """
    must_keep_procedures(by)
    row = ProcedureVersion.objects.get(pk=version.pk)
    if row.withdrawn_at is not None:
        raise ChangeRefused("This version was withdrawn already.")
    if row.effective_from <= timezone.now():
        raise ChangeRefused("This version has begun, and cases may follow it. Publish another instead.")
    if not why.strip():
        raise ChangeRefused("Say why it is withdrawn.", "why")
    ProcedureVersion.objects.filter(pk=row.pk).update(
        withdrawn_at=timezone.now(), withdrawn_why=why.strip()[:300]
    )
    draft = ProcedureDraft.objects.select_for_update().filter(slug=row.slug, based_on_id=row.pk).first()
    drafted = would_be_drafted(row)
    if draft is not None:
        before = _before(row)
        update_checked(draft, version=draft.version, based_on_id=before.pk if before else None)
    log_act(
        "withdraw_procedure", by=by.principal, reason=f"{row.slug}, version {row.number}: {why.strip()[:300]}"
    )
    return drafted
