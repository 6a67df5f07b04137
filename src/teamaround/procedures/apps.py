from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "teamaround.procedures"
    label = "procedures"

    def ready(self) -> None:
        """Tell notices, some floors below, in which hours a team may be told of something."""
        from teamaround.notices.hours import Hours

        from .calendars import team_calendar

        Hours.calendar_of = staticmethod(team_calendar)  # type: ignore[method-assign]
