"""`teamaround check mixing`: many kinds of request at once over threads and a pool; nobody sees another's rows.

Each team wrote persons that bear its own name. Requests of its practitioner pass the product's whole middleware to
views that read every person there is, in each manner in which a response can read: at once, in a lazy template,
in a stream (read to the end, or dropped half-way), in an async view, before failing, or with nobody signed in.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import psycopg

from teamaround.database.throwaway import throw_away

TEAMS = 6
PERSONS = 20
THREADS = 8
NAMES = tuple(f"Team{letter}" for letter in "abcdef")
MANNERS = ("plain", "lazy", "streaming", "dropped", "async", "raising", "anonymous")


@dataclass
class Outcome:
    """How many answers came, in each manner, and what was wrong with them."""

    requests: int = 0
    manners: dict[str, int] = field(default_factory=dict)
    foreign_rows: int = 0
    wrong: list[str] = field(default_factory=list)


def build(superuser: str) -> None:
    """Teams, a practitioner each, and persons that bear the team's name."""
    with psycopg.connect(superuser) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("delete from service")
        connection.execute("delete from principal")
        for number, name in enumerate(NAMES, start=1):
            worker = TEAMS + number
            for statement, values in (
                (
                    "insert into principal (id, kind) values (%s, 'team'), (%s, 'practitioner')",
                    (number, worker),
                ),
                (
                    "insert into agency (id, slug, name, sector, phone) values (%s, lower(%s), %s, 'council', '')",
                    (number, name, name),
                ),
                (
                    "insert into team (id, agency_id, slug, name, sensitivity, phone, email, takes_referrals, "
                    "procedure_slug) values (%s, %s, lower(%s), %s, '', '', '', false, '')",
                    (number, number, name, name),
                ),
                (
                    "insert into account (id, password, email, is_active) values (%s, '!', lower(%s) || '@mixing.example', true)",
                    (number, name),
                ),
                (
                    "insert into practitioner (id, account_id, uuid, name, job_title, phone) "
                    "values (%s, %s, gen_random_uuid(), %s, '', '')",
                    (worker, number, name),
                ),
                (
                    "insert into membership (practitioner_id, team_id, role, since) "
                    "values (%s, %s, 'practitioner', now() - interval '1 day')",
                    (worker, number),
                ),
                (
                    "insert into subject (id, kind) select %s + n, 'person' from generate_series(1, %s) n",
                    (number * 1000, PERSONS),
                ),
                (
                    "insert into person (subject_id, uuid, category, author_team_id, recorded_by, changed_by, version, given, "
                    "family_name, born_precision, sex) select %s + n, gen_random_uuid(), 'index', %s, 1, 1, 1, %s, 'Example', "
                    "'day', 'U' from generate_series(1, %s) n",
                    (number * 1000, number, name, PERSONS),
                ),
            ):
                connection.execute(statement.encode(), values)
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def run(args: argparse.Namespace) -> int:
    """Make the database, ask, print. 1 where a row of another actor came, or too few came."""
    with throw_away() as database:
        build(database.superuser)
        logging.getLogger("django.request").setLevel(logging.CRITICAL)  # some requests fail on purpose
        outcome = ask(args.requests, seed=args.seed)
    if args.json:
        print(json.dumps(asdict(outcome)))
    else:
        told = ", ".join(f"{count:,} {name}" for name, count in sorted(outcome.manners.items()))
        print(f"{outcome.requests:,} requests ({told}): {outcome.foreign_rows} rows of another actor")
        for each in outcome.wrong[:10]:
            print(f"  {each}")
    return 1 if outcome.wrong else 0


def ask(requests: int, *, seed: int) -> Outcome:
    """Send the requests over threads, each with sessions of its own for every team. Django is set up."""
    from django.db import connections
    from django.test import Client, override_settings

    from teamaround.agencies.models import Account

    outcome, lock = Outcome(), threading.Lock()
    left = iter(range(requests))

    def work(number: int) -> None:
        draw = random.Random(f"{seed}:{number}")  # noqa: S311 - to be had again
        clients = []
        for account in range(1, TEAMS + 1):
            client = Client(raise_request_exception=False)
            client.force_login(
                Account.objects.get(pk=account), backend="allauth.account.auth_backends.AuthenticationBackend"
            )
            clients.append(client)
        nobody = Client(raise_request_exception=False)
        try:
            while True:
                with lock:
                    if next(left, None) is None:
                        return
                manner, who = draw.choice(MANNERS), draw.randrange(TEAMS)
                client = nobody if manner == "anonymous" else clients[who]
                found = _answer(client, manner)
                with lock:
                    _judge(outcome, manner, NAMES[who], found)
        except Exception as error:  # an oracle must not die in a thread unseen
            with lock:
                outcome.wrong.append(repr(error))
        finally:
            connections.close_all()

    with override_settings(ROOT_URLCONF=urls(), TEAMAROUND_REQUIRE_SECOND_FACTOR=False, ALLOWED_HOSTS=["*"]):
        threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return outcome


def _answer(client: object, manner: str) -> str:
    response = client.get(f"/{'plain' if manner == 'anonymous' else manner.replace('dropped', 'streaming')}/")  # type: ignore[attr-defined]
    if manner == "dropped":
        first: bytes = next(iter(response.streaming_content), b"")
        response.close()
        return first.decode()
    if getattr(response, "streaming", False):
        return b"".join(response.streaming_content).decode()
    return str(response.content.decode()) if response.status_code == 200 else f"status {response.status_code}"


def _judge(outcome: Outcome, manner: str, name: str, found: str) -> None:
    outcome.requests += 1
    outcome.manners[manner] = outcome.manners.get(manner, 0) + 1
    counted = {other: found.count(other) for other in NAMES}
    foreign = sum(count for other, count in counted.items() if other != name or manner == "anonymous")
    outcome.foreign_rows += foreign
    right = {
        "raising": found == "status 500",
        "anonymous": found == "",
        "dropped": counted[name] > 0,
    }.get(manner, counted[name] == PERSONS)
    if foreign or not right:
        outcome.wrong.append(f"{manner} for {name}: {found[:200]!r}")


def urls() -> type:
    """The views that read every person there is, each in its manner."""
    from asgiref.sync import sync_to_async
    from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
    from django.http.response import HttpResponseBase
    from django.template import engines
    from django.template.response import TemplateResponse
    from django.urls import include, path

    from teamaround.people.models import Person

    page = engines["django"].from_string("{% for each in persons %}{{ each.given }} {% endfor %}")

    def names() -> Iterator[str]:
        for given in Person.objects.values_list("given", flat=True).iterator(chunk_size=3):
            yield f"{given} "

    def plain(request: HttpRequest) -> HttpResponse:
        return HttpResponse("".join(names()))

    def lazy(request: HttpRequest) -> HttpResponseBase:
        return TemplateResponse(request, page, {"persons": Person.objects.all()})

    def streaming(request: HttpRequest) -> HttpResponseBase:
        return StreamingHttpResponse(names())

    async def from_async(request: HttpRequest) -> HttpResponse:
        return HttpResponse(await sync_to_async(lambda: "".join(names()))())

    def raising(request: HttpRequest) -> HttpResponse:
        list(names())
        raise ZeroDivisionError

    class Urls:
        urlpatterns = (
            path("plain/", plain),
            path("lazy/", lazy),
            path("streaming/", streaming),
            path("async/", from_async),
            path("raising/", raising),
            path("", include("teamaround.site.urls")),
        )

    return Urls
