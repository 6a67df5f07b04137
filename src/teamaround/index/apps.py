from django.apps import AppConfig


class IndexConfig(AppConfig):
    name = "teamaround.index"
    label = "index"

    def ready(self) -> None:
        """Tell sharing, a floor below, how to find out who works with whom."""
        from teamaround.sharing.before import TeamsAtWork
        from teamaround.sharing.circle import Involved

        from .loaders import teams_at_work, teams_involved

        Involved.find = staticmethod(teams_involved)
        TeamsAtWork.find = staticmethod(teams_at_work)
