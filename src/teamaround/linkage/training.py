"""Making the model anew: Splink with DuckDB learns from records without labels; what is rare is set by hand.

Expectation maximisation is never blocked on postcode: among people of one postcode it learns "same family" for
"same child". It is blocked on numbers, and on names with no address. The third explanation, two children of one
family, is learnt from pairs with the same surname and postcode and different NHS numbers.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from teamaround.linkage.blocking import Rule
from teamaround.linkage.comparisons import COMPARISONS, UNKNOWN, Level
from teamaround.linkage.conditions import table_sides
from teamaround.linkage.features import Features
from teamaround.linkage.model import FREQUENCIES, Model, Share, weight_of
from teamaround.linkage.tables import connect, fetch, put

logging.getLogger("splink").setLevel(logging.ERROR)

#: Pairs are learnt from in these blocks; none names a place.
SESSIONS: tuple[Rule, ...] = (
    Rule("NHS number", ("nhs",)),
    Rule("pupil number", ("upn",)),
    Rule("forename, birthday", ("given", "born")),
    Rule("name", ("given", "family")),
)
#: m of rare levels, by hand, and why.
FIXED_M: Mapping[tuple[str, str], tuple[float, str]] = {
    ("nhs", "other"): (
        0.02,
        "Two different numbers that both pass the check are written for one child now and then; learnt from"
        " data where it never happens, it would outweigh everything else.",
    ),
    ("upn", "other"): (0.02, "Temporary numbers and wrong copies: as for NHS numbers."),
    ("given", "crossed"): (0.004, "So rare that a training sees a handful."),
    ("given", "half"): (0.003, "So rare that a training sees a handful."),
    ("given", "initial"): (0.006, "Depends on one sector's habit, not on the child."),
    ("family", "initial"): (0.001, "So rare that a training sees a handful."),
    ("given", "other"): (
        0.016,
        "Pairs with a brother's or sister's number end here and would be learnt as one child.",
    ),
    ("sex", "other"): (0.004, "A slip of the pen; one learnt from a sector that never slips would forbid."),
    ("born", "other"): (0.004, "As for the forename: mostly numbers of a brother or sister."),
}
#: u of levels that too few pairs of a sample fall on, by hand.
FIXED_U: Mapping[tuple[str, str], float] = {("family", "initial"): 0.0005}
#: No agreement of two of one family is held rarer than this: records of siblings get mixed up.
LEAST_S = 0.0003
#: s where pairs of one family cannot be told from others without labels, by hand, and why.
FIXED_S: Mapping[str, tuple[Mapping[str, float], str]] = {
    "family": (
        {"same": 0.86, "part": 0.03, "form": 0.005, "letter": 0.02, "initial": 0.002, "alike": 0.023, "other": 0.06},
        "The pairs are chosen by their surname. About one in fifteen pairs of siblings differs in it.",
    ),
    "place": (
        {
            "same": 0.79, "letter": 0.015, "part": 0.02, "sector": 0.02, "outward": 0.045, "area": 0.02, "other": 0.09,
        },
        "The pairs are chosen by their postcode. Some live apart, some records are older than a move.",
    ),
    "nhs": ({"same": 0.006, "other": 0.994}, "The pairs are chosen by it: a brother's or sister's number."),
    "upn": ({"same": 0.003, "other": 0.997}, "Schools rarely give one number to two: half of the NHS number's."),
}  # fmt: skip
#: Brothers and sisters for each right record, in what blocking finds: families have 1.9 children on average here,
#: and a search meets the siblings of a child who is not there as well.
SIBLINGS = 1.5
#: Fewer records teach too little.
LEAST_RECORDS = 10_000
#: Names that fewer records bear are counted as rare: they would tell who was in the training.
LEAST_BEARERS = 5
#: At this probability pairs join, if no other child fits nearly as well; under the other they stay apart.
JOIN, REVIEW = 0.8, 0.01
#: A pair that may with more than this chance be two children of one family never joins by itself.
FAMILY_MOST = 0.025


def train(
    records: Sequence[Features], *, version: str, about: str, seed: int = 1, pairs: float = 8e6
) -> Model:
    """A model from records of several agencies, without labels; LEAST_RECORDS or more. `about` says what they were;
    chance agreements are counted in so many random `pairs`.

    The records stay in memory; the model holds no record, but names borne by five or more with their frequency.
    """
    from splink import DuckDBAPI, Linker

    model = _blank(records, version)
    connection = connect()
    put(connection, "records", records, model)
    api = DuckDBAPI(connection=connection)
    linker = Linker(
        api.register("records", dataset_display_name="all_records"),
        _settings(model),
        log_level=None,
    )
    sides = table_sides("duckdb")
    for column in FREQUENCIES:
        connection.execute(
            f"create table tf_of_{column} as select distinct {column}, tf_{column} from records"
        )
        linker.table_management.register_term_frequency_lookup(api.register(f"tf_of_{column}"), column)
    linker.training.estimate_u_using_random_sampling(max_pairs=pairs, seed=seed)
    for rule in SESSIONS:
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule.sql(sides), estimate_without_term_frequencies=True
        )
    shares = _learnt(linker.misc.save_model_to_json())
    model = replace(model, shares=shares)
    counts = _family_pairs(connection)
    model = replace(model, shares=_third(shares, counts))
    figures = {
        "about": about,
        "records": len(records),
        "names": {column: len(model.names[column]) for column in FREQUENCIES},
        "family_pairs": sum(counts.values()),
        "sessions": [rule.name for rule in SESSIONS],
    }
    return replace(model, figures=figures)


def _blank(records: Sequence[Features], version: str) -> Model:
    names: dict[str, dict[str, float]] = {}
    rare: dict[str, float] = {}
    for column in FREQUENCIES:
        counted = Counter(filter(None, (getattr(record, column) for record in records)))
        total = sum(counted.values())
        kept = {name: count for name, count in sorted(counted.items()) if count >= LEAST_BEARERS}
        names[column] = {name: _short(count / total) for name, count in kept.items()}
        rare[column] = _short(2 / max(2, total))
    even: dict[str, dict[str, Share]] = {}
    for comparison in COMPARISONS:
        count = len(comparison.levels)
        # A start that is roughly right: agreement is usual in one child, difference in two.
        even[comparison.name] = {
            level.code: Share(0.9 if place == 0 else 0.1 / (count - 1), 1e-6, 1 / count)
            for place, level in enumerate(comparison.levels)
        }
    return Model(
        version=version,
        trained_on=date.today().isoformat(),
        figures={},
        population=100_000,
        siblings=SIBLINGS,
        shares=even,
        names=names,
        rare=rare,
        join=weight_of(JOIN),
        review=weight_of(REVIEW),
        family_most=FAMILY_MOST,
    )


def _settings(model: Model) -> dict[str, Any]:
    comparisons = []
    for comparison in COMPARISONS:

        def weights(level: Level, name: str = comparison.name) -> dict[str, object]:
            share = model.shares[name][level.code]
            found: dict[str, object] = {"m_probability": share.m, "u_probability": share.u}
            fixed = FIXED_M.get((name, level.code))
            if fixed:
                found |= {"m_probability": fixed[0], "fix_m_probability": True}
            return found

        made = comparison.splink(weights)
        comparisons.append(made)
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": 1 / 50_000,
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": False,
        "max_iterations": 40,
        "em_convergence": 0.0005,
    }


def _learnt(settings: Mapping[str, Any]) -> dict[str, dict[str, Share]]:
    """m and u of each level as Splink has learnt them; hand-set m kept, the rest scaled so that m sums to 1."""
    by_name = {one["output_column_name"]: one["comparison_levels"] for one in settings["comparisons"]}
    shares: dict[str, dict[str, Share]] = {}
    for comparison in COMPARISONS:
        levels = {level["label_for_charts"]: level for level in by_name[comparison.name]}
        m = {code: max(levels[code].get("m_probability") or 0.0, 1e-4) for code in comparison.gammas}
        u = {code: max(levels[code].get("u_probability") or 0.0, 2e-7) for code in comparison.gammas}
        u |= {code: value for (name, code), value in FIXED_U.items() if name == comparison.name}
        held = {code: FIXED_M[comparison.name, code] for code in m if (comparison.name, code) in FIXED_M}
        left = 1 - sum(value for value, _ in held.values())
        free = sum(value for code, value in m.items() if code not in held)
        total_u = sum(u.values())
        shares[comparison.name] = {
            code: Share(
                _short(held[code][0] if code in held else m[code] / free * left),
                _short(u[code] / total_u),
                1.0,
                held[code][1] if code in held else "",
            )
            for code in comparison.gammas
        }
    return shares


#: Levels of a pair in the order of COMPARISONS, and how many pairs fell on them.
Counts = Mapping[tuple[int, ...], int]


def _family_pairs(connection: Any) -> Counts:
    sides = table_sides("duckdb")
    columns = ", ".join(comparison.gamma_sql(sides) for comparison in COMPARISONS)
    rows = fetch(
        connection,
        f"""
        select {columns}, count(*) from records l join records r
        on l.family = r.family and l.postcode = r.postcode and l.unique_id < r.unique_id
        where l.family <> '' and l.postcode <> '' and l.nhs <> '' and r.nhs <> '' and l.nhs <> r.nhs
        group by all
        """,
    )
    return {tuple(int(str(value)) for value in row[:-1]): int(str(row[-1])) for row in rows}


def _third(shares: Mapping[str, Mapping[str, Share]], counts: Counts) -> dict[str, dict[str, Share]]:
    """s of each level. Among the pairs a few are one child with a wrong NHS number: their part, with its m held,
    is taken out by expectation maximisation."""
    learnt = [place for place, comparison in enumerate(COMPARISONS) if comparison.name not in FIXED_S]
    s = {
        place: {number: 1 / len(COMPARISONS[place].levels) for number in COMPARISONS[place].by_gamma}
        for place in learnt
    }
    m = {
        place: {
            number: shares[COMPARISONS[place].name][level.code].m
            for number, level in COMPARISONS[place].by_gamma.items()
        }
        for place in learnt
    }
    same_child = 0.05
    for _ in range(60):
        weight = 0.0
        total = 0
        sums: dict[int, dict[int, float]] = {place: defaultdict(float) for place in learnt}
        for numbers, count in counts.items():
            one, two = same_child, 1 - same_child
            for place in learnt:
                if numbers[place] != UNKNOWN:
                    one *= m[place][numbers[place]]
                    two *= s[place][numbers[place]]
            family = two / (one + two)
            weight += (1 - family) * count
            total += count
            for place in learnt:
                if numbers[place] != UNKNOWN:
                    sums[place][numbers[place]] += family * count
        same_child = weight / max(1, total)
        for place in learnt:
            whole = sum(sums[place].values()) + len(s[place]) * 0.5
            # Half a pair more on each level, so that none is held impossible because nobody met it.
            s[place] = {number: (sums[place][number] + 0.5) / whole for number in s[place]}
    found: dict[str, dict[str, Share]] = {}
    for place, comparison in enumerate(COMPARISONS):
        found[comparison.name] = {}
        fixed, why = FIXED_S.get(comparison.name, ({}, ""))
        for code, number in comparison.gammas.items():
            share = shares[comparison.name][code]
            value = fixed[code] if fixed else s[place][number]
            reasons = " ".join(filter(None, (share.fixed, why)))
            found[comparison.name][code] = Share(share.m, share.u, _short(max(value, LEAST_S)), reasons)
    return found


def _short(value: float) -> float:
    """Six figures that count: more would pretend."""
    return float(f"{value:.6g}")
