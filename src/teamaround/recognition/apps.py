from django.apps import AppConfig


class RecognitionConfig(AppConfig):
    name = "teamaround.recognition"
    label = "recognition"
