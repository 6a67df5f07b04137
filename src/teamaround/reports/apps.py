from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "teamaround.reports"
    label = "reports"
