"""What is known of a home beside the names: how many live in the searcher's areas and in the district that was typed.

Texts of the functions in `finding`. `w` is somebody who was weighed (app.weighed), `wanted` what was typed; counts come
from search_area, made anew at the end of each nightly search.
"""

from __future__ import annotations

from teamaround.linkage.comparisons import COMPARISONS
from teamaround.linkage.model import Model

#: So many of a hundred searches are for a child who lives in a postcode area where the searcher's teams have a site.
LOCAL = 90
#: However few live in an area, it counts as one that so many parts of all make up: among three children of a border town
#: one of another name would outweigh whoever bears the name a town further.
PARTS = 200
#: The same of a district.
DISTRICTS = 4_000
#: Levels of the comparison of postcodes on which two live in one district.
IN_DISTRICT = ("same", "letter", "part", "sector", "outward")
#: Bits by which somebody who is recorded elsewhere weighs less where the searcher works in the area that was typed. Both
#: tell of the same home, so they are not two reasons: of those recorded elsewhere, who moved, about half have come here.
MOVED = -1.0


def level(name: str, code: str) -> tuple[int, int]:
    """The place of a comparison in the array of levels, and the number of one of its levels."""
    place = next(place for place, one in enumerate(COMPARISONS, start=1) if one.name == name)
    return place, COMPARISONS[place - 1].gammas[code]


_SHARED = ", ".join(str(level("place", code)[1]) for code in IN_DISTRICT)
#: Bits that a home adds to the odds of one child against a stranger, by where the searcher works. Of whom it is not
#: known, or not known to me, where they live, it says nothing. Against a brother or sister it says nothing either: they
#: live there too.
FROM_HERE = "case when w.area = '' then 0 when w.area = any (near) then closer else farther end"
#: Those that an agreement on the district adds, by how few live there.
BY_DISTRICT = f"case when w.levels[{level('place', 'same')[0]}] in ({_SHARED}) then rarer else 0 end"

_OUTWARD_AREA = "case when substr(f.outward, 2, 1) between 'A' and 'Z' then left(f.outward, 2) else left(f.outward, 1) end"
#: How many entries live in each postcode area, and in which districts. Without whomever a shield protects or protected,
#: in any of their records: what weighs more or less by the counts would tell in which area they are.
COUNTED = f"""insert into search_area (area, entries, among, districts)
    select d.area, sum(d.entries), sum(sum(d.entries)) over (), array_agg(d.outward order by d.outward)
    from (select f.outward, {_OUTWARD_AREA} as area, count(*) as entries
          from search_feature f where f.outward <> '' and not exists (
              select from (select app.root_of(h.subject_id) as root from sharing_shield h) s where s.root = f.root_id)
          group by f.outward) d
    group by d.area"""

#: For the set-up and the function that the nightly search calls. Two who count at once wait for each other.
COUNT_ANEW = f"""
create function app.count_areas_anew() returns void
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    lock table search_area in share row exclusive mode;
    delete from search_area;
    {COUNTED};
end $$
"""

COUNT_AREAS = """
create function app.count_search_areas() returns void
language plpgsql security definer set search_path = public, pg_catalog as $$
begin
    if app.actor_kind() <> 'service' then
        raise exception 'areas are counted by the nightly search' using errcode = 'insufficient_privilege';
    end if;
    perform app.count_areas_anew();
end $$
"""

#: What the search declares.
DECLARED = """near text[];
    districts text[] := '{}';
    here float8;
    everywhere float8;
    closer float8 := 0;
    farther float8 := 0;
    rarer float8 := 0;"""


def reckoned(model: Model) -> str:
    """The statements that work out `near`, `districts`, `closer`, `farther` and `rarer` for a search.

    Where my teams have a site: its postcode area, with how many of all entries live there. Where nearly all do, nobody
    is nearer than others, nor farther: what moves an answer is said beside it. The model learnt among children of so many
    districts; here a district may be a larger or a smaller part of all: as large as those of its area are on average.
    """
    share = sum(model.shares["place"][code].u for code in IN_DISTRICT)
    return f"""select coalesce(array_agg(a.area), '{{}}'), sum(a.entries), max(a.among) into near, here, everywhere
    from search_area a where a.area in (
        select substring(upper(s.postcode) from '^[A-Z]{{1,2}}') from team t join site s on s.id = t.site_id
        where t.id = any ((select app.principals())::int[]));
    if here > 0 and here < everywhere then
        closer := ln({LOCAL / 100} * everywhere / greatest(here, everywhere / {PARTS})) / ln(2::float8);
        farther := least(ln({1 - LOCAL / 100:.2f} * everywhere / (everywhere - here)) / ln(2::float8), 0);
        if closer >= 1 then
            districts := array(select d from search_area a, unnest(a.districts) d where a.area = any (near));
        end if;
        if closer < 1 or wanted.area = any (near) then
            farther := case when closer < 1 then 0 else {MOVED} end;
            closer := 0;
        end if;
    end if;
    if wanted.outward <> '' then
        rarer := coalesce((
            select ln({share!r}::float8 * a.among / greatest(a.entries::float8 / cardinality(a.districts), a.among / {DISTRICTS}::float8))
                / ln(2::float8)
            from search_area a where a.area = wanted.area), 0);
    end if;"""
