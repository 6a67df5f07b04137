"""The model's score inside PostgreSQL: candidates by the rules of `candidates`, weighed where they lie.

What is not asked for never leaves the database, so the search is a function there. Its text is rendered here from
the same comparisons and weights that Python and DuckDB use; a migration installs it, and a new version of the
weights is installed by a new migration (see docs/recognition.md).
"""

from __future__ import annotations

from teamaround.linkage.conditions import table_sides
from teamaround.linkage.features import COLUMNS
from teamaround.linkage.model import FREQUENCIES, Model, combined_sql
from teamaround.linkage.sql import scored_sql

from .candidates import FIRST, GUARDED, LAST, NEAR, THIRD, ids
from .nearness import BY_DISTRICT, DECLARED, FROM_HERE, level, reckoned

#: Above this weight (a probability of .99) nobody else is looked for.
CERTAIN = 6.63
#: Nor where an answer agrees in all that was typed but for so many bits: among millions a name and a birthday are
#: never certain, and whoever bears both is still the one to show. The first rules are asked alone by this only.
CLEAR = 4.0
NEARLY = 8.0

#: Of answers beside a better one, those this much lighter, in bits, help nobody to choose.
BESIDE = 22.0

_PLAIN_ORDER = ' collate "C"'
FEATURES_TYPE = "create type app.features as ({})".format(
    ", ".join(
        [f"{name} {kind}{_PLAIN_ORDER if kind != 'boolean' else ''}" for name, kind in COLUMNS.items()]
        + [f"tf_{name} float8" for name in FREQUENCIES]
    )
)

_SECTOR = "left(f.postcode, greatest(length(f.postcode) - 2, 0))"
_STORED = {
    "given_start": "left(f.given, 3)",
    "given_letter": "left(f.given, 1)",
    "given_forms": "case when f.given_forms = '{}' and f.given <> '' then array[f.given] else f.given_forms end",
    "middle_letter": "left(f.middle, 1)",
    "family_letter": "left(f.family, 1)",
    "family_parts": "case when f.family_parts = '{}' and f.family <> '' then array[f.family] else f.family_parts end",
    "family_forms": "case when f.family_forms = '{}' and f.family <> '' then array[f.family] else f.family_forms end",
    "family_sounds": "case when f.family_sounds = '{}' and f.family <> '' then array[f.family_sound]"
    " else f.family_sounds end",
    "family_last": "''",
    "born_swapped": "case when substr(f.born, 7, 2) between '01' and '12' and substr(f.born, 5, 2) <> substr(f.born, 7, 2)"
    " then left(f.born, 4) || substr(f.born, 7, 2) || substr(f.born, 5, 2) else '' end",
    "born_year": "left(f.born, 4)",
    "born_year_month": "left(f.born, 6)",
    "born_year_day": "left(f.born, 4) || substr(f.born, 7, 2)",
    "born_month_day": "substr(f.born, 5, 4)",
    "area": "case when substr(f.outward, 2, 1) between 'A' and 'Z' then left(f.outward, 2) else left(f.outward, 1) end",
    "sector": _SECTOR,
}
#: What tells where somebody lives. Of those whose whereabouts are hidden it is compared with nobody's.
_WHERE = ("postcode", "postcodes", "sector", "outward", "area")


def stored_sql() -> str:
    """A select list: every column of features, from a row `f` of search_feature with `f.placeless`."""
    parts = []
    for name, kind in COLUMNS.items():
        expression = _STORED.get(name, f"f.{name}")
        if name in _WHERE:
            nothing = "'{}'::text[]" if kind == "text[]" else "''"
            expression = f"case when f.placeless then {nothing} else {expression} end"
        parts.append(f"{expression} as {name}")
    return ", ".join(parts + [f"f.tf_{name}" for name in FREQUENCIES])


