"""More reasons for a grant; who oversees access, for policies to ask."""

from django.db import migrations, models

from teamaround.database.operations import Engine

# The role is read from memberships, never from a setting that a session could write.
GOVERNS = """
create function app.governs() returns boolean
language plpgsql stable parallel restricted security definer set search_path = public, pg_catalog as $$
begin
    return app.actor_kind() = 'practitioner' and exists (
        select 1 from membership m join practitioner p on p.id = m.practitioner_id join team t on t.id = m.team_id
        where m.practitioner_id = app.actor() and m.role = 'governance' and p.left_at is null and t.ended_at is null
            and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp()));
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0002_policies"), ("agencies", "0003_guard")]
    operations = [
        migrations.AlterField(
            model_name="grant",
            name="basis_kind",
            field=models.CharField(
                choices=[
                    ("consent", "Consent"),
                    ("safeguarding", "Safeguarding"),
                    ("duty", "Legal duty to share"),
                    ("vital", "Vital interests"),
                    ("break_glass", "Break-glass"),
                    ("involvement", "Working with the child"),
                    ("purpose", "A stated professional purpose"),
                    ("episode", "A referral or case in hand"),
                    ("panel", "Panel agenda"),
                    ("own", "The person themselves"),
                ],
                max_length=16,
            ),
        ),
        Engine("app.governs()", create=GOVERNS, callers="app_rw"),
    ]
