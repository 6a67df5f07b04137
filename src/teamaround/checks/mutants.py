"""Planted faults: a policy, a trigger's function or the stamp changed as a slip would, one at a time.

Each is a replacement in the live text, which must really change it, and must be noticed as a difference between
the database and the oracle. What was changed is put back before the next.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from teamaround.access import me
from teamaround.checks import faults
from teamaround.checks.comparing import Application, Comparison, Tally
from teamaround.checks.faults import Fault, In
from teamaround.checks.faults_of_duty import DUTY
from teamaround.checks.faults_of_machines import MACHINES
from teamaround.checks.faults_of_merges import MERGES
from teamaround.checks.writing import Owner

FAULTS: tuple[Fault, ...] = (*faults.FAULTS, *MERGES, *MACHINES, *DUTY)
RARE = frozenset(
    {
        "a settlement leaves what the same giver refused under another record",
        "a birthday corrected in one record changes nothing in the other",
        "a settlement settles the record alone that it names",
        "when the subject's records became one counts for nothing",
    }
)
"""Faults that show in one world of a hundred: planted by the long tests and the command."""
EVERYDAY = tuple(fault for fault in FAULTS if fault.words not in RARE)[::15]
AT_ONCE = 8
ROUNDS = 60
"""Worlds are made a few at a time until the fault shows, and no more than this often."""


class NothingChanged(RuntimeError):
    """A planted fault found no text to change: the function or policy was rewritten; describe the fault anew."""


def plant_all(owner: Owner, seed: int, faults: tuple[Fault, ...] = FAULTS) -> dict[str, bool]:
    """Plant each fault alone and compare; by its words, whether it was caught.

    Raises NothingChanged where a fault no longer fits the code.
    """
    return {fault.words: caught(owner, seed, fault) for fault in faults}


def caught(owner: Owner, seed: int, fault: Fault) -> bool:
    """Whether the comparison notices the fault."""
    application = Application(owner)
    try:
        with PLANTING[fault.where](owner, fault):
            for start in range(0, AT_ONCE * ROUNDS, AT_ONCE):
                made = owner.build(seed, range(start, start + AT_ONCE))
                for world, facts in zip(made, owner.facts(made), strict=True):
                    comparison = Comparison(application, owner, world, facts, Tally())
                    if any(True for _ in comparison.differences(focus=fault.writes)):
                        return True
    finally:
        application.close()
    return False


def _changed(fault: Fault, text: str) -> str:
    planted = text.replace(fault.old, fault.new)
    if planted == text:
        raise NothingChanged(f"{fault.words}: {fault.target} no longer contains {fault.old!r}")
    return planted


def _one(owner: Owner, question: str, *values: Any) -> Any:
    row = owner.connection.execute(question, values).fetchone()
    if row is None:
        raise NothingChanged(f"there is no {values}")
    return row[0]


@contextlib.contextmanager
def _in_function(owner: Owner, fault: Fault) -> Iterator[None]:
    text = _one(owner, "select pg_get_functiondef(%s::regproc)", f"app.{fault.target}")
    owner.connection.execute(_changed(fault, text).encode())
    try:
        yield
    finally:
        owner.connection.execute(text.encode())


@contextlib.contextmanager
def _in_policy(owner: Owner, fault: Fault) -> Iterator[None]:
    """In the expression of the policy `table.policy`; with an empty `old`, the whole expression."""
    table, _, policy = fault.target.partition(".")
    using, check = owner.connection.execute(
        "select pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) from pg_policy "
        "where polrelid = %s::regclass and polname = %s",
        [table, policy],
    ).fetchone() or (None, None)
    if using is None and check is None:
        raise NothingChanged(f"{fault.words}: there is no policy {fault.target}")

    def write(change: Callable[[str], str]) -> None:
        command = f"alter policy {policy} on {table}"
        if using is not None:
            command += f" using ({change(using)})"
        if check is not None:
            command += f" with check ({change(check)})"
        owner.connection.execute(command.encode())

    write(lambda text: _changed(fault, text) if fault.old else fault.new)
    try:
        yield
    finally:
        write(lambda text: text)


@contextlib.contextmanager
def _by_statement(owner: Owner, fault: Fault) -> Iterator[None]:
    """By the statement `new`; `old` takes it back."""
    owner.connection.execute(fault.new.encode())
    try:
        yield
    finally:
        owner.connection.execute(fault.old.encode())


@contextlib.contextmanager
def _in_stamp(owner: Owner, fault: Fault) -> Iterator[None]:
    """In the query that says who somebody is when their transaction is stamped."""
    text = me._WHO
    me._WHO = _changed(fault, text)
    try:
        yield
    finally:
        me._WHO = text


PLANTING: dict[In, Callable[[Owner, Fault], contextlib.AbstractContextManager[None]]] = {
    In.FUNCTION: _in_function,
    In.POLICY: _in_policy,
    In.STATEMENT: _by_statement,
    In.STAMP: _in_stamp,
}

__all__ = ["EVERYDAY", "FAULTS", "Fault", "NothingChanged", "caught", "plant_all"]
