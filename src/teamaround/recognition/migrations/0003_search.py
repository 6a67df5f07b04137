"""What the nightly search reads of the index, and what it and the desk's figures may ask. Each function is narrow."""

from django.db import migrations

from teamaround.database.operations import Engine

ONLY_THE_SEARCH = """
    if not app.recognises() then
        raise exception 'the nightly search alone does this' using errcode = 'insufficient_privilege';
    end if;
"""

# The persons, by the record that stands for each, of whom something was written since; all of them without a moment.
CHANGED = f"""
create function app.entries_changed(after timestamptz) returns setof bigint
language plpgsql stable security definer set search_path = public, pg_catalog as $$
begin
    {ONLY_THE_SEARCH}
    if after is null then
        return query select p.subject_id from person p where p.voided_at is null
            and not exists (select 1 from person_merge m where m.subject_id = p.subject_id and m.undone_at is null) order by 1;
        return;
    end if;
    return query select distinct app.root_of(x.id) from (
        select p.subject_id from person p where p.changed_at > after
        union select n.subject_id from person_name n where n.changed_at > after
        union select a.subject_id from person_address a where a.changed_at > after
        union select i.subject_id from person_identifier i where i.changed_at > after
        union select unnest(array[m.subject_id, m.into_id]) from person_merge m where m.changed_at > after
        union select s.subject_id from sharing_shield s where s.changed_at > after) x(id) order by 1;
end $$
"""

# Who might be one child with any of these: the rules of `linkage.blocking`, each answered by an index of what is
# searched. A condition on the wanted row alone goes first, so that what is not known finds nobody.
RULES = (
    ("o.nhs <> ''", "r.nhs = o.nhs and r.nhs <> ''"),
    ("o.upn <> ''", "r.upn = o.upn and r.upn <> ''"),
    ("o.born <> '' and o.family_sound <> ''", "r.born = o.born and r.family_sound = any (o.family_sound || o.family_sounds)"),
    ("o.born <> '' and o.given_sound <> ''", "r.born = o.born and r.given_sound = o.given_sound"),
    ("o.born <> '' and o.given_sound <> ''", "r.born = o.born and r.family_sound = o.given_sound"),
    ("o.born <> '' and o.family_sound <> ''", "r.born = o.born and r.given_sound = o.family_sound"),
    ("o.born <> '' and o.outward <> ''", "r.born = o.born and r.outward = o.outward"),
    ("o.swapped <> '' and o.outward <> ''", "r.born = o.swapped and r.outward = o.outward"),
    ("o.swapped <> '' and o.family_sound <> ''", "r.born = o.swapped and r.family_sound = o.family_sound"),
    ("o.given <> '' and o.family <> ''", "r.family = o.family and r.given = o.given"),
    ("o.given <> '' and o.family <> ''", "r.family = o.given and r.given = o.family"),
    ("o.born <> '' and o.given_sound <> '' and o.family_sound <> ''",
        "r.family_sound = o.family_sound and r.given_sound = o.given_sound"
        " and r.born between left(o.born, 4) || '0101' and left(o.born, 4) || '1231'"),
    ("o.born <> '' and o.given <> '' and o.family_sound <> ''",
        "r.family_sound = o.family_sound and left(r.given, 1) = left(o.given, 1) and substr(r.born, 5, 4) = substr(o.born, 5, 4)"),
    ("o.outward <> '' and o.given_sound <> '' and o.family_sound <> ''",
        "r.outward = o.outward and r.family_sound = o.family_sound and r.given_sound = o.given_sound"),
    ("o.postcode <> '' and o.given <> ''", "r.postcode = o.postcode and left(r.given, 1) = left(o.given, 1)"),
    ("o.postcode <> '' and o.family_sound <> ''", "r.postcode = o.postcode and r.family_sound = o.family_sound"),
)  # fmt: skip
_FOUND = "\n    union ".join(
    f"select r.root_id from own o join search_feature r on {given} and {found}" for given, found in RULES
)
NEAR = f"""
create function app.entries_near(wanted bigint[]) returns setof bigint
language plpgsql stable security definer set search_path = public, pg_catalog set plan_cache_mode = force_custom_plan set jit = off as $$
begin
    {ONLY_THE_SEARCH}
    return query
    with own as materialized (
        select f.*, case when substr(f.born, 7, 2) between '01' and '12' and substr(f.born, 5, 2) <> substr(f.born, 7, 2)
            then left(f.born, 4) || substr(f.born, 7, 2) || substr(f.born, 5, 2) else '' end as swapped
        from search_feature f where f.root_id = any (wanted))
    {_FOUND};
end $$
"""

