"""What an audit of a file asks in the whole area. Before the policies, which let nobody add a question for all teams."""

from django.db import migrations

QUESTIONS = (
    "Is the chronology up to date, with contacts recorded within two working days?",
    "Are the child’s own words on the file, and has the child been seen alone?",
    "Is there an assessment of the whole family, and was an existing one built on?",
    "Is the risk assessment current?",
    "Does the plan say who does what by when, agreed with the family?",
    "Was the plan reviewed when it should have been?",
    "Is it clear who may be told what, with a consent or another reason that still holds?",
    "Are a manager’s decisions on the file, with their reasons?",
)


def _ship(apps, schema_editor):
    question = apps.get_model("supervision", "AuditQuestion")
    question.objects.using(schema_editor.connection.alias).bulk_create(
        question(position=number * 10, text=text) for number, text in enumerate(QUESTIONS, 1)
    )


class Migration(migrations.Migration):
    dependencies = [("supervision", "0001_initial")]
    operations = [migrations.RunPython(_ship, migrations.RunPython.noop)]
