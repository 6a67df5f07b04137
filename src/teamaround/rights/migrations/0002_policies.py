"""Requests, packs, rules, holds, disposals and agreements under their policies: the governance lead's alone."""

from typing import Any

from django.db import migrations

from teamaround.database.operations import Protect

GOVERNS = "(select app.governs())"
ME = "(select app.actor())"
UNRELEASED = (
    f"{GOVERNS} and exists (select 1 from rights_request r where r.id = rights_item.request_id "
    "and r.released_at is null and r.closed_at is null)"
)
STAYS = """
create trigger a_stays_closed before update on rights_request for each row
    when (old.closed_at is not null) execute function app.refuse_change();
create trigger a_stays_lifted before update on legal_hold for each row
    when (old.lifted_at is not null) execute function app.refuse_change();
create trigger a_stays_done before update on disposal for each row
    when (old.done_at is not null or old.cancelled_at is not null) execute function app.refuse_change();
create trigger a_stays_ended before update on sharing_agreement for each row
    when (old.ended_on is not null) execute function app.refuse_change();
"""
UNSTAYS = """
drop trigger a_stays_closed on rights_request;
drop trigger a_stays_lifted on legal_hold;
drop trigger a_stays_done on disposal;
drop trigger a_stays_ended on sharing_agreement;
"""
# Until an area decides otherwise. The classes staff and system hold no subject and are looked after by hand.
RULES = """
set constraints all immediate;
insert into retention_rule (retention, category, measure, length, at_least_months, authority, effective_from) values
    ('record', '', 'birthday', 25, 72, 'Shipped with the product: the 25th birthday, and six years after the last entry', '2020-01-01'),
    ('index', '', 'birthday', 25, 72, 'Shipped with the product: as the record', '2020-01-01'),
    ('short', '', 'closed', 12, 12, 'Shipped with the product: a year after the last case closed', '2020-01-01'),
    ('log', '', 'written', 84, 84, 'Shipped with the product: stated reasons for seven years; who looked and when is kept', '2020-01-01');
"""


def governed(table: str, *, own: str = "", **rules: Any) -> Protect:
    """A table that the governance lead alone reads and writes; `own` is the column that says who writes."""
    insert = f"{GOVERNS} and {table}.{own} = {ME}" if own else GOVERNS
    return Protect(
        table,
        **{"author": None, "grants": False, "read": GOVERNS, "insert": insert, "update": GOVERNS, **rules},
    )


class Migration(migrations.Migration):
    dependencies = [
        ("rights", "0001_initial"),
        ("access", "0007_alert_names"),
        ("people", "0003_person_voided"),
        ("sharing", "0008_earliest_birthday"),
        ("index", "0005_voided_are_not_found"),
    ]
    operations = [
        migrations.RunSQL(RULES, "delete from retention_rule"),
        governed(
            "rights_request",
            own="recorded_by_id",
            update_columns=("extended_on", "extension_reason", "gathered_at", "released_at", "released_by_id",
                            "closed_at", "outcome", "outcome_reason"),
        ),
        governed("rights_pause", update_columns=("answered_on",)),
        governed(
            "rights_item",
            insert=UNRELEASED,
            update=UNRELEASED,
            delete=UNRELEASED,
            update_columns=("decision", "reason", "decided_by_id", "decided_at"),
        ),
        governed("retention_rule", own="set_by_id", append_only=True),
        governed("legal_hold", own="set_by_id", update_columns=("lifted_at", "lifted_reason")),
        governed(
            "disposal",
            insert=f"{GOVERNS} and disposal.asked_by_id = {ME} and disposal.confirmed_by_id is null and disposal.done_at is null",
            update_columns=("cancelled_at", "cancelled_by_id"),
        ),
        governed(
            "disposal_item",
            insert=f"{GOVERNS} and exists (select 1 from disposal d where d.id = disposal_item.disposal_id "
            f"and d.asked_by_id = {ME} and d.confirmed_by_id is null and d.done_at is null)",
            append_only=True,
        ),
        governed("disposal_count", insert="false", append_only=True),
        governed("sharing_agreement", update_columns=("review_on", "ended_on", "ended_reason", "version")),
        governed("sharing_agreement_party", append_only=True),
        governed("sharing_agreement_act", own="by_id", append_only=True),
        migrations.RunSQL(STAYS, UNSTAYS),
    ]  # fmt: skip
