"""The product's backend, able to live inside one transaction that a test rolls back at its end.

Within it each of Django's outermost transactions is a savepoint. The stamp is transaction-local; the
harness clears it where the real one would vanish with COMMIT, so that policies behave as in service.
"""

from __future__ import annotations

from teamaround.database.backend.base import DatabaseWrapper as Stamped


class DatabaseWrapper(Stamped):
    enclosed = False

    def enclose(self) -> None:
        self.ensure_connection()
        self.connection.autocommit = False
        self.connection.execute("select set_config('app.stamp', '', true)")
        self.enclosed = True

    def release(self) -> None:
        if not self.enclosed:
            return
        self.enclosed = False
        self.connection.rollback()
        self.connection.autocommit = True
        self.in_atomic_block = False
        self.stamped_actor = None
        self.run_on_commit = []
        self.savepoint_ids = []
        self.needs_rollback = False

    def _set_autocommit(self, autocommit: bool) -> None:
        if not self.enclosed:
            super()._set_autocommit(autocommit)
        elif autocommit:
            self.stamped_actor = None
        else:
            self.connection.execute("savepoint outermost")
            self.stamp()

    def _commit(self) -> None:
        if not self.enclosed:
            super()._commit()
            return
        self.connection.execute("set constraints all immediate")
        self.connection.execute("set constraints all deferred")
        self.connection.execute("select set_config('app.stamp', '', true)")
        self.connection.execute("release savepoint outermost")

    def _rollback(self) -> None:
        if not self.enclosed:
            super()._rollback()
            return
        self.connection.execute("rollback to savepoint outermost")
        self.connection.execute("release savepoint outermost")

    def close_if_unusable_or_obsolete(self) -> None:
        if not self.enclosed:
            super().close_if_unusable_or_obsolete()

    def close(self) -> None:
        if not self.enclosed:
            super().close()
