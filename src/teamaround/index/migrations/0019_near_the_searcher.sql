-- The functions as this step installs them, one after another: what was rendered from the rules of that release.

create function app.find_near(wanted app.features, last_sound text, prior float8, most int, near text[], districts text[],
    closer float8, farther float8) returns setof app.weighed
language plpgsql stable security definer set search_path = public, pg_catalog set plan_cache_mode = force_generic_plan
set jit = off rows 10 as $$
#variable_conflict use_column
declare
    entries bigint[];
    seen bigint[] := '{}';
    found app.weighed[];
    best float8;
    whole float8;
begin
    seen := array(select id from (
            (select f.id from search_feature f where wanted.nhs <> '' and f.nhs = wanted.nhs and f.nhs <> '' limit 300)
            union (select f.id from search_feature f where wanted.upn <> '' and f.upn = wanted.upn and f.upn <> '' limit 300)
            union (select f.id from search_feature f where wanted.born <> '' and wanted.given <> '' and wanted.family <> '' and f.family_sound = wanted.family_sound and f.given_sound = wanted.given_sound and f.born = wanted.born limit 300)
            union (select f.id from search_feature f where wanted.postcode <> '' and wanted.family <> '' and f.postcode = wanted.postcode and f.family_sound = wanted.family_sound and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 300)) blocked);
    found := array(select (w.entry, w.root_id, w.here, w.apart, w.levels, (least(w.here, w.apart) - (ln((1 + power((2)::float8, greatest(least(w.here, w.apart) - greatest(w.here, w.apart), -500.0)))::float8) / 0.6931471805599453::float8)), w.area)::app.weighed
                from (select w.*, w.two_class + case when w.entry = 0 then closer else case when w.area = '' then 0 when w.area = any (near) then closer else farther end end as here
                      from app.weigh(wanted, 0::bigint || seen, prior) w offset 0) w);
    whole := (select w.weight from unnest(found) w where w.entry = 0);
    best := (select w.weight
                from (select u.* from unnest(found) u where u.entry <> 0 order by u.weight desc offset 0) w
                where (select (p.voided_at is null or exists (select 1 from involvement i where i.subject_id = p.subject_id
            and i.until is null and (i.category = 'index' or i.author_team_id = any ((select app.principals())::int[])))) and not ((e.guarded or exists (select from sharing_shield h where h.subject_id = e.root_id)) and app.name_hidden(e.root_id))
                       from search_feature e join person p on p.subject_id = e.root_id where e.id = w.entry)
                limit 1);
    if best is null or best < whole - 4.0 then
        entries := array(select id from (
            (select f.id from search_feature f where wanted.born <> '' and wanted.family <> '' and f.born = wanted.born and f.family_sound = wanted.family_sound limit 300)
            union (select f.id from search_feature f where wanted.born <> '' and wanted.given <> '' and f.born = wanted.born and f.given_sound = wanted.given_sound limit 300)
            union (select f.id from search_feature f where wanted.born <> '' and wanted.given <> '' and wanted.family <> '' and f.born = wanted.born and f.family_sound = wanted.given_sound limit 300)
            union (select f.id from search_feature f where wanted.born <> '' and wanted.given <> '' and wanted.family <> '' and f.born = wanted.born and f.given_sound = wanted.family_sound limit 300)
            union (select f.id from search_feature f where wanted.born <> '' and wanted.family_last <> wanted.family and f.born = wanted.born and f.family_sound = last_sound limit 300)
            union (select f.id from search_feature f where wanted.born <> '' and wanted.outward <> '' and f.born = wanted.born and f.outward = wanted.outward and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 300)
            union (select f.id from search_feature f where wanted.born_swapped <> '' and wanted.family <> '' and f.born = wanted.born_swapped and f.family_sound = wanted.family_sound limit 300)
            union (select f.id from search_feature f where wanted.born_swapped <> '' and wanted.outward <> '' and f.born = wanted.born_swapped and f.outward = wanted.outward and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 300)
            union (select f.id from search_feature f where wanted.postcode <> '' and wanted.given <> '' and f.postcode = wanted.postcode and left(f.given, 1) = wanted.given_letter and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 300)
            union (select f.id from search_feature f where wanted.born <> '' and wanted.given = '' and wanted.family = '' and f.born = wanted.born limit 300)
            union (select f.id from search_feature f where wanted.postcode <> '' and wanted.given = '' and wanted.family = '' and f.postcode = wanted.postcode and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 300)
            ) blocked where id <> all (seen));
        if entries <> '{}' then
            seen := seen || entries;
            found := found || array(select (w.entry, w.root_id, w.here, w.apart, w.levels, (least(w.here, w.apart) - (ln((1 + power((2)::float8, greatest(least(w.here, w.apart) - greatest(w.here, w.apart), -500.0)))::float8) / 0.6931471805599453::float8)), w.area)::app.weighed
                from (select w.*, w.two_class + case when w.entry = 0 then closer else case when w.area = '' then 0 when w.area = any (near) then closer else farther end end as here
                      from app.weigh(wanted, entries, prior) w offset 0) w);
            best := (select w.weight
                from (select u.* from unnest(found) u where u.entry <> 0 order by u.weight desc offset 0) w
                where (select (p.voided_at is null or exists (select 1 from involvement i where i.subject_id = p.subject_id
            and i.until is null and (i.category = 'index' or i.author_team_id = any ((select app.principals())::int[])))) and not ((e.guarded or exists (select from sharing_shield h where h.subject_id = e.root_id)) and app.name_hidden(e.root_id))
                       from search_feature e join person p on p.subject_id = e.root_id where e.id = w.entry)
                limit 1);
        end if;
        if best is null or best < least(6.63, whole - 4.0) then
            entries := array(select id from (
            (select f.id from search_feature f where wanted.given <> '' and wanted.family <> '' and wanted.born = '' and f.family = wanted.family and f.given = wanted.given limit 300)
            union (select f.id from search_feature f where wanted.given <> '' and wanted.family <> '' and f.family_sound = wanted.given_sound and f.given_sound = wanted.family_sound limit 300)
            union (select f.id from search_feature f where wanted.given <> '' and wanted.family <> '' and wanted.born <> '' and f.family_sound = wanted.family_sound and f.given_sound = wanted.given_sound and f.born between wanted.born_year || '0101' and wanted.born_year || '1231' limit 300)
            union (select f.id from search_feature f where wanted.family <> '' and wanted.outward <> '' and f.outward = wanted.outward and f.family_sound = wanted.family_sound and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 300)
            union (select f.id from search_feature f where wanted.given <> '' and wanted.family <> '' and wanted.born = '' and length(wanted.given) = 1 and f.family_sound = wanted.family_sound and left(f.given, 1) = wanted.given limit 300)
            union (select f.id from search_feature f where wanted.given <> '' and wanted.family <> '' and wanted.born = '' and f.family_sound = wanted.family_sound and f.given_sound = wanted.given_sound limit 300)
            union (select f.id from search_feature f where wanted.family <> '' and wanted.given = '' and f.family_sound = wanted.family_sound limit 300)
            union (select f.id from search_feature f where wanted.family <> '' and wanted.given = '' and f.given_sound = wanted.family_sound limit 300)
            union (select f.id from search_feature f where wanted.given <> '' and wanted.family = '' and f.given_sound = wanted.given_sound limit 300)
            union (select f.id from search_feature f where districts <> '{}' and wanted.given <> '' and wanted.family <> '' and f.outward = any (districts) and f.family_sound = wanted.family_sound and f.given_sound = wanted.given_sound and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 300)
            union (select f.id from search_feature f where districts <> '{}' and wanted.born <> '' and f.born = wanted.born and f.outward = any (districts) and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 300)
            union (select f.id from (select f.id, f.born from search_feature f where wanted.given <> '' and wanted.family <> '' and wanted.born <> ''
                and f.family = wanted.family and f.given = wanted.given limit 2500) f
                order by (left(f.born, 4) = wanted.born_year)::int + (substr(f.born, 5, 2) = substr(wanted.born, 5, 2))::int
                    + (substr(f.born, 7, 2) = substr(wanted.born, 7, 2))::int desc limit 100)
            ) blocked where id <> all (seen));
        if entries <> '{}' then
            seen := seen || entries;
            found := found || array(select (w.entry, w.root_id, w.here, w.apart, w.levels, (least(w.here, w.apart) - (ln((1 + power((2)::float8, greatest(least(w.here, w.apart) - greatest(w.here, w.apart), -500.0)))::float8) / 0.6931471805599453::float8)), w.area)::app.weighed
                from (select w.*, w.two_class + case when w.entry = 0 then closer else case when w.area = '' then 0 when w.area = any (near) then closer else farther end end as here
                      from app.weigh(wanted, entries, prior) w offset 0) w);
            best := (select w.weight
                from (select u.* from unnest(found) u where u.entry <> 0 order by u.weight desc offset 0) w
                where (select (p.voided_at is null or exists (select 1 from involvement i where i.subject_id = p.subject_id
            and i.until is null and (i.category = 'index' or i.author_team_id = any ((select app.principals())::int[])))) and not ((e.guarded or exists (select from sharing_shield h where h.subject_id = e.root_id)) and app.name_hidden(e.root_id))
                       from search_feature e join person p on p.subject_id = e.root_id where e.id = w.entry)
                limit 1);
        end if;
            if best is null or best < least(6.63, whole - 8.0) then
                entries := array(select id from (
            (select f.id from (select f.id, f.given, f.family from search_feature f where wanted.given <> '' and wanted.family <> '' and wanted.born <> '' and f.born = wanted.born limit 2500) f order by similarity(f.given || ' ' || f.family, wanted.given || ' ' || wanted.family) desc limit 40)
            union (select f.id from (select f.id, f.given, f.family from search_feature f where wanted.given <> '' and wanted.family <> '' and wanted.sector <> '' and f.postcode >= wanted.sector and f.postcode < wanted.sector || 'a' and length(f.postcode) = length(wanted.postcode) and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 2500) f order by similarity(f.given || ' ' || f.family, wanted.given || ' ' || wanted.family) desc limit 40)
            union (select f.id from (select f.id, f.given, f.family from search_feature f where wanted.given <> '' and wanted.family <> '' and left(f.family, 3) = left(wanted.family, 3) and left(f.given, 3) = left(wanted.given, 3) limit 2500) f order by similarity(f.given || ' ' || f.family, wanted.given || ' ' || wanted.family) desc limit 40)
            union (select f.id from (select f.id, f.given, f.family from search_feature f where wanted.given <> '' and wanted.family <> '' and left(f.family, 3) = left(wanted.given, 3) and left(f.given, 3) = left(wanted.family, 3) limit 2500) f order by similarity(f.given || ' ' || f.family, wanted.given || ' ' || wanted.family) desc limit 40)
            ) blocked where id <> all (seen));
        if entries <> '{}' then
            seen := seen || entries;
            found := found || array(select (w.entry, w.root_id, w.here, w.apart, w.levels, (least(w.here, w.apart) - (ln((1 + power((2)::float8, greatest(least(w.here, w.apart) - greatest(w.here, w.apart), -500.0)))::float8) / 0.6931471805599453::float8)), w.area)::app.weighed
                from (select w.*, w.two_class + case when w.entry = 0 then closer else case when w.area = '' then 0 when w.area = any (near) then closer else farther end end as here
                      from app.weigh(wanted, entries, prior) w offset 0) w);
            best := (select w.weight
                from (select u.* from unnest(found) u where u.entry <> 0 order by u.weight desc offset 0) w
                where (select (p.voided_at is null or exists (select 1 from involvement i where i.subject_id = p.subject_id
            and i.until is null and (i.category = 'index' or i.author_team_id = any ((select app.principals())::int[])))) and not ((e.guarded or exists (select from sharing_shield h where h.subject_id = e.root_id)) and app.name_hidden(e.root_id))
                       from search_feature e join person p on p.subject_id = e.root_id where e.id = w.entry)
                limit 1);
        end if;
            end if;
        end if;
    end if;
    return query
        select b.* from (
            select distinct on (w.root_id) w.* from unnest(found) w where w.entry <> 0
            order by w.root_id, w.weight desc, w.entry) b
        order by b.weight desc, b.root_id limit most;
