-- What migration 0011 installs, as it was written then. Later migrations install what came after it.
--- FEATURES_TYPE
create type app.features as (given text collate "C", given_start text collate "C", given_letter text collate "C", given_letters text collate "C", given_sound text collate "C", given_forms text[] collate "C", middle text collate "C", middle_letter text collate "C", family text collate "C", family_letter text collate "C", family_letters text collate "C", family_sound text collate "C", family_last text collate "C", family_parts text[] collate "C", family_forms text[] collate "C", family_sounds text[] collate "C", born text collate "C", born_swapped text collate "C", born_year text collate "C", born_year_month text collate "C", born_year_day text collate "C", born_month_day text collate "C", sex text collate "C", postcode text collate "C", postcodes text[] collate "C", sector text collate "C", outward text collate "C", area text collate "C", nhs text collate "C", nhs_traced boolean, upn text collate "C", tf_given float8, tf_family float8)
--- WEIGH
create function app.weigh(wanted app.features, entries bigint[], prior float8)
returns table (entry bigint, root_id bigint, two_class float8, apart float8, levels int[], weight float8)
language plpgsql stable security definer set search_path = public, pg_catalog set plan_cache_mode = force_generic_plan
set jit = off rows 50 as $$
#variable_conflict use_column
begin
    -- Weights of version 1.
    return query select entry, root_id, two_class, apart, levels, (least(two_class, apart) - (ln((1 + power((2)::float8, greatest(least(two_class, apart) - greatest(two_class, apart), -500.0)))::float8) / 0.6931471805599453::float8)) as weight from (select entry, root_id, ((prior)::float8 + (case gamma_given when 10 then (-0.21316111845847274) - (ln((greatest(tf_given_l, tf_given_r))::float8) / 0.6931471805599453::float8) when 9 then (9.940053809194373) when 8 then (3.3994160675318312) when 7 then (7.012991918456711) when 6 then (3.768802594349065) when 5 then (2.694806326574178) when 4 then (2.8903104834510494) when 3 then (3.170345485475079) when 2 then (3.2754137524630416) when 1 then (-0.21671050841801964) when 0 then (-5.9504305032470795) else 0 end)::float8 + (case gamma_family when 6 then (-0.22346811096374175) - (ln((greatest(tf_family_l, tf_family_r))::float8) / 0.6931471805599453::float8) when 5 then (6.69754370991021) when 4 then (5.44995899088047) when 3 then (7.276440162950001) when 2 then (1.0007215279174595) when 1 then (3.1879030125723427) when 0 then (-4.302977821058084) else 0 end)::float8 + (case gamma_middle when 2 then (6.559995170935686) when 1 then (4.068930463662609) when 0 then (-4.352170610386302) else 0 end)::float8 + (case gamma_born when 7 then (9.044790938874497) when 6 then (12.345869603494897) when 5 then (6.883871640518449) when 4 then (3.7939138470841502) when 3 then (2.013120082130108) when 2 then (-1.2563915168692779) when 1 then (-6.2554789844889065) when 0 then (-7.9016875222999055) else 0 end)::float8 + (case gamma_place when 6 then (13.322724612796224) when 5 then (5.691359194367117) when 4 then (7.674036961760211) when 3 then (4.110770884255004) when 2 then (4.434440617432619) when 1 then (-4.059226672677953) when 0 then (-4.2130940382032565) else 0 end)::float8 + (case gamma_sex when 1 then (0.9879871363902415) when 0 then (-6.959526749429886) else 0 end)::float8 + (case gamma_nhs when 1 then (15.555422798449712) when 0 then (-5.643827335585364) else 0 end)::float8 + (case gamma_upn when 1 then (17.371425117107897) when 0 then (-5.64384753357851) else 0 end)::float8) as two_class, (((-0.5849625007211562))::float8 + (case gamma_given when 10 then (11.48958876036982) when 9 then (3.7369655941662057) when 8 then (3.8564504203473753) when 7 then (5.144215269822503) when 6 then (2.388143605350706) when 5 then (0.7989222509637655) when 4 then (4.021183485973884) when 3 then (2.8330204317364513) when 2 then (1.296296826316679) when 1 then (-1.2437915259707424) when 0 then (-5.946666536213454) else 0 end)::float8 + (case gamma_family when 6 then (-0.005876675891114069) when 5 then (-0.24347765765292184) when 4 then (0.2748424993431078) when 3 then (1.286946185852682) when 2 then (-1.0) when 1 then (-0.9526376307083382) when 0 then (-0.25097210524545854) else 0 end)::float8 + (case gamma_middle when 2 then (5.133740947727538) when 1 then (3.0338154889562574) when 0 then (-4.30260944244631) else 0 end)::float8 + (case gamma_born when 7 then (2.9880982037279242) when 6 then (5.318330999665559) when 5 then (4.514667245501754) when 4 then (5.1502815170980885) when 3 then (2.2718985342290203) when 2 then (0.7408830522244703) when 1 then (-6.266806642036791) when 0 then (-7.8722762566548985) else 0 end)::float8 + (case gamma_place when 6 then (0.05246872431944172) when 5 then (0.4481538680039403) when 4 then (0.8169109428629522) when 3 then (-2.12329250749091) when 2 then (0.5599518359833988) when 1 then (-2.3053568965689175) when 0 then (-0.8460880417106749) else 0 end)::float8 + (case gamma_sex when 1 then (1.001359322862339) when 0 then (-6.972890781238716) else 0 end)::float8 + (case gamma_nhs when 1 then (7.351675438281414) when 0 then (-5.635173946674923) else 0 end)::float8 + (case gamma_upn when 1 then (8.351675438281415) when 0 then (-5.639521599510833) else 0 end)::float8) as apart, array[gamma_given, gamma_family, gamma_middle, gamma_born, gamma_place, gamma_sex, gamma_nhs, gamma_upn] as levels from (select c.id as entry, c.root_id, q.tf_given as tf_given_l, c.tf_given as tf_given_r, q.tf_family as tf_family_l, c.tf_family as tf_family_r, case when (q.given = '' or c.given = '') then -1 when (q.given = c.given and q.given <> '') then 10 when (((q.given = c.family and q.given <> '') and (q.family = c.given and q.family <> '')) or ((q.given_sound = c.family_sound and q.given_sound <> '') and (q.family_sound = c.given_sound and q.family_sound <> ''))) then 9 when (q.given_forms && c.given_forms) then 8 when ((length(q.given) >= 4 and length(c.given) >= 4 and levenshtein_less_equal(q.given, c.given, 1) <= 1) or (q.given_letters = c.given_letters and q.given_letters <> '')) then 7 when (length(q.given) >= 3 and length(c.given) >= 3 and (starts_with(q.given, c.given) or starts_with(c.given, q.given))) then 6 when ((q.given = c.middle and q.given <> '') or (q.middle = c.given and q.middle <> '')) then 5 when ((q.given_letter = c.given_letter and q.given_letter <> '') and (length(q.given) = 1 or length(c.given) = 1)) then 4 when (((length(q.given) >= 6 and length(c.given) >= 6 and levenshtein_less_equal(q.given, c.given, 2) <= 2) or (length(q.given) >= 3 and length(c.given) >= 3 and levenshtein_less_equal(q.given, c.given, 1) <= 1)) or (q.given_sound = c.given_sound and q.given_sound <> '')) then 3 when ((q.given = c.family and q.given <> '') or (q.family = c.given and q.family <> '')) then 2 when (q.given_start = c.given_start and q.given_start <> '') then 1 else 0 end as gamma_given, case when ((q.family = '' or c.family = '') or ((q.family <> c.family) and (((q.given = c.family and q.given <> '') or (q.family = c.given and q.family <> '')) or ((q.given_sound = c.family_sound and q.given_sound <> '') and (q.family_sound = c.given_sound and q.family_sound <> ''))))) then -1 when (q.family = c.family and q.family <> '') then 6 when (q.family_parts && c.family_parts) then 5 when (q.family_forms && c.family_forms) then 4 when ((length(q.family) >= 4 and length(c.family) >= 4 and levenshtein_less_equal(q.family, c.family, 1) <= 1) or (q.family_letters = c.family_letters and q.family_letters <> '')) then 3 when ((q.family_letter = c.family_letter and q.family_letter <> '') and (length(q.family) = 1 or length(c.family) = 1)) then 2 when ((((length(q.family) >= 6 and length(c.family) >= 6 and levenshtein_less_equal(q.family, c.family, 2) <= 2) or (length(q.family) >= 3 and length(c.family) >= 3 and levenshtein_less_equal(q.family, c.family, 1) <= 1)) or (q.family_sound = c.family_sound and q.family_sound <> '')) or (q.family_sounds && c.family_sounds)) then 1 else 0 end as gamma_family, case when ((q.middle = '' or c.middle = '') or ((q.given = c.middle and q.given <> '') or (q.middle = c.given and q.middle <> ''))) then -1 when (q.middle = c.middle and q.middle <> '') then 2 when ((q.middle_letter = c.middle_letter and q.middle_letter <> '') and (length(q.middle) = 1 or length(c.middle) = 1)) then 1 else 0 end as gamma_middle, case when (q.born = '' or c.born = '') then -1 when ((q.born = c.born and q.born <> '') and (q.born_month_day = '0101' or c.born_month_day = '0101')) then 7 when (q.born = c.born and q.born <> '') then 6 when ((q.born = c.born_swapped and q.born <> '') or (q.born_swapped = c.born and q.born_swapped <> '')) then 5 when ((q.born_year = c.born_year and q.born_year <> '') and (q.born_month_day = '0101' or c.born_month_day = '0101')) then 4 when (length(q.born) >= 8 and length(c.born) >= 8 and levenshtein_less_equal(q.born, c.born, 1) <= 1) then 3 when (((q.born_year_month = c.born_year_month and q.born_year_month <> '') or (q.born_year_day = c.born_year_day and q.born_year_day <> '')) or (q.born_month_day = c.born_month_day and q.born_month_day <> '')) then 2 when (length(q.born) >= 8 and length(c.born) >= 8 and levenshtein_less_equal(q.born, c.born, 2) <= 2) then 1 else 0 end as gamma_born, case when (q.outward = '' or c.outward = '') then -1 when (q.postcodes && c.postcodes) then 6 when (length(q.postcode) >= 5 and length(c.postcode) >= 5 and levenshtein_less_equal(q.postcode, c.postcode, 1) <= 1) then 5 when ((q.outward = c.outward and q.outward <> '') and (q.postcode = '' or c.postcode = '')) then 4 when (q.sector = c.sector and q.sector <> '') then 3 when (q.outward = c.outward and q.outward <> '') then 2 when (q.area = c.area and q.area <> '') then 1 else 0 end as gamma_place, case when (q.sex = '' or c.sex = '') then -1 when (q.sex = c.sex and q.sex <> '') then 1 else 0 end as gamma_sex, case when (q.nhs = '' or c.nhs = '') then -1 when (q.nhs = c.nhs and q.nhs <> '') then 1 else 0 end as gamma_nhs, case when (q.upn = '' or c.upn = '') then -1 when (q.upn = c.upn and q.upn <> '') then 1 else 0 end as gamma_upn from (select (wanted).*) q cross join (
                select f.id, f.root_id, f.given as given, left(f.given, 3) as given_start, left(f.given, 1) as given_letter, f.given_letters as given_letters, f.given_sound as given_sound, case when f.given_forms = '{}' and f.given <> '' then array[f.given] else f.given_forms end as given_forms, f.middle as middle, left(f.middle, 1) as middle_letter, f.family as family, left(f.family, 1) as family_letter, f.family_letters as family_letters, f.family_sound as family_sound, '' as family_last, case when f.family_parts = '{}' and f.family <> '' then array[f.family] else f.family_parts end as family_parts, case when f.family_forms = '{}' and f.family <> '' then array[f.family] else f.family_forms end as family_forms, case when f.family_sounds = '{}' and f.family <> '' then array[f.family_sound] else f.family_sounds end as family_sounds, f.born as born, case when substr(f.born, 7, 2) between '01' and '12' and substr(f.born, 5, 2) <> substr(f.born, 7, 2) then left(f.born, 4) || substr(f.born, 7, 2) || substr(f.born, 5, 2) else '' end as born_swapped, left(f.born, 4) as born_year, left(f.born, 6) as born_year_month, left(f.born, 4) || substr(f.born, 7, 2) as born_year_day, substr(f.born, 5, 4) as born_month_day, f.sex as sex, case when f.placeless then '' else f.postcode end as postcode, case when f.placeless then '{}'::text[] else f.postcodes end as postcodes, case when f.placeless then '' else left(f.postcode, greatest(length(f.postcode) - 2, 0)) end as sector, case when f.placeless then '' else f.outward end as outward, case when f.placeless then '' else case when substr(f.outward, 2, 1) between 'A' and 'Z' then left(f.outward, 2) else left(f.outward, 1) end end as area, f.nhs as nhs, f.nhs_traced as nhs_traced, f.upn as upn, f.tf_given, f.tf_family
                from (select s.*, (s.guarded or exists (select from sharing_shield h where h.subject_id = s.root_id))
                          and app.place_hidden(s.root_id) as placeless
                      from search_feature s where s.id = any (entries) offset 0) f offset 0) c offset 0) as compared offset 0) as weighed;
