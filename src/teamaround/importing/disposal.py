"""Revoking what a register of an area rests on: what was loaded is taken out of the index again."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from teamaround.access.edits import StaleEdit
from teamaround.access.me import Me

from . import jobs
from .models import Authorisation
from .register import AuthorisationRefused


@transaction.atomic
def revoke(*, by: Me, authorisation: Authorisation, reason: str) -> int:
    """Revoke it, now and for good: what was loaded under it is taken out of the index by jobs, save whom anybody else
    rests on. How many uploads that are. 0 where it was revoked already.

    Raises AuthorisationRefused without a reason. Only administrators may: the database asks.
    """
    if not reason.strip():
        raise AuthorisationRefused("Say why it is revoked.", "reason")
    found = Authorisation.objects.select_for_update(no_key=True).filter(pk=authorisation.pk).first()
    if found is None:
        raise StaleEdit
    if found.revoked_at is not None:
        return 0
    Authorisation.objects.filter(pk=found.pk).update(
        revoked_at=timezone.now(), revoke_reason=reason.strip()[:300]
    )
    authorisation.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("select run, team from app.begin_disposal(%s)", [found.pk])
        runs = cursor.fetchall()
    for run, team in runs:
        jobs.dispose.defer(run=run, team=team, by=by.principal)
    return len(runs)
