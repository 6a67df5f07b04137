"""All aliases are one database; migrations run on the owner's alone."""

from __future__ import annotations

from typing import Any


class OneDatabase:
    """Rows may relate across aliases, since all aliases reach the same tables; only `owner` migrates."""

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"
