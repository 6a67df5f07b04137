"""Whoever may not put anybody on duty is refused, whatever the hours: only who may is told that a shift has begun already."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

before = import_module("teamaround.rota.migrations.0006_duty_policies").GUARD
SIGNATURE = "app.guard_duty_shift()"
HOURS = "if new.ends_at <= statement_timestamp() or new.starts_at < statement_timestamp() - interval '1 hour' then"
GUARD = before.replace(HOURS, f"if app.keeps_duty(new.team_id) and ({HOURS[3:-5]}) then")


def again(create: str) -> tuple[str, ...]:
    """The statements that put this text in the place of the one before."""
    anew = create.replace("create function", "create or replace function")
    return tuple(Engine(SIGNATURE, create=anew).statements())


class Migration(migrations.Migration):
    dependencies = [("rota", "0007_asked")]
    operations = [migrations.RunSQL(again(GUARD), again(before))]
