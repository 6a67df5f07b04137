"""Reviews, scans, agendas and lawful grounds under their policies; closing an agenda item ends what it opened."""

from django.db import migrations

from teamaround.database.operations import Engine, Protect, ProtectHistory, mine


def of_own(table: str, parent: str, column: str, more: str = "") -> str:
    """The row is my team's, and so is the row it belongs to, about the same subject."""
    return (
        f"{mine(table, 'author_team_id')} and exists (select 1 from {parent} o where o.id = {table}.{column} "
        f"and o.subject_id = {table}.subject_id and o.author_team_id = {table}.author_team_id{more})"
    )


# Nobody reviews what they opened themselves.
REVIEWS_ANOTHERS = f"""
(select app.governs()) and {mine("sharing_break_glass_review", "author_team_id")} and exists (
    select 1 from sharing_basis b where b.id = sharing_break_glass_review.basis_id and b.kind = 'break_glass'
        and b.subject_id = sharing_break_glass_review.subject_id
        and b.recorded_by = sharing_break_glass_review.opened_by_id and b.recorded_by <> app.actor())
"""

CLOSE = """
create function app.close_agenda_item() returns trigger
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    update sharing_basis set withdrawn_at = greatest(statement_timestamp(), valid_from), version = version + 1,
        withdrawn_reason = 'The panel closed this item'
    where id = new.basis_id and kind = 'panel' and withdrawn_at is null;
    return null;
end $$
"""

# A closed item stays closed: what it opened is not opened again by it.
STAYS_CLOSED = """
create function app.agenda_item_stays_closed() returns trigger
language plpgsql set search_path = public, pg_catalog, pg_temp as $$
begin
    if old.closed_at is not null then
        raise exception 'this item is closed' using errcode = 'TA005';
    end if;
    return new;
end $$;
create trigger b_stays_closed before update on sharing_agenda_item
    for each row execute function app.agenda_item_stays_closed();
"""

# Who is told at once that something was opened in an emergency: whoever governs access. Their addresses are the
# partnership's own.
GOVERNORS = """
create function app.who_governs() returns setof int
language sql stable security definer set search_path = public, pg_catalog as $$
    select distinct m.practitioner_id from membership m join practitioner p on p.id = m.practitioner_id
        join team t on t.id = m.team_id
    where m.role = 'governance' and p.left_at is null and t.ended_at is null
        and m.since <= statement_timestamp() and (m.until is null or m.until > statement_timestamp())
$$
"""


class Migration(migrations.Migration):
    dependencies = [("sharing", "0006_reviews"), ("agencies", "0003_guard")]
    operations = [
        Protect(
            "sharing_paper",
            grants=False,
            insert=of_own("sharing_paper", "sharing_basis", "basis_id", " and o.kind = 'consent'"),
            append_only=True,
            touched=True,
        ),
        Protect(
            "sharing_review",
            grants=False,
            insert=of_own("sharing_review", "sharing_basis", "basis_id"),
            append_only=True,
            touched=True,
        ),
        Protect(
            "sharing_break_glass_review",
            grants=False,
            read=f"{mine('sharing_break_glass_review', 'author_team_id')} "
            f"or {mine('sharing_break_glass_review', 'opened_by_id')} or (select app.governs())",
            insert=REVIEWS_ANOTHERS,
            append_only=True,
            touched=True,
        ),
        Protect(
            "sharing_shield_review",
            grants=False,
            read=f"{mine('sharing_shield_review', 'author_team_id')} or (select app.governs())",
            insert=of_own("sharing_shield_review", "sharing_shield", "shield_id"),
            append_only=True,
            touched=True,
        ),
        Protect(
            "sharing_agenda_item",
            grants=False,
            readers=("panel_id",),
            writers=("panel_id",),
            insert=of_own("sharing_agenda_item", "sharing_basis", "basis_id", " and o.kind = 'panel'"),
            update_columns=("outcome", "closed_at", "version"),
            touched=True,
        ),
        ProtectHistory("sharing_agenda_item_history", grants=False, readers=("panel_id",)),
        Protect("sharing_lawful_basis", grants=False, touched=True),
        ProtectHistory("sharing_lawful_basis_history", grants=False),
        Engine("app.close_agenda_item()", create=CLOSE),
        migrations.RunSQL(
            "create trigger close_agenda_item after update of closed_at on sharing_agenda_item for each row "
            "when (new.closed_at is not null and old.closed_at is null) execute function app.close_agenda_item()",
            "drop trigger close_agenda_item on sharing_agenda_item",
        ),
        migrations.RunSQL(
            STAYS_CLOSED,
            "drop trigger b_stays_closed on sharing_agenda_item; drop function app.agenda_item_stays_closed()",
        ),
        Engine("app.who_governs()", create=GOVERNORS, callers="app_rw"),
    ]
