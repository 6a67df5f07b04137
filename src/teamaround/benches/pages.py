"""What a page costs: the screens that people open all day, against a bare view and a signed-in one.

`bare`: a Django view with no middleware at all that reads 50 rows and renders them as a table.
`signed_in`: the same rows and table with session, sign-in, stamp, policies and access log.
A search is two requests: what was typed is posted and kept, then the answers are on the page after it.
The worklist is judged by `signed_in`; every row's ratio is to `signed_in`.
My day is also that of a worker who has a hundred families (`day_hundred_families`) and of a manager over thirty workers
(`day_thirty_workers`, and `team_thirty_workers` for the page of their team): see `day`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, RequestFactory, override_settings
from django.urls import include, path, reverse

from teamaround.access.log import shown
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.models import Account
from teamaround.database.actor import acting_as
from teamaround.people.models import Person

from .day import Accounts
from .measure import Request, interleaved, once
from .report import Report, Row

ROUNDS = {"S": 40, "M": 40, "L": 40}

TABLE = """<!doctype html><html lang="en"><title>Control</title><table>
{% for row in rows %}<tr><th scope="row">{{ row.given }} {{ row.family_name }}</th><td>{{ row.date_of_birth|date:"j F Y" }}</td>
<td>{{ row.sex }}</td><td>{{ row.recorded_at|date:"j F Y" }}</td><td>{{ row.pk }}</td></tr>{% endfor %}</table></html>"""


def fifty(request: HttpRequest) -> tuple[HttpResponse, list[int]]:
    """The control page: 50 persons of one team as a table."""
    rows = list(Person.objects.filter(author_team_id=1).order_by("pk")[:50])
    template = engines["django"].from_string(TABLE)
    return HttpResponse(template.render({"rows": rows}, request=None)), [row.pk for row in rows]


@staff()
def signed_in(request: StaffRequest) -> HttpResponse:
    """The control page for a signed-in practitioner, logged."""
    response, subjects = fifty(request)
    shown(request, subjects, "index")
    return response


def signed_in_as(account: int) -> Client:
    """A client with a session of this account."""
    client = Client()
    client.force_login(
        Account.objects.get(pk=account), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


def requests_of(client: Client, days: Accounts) -> dict[str, Request]:
    """The screens of a manager of a team with a hundred children; My day of those in `days`."""
    worker, manager = signed_in_as(days.worker), signed_in_as(days.manager)
    with acting_as_manager(), transaction.atomic():
        person = Person.objects.filter(author_team_id=1).order_by("pk")[0]
        family_uuid = _one("select uuid from family where author_team_id = 1 order by subject_id limit 1")
    find = reverse("desk:search")
    name = {"name": f"{person.given} {person.family_name}", "reason": "Family asked for help"}

    client.post(find, name)
    misspelling = signed_in_as(1)
    misspelt = f"{person.given}e {person.family_name[:-1]}"
    born = str(person.date_of_birth)
    misspelling.post(find, {"name": misspelt, "born": born, "reason": name["reason"]})

    return {
        "my_day": lambda: client.get(reverse("desk:my_day")),
        "day_hundred_families": lambda: worker.get(reverse("desk:my_day")),
        "day_thirty_workers": lambda: manager.get(reverse("desk:my_day")),
        "team_thirty_workers": lambda: manager.get(reverse("desk:team")),
        "person": lambda: client.get(reverse("desk:person", args=[person.uuid])),
        "family": lambda: client.get(reverse("desk:family", args=[family_uuid])),
        "search": lambda: client.get(find),
        "search_misspelt": lambda: misspelling.get(find),
        "search_posted": lambda: client.post(find, name),
        "referral_inbox": lambda: client.get(reverse("referrals:inbox")),
        "worklist": lambda: client.get(reverse("desk:cases")),
    }


def acting_as_manager() -> Any:
    """The actor of the first team's manager."""
    from teamaround.access.me import me_of

    me = me_of(Account.objects.get(pk=1))
    assert me is not None
    return acting_as(me.actor())


def _one(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def bare() -> Callable[[], HttpResponse]:
    """The first control: no middleware. Its one query passes the policies, so it must be stamped."""
    factory = RequestFactory()

    def view() -> HttpResponse:
        with acting_as_manager_cached(), transaction.atomic():
            return fifty(factory.get("/"))[0]

    return view


_cached: list[Any] = []


def acting_as_manager_cached() -> Any:
    """As `acting_as_manager`, looked up once: the bare control must not pay for it."""
    if not _cached:
        from teamaround.access.me import me_of

        me = me_of(Account.objects.get(pk=1))
        assert me is not None
        _cached.append(me.actor())
    return acting_as(_cached[0])


class Urls:
    """The product's URLs and the control's, for the time of a bench."""

    urlpatterns = (
        path("bench/control/", signed_in, name="bench-control"),
        path("", include(settings.ROOT_URLCONF)),
    )


def run(size: str, days: Accounts) -> Report:
    """Measure on the world that Django points at; `days` are those of `day.build`."""
    with override_settings(ROOT_URLCONF=Urls, TEAMAROUND_REQUIRE_SECOND_FACTOR=False):
        return _run(size, days)


def _run(size: str, days: Accounts) -> Report:
    client = signed_in_as(1)
    wanted: dict[str, Request] = {
        "bare": bare(),
        "signed_in": lambda: client.get("/bench/control/"),
        **requests_of(client, days),
    }
    for name in list(wanted):
        once(wanted[name])
    costs = interleaved(wanted, rounds=ROUNDS[size])
    control = costs["signed_in"].median
    return Report(
        name="pages",
        size=size,
        controls={
            name: {"cpu_ms_median": costs[name].median, "cpu_ms_p95": costs[name].p95, **asdict(costs[name])}
            for name in ("bare", "signed_in")
        },
        rows=[
            Row(
                op=name,
                cpu_ms_median=cost.median,
                cpu_ms_p95=cost.p95,
                queries=cost.queries,
                bytes=cost.bytes,
                ratio=cost.median / control,
            )
            for name, cost in costs.items()
            if name not in ("bare", "signed_in")
        ],
    )
