from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "teamaround.tasks"
    label = "tasks"

    def ready(self) -> None:
        """Tell sharing, some floors below, whom to ask what lies behind a withdrawal."""
        from teamaround.sharing.withdrawals import LeadPractitioner

        from .asking import ask_what_lies_behind

        LeadPractitioner.ask_why = staticmethod(ask_what_lies_behind)
