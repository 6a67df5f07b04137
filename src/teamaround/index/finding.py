"""The model's score inside PostgreSQL: candidates by blocking keys, weighed where they lie.

What is not asked for never leaves the database, so the search is a function there. Its text is rendered here from
the same comparisons and weights that Python and DuckDB use; a migration installs it, and a new version of the
weights is installed by a new migration (see docs/recognition.md).
"""

from __future__ import annotations

from teamaround.linkage.comparisons import COMPARISONS
from teamaround.linkage.features import COLUMNS
from teamaround.linkage.model import FREQUENCIES, Model
from teamaround.linkage.sql import scored_sql

#: A block of more rows than this says too little: some of them, not all, are weighed.
BLOCK = 300
#: Of the rows that share no more than a birthday, a sector or the beginning of a name, those most alike.
SOFT = 40
#: And of more rows than this that share it, some: a name that begins as Muhammad Khan does says little by itself.
WIDE = 2_500
#: Above this weight (a probability of .99) nobody else is looked for.
CERTAIN = 6.63
#: Nor where an answer agrees in all that was typed but for so many bits: among millions a name and a birthday are
#: never certain, and whoever bears both is still the one to show.
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


#: Conditions on a row `f` by what is `wanted`, each answered by one index; a condition on `wanted` alone goes first,
#: so that a rule whose facts were not given costs nothing. `place` marks those that rest on where somebody lives.
_BORN = "wanted.born <> ''"
_NAMED = "wanted.given <> '' and wanted.family <> ''"
Rules = tuple[tuple[str, str, bool], ...]
#: Rows that share a number, a whole birthday or a whole postcode: few, however many children there are.
NEAR: Rules = (
    ("wanted.nhs <> ''", "f.nhs = wanted.nhs and f.nhs <> ''", False),
    ("wanted.upn <> ''", "f.upn = wanted.upn and f.upn <> ''", False),
    (f"{_BORN} and wanted.family <> ''", "f.born = wanted.born and f.family_sound = wanted.family_sound", False),
    (f"{_BORN} and wanted.given <> ''", "f.born = wanted.born and f.given_sound = wanted.given_sound", False),
    (f"{_BORN} and {_NAMED}", "f.born = wanted.born and f.family_sound = wanted.given_sound", False),
    (f"{_BORN} and {_NAMED}", "f.born = wanted.born and f.given_sound = wanted.family_sound", False),
    (f"{_BORN} and wanted.family_last <> wanted.family",
        "f.born = wanted.born and f.family_sound = last_sound", False),
    (f"{_BORN} and wanted.outward <> ''", "f.born = wanted.born and f.outward = wanted.outward", True),
    ("wanted.born_swapped <> '' and wanted.family <> ''",
        "f.born = wanted.born_swapped and f.family_sound = wanted.family_sound", False),
    ("wanted.born_swapped <> '' and wanted.outward <> ''",
        "f.born = wanted.born_swapped and f.outward = wanted.outward", True),
    ("wanted.postcode <> '' and wanted.given <> ''",
        "f.postcode = wanted.postcode and left(f.given, 1) = wanted.given_letter", True),
    ("wanted.postcode <> '' and wanted.family <> ''",
        "f.postcode = wanted.postcode and f.family_sound = wanted.family_sound", True),
    (f"{_BORN} and wanted.given = '' and wanted.family = ''", "f.born = wanted.born", False),
    ("wanted.postcode <> '' and wanted.given = '' and wanted.family = ''", "f.postcode = wanted.postcode", True),
)  # fmt: skip
#: Rows that share a name, or part of it and where somebody lives or when they were born, roughly.
NAMED: Rules = (
    (_NAMED + " and wanted.born = ''", "f.family = wanted.family and f.given = wanted.given", False),
    (_NAMED, "f.family_sound = wanted.given_sound and f.given_sound = wanted.family_sound", False),
    (f"{_NAMED} and {_BORN}",
        "f.family_sound = wanted.family_sound and f.given_sound = wanted.given_sound"
        " and f.born between wanted.born_year || '0101' and wanted.born_year || '1231'", False),
    ("wanted.family <> '' and wanted.outward <> ''",
        "f.outward = wanted.outward and f.family_sound = wanted.family_sound", True),
    (f"{_NAMED} and wanted.born = '' and length(wanted.given) = 1",
        "f.family_sound = wanted.family_sound and left(f.given, 1) = wanted.given", False),
    (f"{_NAMED} and wanted.born = ''",
        "f.family_sound = wanted.family_sound and f.given_sound = wanted.given_sound", False),
    # Little was typed: a surname or a forename.
    ("wanted.family <> '' and wanted.given = ''", "f.family_sound = wanted.family_sound", False),
    ("wanted.family <> '' and wanted.given = ''", "f.given_sound = wanted.family_sound", False),
    ("wanted.given <> '' and wanted.family = ''", "f.given_sound = wanted.given_sound", False),
)  # fmt: skip

