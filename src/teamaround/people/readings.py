"""How written names are read: brought to one form once, by `linkage`, and kept beside the text.

The search compares readings, not writing. They are worked out in Python, by the one normaliser that linking files
uses too, and kept in a dictionary of texts, `name_reading`, which says of nobody that they bear the name. From it
the database itself fills what is searched, in the transaction that writes a name. A text without a reading is read
plainly until `teach_missing` comes by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from django.db import connection, transaction

from teamaround.linkage import Record, features_of, shipped
from teamaround.linkage.normalise import words

Kind = Literal["given", "family"]

#: Names in one statement: some hundred bytes each.
CHUNK = 5_000
_READ_BY = ("normalise.py", "sounds.py", "spellings.py", "spellings.yaml", "features.py", "weights.json")


@dataclass(frozen=True, slots=True)
class Reading:
    """A written forename (or middle name) or surname, read. Lists hold words of the letters a-z.

    `words` of a surname is one word, closed up; `share` is how large a part of children bear the name.
    """

    kind: Kind
    written: str
    words: tuple[str, ...]
    parts: tuple[str, ...]
    sound: str
    sounds: tuple[str, ...]
    forms: tuple[str, ...]
    letters: str
    share: float


@cache
def version() -> str:
    """Changes with whatever a reading rests on: rules, spelling families, sounds, frequencies."""
    room = files("teamaround.linkage")
    digest = hashlib.sha256()
    for name in _READ_BY:
        digest.update(room.joinpath(name).read_bytes())
    return digest.hexdigest()[:16]


@lru_cache(maxsize=50_000)
def read(kind: Kind, written: str) -> Reading:
    """The reading of a text. Never fails: what is no name has no words."""
    if kind == "given":
        found = features_of(Record(given=written))
        share = shipped().frequency("given", found.given)
        return Reading(
            kind, written, words(written), (), found.given_sound, (), found.given_forms, found.given_letters, share
        )  # fmt: skip
    found = features_of(Record(family=written))
    return Reading(
        kind,
        written,
        (found.family,) if found.family else (),
        found.family_parts,
        found.family_sound,
        found.family_sounds,
        found.family_forms,
        found.family_letters,
        shipped().frequency("family", found.family),
    )


@transaction.atomic
def teach(*, given: Iterable[str] = (), family: Iterable[str] = ()) -> int:
    """Keep the readings of these texts; those known stay as they are. How many were new.

    To be called before the names are written, with forenames and middle names as `given`.
    """
    wanted: list[Reading] = [read("given", text) for text in sorted(set(given)) if text]
    wanted += [read("family", text) for text in sorted(set(family)) if text]
    return sum(_keep(wanted[start : start + CHUNK]) for start in range(0, len(wanted), CHUNK))


def _keep(readings: list[Reading]) -> int:
    columns = (
        [one.kind for one in readings],
        [one.written for one in readings],
        [" ".join(one.words) for one in readings],
        [" ".join(one.parts) for one in readings],
        [one.sound for one in readings],
        [" ".join(one.sounds) for one in readings],
        [" ".join(one.forms) for one in readings],
        [one.letters for one in readings],
        [one.share for one in readings],
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "select app.teach_names(%s, %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], "
            "%s::text[], %s::text[], %s::float8[])",
            [version(), *columns],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


@transaction.atomic
def teach_missing() -> tuple[int, int]:
    """Read what was written without a reading, and what was read by earlier rules. How many texts of each.

    For the service `reading` alone: it is told texts, and of nobody that they bear them.
    """
    new = renewed = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute("select kind, written, known from app.names_to_read(%s, %s)", [version(), CHUNK])
            rows = cursor.fetchall()
        if not rows:
            return new, renewed
        _keep([read(kind, written) for kind, written, _ in rows])
        renewed += sum(known for *_, known in rows)
        new += sum(not known for *_, known in rows)
