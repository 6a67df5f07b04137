from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "teamaround.referrals"
    label = "referrals"