end $$
--- FIND
create function app.find_people(wanted app.features, last_sound text, prior float8, most int)
returns table (entry bigint, root_id bigint, two_class float8, apart float8, levels int[], weight float8)
language plpgsql stable security definer set search_path = public, pg_catalog set plan_cache_mode = force_generic_plan
set jit = off rows 10 as $$
#variable_conflict use_column
declare
    entries bigint[];
    best float8;
begin
    entries := array(
        select id from (
            (select f.id from search_feature f where wanted.nhs <> '' and f.nhs = wanted.nhs and f.nhs <> '' limit 300)
            union (select f.id from search_feature f where wanted.upn <> '' and f.upn = wanted.upn and f.upn <> '' limit 300)
            union (select f.id from search_feature f where wanted.born <> '' and wanted.family <> '' and f.born = wanted.born and f.family_sound = wanted.family_sound limit 300)
            union (select f.id from search_feature f where wanted.born <> '' and wanted.given <> '' and f.born = wanted.born and f.given_sound = wanted.given_sound limit 300)
            union (select f.id from search_feature f where wanted.born <> '' and wanted.given <> '' and wanted.family <> '' and f.born = wanted.born and f.family_sound = wanted.given_sound limit 300)
            union (select f.id from search_feature f where wanted.born <> '' and wanted.given <> '' and wanted.family <> '' and f.born = wanted.born and f.given_sound = wanted.family_sound limit 300)
            union (select f.id from search_feature f where wanted.born <> '' and wanted.family_last <> wanted.family and f.born = wanted.born and f.family_sound = last_sound limit 300)
            union (select f.id from search_feature f where wanted.born <> '' and wanted.outward <> '' and f.born = wanted.born and f.outward = wanted.outward and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 300)
            union (select f.id from search_feature f where wanted.born_swapped <> '' and wanted.family <> '' and f.born = wanted.born_swapped and f.family_sound = wanted.family_sound limit 300)
            union (select f.id from search_feature f where wanted.born_swapped <> '' and wanted.outward <> '' and f.born = wanted.born_swapped and f.outward = wanted.outward and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 300)
            union (select f.id from search_feature f where wanted.given <> '' and wanted.family <> '' and f.family = wanted.family and f.given = wanted.given limit 300)
            union (select f.id from search_feature f where wanted.given <> '' and wanted.family <> '' and f.family_sound = wanted.given_sound and f.given_sound = wanted.family_sound limit 300)
            union (select f.id from search_feature f where wanted.given <> '' and wanted.family <> '' and wanted.born <> '' and f.family_sound = wanted.family_sound and f.given_sound = wanted.given_sound and f.born between wanted.born_year || '0101' and wanted.born_year || '1231' limit 300)
            union (select f.id from search_feature f where wanted.family <> '' and wanted.outward <> '' and f.outward = wanted.outward and f.family_sound = wanted.family_sound and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 300)
            union (select f.id from search_feature f where wanted.given <> '' and wanted.family <> '' and wanted.born = '' and length(wanted.given) = 1 and f.family_sound = wanted.family_sound and left(f.given, 1) = wanted.given limit 300)
            union (select f.id from search_feature f where wanted.given <> '' and wanted.family <> '' and wanted.born = '' and f.family_sound = wanted.family_sound and f.given_sound = wanted.given_sound limit 300)
            union (select f.id from search_feature f where wanted.postcode <> '' and wanted.given <> '' and f.postcode = wanted.postcode and left(f.given, 1) = wanted.given_letter and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 300)
            union (select f.id from search_feature f where wanted.postcode <> '' and wanted.family <> '' and f.postcode = wanted.postcode and f.family_sound = wanted.family_sound and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 300)
            union (select f.id from search_feature f where wanted.family <> '' and wanted.given = '' and f.family_sound = wanted.family_sound limit 300)
            union (select f.id from search_feature f where wanted.family <> '' and wanted.given = '' and f.given_sound = wanted.family_sound limit 300)
            union (select f.id from search_feature f where wanted.given <> '' and wanted.family = '' and f.given_sound = wanted.given_sound limit 300)
            union (select f.id from search_feature f where wanted.born <> '' and wanted.given = '' and wanted.family = '' and f.born = wanted.born limit 300)
            union (select f.id from search_feature f where wanted.postcode <> '' and wanted.given = '' and wanted.family = '' and f.postcode = wanted.postcode and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 300)
        ) hard);
    best := (select max(w.weight) from app.weigh(wanted, entries, prior) w);
    if best is null or best < 6.63 then
        entries := array(
            select unnest(entries) union
            select id from (
            (select f.id from (select f.id, f.given, f.family from search_feature f where wanted.given <> '' and wanted.family <> '' and wanted.born <> '' and f.born = wanted.born limit 2500) f order by similarity(f.given || ' ' || f.family, wanted.given || ' ' || wanted.family) desc limit 40)
            union (select f.id from (select f.id, f.given, f.family from search_feature f where wanted.given <> '' and wanted.family <> '' and wanted.sector <> '' and f.postcode >= wanted.sector and f.postcode < wanted.sector || 'a' and length(f.postcode) = length(wanted.postcode) and not ((f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) limit 2500) f order by similarity(f.given || ' ' || f.family, wanted.given || ' ' || wanted.family) desc limit 40)
            union (select f.id from (select f.id, f.given, f.family from search_feature f where wanted.given <> '' and wanted.family <> '' and left(f.family, 3) = left(wanted.family, 3) and left(f.given, 3) = left(wanted.given, 3) limit 2500) f order by similarity(f.given || ' ' || f.family, wanted.given || ' ' || wanted.family) desc limit 40)
            union (select f.id from (select f.id, f.given, f.family from search_feature f where wanted.given <> '' and wanted.family <> '' and left(f.family, 3) = left(wanted.given, 3) and left(f.given, 3) = left(wanted.family, 3) limit 2500) f order by similarity(f.given || ' ' || f.family, wanted.given || ' ' || wanted.family) desc limit 40)
            ) soft);
    end if;
    return query
        select b.entry, b.root_id, b.two_class, b.apart, b.levels, b.weight from (
            select distinct on (w.root_id) w.* from app.weigh(wanted, entries, prior) w
            order by w.root_id, w.weight desc, w.entry) b
        order by b.weight desc, b.root_id limit most;
end $$
--- SEARCH
create function app.search_people(wanted app.features, last_sound text, at_least float8, most int)
returns table (subject_id bigint, uuid uuid, given text, family_name text, date_of_birth date, born_precision text,
               sex text, area text, weight float8, two_class float8, apart float8, levels int[], by_another_name boolean,
               too_many boolean)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare
    shown int := case when most < 1 then 1 when most > 50 then 50 else most end;
    prior float8 := (select -ln(greatest(c.reltuples, 1000) - 1) / ln(2::float8) from pg_class c
                     where c.oid = 'search_feature'::regclass);
begin
    if app.actor_kind() <> 'practitioner' then
        raise exception 'only practitioners search' using errcode = 'insufficient_privilege';
    end if;
    return query
    with found as materialized (
        select f.*, p.uuid, p.given::text as called, p.family_name::text as surname, p.date_of_birth, p.born_precision, p.sex,
            ((e.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.name_hidden(f.root_id)) as hidden,
            ((e.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id)) as placeless,
            e.given as by_given, e.family as by_family
        from app.find_people(wanted, last_sound, prior, 50) f
        join search_feature e on e.id = f.entry
        join person p on p.subject_id = f.root_id
        where f.weight >= prior + at_least and (p.voided_at is null or exists (select 1 from involvement i where i.subject_id = p.subject_id
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
--- MATCH
create function app.match_rows(wanted app.features[], last_sounds text[], at_least float8)
returns table (number int, subject_id bigint, uuid uuid, given text, family_name text, date_of_birth date,
               born_precision text, sex text, area text, weight float8, two_class float8, apart float8, levels int[])
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare
    prior float8 := (select -ln(greatest(c.reltuples, 1000) - 1) / ln(2::float8) from pg_class c
                     where c.oid = 'search_feature'::regclass);
    place int;
begin
    if app.actor_kind() not in ('practitioner', 'feed') then
        raise exception 'only practitioners search' using errcode = 'insufficient_privilege';
    end if;
    for place in 1 .. cardinality(wanted) loop
        return query
        select place, f.root_id, p.uuid, p.given::text, p.family_name::text, p.date_of_birth, p.born_precision::text, p.sex::text,
            case when (e.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.place_hidden(f.root_id) then '' else coalesce((
            select regexp_replace(upper(replace(a.postcode, ' ', '')), '[0-9][A-Z]{2}$', '') from person_address a
            where a.subject_id = f.root_id and a.voided_at is null and a.postcode <> ''
            order by (a.until is null) desc, a.until desc, a.since desc nulls last, a.id desc limit 1), '') end,
            f.weight, f.two_class, f.apart, f.levels
        from app.find_people(wanted[place], last_sounds[place], prior, 12) f
        join search_feature e on e.id = f.entry
        join person p on p.subject_id = f.root_id
        where f.weight >= at_least and (p.voided_at is null or exists (select 1 from involvement i where i.subject_id = p.subject_id
            and i.until is null and (i.category = 'index' or i.author_team_id = any ((select app.principals())::int[])))) and not ((e.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id)) and app.name_hidden(f.root_id))
        order by f.weight desc, f.root_id limit 8;
    end loop;
end $$
--- INDEXES
create index search_feature_subject on search_feature (subject_id)
create index search_feature_root on search_feature (root_id)
create index search_feature_nhs on search_feature (nhs) where nhs <> ''
create index search_feature_upn on search_feature (upn) where upn <> ''
create index search_feature_born_family on search_feature (born, family_sound)
create index search_feature_born_given on search_feature (born, given_sound)
create index search_feature_born_outward on search_feature (born, outward)
create index search_feature_sounds on search_feature (family_sound, given_sound, born)
create index search_feature_written on search_feature (family, given)
create index search_feature_given on search_feature (given_sound)
create index search_feature_outward on search_feature (outward, family_sound, given_sound)
create index search_feature_postcode on search_feature (postcode)
create index search_feature_beginnings on search_feature (left(family, 3), left(given, 3))
create index search_feature_unread on search_feature (id) where unread
