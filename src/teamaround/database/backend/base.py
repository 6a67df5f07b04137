"""Django's PostgreSQL backend with one addition: each outermost BEGIN is stamped with the actor."""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base

from teamaround.database.actor import Actor, current_actor
from teamaround.database.stamp import sign

CLEAN = "close all; unlisten *; deallocate all; reset all; select pg_advisory_unlock_all()"


class DatabaseWrapper(base.DatabaseWrapper):
    """Stamps transactions. A transaction begun with no actor stays unstamped: policies then raise."""

    stamped_actor: Actor | None = None

    @property
    def pool(self) -> Any:
        """Django's pool; a session that goes back to it keeps nothing of the request that it served."""
        options = self.settings_dict["OPTIONS"].get("pool")
        if options and (options is True or "reset" not in options):
            wanted = {} if options is True else options
            self.settings_dict["OPTIONS"]["pool"] = {**wanted, "reset": self._clean}
        return super().pool

    def _clean(self, connection: psycopg.Connection) -> None:
        """Forget open cursors, settings and locks: a cursor WITH HOLD would show one person's rows to the next."""
        connection.execute(CLEAN)
        self._configure_connection(connection)  # type: ignore[attr-defined]  # unknown to the stubs

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # unknown to the stubs
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
        # Bound by the server: as part of the statement's text, other sessions could read the stamp there.
        # As Django's own errors: a database that is away must not look like a fault of the program.
        with self.wrap_database_errors, psycopg.Cursor(self.connection) as cursor:
            cursor.execute("select set_config('app.stamp', %s, true)", [value])

    def close(self) -> Any:
        self.stamped_actor = None
        return super().close()