end $$

create function app.find_people(wanted app.features, last_sound text, prior float8, most int) returns setof app.weighed
language plpgsql stable security definer set search_path = public, pg_catalog rows 10 as $$
begin
    return query select * from app.find_near(wanted, last_sound, prior, most, '{}', '{}', 0, 0);
end $$

create function app.search_index(wanted app.features, last_sound text, at_least float8, most int)
returns table (subject_id bigint, uuid uuid, given text, family_name text, date_of_birth date, born_precision text,
               sex text, area text, weight float8, two_class float8, apart float8, levels int[], by_another_name boolean,
               close_by boolean, too_many boolean)
language plpgsql stable security definer set search_path = public, pg_catalog set plan_cache_mode = force_generic_plan
set jit = off as $$
#variable_conflict use_column
declare
    shown int := case when most < 1 then 1 when most > 50 then 50 else most end;
    prior float8 := (select -ln(greatest(c.reltuples, 1000) - 1) / ln(2::float8) from pg_class c
                     where c.oid = 'search_feature'::regclass);
    weighed app.weighed[];
    nearest float8;
    near text[];
    districts text[] := '{}';
    here float8;
    everywhere float8;
    closer float8 := 0;
    farther float8 := 0;
begin
    if app.actor_kind() <> 'practitioner' then
        raise exception 'only practitioners search' using errcode = 'insufficient_privilege';
    end if;
    select coalesce(array_agg(a.area), '{}'), sum(a.entries), max(a.among) into near, here, everywhere
    from search_area a where a.area in (
        select substring(upper(s.postcode) from '^[A-Z]{1,2}') from team t join site s on s.id = t.site_id
        where t.id = any ((select app.principals())::int[]));
    if here > 0 and here < everywhere then
        closer := ln(0.9 * everywhere / greatest(here, everywhere / 200)) / ln(2::float8);
        farther := least(ln(0.10 * everywhere / (everywhere - here)) / ln(2::float8), 0);
        if closer >= 1 then
            districts := array(select d from search_area a, unnest(a.districts) d where a.area = any (near));
        else
            closer := 0;
            farther := 0;
        end if;
    end if;
    weighed := array(
        select f from app.find_near(wanted, last_sound, prior, 50, near, districts, closer, farther) f
        -- Where I work decides who comes first, not who is an answer at all.
        where (least((f.two_class - case when f.area = '' then 0 when f.area = any (near) then closer else farther end), f.apart) - (ln((1 + power((2)::float8, greatest(least((f.two_class - case when f.area = '' then 0 when f.area = any (near) then closer else farther end), f.apart) - greatest((f.two_class - case when f.area = '' then 0 when f.area = any (near) then closer else farther end), f.apart), -500.0)))::float8) / 0.6931471805599453::float8)) >= prior + at_least order by f.weight desc, f.root_id);
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
        not f.hidden and closer > 0 and f.area = any (near),
        false
    from told f where not (select many from tied)
    union all
    select null, null, '', '', null, 'day', 'U', '', 0, 0, 0, '{}', false, false, true from tied where many
    order by 9 desc, 1 limit shown;
end $$
