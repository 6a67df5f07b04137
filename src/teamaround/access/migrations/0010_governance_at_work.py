"""Whoever governs access raises no alert by governing: reading complaints, the log, requests about people's own data."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_watching = import_module("teamaround.access.migrations.0006_watching")

PAGES = "^(oversight:|rights:|portal:(inbox|answer|received)$|sharing:(emergencies|emergency_review)$)"

# At the time of the look: who takes the role later is not excused for what they read before, and who laid it
# down is not excused any more.
GOVERNED = """
create function app.governed_at(reader int, at_time timestamptz) returns boolean
language sql stable security definer set search_path = public, pg_catalog as $$
    select exists (
        select 1 from membership m join team t on t.id = m.team_id
        where m.practitioner_id = reader and m.role = 'governance' and m.since <= at_time
          and (m.until is null or m.until > at_time) and (t.ended_at is null or t.ended_at > at_time))
$$
"""

_BY_PAGE = "k.page not like 'oversight:%'"
_IN_ROLE = f"not (k.page ~ '{PAGES}' and app.governed_at(k.principal, k.at))"
_OUT_OF_HOURS = "and k.outcome = 'shown' and r.active"


def _raise() -> str:
    text = _watching.RAISE.replace("create function", "create or replace function")
    for before, times in ((_BY_PAGE, 4), (_OUT_OF_HOURS, 1)):
        if text.count(before) != times:
            raise ValueError(before)
    return text.replace(_BY_PAGE, _IN_ROLE).replace(_OUT_OF_HOURS, f"{_OUT_OF_HOURS}\n      and {_IN_ROLE}")


RAISE = _raise()
AS_BEFORE = _watching.RAISE.replace("create function", "create or replace function")


class Migration(migrations.Migration):
    dependencies = [("access", "0009_grants_by_record")]
    operations = [
        Engine("app.governed_at(int, timestamptz)", create=GOVERNED),
        migrations.RunSQL(
            tuple(Engine("app.raise_alerts(date[])", create=RAISE, callers="app_rw").statements()),
            tuple(Engine("app.raise_alerts(date[])", create=AS_BEFORE, callers="app_rw").statements()),
        ),
    ]
