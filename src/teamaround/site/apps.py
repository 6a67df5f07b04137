from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "teamaround.site"
    label = "teamaround_site"

    def ready(self) -> None:
        """The rooms below are told how fields are classified."""
        from teamaround.rights.fields import Classification

        from .classification import classification

        Classification.read = staticmethod(classification)
