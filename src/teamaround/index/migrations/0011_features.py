"""What the search compares is kept ready beside each name, and weighed by the model where it lies."""

from importlib import import_module
from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from teamaround.database.operations import Engine, Open

_before = import_module("teamaround.index.migrations.0010_merged_in_search")
_tools = import_module("teamaround.index.migrations.0005_voided_are_not_found")

# As normalise.postcode reads it: whole or outward alone, "" for what is none.
POSTCODE = """
create function app.read_postcode(written text) returns text
language plpgsql immutable parallel safe strict set search_path = public, pg_catalog as $$
declare
    packed text := left(regexp_replace(upper(written), '[^A-Z0-9]', '', 'g'), 8);
    sector text[] := regexp_match(regexp_replace(trim(upper(written)), '\\s+', ' ', 'g'), '^([A-Z]{1,2}[0-9][0-9A-Z]?) [0-9]$');
    inward text;
begin
    if sector is not null then return sector[1]; end if;
    if packed = '' or starts_with(packed, 'ZZ99') then return ''; end if;
    if packed ~ '^[A-Z]{1,2}[0-9][0-9A-Z]?[0-9][A-Z]{2}$' then return packed; end if;
    if length(packed) > 4 then
        inward := translate(left(right(packed, 3), 1), 'OIS', '015') || translate(right(packed, 2), '015', 'OIS');
        inward := left(packed, length(packed) - 3) || inward;
        if inward ~ '^[A-Z]{1,2}[0-9][0-9A-Z]?[0-9][A-Z]{2}$' then return inward; end if;
    end if;
    return case when packed ~ '^[A-Z]{1,2}[0-9][0-9A-Z]?$' then packed else '' end;
end $$
"""

# A text that no dictionary holds is read plainly: its letters, no sound and no other spelling.
PLAINLY = """
create function app.read_plainly(written text) returns text[]
language sql immutable parallel safe strict set search_path = public, pg_catalog as $$
    select coalesce(string_to_array(nullif(trim(regexp_replace(app.plain(written), '[^a-z]+', ' ', 'g')), ''), ' '), '{}')
$$
"""

