"""The search looks up whom it shows alone: nobody who stands far behind the first, and by a plan that is kept."""

from importlib import import_module

from django.db import migrations

from teamaround.database.operations import Engine

taken_away = import_module("teamaround.index.migrations.0016_search_in_steps").taken_away

SEARCH = "app.search_people(app.features, text, float8, int)"
TEXT = r"""
create function app.search_people(wanted app.features, last_sound text, at_least float8, most int)
returns table (subject_id bigint, uuid uuid, given text, family_name text, date_of_birth date, born_precision text,
               sex text, area text, weight float8, two_class float8, apart float8, levels int[], by_another_name boolean,
               too_many boolean)
language plpgsql stable security definer set search_path = public, pg_catalog set plan_cache_mode = force_generic_plan
set jit = off as $$
#variable_conflict use_column
declare
    shown int := case when most < 1 then 1 when most > 50 then 50 else most end;
    prior float8 := (select -ln(greatest(c.reltuples, 1000) - 1) / ln(2::float8) from pg_class c
                     where c.oid = 'search_feature'::regclass);
    weighed app.weighed[];
    nearest float8;
begin
    if app.actor_kind() <> 'practitioner' then
        raise exception 'only practitioners search' using errcode = 'insufficient_privilege';
    end if;
    weighed := array(
        select f from app.find_people(wanted, last_sound, prior, 50) f
        where f.weight >= prior + at_least order by f.weight desc, f.root_id);
    -- Who stands so far behind the first is no answer, and nobody's name is looked up for it. Where the first may be
    -- hidden from me, or of no entry that I may find, all are.
    nearest := case when exists (
            select from search_feature e join person p on p.subject_id = e.root_id
            where e.id = weighed[1].entry and p.voided_at is null and not (e.guarded or exists (select from sharing_shield h where h.subject_id = e.root_id)))
        then least(weighed[1].weight - 22.0, 0) else '-infinity' end;
    return query
    with found as materialized (
        select f.*, p.uuid, p.given::text as called, p.family_name::text as surname, p.date_of_birth, p.born_precision, p.sex,
            ((e.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.name_hidden(f.root_id)) as hidden,
            ((e.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) as placeless,
            e.given as by_given, e.family as by_family
        from unnest(weighed) f
        join search_feature e on e.id = f.entry
        join person p on p.subject_id = f.root_id
        where f.weight >= nearest and (p.voided_at is null or exists (select 1 from involvement i where i.subject_id = p.subject_id
            and i.until is null and (i.category = 'index' or i.author_team_id = any ((select app.principals())::int[]))))
    ), told as materialized (
        select f.* from found f where not f.hidden or (f.levels[7] = 1 or f.levels[8] = 1) or (f.levels[1] = 10 and f.levels[2] = 6 and f.levels[4] = 6)
    ), tied as materialized (
        -- As many fit equally well as nobody could choose from: none is shown, and one more fact is asked for.
        select count(*) > shown as many from told t where t.weight >= (select max(w.weight) from told w) - 0.5
    )
    select case when f.hidden then 0 else f.root_id end, case when f.hidden then null else f.uuid end,
        case when f.hidden then '' else f.called end, case when f.hidden then '' else f.surname end,
        case when f.hidden then null else f.date_of_birth end,
        case when f.hidden then 'day' else f.born_precision::text end, case when f.hidden then 'U' else f.sex::text end,
        case when f.hidden or f.placeless then '' else coalesce((
            select regexp_replace(upper(replace(a.postcode, ' ', '')), '[0-9][A-Z]{2}$', '') from person_address a
            where a.subject_id = f.root_id and a.voided_at is null and a.postcode <> ''
            order by (a.until is null) desc, a.until desc, a.since desc nulls last, a.id desc limit 1), '') end,
        f.weight, case when f.hidden then 0 else f.two_class end, case when f.hidden then 0 else f.apart end,
        case when f.hidden then '{}'::int[] else f.levels end,
        not f.hidden and not exists (
            select from name_reading g, name_reading h
            where g.kind = 'given' and g.written = f.called and h.kind = 'family' and h.written = f.surname
                and coalesce(g.words[1], '') = f.by_given and coalesce(h.words[1], '') = f.by_family)
            and exists (select from name_reading g where g.kind = 'given' and g.written = f.called),
        false
    from told f where not (select many from tied)
    union all
    select null, null, '', '', null, 'day', 'U', '', 0, 0, 0, '{}', false, true from tied where many
    order by 9 desc, 1 limit shown;
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("index", "0017_indexes_that_answer")]
    operations = [
        taken_away(SEARCH, "SEARCH", "app_rw"),
        Engine(SEARCH, create=TEXT, callers="app_rw"),
    ]
