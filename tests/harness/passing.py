"""Days pass: all that a site has kept grows older by as much, as it would by waiting.

What is reckoned from it anew afterwards (clocks, what is late, who is told) is reckoned by the product itself. Moments
of signing in and of the queue of jobs stay, so that nobody has to sign in again.
"""

from __future__ import annotations

from typing import LiteralString

import psycopg
from django.db import connections
from psycopg import sql

from harness.live import Site
from teamaround.procedures.actions import advance
from teamaround.procedures.models import Episode

STAYS = (
    "django_",
    "procrastinate_",
    "account_",
    "mfa_",
    "procedure_",
    "bank_",
    "access_",
    "socialaccount_",
)
"""Tables whose moments are not part of the families' story begin so."""

COLUMNS = """
select c.table_name::text, array_agg(c.column_name::text order by c.column_name)
from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
  and c.data_type = any (%s) and c.is_generated = 'NEVER'
  and c.column_name not in ('date_of_birth')
group by 1
"""


def days_pass(site: Site, report: dict[str, str], days: int) -> None:
    """Whole days, so that what is kept as a day and what is kept as a moment stay side by side."""
    _grow_older(report, "make_interval(days => {})", days, ("date", "timestamp with time zone"))
    _reckon(site)


def minutes_pass(site: Site, report: dict[str, str], minutes: int) -> None:
    """A few minutes: the days stay."""
    _grow_older(report, "make_interval(mins => {})", minutes, ("timestamp with time zone",))
    _reckon(site)


def _grow_older(report: dict[str, str], by: LiteralString, much: int, kinds: tuple[str, ...]) -> None:
    name = str(connections.settings["default"]["NAME"])
    with psycopg.connect(report["postgres"].replace("DATABASE", name)) as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute("set timezone = 'Europe/London'")
        for table, columns in owner.execute(COLUMNS, [list(kinds)]).fetchall():
            if table.startswith(STAYS):
                continue
            older = sql.SQL(", ").join(
                sql.SQL("{0} = {0} - ").format(sql.Identifier(each)) + sql.SQL(by).format(much)
                for each in columns
            )
            owner.execute(sql.SQL("update {} set {}").format(sql.Identifier(table), older))


def _reckon(site: Site) -> None:
    with site.cast.as_(site.cast.morgan):
        for episode in Episode.objects.filter(author_team=site.cast.morgan.team):
            advance(episode=episode)
