"""Django's PostgreSQL backend with one addition: each outermost BEGIN is stamped with the actor."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base

from teamaround.database.actor import Actor, current_actor
from teamaround.database.stamp import sign


class DatabaseWrapper(base.DatabaseWrapper):
    """Stamps transactions. A transaction begun with no actor stays unstamped: policies then raise."""

    stamped_actor: Actor | None = None

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)
        if autocommit:
            self.stamped_actor = None
        else:
            self.stamp()

    def stamp(self) -> None:
        """Write the stamp of the current actor into the transaction that is beginning."""
        actor = current_actor()
        self.stamped_actor = actor
        if actor is None:
            return
        value = sign(actor, backend_pid=self.connection.info.backend_pid, key=settings.STAMP_KEY)
        self.connection.execute("select set_config('app.stamp', %s, true)", [value])

    def close(self) -> Any:
        self.stamped_actor = None
        return super().close()
