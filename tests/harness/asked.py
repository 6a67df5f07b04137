"""What people asked of their own data, holds and agreements: one of each, for pages that are about one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from teamaround.agencies.models import Agency, Team
from teamaround.feeds import setting_up
from teamaround.people.actions import add_person
from teamaround.people.models import Person
from teamaround.rights.actions import agreements, requests, retention
from teamaround.rights.models import Decision, Mark

BORN = dt.date(1989, 5, 4)


def what_was_asked(area: Any) -> dict[str, dict[str, str]]:
    """A released copy, an erasure that was granted and waits for the second person, a hold and an agreement.

    Returns the parts of their URLs, by the name of the URL.
    """
    today = timezone.localdate()
    with area.as_("dana") as me:
        team = me.team.team
        moved = add_person(
            by=me, team=team, given="Noor", family_name="Lakeland", date_of_birth=BORN, postcode="NM2 2AB"
        )
        held = Person.objects.filter(given="Aisha").earliest("recorded_at").pk
    with area.as_("greta") as me:
        said: dict[str, Any] = {"asked_on": today, "asked_by": "Themselves", "identity": "Passport seen"}
        copy = requests.record_request(by=me, kind="access", subject=moved.pk, **said)
        requests.gather(request=copy)
        marked = copy.items.exclude(mark=Mark.NONE).values_list("pk", flat=True)
        if marked:
            requests.decide(
                by=me, request=copy, items=list(marked), decision=Decision.KEEP, reason="Their own"
            )
        requests.release(by=me, request=copy)
        erasure = requests.record_request(by=me, kind="erasure", subject=moved.pk, **said)
        requests.close(request=erasure, outcome="granted", reason="Nothing has to be kept.")
        erasure.refresh_from_db()
        disposal = retention.ask_for_disposal(by=me, reason="It was granted.", request=erasure)
        hold = retention.set_hold(by=me, subject=held, reason="An inquiry", since=today)
        agreement = agreements.add_agreement(
            by=me,
            agencies=list(Agency.objects.values_list("pk", flat=True)[:2]),
            purpose="Early help",
            reference="EH 1",
            since=today,
            review_on=today + dt.timedelta(days=365),
        )
    return {
        "rights": {"uuid": str(copy.uuid), "act": "pause"},
        "rights:erase": {"uuid": str(erasure.uuid)},
        "rights:disposal": {"uuid": str(disposal.uuid)},
        "rights:lift_hold": {"uuid": str(hold.uuid)},
        "rights:renew_agreement": {"uuid": str(agreement.uuid)},
        "rights:end_agreement": {"uuid": str(agreement.uuid)},
    }


def what_feeds(area: Any) -> dict[str, dict[str, str]]:
    """A feed of the young carers team with a key. Returns the parts of the URLs that are about them."""
    with area.as_("ada") as me:
        feed = setting_up.add_feed(
            by=me.principal,
            team=Team.objects.get(pk=area.team("young-carers")),
            name="Case system",
            way="push",
        )
        key, _ = setting_up.make_key(
            by=me.principal,
            agency=feed.team.agency,
            name=feed.name,
            scopes=["caseload:read"],
            expires_on=timezone.localdate() + dt.timedelta(days=9),
            feeds=[feed],
        )
    own = {"uuid": str(feed.uuid)}
    pages = ("feed", "change_feed", "end_feed")
    return {
        **{f"administration:{page}": own for page in pages},
        **{f"administration:{page}": {"uuid": str(key.uuid)} for page in ("rotate_key", "end_key")},
        "feeds:feed": own,
        "api": own,
    }