def _weighed(model: Model, candidates: str) -> str:
    pairs = f"(select (wanted).*) q cross join ({candidates}) c"
    keys = ("c.id as entry", "c.root_id", "c.area")
    scored = scored_sql(model, "postgres", pairs, keys=keys, left="q", right="c", prior="prior")
    # In the order of app.weighed, in which the postcode area where somebody lives, as far as I may know it, came last.
    return f"select x.entry, x.root_id, x.two_class, x.apart, x.levels, x.weight, x.area from ({scored}) x"


def weigh_function(model: Model) -> str:
    """`app.weigh`: entries of search_feature weighed against what is wanted; as entry 0, what is wanted against itself:
    the most that anybody could weigh. For the other functions alone."""
    candidates = f"""
                select f.id, f.root_id, {stored_sql()}
                from (select s.*, (s.guarded or exists (select from sharing_shield h where h.subject_id = s.root_id))
                          and app.place_hidden(s.root_id) as placeless
                      from search_feature s where s.id = any (entries) offset 0) f
                union all select 0, 0, (wanted).* where 0 = any (entries) offset 0"""
    return f"""
create function app.weigh(wanted app.features, entries bigint[], prior float8) returns setof app.weighed
language plpgsql stable security definer set search_path = public, pg_catalog set plan_cache_mode = force_generic_plan
set jit = off rows 50 as $$
#variable_conflict use_column
begin
    -- Weights of version {model.version}.
    return query {_weighed(model, candidates)};
end $$
"""


_SIDES = table_sides("postgres", "q", "c")
_WEIGHED_HERE = f"""select (w.entry, w.root_id, w.here, w.apart, w.levels, {combined_sql("w.here", "w.apart", _SIDES)}, w.area)::app.weighed
                from (select w.*, w.two_class + {BY_DISTRICT} + case when w.entry = 0 then closer else {FROM_HERE} end as here
                      from app.weigh(wanted, {{entries}}, prior) w offset 0) w"""
_WEIGHED_ANYWHERE = combined_sql(f"(w.two_class - {BY_DISTRICT} - {FROM_HERE})", "w.apart", _SIDES).replace(
    "w.", "f."
)

#: Whoever was voided is found only by those who work with them, or where a team that may be known does.
FOUND = """(p.voided_at is null or exists (select 1 from involvement i where i.subject_id = p.subject_id
            and i.until is null and (i.category = 'index' or i.author_team_id = any ((select app.principals())::int[]))))"""

_MAY_BE_GUARDED = GUARDED.replace("f.guarded", "e.guarded")

# Only somebody whom the answer can name ends the search: whoever is voided or hidden would leave it empty where others
# fit, and so be told of. Looked up from the heaviest on, until there is one.
_BEST = f"""best := (select w.weight
                from (select u.* from unnest(found) u where u.entry <> 0 order by u.weight desc offset 0) w
                where (select {FOUND} and not ({_MAY_BE_GUARDED.replace("f.root_id", "e.root_id")} and app.name_hidden(e.root_id))
                       from search_feature e join person p on p.subject_id = e.root_id where e.id = w.entry)
                limit 1);"""

_ADD = f"""entries := array(select id from (
            {{ids}}
            ) blocked where id <> all (seen));
        if entries <> '{{{{}}}}' then
            seen := seen || entries;
            found := found || array({_WEIGHED_HERE.format(entries="entries")});
            {_BEST}
        end if;"""

