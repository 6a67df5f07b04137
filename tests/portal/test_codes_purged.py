"""One-time codes do not stay: the nightly round removes those past their time."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from teamaround.portal.jobs import purge_portal_codes
from teamaround.portal.models import PortalCode


def test_codes_past_their_time_go_and_others_stay(cast: Any) -> None:
    with cast.as_(cast.yasmin):
        now = timezone.now()
        for minutes, used in ((-5, None), (-5, now), (5, None)):
            PortalCode.objects.create(
                id=uuid.uuid4(), digest="x", expires_at=now + dt.timedelta(minutes=minutes), used_at=used
            )
    purge_portal_codes(timestamp=0)
    with cast.as_(cast.yasmin):
        assert [code.expires_at > now for code in PortalCode.objects.all()] == [True]


def test_a_practitioner_cannot_purge_codes(cast: Any) -> None:
    with (
        pytest.raises(DatabaseError, match="only a service"),
        cast.as_(cast.yasmin),
        connection.cursor() as cursor,
    ):
        cursor.execute("select app.purge_portal_codes()")