#: Of all who bear a common name, those born nearest to the day that was typed.
_BORN_NEAR = """(select f.id from (select f.id, f.born from search_feature f where {given}
                and f.family = wanted.family and f.given = wanted.given limit {wide}) f
                order by (left(f.born, 4) = wanted.born_year)::int + (substr(f.born, 5, 2) = substr(wanted.born, 5, 2))::int
                    + (substr(f.born, 7, 2) = substr(wanted.born, 7, 2))::int desc limit {most})"""

_ALIKE = "similarity(f.given || ' ' || f.family, wanted.given || ' ' || wanted.family)"
#: Wider nets, whose rows most alike by name are weighed: only where nobody stands clear.
SOFT_RULES: Rules = (
    (f"{_NAMED} and {_BORN}", "f.born = wanted.born", False),
    (f"{_NAMED} and wanted.sector <> ''",
        "f.postcode >= wanted.sector and f.postcode < wanted.sector || 'a' and length(f.postcode) = length(wanted.postcode)",
        True),
    (_NAMED, "left(f.family, 3) = left(wanted.family, 3) and left(f.given, 3) = left(wanted.given, 3)", False),
    (_NAMED, "left(f.family, 3) = left(wanted.given, 3) and left(f.given, 3) = left(wanted.family, 3)", False),
)  # fmt: skip

_GUARDED = "(f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id))"


def _ids(rules: Rules, *, soft: bool = False) -> str:
    parts = []
    for given, condition, place in rules:
        # Where somebody is who is hidden from me, no row may be found by it.
        hidden = f" and not ({_GUARDED} and app.place_hidden(f.root_id))" if place else ""
        rows = f"search_feature f where {given} and {condition}{hidden} limit"
        if soft:
            wide = f"(select f.id, f.given, f.family from {rows} {WIDE}) f"
            parts.append(f"(select f.id from {wide} order by {_ALIKE} desc limit {SOFT})")
        else:
            parts.append(f"(select f.id from {rows} {BLOCK})")
    return "\n            union ".join(parts)


def _weighed(model: Model, candidates: str) -> str:
    pairs = f"(select (wanted).*) q cross join ({candidates}) c"
    return scored_sql(
        model, "postgres", pairs, keys=("c.id as entry", "c.root_id"), left="q", right="c", prior="prior"
    )


#: A row of search_feature weighed: the person it is of, the weights of the two classes, of the third, and in all.
WEIGHED_TYPE = (
    "create type app.weighed as"
    " (entry bigint, root_id bigint, two_class float8, apart float8, levels int[], weight float8)"
)


def weigh_function(model: Model) -> str:
    """`app.weigh`: entries of search_feature weighed against what is wanted, and, where none are named, what is
    wanted against itself: the most that anybody could weigh. For the other functions alone."""
    candidates = f"""
                select f.id, f.root_id, {stored_sql()}
                from (select s.*, (s.guarded or exists (select from sharing_shield h where h.subject_id = s.root_id))
                          and app.place_hidden(s.root_id) as placeless
                      from search_feature s where s.id = any (entries) offset 0) f offset 0"""
    itself = "select 0::bigint as id, 0::bigint as root_id, (wanted).* offset 0"
    return f"""
create function app.weigh(wanted app.features, entries bigint[], prior float8) returns setof app.weighed
language plpgsql stable security definer set search_path = public, pg_catalog set plan_cache_mode = force_generic_plan
set jit = off rows 50 as $$
#variable_conflict use_column
begin
    -- Weights of version {model.version}.
    if entries is null then
        return query {_weighed(model, itself)};
    else
        return query {_weighed(model, candidates)};
    end if;
end $$
"""


_ADD = """entries := array(select id from (
            {ids}
            ) blocked where id <> all (seen));
        seen := seen || entries;
        found := found || array(select w from app.weigh(wanted, entries, prior) w);
        best := (select max(w.weight) from unnest(found) w);"""