# What recognising needs of these persons: one row a name of a record, with what that record says beside it. A grown-up
# whom a sensitive service works with or wrote is left out, and so is one of no known age.
READ = f"""
create function app.entries_to_recognise(wanted bigint[])
returns table (root bigint, record bigint, given text, middle text, family text, born date, precise text, sex text,
    postcodes text[], nhs text, nhs_traced boolean, upn text, spared boolean)
language plpgsql stable security definer set search_path = public, pg_catalog set plan_cache_mode = force_custom_plan as $$
begin
    {ONLY_THE_SEARCH}
    return query
    with records as materialized (
        select w.id as root, r.id as record from unnest(wanted) w(id) cross join lateral unnest(app.same_person(w.id)) r(id)),
    kept as materialized (
        select r.root, p.* from records r join person p on p.subject_id = r.record
        where p.voided_at is null and not (
            (p.date_of_birth is null or p.date_of_birth <= (statement_timestamp() at time zone 'Europe/London')::date - interval '18 years')
            and exists (
                select 1 from team t where t.sensitivity <> '' and (t.id = p.author_team_id or exists (
                    select 1 from involvement i where i.author_team_id = t.id and i.subject_id = p.subject_id)))))
    select k.root, k.subject_id, n.given, n.middle, n.family_name, k.date_of_birth, k.born_precision::text, k.sex::text,
        array(select a.postcode::text from person_address a where a.subject_id = k.subject_id and a.voided_at is null
              and a.postcode <> '' order by (a.until is not null), a.id desc),
        coalesce(i.value, ''), coalesce(i.traced, false),
        coalesce((select u.value::text from person_identifier u where u.subject_id = k.subject_id and u.scheme = 'upn'
                  and u.voided_at is null order by (u.until is not null), u.traced desc, u.id desc limit 1), ''),
        app.search_spares(k.root)
    from kept k
    cross join lateral (
        select distinct on (x.given, x.family_name) x.given, x.middle, x.family_name from (
            select k.given::text as given, ''::text as middle, k.family_name::text as family_name
            union all
            select m.given::text, m.middle::text, m.family_name::text from person_name m
                where m.subject_id = k.subject_id and m.voided_at is null) x
        order by x.given, x.family_name, x.middle desc) n
    left join lateral (
        select j.value::text as value, j.traced from person_identifier j where j.subject_id = k.subject_id and j.scheme = 'nhs'
            and j.voided_at is null order by (j.until is not null), j.traced desc, j.id desc limit 1) i on true;
end $$
"""

COUNTED = f"""
create function app.entries_counted() returns bigint
language plpgsql stable security definer set search_path = public, pg_catalog as $$
begin
    {ONLY_THE_SEARCH}
    return (select count(*) from person p where p.voided_at is null);
end $$
"""

# What is known already of pairs among these persons: their roots, whether somebody told them apart, and whether the
# pair lies before people so that the search leaves it alone.
KNOWN = f"""
create function app.pairs_known(wanted bigint[]) returns table (one bigint, other bigint, pair uuid, apart boolean, in_hand boolean)
language plpgsql stable security definer set search_path = public, pg_catalog set plan_cache_mode = force_custom_plan as $$
begin
    {ONLY_THE_SEARCH}
    return query
    with records as materialized (
        select distinct r.id from unnest(wanted) w(id) cross join lateral unnest(app.same_person(w.id)) r(id))
    select app.root_of(p.subject_id), app.root_of(p.other_id), p.uuid, p.state = 'different',
        p.state <> 'waiting' or p.asked > 1 or exists (select 1 from recognition_opinion o where o.pair_id = p.id)
    from recognition_pair p
    where p.subject_id in (select id from records) and p.other_id in (select id from records)
    union all
    select app.root_of(m.subject_id), app.root_of(m.into_id), null::uuid, true, true from person_merge m
    where m.undone_at is not null and m.subject_id in (select id from records) and m.into_id in (select id from records);
end $$
"""

KEEP_RUN = f"""
create function app.keep_run(key uuid, started timestamptz, after timestamptz, model text, entries int, pairs int, joins int, reviews int)
returns void
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    {ONLY_THE_SEARCH}
    insert into recognition_run (uuid, started_at, since, model_version, entries_read, pairs_scored, joined, to_review)
        values (key, started, after, model, entries, pairs, joins, reviews);
end $$
"""

# How far people agree, over the whole area: of each band of weight how many pairs, and what the first and the second
# person answered where there were two. Numbers alone, and never of a question that is still open.
AGREEMENT = """
create function app.recognition_agreement() returns table (band int, state text, first text, second text, n bigint)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
begin
    if not (app.manages() or app.recognises()) then
        raise exception 'a manager asks this' using errcode = 'insufficient_privilege';
    end if;
    return query
    select floor(greatest(-8, least(8, p.weight)) / 2)::int, p.state::text,
        case when settled.is then coalesce(said.answers[1], '') else '' end,
        case when settled.is then coalesce(said.answers[2], '') else '' end, count(*)
    from recognition_pair p
    cross join lateral (select p.state not in ('waiting', 'second') as is) settled
    cross join lateral (
        select array_agg(o.answer::text order by o.id) as answers from recognition_opinion o
        where o.pair_id = p.id and o.asked = p.asked) said
    group by 1, 2, 3, 4;
end $$
"""

# Decisions as figures for evaluation: the levels of each decided pair, and what was decided by whom. Nobody's number.
DECISIONS = f"""
create function app.recognition_decisions()
returns table (state text, by_people boolean, levels text[], given_share float8, family_share float8, population int)
language plpgsql stable security definer set search_path = public, pg_catalog as $$
begin
    {ONLY_THE_SEARCH}
    return query
    select p.state::text, p.state <> 'joined', array[p.given_level, p.family_level, p.middle_level, p.born_level, p.place_level,
        p.sex_level, p.nhs_level, p.upn_level]::text[], p.given_share, p.family_share, p.population
    from recognition_pair p where p.state in ('same', 'different', 'joined');
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("recognition", "0002_policies"), ("index", "0011_features")]
    operations = [
        Engine("app.entries_changed(timestamptz)", create=CHANGED, callers="app_rw"),
        Engine("app.entries_near(bigint[])", create=NEAR, callers="app_rw"),
        Engine("app.entries_to_recognise(bigint[])", create=READ, callers="app_rw"),
        Engine("app.entries_counted()", create=COUNTED, callers="app_rw"),
        Engine("app.pairs_known(bigint[])", create=KNOWN, callers="app_rw"),
        Engine(
            "app.keep_run(uuid, timestamptz, timestamptz, text, int, int, int, int)",
            create=KEEP_RUN,
            callers="app_rw",
        ),
        Engine("app.recognition_agreement()", create=AGREEMENT, callers="app_rw"),
        Engine("app.recognition_decisions()", create=DECISIONS, callers="app_rw"),
    ]
