"""Every field is classified for privacy, retention and family visibility."""

from __future__ import annotations

from django.apps import apps
from django.db import models

from teamaround.access.categories import FamilyView, Privacy
from teamaround.site.classification import classification


def tables() -> dict[str, type[models.Model]]:
    return {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.db_table.endswith("_history")
    }


def test_every_field_of_every_table_is_classified() -> None:
    known = classification()
    missing = [
        f"{table}.{field.attname}"
        for table, model in sorted(tables().items())
        for field in model._meta.concrete_fields
        if field.attname not in known.get(table, {})
    ]
    assert missing == [], (
        "say in site/classification.yaml how harmful, how long kept, whether shown to the family"
    )


def test_nothing_is_classified_that_is_not_there() -> None:
    found = tables()
    gone = [
        f"{table}.{name}"
        for table, fields in classification().items()
        for name in fields
        if table not in found or name not in {field.attname for field in found[table]._meta.concrete_fields}
    ]
    assert gone == []


def test_a_secret_is_never_shown_to_anybody() -> None:
    for fields in classification().values():
        for classes in fields.values():
            assert classes.privacy != Privacy.SECRET or classes.family == FamilyView.HIDDEN


def test_free_text_about_a_subject_is_never_classified_as_harmless() -> None:
    harmless = [
        f"{table}.{field.attname}"
        for table, model in tables().items()
        if any(field.attname == "subject_id" for field in model._meta.concrete_fields)
        for field in model._meta.concrete_fields
        if isinstance(field, models.TextField)
        and not field.choices
        and classification()[table][field.attname].privacy in (Privacy.NONE, Privacy.STAFF)
    ]
    assert harmless == []