#: Who fits best among all, `near` (postcode areas, with their `districts`) by `closer` bits more and elsewhere by
#: `farther` less, and by `rarer` bits more in the district that was typed. Nobody is near where no area is named.
FIND_PLACED = f"""
create function app.find_placed(wanted app.features, last_sound text, prior float8, most int, near text[], districts text[],
    closer float8, farther float8, rarer float8) returns setof app.weighed
language plpgsql stable security definer set search_path = public, pg_catalog set plan_cache_mode = force_generic_plan
set jit = off rows 10 as $$
#variable_conflict use_column
declare
    entries bigint[];
    seen bigint[] := '{{}}';
    found app.weighed[];
    best float8;
    whole float8;
begin
    seen := array(select id from (
            {ids(FIRST)}) blocked);
    found := array({_WEIGHED_HERE.format(entries="0::bigint || seen")});
    whole := (select w.weight from unnest(found) w where w.entry = 0);
    {_BEST}
    if best is null or best < whole - {CLEAR} then
        {_ADD.format(ids=ids(NEAR))}
        if best is null or best < least({CERTAIN}, whole - {CLEAR}) then
            {_ADD.format(ids=THIRD)}
            if best is null or best < least({CERTAIN}, whole - {NEARLY}) then
                {_ADD.format(ids=LAST)}
            end if;
        end if;
    end if;
    return query
        select b.* from (
            select distinct on (w.root_id) w.* from unnest(found) w where w.entry <> 0
            order by w.root_id, w.weight desc, w.entry) b
        order by b.weight desc, b.root_id limit most;
end $$
"""

#: The same for a caseload, which is no search from anywhere.
FIND = """
create function app.find_people(wanted app.features, last_sound text, prior float8, most int) returns setof app.weighed
language plpgsql stable security definer set search_path = public, pg_catalog rows 10 as $$
begin
    return query select * from app.find_placed(wanted, last_sound, prior, most, '{}', '{}', 0, 0, 0);
end $$
"""


def _fell_on(name: str, code: str) -> str:
    place, number = level(name, code)
    return f"f.levels[{place}] = {number}"


_BEARS_NUMBER = f"({_fell_on('nhs', 'same')} or {_fell_on('upn', 'same')})"
_KNOWN_ALREADY = (
    f"({_fell_on('given', 'same')} and {_fell_on('family', 'same')} and {_fell_on('born', 'same')})"
)

#: Where somebody lives now, as far as its district, from their addresses: a former one finds them and tells no place.
_AREA = """coalesce((
            select regexp_replace(upper(replace(a.postcode, ' ', '')), '[0-9][A-Z]{2}$', '') from person_address a
            where a.subject_id = f.root_id and a.voided_at is null and a.postcode <> ''
            order by (a.until is null) desc, a.until desc, a.since desc nulls last, a.id desc limit 1), '')"""

# Among how many: what the planner knows, which costs nothing. Among few, chance agreements are as rare as among a
# thousand.
_PRIOR = """prior float8 := (select -ln(greatest(c.reltuples, 1000) - 1) / ln(2::float8) from pg_class c
                     where c.oid = 'search_feature'::regclass);"""

_ALLOWED = """if app.actor_kind() <> 'practitioner' then
        raise exception 'only practitioners search' using errcode = 'insufficient_privilege';
    end if;"""

# An agency's own system matches what it brings, and searches nothing.
_MATCHES = _ALLOWED.replace("<> 'practitioner'", "not in ('practitioner', 'feed')")


