"""Plans, contacts and closings under row-level security, their history alike."""

from django.db import migrations

from teamaround.database.operations import Protect, ProtectHistory

TABLES = (
    "plan",
    "plan_agreement",
    "goal",
    "plan_action",
    "plan_review",
    "review_view",
    "review_progress",
    "contact",
    "contact_seen",
    "closing",
    "closing_outcome",
)

# What hangs on a goal is about the goal's own subject: a row that named another would show, to those who may
# read that other, that the goal exists.
SAME_SUBJECT = """
alter table goal add constraint goal_with_its_subject unique (id, subject_id);
alter table plan_action add constraint plan_action_about_the_goals_subject
    foreign key (goal_id, subject_id) references goal (id, subject_id);
alter table plan_action add constraint plan_action_about_the_tasks_subject
    foreign key (task_id, subject_id) references task (id, subject_id);
alter table review_progress add constraint review_progress_about_the_goals_subject
    foreign key (goal_id, subject_id) references goal (id, subject_id);
"""

UNSAME_SUBJECT = """
alter table review_progress drop constraint review_progress_about_the_goals_subject;
alter table plan_action drop constraint plan_action_about_the_tasks_subject;
alter table plan_action drop constraint plan_action_about_the_goals_subject;
alter table goal drop constraint goal_with_its_subject;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0001_initial"),
        ("tasks", "0002_policies"),
        ("procedures", "0002_policies"),
    ]
    operations = [
        *[Protect(table, touched=True) for table in TABLES],
        *[ProtectHistory(f"{table}_history") for table in TABLES],
        migrations.RunSQL(SAME_SUBJECT, UNSAME_SUBJECT),
    ]
