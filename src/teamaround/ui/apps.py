from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "teamaround.ui"
    label = "ui"
    verbose_name = "Design system"