def search_function(model: Model) -> str:
    """`app.search_index`: the answers to a search by whoever is acting, named as far as they may be."""
    return f"""
create function app.search_index(wanted app.features, last_sound text, at_least float8, most int)
returns table (subject_id bigint, uuid uuid, given text, family_name text, date_of_birth date, born_precision text,
               sex text, area text, weight float8, two_class float8, apart float8, levels int[], by_another_name boolean,
               close_by boolean, too_many boolean)
language plpgsql stable security definer set search_path = public, pg_catalog set plan_cache_mode = force_generic_plan
set jit = off as $$
#variable_conflict use_column
declare
    shown int := case when most < 1 then 1 when most > 50 then 50 else most end;
    {_PRIOR}
    weighed app.weighed[];
    nearest float8;
    {DECLARED}
begin
    {_ALLOWED}
    {reckoned(model)}
    weighed := array(
        select f from app.find_placed(wanted, last_sound, prior, 50, near, districts, closer, farther, rarer) f
        -- Where I work decides who comes first, not who is an answer at all.
        where {_WEIGHED_ANYWHERE} >= prior + at_least order by f.weight desc, f.root_id);
    -- Who stands so far behind the first is no answer, and nobody's name is looked up for it. Where the first may be
    -- hidden from me, or of no entry that I may find, all are.
    nearest := case when exists (
            select from search_feature e join person p on p.subject_id = e.root_id
            where e.id = weighed[1].entry and p.voided_at is null and not {GUARDED.replace("f.", "e.")})
        then least(weighed[1].weight - {BESIDE}, 0) else '-infinity' end;
    return query
    with found as materialized (
        select f.*, p.uuid, p.given::text as called, p.family_name::text as surname, p.date_of_birth, p.born_precision, p.sex,
            ({_MAY_BE_GUARDED} and app.name_hidden(f.root_id)) as hidden,
            ({_MAY_BE_GUARDED} and app.place_hidden(f.root_id)) as placeless,
            e.given as by_given, e.family as by_family
        from unnest(weighed) f
        join search_feature e on e.id = f.entry
        join person p on p.subject_id = f.root_id
        where f.weight >= nearest and {FOUND}
    ), told as materialized (
        select f.* from found f where not f.hidden or {_BEARS_NUMBER} or {_KNOWN_ALREADY}
    ), tied as materialized (
        -- As many fit equally well as nobody could choose from: none is shown, and one more fact is asked for.
        select count(*) > shown as many from told t where t.weight >= (select max(w.weight) from told w) - 0.5
    )
    select case when f.hidden then 0 else f.root_id end, case when f.hidden then null else f.uuid end,
        case when f.hidden then '' else f.called end, case when f.hidden then '' else f.surname end,
        case when f.hidden then null else f.date_of_birth end,
        case when f.hidden then 'day' else f.born_precision::text end, case when f.hidden then 'U' else f.sex::text end,
        case when f.hidden or f.placeless then '' else {_AREA} end,
        f.weight, case when f.hidden then 0 else f.two_class end, case when f.hidden then 0 else f.apart end,
        case when f.hidden then '{{}}'::int[] else f.levels end,
        not f.hidden and not exists (
            select from name_reading g, name_reading h
            where g.kind = 'given' and g.written = f.called and h.kind = 'family' and h.written = f.surname
                and coalesce(g.words[1], '') = f.by_given and coalesce(h.words[1], '') = f.by_family)
            and exists (select from name_reading g where g.kind = 'given' and g.written = f.called),
        not f.hidden and closer > 0 and f.area = any (near),
        false
    from told f where not (select many from tied)
    union all
    select null, null, '', '', null, 'day', 'U', '', 0, 0, 0, '{{}}', false, false, true from tied where many
    order by 9 desc, 1 limit shown;
end $$
"""


#: For a caseload: of each row, those who may be its child, `among` so many entries, or as many as there are. Nobody whom
#: a shield hides altogether is among them.
MATCH = f"""
create function app.match_rows(wanted app.features[], last_sounds text[], at_least float8, among float8)
returns table (number int, subject_id bigint, uuid uuid, given text, family_name text, date_of_birth date,
               born_precision text, sex text, area text, weight float8, two_class float8, apart float8, levels int[])
language plpgsql stable security definer set search_path = public, pg_catalog as $$
#variable_conflict use_column
declare
    {_PRIOR}
    place int;
begin
    if among is not null then
        prior := -ln(greatest(among, 1000) - 1) / ln(2::float8);
    end if;
    {_MATCHES}
    for place in 1 .. cardinality(wanted) loop
        return query
        select place, f.root_id, p.uuid, p.given::text, p.family_name::text, p.date_of_birth, p.born_precision::text, p.sex::text,
            case when {_MAY_BE_GUARDED} and app.place_hidden(f.root_id) then '' else {_AREA} end,
            f.weight, f.two_class, f.apart, f.levels
        from app.find_people(wanted[place], last_sounds[place], prior, 12) f
        join search_feature e on e.id = f.entry
        join person p on p.subject_id = f.root_id
        where f.weight >= at_least and {FOUND} and not ({_MAY_BE_GUARDED} and app.name_hidden(f.root_id))
        order by f.weight desc, f.root_id limit 8;
    end loop;
end $$
"""
