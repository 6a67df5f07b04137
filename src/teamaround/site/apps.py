from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "teamaround.site"
    label = "teamaround_site"
