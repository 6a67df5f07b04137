from django.apps import AppConfig


class AgenciesConfig(AppConfig):
    name = "teamaround.agencies"
    label = "agencies"
    verbose_name = "Agencies"
