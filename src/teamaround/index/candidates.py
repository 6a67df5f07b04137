"""Who is weighed at all: rules by which the search looks for candidates, each answered by one index.

The rules are text of the functions in `finding`: `wanted` is what was typed, `f` a row of search_feature.
"""

from __future__ import annotations

#: A block of more rows than this says too little: some of them, not all, are weighed.
BLOCK = 300
#: Of the rows that share no more than a birthday, a sector or the beginning of a name, those most alike.
SOFT = 40
#: And of more rows than this that share it, some: a name that begins as Muhammad Khan does says little by itself.
WIDE = 1_500

#: Conditions on a row `f` by what is `wanted`, each answered by one index; a condition on `wanted` alone goes first,
#: so that a rule whose facts were not given costs nothing. `place` marks those that rest on where somebody lives.
_BORN = "wanted.born <> ''"
_NAMED = "wanted.given <> '' and wanted.family <> ''"
Rules = tuple[tuple[str, str, bool], ...]
#: Rows that share a number, a name's sounds and the birthday, or a surname's and the postcode: one or two, and nearly
#: always the child who is meant.
FIRST: Rules = (
    ("wanted.nhs <> ''", "f.nhs = wanted.nhs and f.nhs <> ''", False),
    ("wanted.upn <> ''", "f.upn = wanted.upn and f.upn <> ''", False),
    (f"{_BORN} and {_NAMED}",
        "f.family_sound = wanted.family_sound and f.given_sound = wanted.given_sound and f.born = wanted.born", False),
    ("wanted.postcode <> '' and wanted.family <> ''",
        "f.postcode = wanted.postcode and f.family_sound = wanted.family_sound", True),
)  # fmt: skip
#: Rows that share a whole birthday or a whole postcode: few, however many children there are.
NEAR: Rules = (
    (f"{_BORN} and wanted.family <> ''", "f.born = wanted.born and f.family_sound = wanted.family_sound", False),
    (f"{_BORN} and wanted.given <> ''", "f.born = wanted.born and f.given_sound = wanted.given_sound", False),
    (f"{_BORN} and {_NAMED}", "f.born = wanted.born and f.family_sound = wanted.given_sound", False),
    (f"{_BORN} and {_NAMED}", "f.born = wanted.born and f.given_sound = wanted.family_sound", False),
    (f"{_BORN} and wanted.family_last <> wanted.family",
        "f.born = wanted.born and f.family_sound = last_sound", False),
    (f"{_BORN} and wanted.outward <> ''", "f.born = wanted.born and f.outward = wanted.outward", True),
    ("wanted.born_swapped <> '' and wanted.family <> ''",
        "f.born = wanted.born_swapped and f.family_sound = wanted.family_sound", False),
    ("wanted.born_swapped <> '' and wanted.given <> ''",
        "f.born = wanted.born_swapped and f.given_sound = wanted.given_sound", False),
    ("wanted.born_swapped <> '' and wanted.outward <> ''",
        "f.born = wanted.born_swapped and f.outward = wanted.outward", True),
    ("wanted.postcode <> '' and wanted.given <> ''",
        "f.postcode = wanted.postcode and left(f.given, 1) = wanted.given_letter", True),
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

#: Where somebody works in an area of many (`districts` are its outward postcodes), a child who lives there and bears the
#: name, or was born on the day: among all who do they could be left out, or be outweighed.
CLOSE_BY: Rules = (
    (f"districts <> '{{}}' and {_NAMED}",
        "f.outward = any (districts) and f.family_sound = wanted.family_sound and f.given_sound = wanted.given_sound", True),
    (f"districts <> '{{}}' and {_BORN}", "f.born = wanted.born and f.outward = any (districts)", True),
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
    ("wanted.outward <> '' and wanted.given <> ''",
        "f.outward = wanted.outward and f.given_sound = wanted.given_sound", True),
)  # fmt: skip

GUARDED = "(f.guarded or exists (select from sharing_shield h where h.subject_id = f.root_id))"


def ids(rules: Rules, *, soft: bool = False) -> str:
    """A query of the ids that these rules bring, each once: where `soft`, of each rule those most alike by name."""
    parts = []
    for given, condition, place in rules:
        rows = f"search_feature f where {given} and {condition}{_hidden(place)} limit"
        if soft:
            wide = f"(select f.id, f.given, f.family from {rows} {WIDE}) f"
            parts.append(f"(select f.id from {wide} order by {_ALIKE} desc limit {SOFT})")
        else:
            parts.append(f"(select f.id from {rows} {BLOCK})")
    return "\n            union ".join(parts)


def _hidden(place: bool) -> str:
    """Where somebody is who is hidden from me, no row may be found by it."""
    return f" and not ({GUARDED} and app.place_hidden(f.root_id))" if place else ""


#: The rules of the third step, with those of a common name who were born nearest.
THIRD = "\n            union ".join(
    (ids((*NAMED, *CLOSE_BY)), _BORN_NEAR.format(given=f"{_NAMED} and {_BORN}", wide=WIDE, most=BLOCK // 3))
)


def _close_by(name: str, other: str, begins: str) -> str:
    """Of those in the searcher's districts who bear one of the names, whoever is most alike in the other: with a slip in
    its first letters, in another form, or changed since.

    Of a common name those whose other name `begins` with the same sound, and a few of each district besides. One district
    after another: asked for all at once, the planner would read all who bear it in the country.
    """
    rows = f"""select f.id, f.given, f.family from search_feature f where wanted.{name} <> '' and f.outward = d
                and f.{name}_sound = wanted.{name}_sound"""
    few = f"case when wanted.{other} = '' then {WIDE // 15} else {SOFT // 4} end"
    return f"""(select f.id from (select g.* from unnest(districts) d cross join lateral (
                ({rows} and {begins}{_hidden(True)} limit {WIDE // 15})
                union ({rows}{_hidden(True)} limit {few})) g) f order by {_ALIKE} desc limit {SOFT})"""


_FORENAME_CLOSE_BY = _close_by("given", "family", "left(f.family_sound, 1) = left(wanted.family_sound, 1)")
_SURNAME_CLOSE_BY = _close_by(
    "family", "given",
    "f.given_sound >= left(wanted.given_sound, 1) and f.given_sound < left(wanted.given_sound, 1) || '~'",
)  # fmt: skip

#: The rules of the last step.
LAST = "\n            union ".join((ids(SOFT_RULES, soft=True), _FORENAME_CLOSE_BY, _SURNAME_CLOSE_BY))

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
    ("search_feature_forename_there", "(outward, left(family_sound, 1), given_sound)"),
    ("search_feature_postcode_family", "(postcode, family_sound)"),
    ("search_feature_beginnings", "(left(family, 3), left(given, 3))"),
    ("search_feature_unread", "(id) where unread"),
)


def indexes_sql() -> list[str]:
    """The statements that make the blocking indexes."""
    return [f"create index {name} on search_feature {columns}" for name, columns in INDEXES]
