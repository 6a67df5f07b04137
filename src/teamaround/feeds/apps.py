from django.apps import AppConfig


class FeedsConfig(AppConfig):
    name = "teamaround.feeds"
    label = "feeds"