FIND = f"""
create function app.find_people(wanted app.features, last_sound text, prior float8, most int) returns setof app.weighed
language plpgsql stable security definer set search_path = public, pg_catalog set plan_cache_mode = force_generic_plan
set jit = off rows 10 as $$
#variable_conflict use_column
declare
    entries bigint[];
    seen bigint[] := '{{}}';
    found app.weighed[] := '{{}}';
    best float8;
    whole float8;
begin
    {_ADD.format(ids=_ids(NEAR))}
    if best is null or best < {CERTAIN} then
        whole := (select w.weight from app.weigh(wanted, null, prior) w);
        if best is null or best < whole - {CLEAR} then
            {_ADD.format(ids=_ids(NAMED) + chr(10) + "            union " + _BORN_NEAR.format(given=f"{_NAMED} and {_BORN}", wide=WIDE, most=BLOCK // 3))}
            if best is null or best < least({CERTAIN}, whole - {NEARLY}) then
                {_ADD.format(ids=_ids(SOFT_RULES, soft=True))}
            end if;
        end if;
    end if;
    return query
        select b.* from (
            select distinct on (w.root_id) w.* from unnest(found) w order by w.root_id, w.weight desc, w.entry) b
        order by b.weight desc, b.root_id limit most;
end $$
"""


def _gamma(name: str, code: str) -> tuple[int, int]:
    """The place of a comparison in the array of levels, and the number of one of its levels."""
    place = next(place for place, one in enumerate(COMPARISONS, start=1) if one.name == name)
    return place, COMPARISONS[place - 1].gammas[code]


def _fell_on(name: str, code: str) -> str:
    place, number = _gamma(name, code)
    return f"f.levels[{place}] = {number}"


_BEARS_NUMBER = f"({_fell_on('nhs', 'same')} or {_fell_on('upn', 'same')})"
_KNOWN_ALREADY = (
    f"({_fell_on('given', 'same')} and {_fell_on('family', 'same')} and {_fell_on('born', 'same')})"
)

#: Whoever was voided is found only by those who work with them, or where a team that may be known does.
FOUND = """(p.voided_at is null or exists (select 1 from involvement i where i.subject_id = p.subject_id
            and i.until is null and (i.category = 'index' or i.author_team_id = any ((select app.principals())::int[]))))"""

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

_MAY_BE_GUARDED = _GUARDED.replace("f.guarded", "e.guarded")

SEARCH = f"""
create function app.search_people(wanted app.features, last_sound text, at_least float8, most int)
returns table (subject_id bigint, uuid uuid, given text, family_name text, date_of_birth date, born_precision text,
               sex text, area text, weight float8, two_class float8, apart float8, levels int[], by_another_name boolean,
               too_many boolean)
language plpgsql stable security definer set search_path = public, pg_catalog set plan_cache_mode = force_generic_plan
set jit = off as $$
#variable_conflict use_column
declare
    shown int := case when most < 1 then 1 when most > 50 then 50 else most end;
    {_PRIOR}
    weighed app.weighed[];
    nearest float8;
begin
    {_ALLOWED}
    weighed := array(
        select f from app.find_people(wanted, last_sound, prior, 50) f
        where f.weight >= prior + at_least order by f.weight desc, f.root_id);
    -- Who stands so far behind the first is no answer, and nobody's name is looked up for it. Where the first may be
    -- hidden from me, or of no entry that I may find, all are.
    nearest := case when exists (
            select from search_feature e join person p on p.subject_id = e.root_id
            where e.id = weighed[1].entry and p.voided_at is null and not {_GUARDED.replace("f.", "e.")})
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
        false
    from told f where not (select many from tied)
    union all
    select null, null, '', '', null, 'day', 'U', '', 0, 0, 0, '{{}}', false, true from tied where many
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

INDEXES: tuple[tuple[str, str], ...] = (
    ("search_feature_subject", "(subject_id)"),
    ("search_feature_root", "(root_id)"),
    ("search_feature_nhs", "(nhs) where nhs <> ''"),
    ("search_feature_upn", "(upn) where upn <> ''"),
    # With the names in it: those alike among all of a birthday are found without a look at their rows.
    ("search_feature_born_names", "(born, family_sound) include (id, given, family)"),
    ("search_feature_born_given", "(born, given_sound)"),
    ("search_feature_born_outward", "(born, outward)"),
    ("search_feature_sounds", "(family_sound, given_sound, born)"),
    ("search_feature_written_born", "(family, given, born) include (id)"),
    ("search_feature_given", "(given_sound)"),
    ("search_feature_outward", "(outward, family_sound, given_sound)"),
    ("search_feature_postcode_family", "(postcode, family_sound)"),
    ("search_feature_beginnings", "(left(family, 3), left(given, 3))"),
    ("search_feature_unread", "(id) where unread"),
)


def indexes_sql() -> list[str]:
    """The statements that make the blocking indexes."""
    return [f"create index {name} on search_feature {columns}" for name, columns in INDEXES]
