"""Administrators set after how many days an involvement is quiet; the database says by whom and when."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from teamaround.database.operations import Engine

NOTE = """
create function app.note_freshness_set() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    new.set_by_id := case when app.actor_kind() = 'practitioner' then app.actor() end;
    new.set_at := statement_timestamp();
    return new;
end $$
"""

# Which roles there are is the product's: the days alone are set.
SET = """
grant update (quiet_after_days, remind_after_days, end_after_days) on involvement_freshness to app_rw;
create trigger a_guard before update on involvement_freshness for each row execute function app.guard_set_up();
create trigger b_note before update on involvement_freshness for each row execute function app.note_freshness_set()
"""
NOT_SET = """
drop trigger b_note on involvement_freshness;
drop trigger a_guard on involvement_freshness;
revoke update (quiet_after_days, remind_after_days, end_after_days) on involvement_freshness from app_rw
"""


class Migration(migrations.Migration):
    dependencies = [("agencies", "0004_partnership_role"), ("index", "0013_freshness_policies")]
    operations = [
        migrations.AddField("freshnessrule", "set_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "freshnessrule",
            "set_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="agencies.practitioner",
            ),
        ),
        migrations.AddConstraint(
            "freshnessrule",
            models.CheckConstraint(
                condition=Q(
                    quiet_after_days__gte=14,
                    quiet_after_days__lte=1095,
                    end_after_days__gte=F("remind_after_days") + 7,
                    end_after_days__lte=365,
                ),
                name="involvement_freshness_in_bounds",
            ),
        ),
        Engine("app.note_freshness_set()", create=NOTE),
        migrations.RunSQL(SET, NOT_SET),
    ]
