from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "teamaround.portal"
    label = "portal"
