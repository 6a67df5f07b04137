from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "teamaround.notices"
    label = "notices"

    def ready(self) -> None:
        """Tell sharing, some floors below, how to let people know of requests to see more."""
        from teamaround.sharing.requests import Asking

        from .access_requests import tell_answered, tell_asked

        Asking.tell_asked = staticmethod(tell_asked)
        Asking.tell_answered = staticmethod(tell_answered)
