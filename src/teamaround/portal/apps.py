from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "teamaround.portal"
    label = "portal"

    def ready(self) -> None:
        """Tell tasks, some floors below, what families wrote and wait for."""
        from teamaround.tasks.waiting import FromFamilies

        from .messages import asking_what_waits, told_what_waits

        FromFamilies.asking = staticmethod(asking_what_waits)
        FromFamilies.told = staticmethod(told_what_waits)