FEATURES = """
    delete from search_feature where subject_id = any (wanted);
    insert into search_feature (subject_id, root_id, given, middle, family, given_sound, family_sound, given_letters,
        family_letters, given_forms, family_parts, family_forms, family_sounds, born, sex, postcode, postcodes, outward,
        nhs, nhs_traced, upn, tf_given, tf_family, guarded, unread)
    select distinct on (n.root_id, r.given, r.middle, r.family, i.nhs, j.upn)
        n.subject_id, n.root_id, r.given, r.middle, r.family,
        case when r.given = '' then '' else coalesce(r.given_sound, '') end, coalesce(r.family_sound, ''),
        case when r.given = '' then '' else coalesce(r.given_letters, '') end, coalesce(r.family_letters, ''),
        case when r.given = '' or r.given_forms = array[r.given] then '{}' else coalesce(r.given_forms, '{}') end,
        case when r.family_parts = array[r.family] then '{}' else coalesce(r.family_parts, '{}') end,
        case when r.family_forms = array[r.family] then '{}' else coalesce(r.family_forms, '{}') end,
        case when r.family_sounds = array[r.family_sound] then '{}' else coalesce(r.family_sounds, '{}') end,
        coalesce(b.born, ''), coalesce(b.sex, ''),
        case when length(place.codes[1]) > 4 then place.codes[1] else '' end, place.whole,
        case when length(place.codes[1]) > 4 then left(place.codes[1], length(place.codes[1]) - 3)
             else coalesce(place.codes[1], '') end,
        coalesce(i.nhs, ''), coalesce(i.traced, false), coalesce(j.upn, ''),
        coalesce(r.tf_given, 1e-6), coalesce(r.tf_family, 1e-6), n.several, r.unread
    from (
        select q.subject_id, app.root_of(q.subject_id) as root_id, q.given, '' as middle, q.family_name,
            exists (select from person_merge m where m.undone_at is null and q.subject_id in (m.subject_id, m.into_id)) as several
        from person q where q.subject_id = any (wanted) and not exists (select from person_name x
            where x.subject_id = q.subject_id and x.voided_at is null and x.given = q.given and x.family_name = q.family_name)
        union all
        select x.subject_id, app.root_of(x.subject_id), x.given, x.middle, x.family_name,
            exists (select from person_merge m where m.undone_at is null and x.subject_id in (m.subject_id, m.into_id))
        from person_name x where x.subject_id = any (wanted) and x.voided_at is null
    ) n
    cross join lateral (
        select coalesce(g.words, app.read_plainly(n.given)) as gw, coalesce(m.words, app.read_plainly(n.middle)) as mw,
            coalesce(f.words, array[replace(array_to_string(app.read_plainly(n.family_name), ''), ' ', '')]) as fw,
            g.sound as given_sound, g.letters as given_letters, g.forms as given_forms, g.share as tf_given,
            f.sound as family_sound, f.letters as family_letters, f.parts as family_parts, f.forms as family_forms,
            f.sounds as family_sounds, f.share as tf_family,
            (g.id is null and n.given <> '') or (m.id is null and n.middle <> '') or (f.id is null and n.family_name <> '') as unread
        from (select) nothing
        left join name_reading g on g.kind = 'given' and g.written = n.given
        left join name_reading m on m.kind = 'given' and m.written = n.middle
        left join name_reading f on f.kind = 'family' and f.written = n.family_name
    ) w
    cross join lateral (
        select coalesce(w.gw[1], '') as given, coalesce(case when w.gw = '{}' then w.mw[1] else (w.gw || w.mw)[2] end, '') as middle,
            coalesce(w.fw[1], '') as family, w.given_sound, w.given_letters, w.given_forms, w.tf_given, w.family_sound,
            w.family_letters, w.family_parts, w.family_forms, w.family_sounds, w.tf_family, w.unread
    ) r
    left join lateral (
        select to_char(coalesce(min(case p.born_precision when 'year' then date_trunc('year', p.date_of_birth)
                    when 'month' then date_trunc('month', p.date_of_birth) else p.date_of_birth end)
                    filter (where p.subject_id = n.subject_id),
                min(case p.born_precision when 'year' then date_trunc('year', p.date_of_birth)
                    when 'month' then date_trunc('month', p.date_of_birth) else p.date_of_birth end)), 'YYYYMMDD') as born,
            coalesce(min(p.sex) filter (where p.sex in ('F', 'M') and p.subject_id = n.subject_id),
                     min(p.sex) filter (where p.sex in ('F', 'M'))) as sex
        from person p where p.subject_id = n.subject_id
            or (n.several and p.subject_id = any ((select app.same_person(n.subject_id))::bigint[]))
    ) b on true
    left join lateral (
        select array_agg(c.code order by c.first) as codes,
            coalesce(array_agg(c.code order by c.first) filter (where length(c.code) > 4), '{}') as whole
        from (
            select a.code, min(a.place) as first from (
                select app.read_postcode(d.postcode) as code, row_number() over (order by (d.until is null) desc, d.until desc,
                    d.since desc nulls last, d.id desc) as place
                from person_address d where d.voided_at is null and d.postcode <> ''
                    and (d.subject_id = n.subject_id
                        or (n.several and d.subject_id = any ((select app.same_person(n.subject_id))::bigint[])))
            ) a where a.code <> '' group by a.code
        ) c
    ) place on true
    left join lateral (
        select v.value as nhs, bool_or(v.traced) as traced from person_identifier v
        where v.voided_at is null and v.scheme = 'nhs' and v.value ~ '^[0-9]{10}$'
            and (v.subject_id = n.subject_id
                or (n.several and v.subject_id = any ((select app.same_person(n.subject_id))::bigint[])))
        group by v.value
    ) i on true
    left join lateral (
        select distinct upper(v.value) as upn from person_identifier v
        where v.voided_at is null and v.scheme = 'upn' and upper(v.value) ~ '^[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]$'
            and (v.subject_id = n.subject_id
                or (n.several and v.subject_id = any ((select app.same_person(n.subject_id))::bigint[])))
    ) j on true
    where r.given <> '' or r.middle <> '' or r.family <> ''
    order by n.root_id, r.given, r.middle, r.family, i.nhs, j.upn, n.subject_id;
end $$
"""
REBUILD = _tools.changed(_before.REBUILD, ("\nend $$", FEATURES.removesuffix("end $$\n") + "end $$"))

# Names that were read anew, or for the first time, are searched by the new reading. In steps, each its own
# transaction: the largest subject that was done, null at the end, and how many were.
AGAIN = """
create function app.read_again(after bigint, most int, all_of_them boolean) returns table (last bigint, many int)
language plpgsql security definer set search_path = public, pg_catalog as $$
declare
    wanted bigint[];
begin
    if not exists (select from service s where s.id = any (app.principals()) and s.name = 'reading') then
        raise exception 'only the service that reads names does it again' using errcode = 'insufficient_privilege';
    end if;
    if all_of_them then
        wanted := array(select p.subject_id from person p where p.subject_id > after order by p.subject_id limit most);
    else
        wanted := array(select distinct f.subject_id from search_feature f where f.unread and f.subject_id > after
                        order by f.subject_id limit most);
    end if;
    perform app.rebuild_search(wanted);
    return query select wanted[cardinality(wanted)], cardinality(wanted);
end $$
"""

