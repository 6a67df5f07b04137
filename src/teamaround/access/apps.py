from django.apps import AppConfig
from django.core.checks import Tags, register


class AccessConfig(AppConfig):
    name = "teamaround.access"
    label = "access"

    def ready(self) -> None:
        """Let Django ask the database whether everything stands under its policies."""
        from .checks import tables_under_policies

        register(tables_under_policies, Tags.database)
