"""The demonstration's stories, told once a run: each who asks gets a copy of the database that holds them."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harness.live import live_database

if TYPE_CHECKING:
    from teamaround.demonstration.area import Area
    from teamaround.demonstration.past import Past

TOLD = "told_template"


@contextmanager
def told_database(report: dict[str, str], name: str) -> Iterator[tuple[Area, Past]]:
    """Django on a copy of its own of the demonstration, as `make_area` and `tell_all` leave it."""
    from teamaround.demonstration.past import Past
    from teamaround.procedures.versions import reset_cache

    area = _told(report)
    with live_database(report, name, template=TOLD):
        reset_cache()
        past = Past(report["postgres"].replace("DATABASE", name))
        try:
            yield area, past
        finally:
            past.close()
            reset_cache()


def _told(report: dict[str, str]) -> Area:
    """The area of the template; whoever asks first tells it, the others wait."""
    folder = Path(os.environ["TEAMAROUND_TEST_RUN"])
    kept = folder / "told"
    with (folder / "telling").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            part = folder / "told.part"
            part.write_bytes(pickle.dumps(_tell(report)))
            part.rename(kept)
    area: Area = pickle.loads(kept.read_bytes())
    return area


def _tell(report: dict[str, str]) -> Area:
    from teamaround.demonstration.area import make_area
    from teamaround.demonstration.past import Past
    from teamaround.demonstration.stories import tell_all
    from teamaround.procedures.versions import install_shipped, reset_cache

    with live_database(report, TOLD, keep=True):
        reset_cache()
        install_shipped()
        area = make_area()
        past = Past(report["postgres"].replace("DATABASE", TOLD))
        try:
            tell_all(area, past)
        finally:
            past.close()
            reset_cache()
    return area