FILL = """
do $$ declare last bigint := 0; wanted bigint[]; begin
    set local role app_engine;
    loop
        wanted := array(select p.subject_id from person p where p.subject_id > last order by p.subject_id limit 5000);
        exit when wanted = '{}';
        perform app.rebuild_search(wanted);
        last := wanted[cardinality(wanted)];
    end loop;
    set local role app_owner;
end $$
"""

# What was rendered from the weights of that day; `index.finding` renders what is installed since.
INSTALLED = {
    name: text.strip()
    for name, _, text in (
        part.partition("\n")
        for part in Path(__file__).with_suffix(".sql").read_text("utf-8").split("--- ")[1:]
    )
}

OLD_SIGNATURE = _tools.SIGNATURE
SIGNATURE = "app.search_people(app.features, text, float8, int)"


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0010_governance_at_work"),
        ("index", "0010_merged_in_search"),
        ("people", "0007_readings_kept"),
    ]
    operations = [
        migrations.CreateModel(
            name="SearchFeature",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("given", models.TextField(db_collation="C")),
                ("middle", models.TextField(db_collation="C")),
                ("family", models.TextField(db_collation="C")),
                ("given_sound", models.TextField(db_collation="C")),
                ("family_sound", models.TextField(db_collation="C")),
                ("given_letters", models.TextField(db_collation="C")),
                ("family_letters", models.TextField(db_collation="C")),
                (
                    "given_forms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(db_collation="C"), size=None
                    ),
                ),
                (
                    "family_parts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(db_collation="C"), size=None
                    ),
                ),
                (
                    "family_forms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(db_collation="C"), size=None
                    ),
                ),
                (
                    "family_sounds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(db_collation="C"), size=None
                    ),
                ),
                ("born", models.TextField(db_collation="C")),
                ("sex", models.TextField(db_collation="C")),
                ("postcode", models.TextField(db_collation="C")),
                (
                    "postcodes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(db_collation="C"), size=None
                    ),
                ),
                ("outward", models.TextField(db_collation="C")),
                ("nhs", models.TextField(db_collation="C")),
                ("nhs_traced", models.BooleanField()),
                ("upn", models.TextField(db_collation="C")),
                ("tf_given", models.FloatField()),
                ("tf_family", models.FloatField()),
                ("guarded", models.BooleanField()),
                ("unread", models.BooleanField()),
                (
                    "root",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="access.subject",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="access.subject",
                    ),
                ),
            ],
            options={
                "db_table": "search_feature",
            },
        ),
        Open(
            "search_feature",
            reason="no right at all for the application: compared inside the search functions alone",
            rights="",
        ),
        migrations.RunSQL("grant all on search_feature to app_engine", migrations.RunSQL.noop),
        migrations.RunSQL(
            [INSTALLED["FEATURES_TYPE"], "grant usage on type app.features to app_rw, app_engine"],
            "drop type app.features",
        ),
        migrations.RunSQL(
            tuple(INSTALLED["INDEXES"].splitlines()),
            tuple(f"drop index {line.split()[2]}" for line in reversed(INSTALLED["INDEXES"].splitlines())),
        ),
        migrations.RunSQL(
            [
                POSTCODE,
                PLAINLY,
                "grant execute on function app.read_postcode(text), app.read_plainly(text) to app_engine",
            ],
            "drop function app.read_postcode(text); drop function app.read_plainly(text)",
        ),
        migrations.RunSQL(
            _before.again("app.rebuild_search(bigint[])", REBUILD),
            _before.again("app.rebuild_search(bigint[])", _before.REBUILD),
        ),
        Engine("app.weigh(app.features, bigint[], float8)", create=INSTALLED["WEIGH"]),
        Engine("app.find_people(app.features, text, float8, int)", create=INSTALLED["FIND"]),
        migrations.RunSQL(f"drop function {OLD_SIGNATURE}", _tools.instead(OLD_SIGNATURE, _before.SEARCH)),
        Engine(SIGNATURE, create=INSTALLED["SEARCH"], callers="app_rw"),
        Engine("app.match_rows(app.features[], text[], float8)", create=INSTALLED["MATCH"], callers="app_rw"),
        Engine("app.read_again(bigint, int, boolean)", create=AGAIN, callers="app_rw"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
