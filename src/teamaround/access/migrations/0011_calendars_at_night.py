"""A calendar program reads its owner's feed at night too: that says nothing of the owner's own hours."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

_before = import_module("teamaround.access.migrations.0010_governance_at_work")

_ACTIVE = "and k.outcome = 'shown' and r.active"


def _raise() -> str:
    text: str = _before.RAISE
    if text.count(_ACTIVE) != 1:
        raise ValueError(_ACTIVE)
    return text.replace(_ACTIVE, f"{_ACTIVE} and k.page <> 'desk:feed'")


class Migration(migrations.Migration):
    dependencies = [("access", "0010_governance_at_work")]
    operations = [
        migrations.RunSQL(
            tuple(Engine("app.raise_alerts(date[])", create=_raise(), callers="app_rw").statements()),
            tuple(Engine("app.raise_alerts(date[])", create=_before.RAISE, callers="app_rw").statements()),
        ),
    ]
