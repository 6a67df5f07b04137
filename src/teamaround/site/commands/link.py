"""`teamaround link`: which rows of some files are one child; and `teamaround link-train`: the model anew.

Files are read as `import-caseload` reads them. No database is needed and nothing is kept. What is printed names
files, rows and weights, never a child.

Exit codes: 0 done; 2 a file or the engine cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import combinations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from teamaround.linkage.batch import DuckDB, Engine, Linked, link
from teamaround.linkage.features import Features, Record, features_of
from teamaround.linkage.model import Model, dump, load, shipped
from teamaround.linkage.spark import LOCAL, NoSpark, spark
from teamaround.sheets import Caseload, SheetError, guess_mapping, read_caseload, read_table
from teamaround.sheets.mapping import MappingError
from teamaround.site.commands.progress import note, step

#: A row of a file: the file's place and the number of the row in it, counted from 1.
Place = tuple[int, int]


class Unusable(Exception):
    """A file cannot be used; the message says why and what to do."""


@dataclass(slots=True)
class Read:
    """The rows of all files, in order. `refused` are those that an import would refuse."""

    names: list[str] = field(default_factory=list)
    files: list[list[Features]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    refused: list[Place] = field(default_factory=list)


def run(args: argparse.Namespace) -> int:
    """Link the files, or a made-up area, and tell."""
    try:
        model = load(args.model) if args.model else shipped()
        if args.made_up:
            with engine_of(args) as engine:
                return _made_up(args, model, engine)
        if not args.files:
            raise Unusable("Name the files to link, or a size with --made-up.")
        read = read_files(args.files)
        truth = read_truth(args.truth, read) if args.truth else None
    except (Unusable, NoSpark, ValueError, OSError) as error:
        print(f"teamaround link: {error}", file=sys.stderr)
        return 2
    try:
        with engine_of(args) as engine:
            step(f"Linking {len(read.places):,} rows")
            linked = link(read.files, model, engine=engine)
    except (Unusable, NoSpark) as error:
        print(f"teamaround link: {error}", file=sys.stderr)
        return 2
    report = {"model": model.version, **outcome(read, linked)}
    if truth is not None:
        report |= judged(read, linked, truth)
    _tell(report, as_json=args.json)
    return 0


@contextmanager
def engine_of(args: argparse.Namespace) -> Iterator[Engine]:
    """What was asked for to run on. Unusable for a cluster without Spark; NoSpark where Spark cannot run."""
    if args.engine != "spark":
        if args.spark_master:
            raise Unusable("--spark-master needs --engine spark.")
        yield DuckDB()
        return
    step("Starting Spark")
    with spark(args.spark_master or LOCAL) as engine:
        yield engine


def train(args: argparse.Namespace) -> int:
    """Make the model anew from files, or from made-up records."""
    from teamaround.linkage import training
    from teamaround.linkage.made_up import caseloads

    try:
        if args.files:
            records = [row for rows in read_files(args.files).files for row in rows]
            about = f"{len(args.files)} files"
        else:
            step(f"Making up {args.children:,} children")
            records = [features_of(one.record) for one in caseloads(children=args.children, seed=args.seed)]
            about = f"made-up children: {args.children:,}, seed {args.seed}"
    except (Unusable, OSError) as error:
        print(f"teamaround link-train: {error}", file=sys.stderr)
        return 2
    if len(records) < training.LEAST_RECORDS:
        print(
            f"teamaround link-train: {len(records):,} rows are too few to learn from;"
            f" {training.LEAST_RECORDS:,} or more are needed.",
            file=sys.stderr,
        )
        return 2
    step(f"Learning from {len(records):,} records")
    model = training.train(records, version=args.version, about=about)
    args.out.write_text(dump(model), encoding="utf-8")
    _tell(
        {"version": model.version, "trained_on": model.trained_on, **model.figures, "written": str(args.out)},
        as_json=args.json,
    )
    return 0


def read_files(paths: Sequence[Path]) -> Read:
    """All rows as an import reads them. Unusable for a file that it cannot read."""
    read = Read()
    today = datetime.now(ZoneInfo("Europe/London")).date()
    for number, path in enumerate(paths):
        caseload = _caseload(path, today)
        read.names.append(path.name)
        read.files.append([])
        for row in caseload.rows:
            read.files[-1].append(
                features_of(
                    Record(
                        given=row.given,
                        middle=row.middle,
                        family=row.family,
                        born=row.dob,
                        precision=row.dob_precision,
                        sex=row.sex,
                        postcodes=(row.postcode,),
                        nhs=row.nhs,
                        upn=row.upn,
                    )
                )
            )
            read.places.append((number, row.number))
        read.refused.extend((number, problem.row) for problem in caseload.refused)
    return read


def _caseload(path: Path, today: date) -> Caseload:
    try:
        sheet = read_table(path)
        return read_caseload(sheet, guess_mapping(sheet), today)
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}.") from error
    except (SheetError, MappingError) as error:
        raise Unusable(f"{path}: {error}") from error


def read_truth(path: Path, read: Read) -> Mapping[Place, int]:
    """Which child each row is, as {"FILE": {"person": [...]}} says it for the rows of each file in order."""
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        truth = {
            (number, row): int(person)
            for number, name in enumerate(read.names)
            for row, person in enumerate(raw[name]["person"], start=1)
        }
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror}.") from error
    except (KeyError, TypeError, ValueError):
        raise Unusable(f'{path} does not say {{"FILE": {{"person": [...]}}}} for each file.') from None
    if not truth.keys() >= {*read.places, *read.refused}:
        raise Unusable(f"{path} says of fewer rows than the files have which child each is.")
    return truth


def outcome(read: Read, linked: Linked) -> dict[str, Any]:
    """The counts. A pair is two rows; rows that are joined by way of a third count as joined."""
    return {
        "records": linked.records,
        "refused": len(read.refused),
        "children": len(linked.children),
        "joined_pairs": sum(len(group) * (len(group) - 1) // 2 for group in linked.children),
        "review_pairs": len(linked.review),
    }


def judged(read: Read, linked: Linked, truth: Mapping[Place, int]) -> dict[str, Any]:
    """Precision, recall and F1 of the joined pairs; what the review desk gets; and how many children there are in
    the end, when each pair before it is answered rightly and each refused row is put right."""
    child = [truth[place] for place in read.places]
    true = set(_pairs_of(child))
    joined = {pair for group in linked.children for pair in combinations(group, 2)}
    right = joined & true
    review = {(pair.left, pair.right) for pair in linked.review}
    weights = {(pair.left, pair.right): pair.weight for pair in linked.joined}
    precision, recall = len(right) / max(1, len(joined)), len(right) / max(1, len(true))
    ends = _closed(linked.children, review & true)
    only_refused = {truth[place] for place in read.refused} - set(child)
    return {
        "true_pairs": len(true),
        "precision": round(precision, 5),
        "recall": round(recall, 5),
        "f1": round(2 * precision * recall / (precision + recall), 5) if right else 0.0,
        "left_for_review": round(len(true - joined) / max(1, len(true)), 5),
        "children_in_truth": len(set(child)),
        "children_after_review": ends,
        "children_of_refused_rows_alone": len(only_refused),
        "false_joins": [
            {"rows": [_named(read, one), _named(read, other)], "weight": weights.get((one, other))}
            for one, other in sorted(joined - true)
        ],
    }


def _pairs_of(child: Sequence[int]) -> Iterable[tuple[int, int]]:
    rows: dict[int, list[int]] = defaultdict(list)
    for place, person in enumerate(child):
        rows[person].append(place)
    for group in rows.values():
        yield from combinations(group, 2)


def _closed(children: Sequence[Sequence[int]], more: Iterable[tuple[int, int]]) -> int:
    """How many children are left when more pairs are joined."""
    of = {row: number for number, group in enumerate(children) for row in group}
    parent = list(range(len(children)))

    def root(number: int) -> int:
        while parent[number] != number:
            number = parent[number]
        return number

    for one, other in more:
        parent[root(of[one])] = root(of[other])
    return sum(parent[number] == number for number in range(len(children)))


def _named(read: Read, row: int) -> dict[str, Any]:
    number, line = read.places[row]
    return {"file": read.names[number], "row": line}


def _made_up(args: argparse.Namespace, model: Model, engine: Engine) -> int:
    from teamaround.linkage.figures import measure

    found = measure(
        model,
        index=args.made_up,
        caseload=args.records,
        seed=args.seed,
        harsher=args.harsher,
        note=note,
        engine=engine,
    )
    _tell(found, as_json=args.json)
    return 0


def _tell(report: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(report, indent=2))
        return
    for name, value in report.items():
        print(f"{name.replace('_', ' ')}: {value}")
