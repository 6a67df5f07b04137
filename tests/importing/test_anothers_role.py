"""The right to bring in a caseload in one team opens nothing of another team in which one is something else."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse

from importing.caseloads import ONE, brought_in, checked
from teamaround.agencies.models import Membership
from teamaround.database.actor import SET_UP, acting_as
from teamaround.importing.models import ImportRun, Shape


def test_a_role_beside_casework_in_another_team_opens_none_of_its_uploads(cast: Any) -> None:
    run = brought_in(cast, cast.yasmin, checked(cast, cast.yasmin, ONE))
    with acting_as(SET_UP), transaction.atomic():
        Membership.objects.create(
            practitioner=cast.tom.practitioner, team=cast.yasmin.team, role="partnership"
        )
    client = cast.tom.client()
    with cast.as_(cast.yasmin):
        shape = Shape.objects.get()
    pages = ("run", "columns", "decide", "progress", "refused", "withdraw", "unlisted")
    for name in pages:
        assert client.get(reverse(f"importing:{name}", args=[run.uuid])).status_code == 403, name
    for name in ("columns", "decide", "confirm", "again", "take_up", "withdraw", "unlisted"):
        assert client.post(reverse(f"importing:{name}", args=[run.uuid])).status_code == 403, name
    assert client.post(reverse("importing:forget", args=[shape.uuid])).status_code == 403
    page = client.get(reverse("importing:start")).content.decode()
    assert str(run.uuid) not in page
    assert run.filename not in client.get(reverse("importing:remembered")).content.decode()
    with cast.as_(cast.yasmin):
        assert ImportRun.objects.get().version == run.version
