"""The URL root: each room under its own path."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from . import pages, refused, sign_in, unavailable

handler403 = refused.not_allowed
# What somebody who guesses passwords sees; the sign-in library looks for this name.
handler429 = sign_in.too_many
handler500 = unavailable.failed

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include(sign_in.urlpatterns)),
    path("help/", pages.help_page, name="help"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
]

ROOMS = (
    ("", "desk"),
    ("", "portal"),
    ("administration/", "administration"),
    ("oversight/", "administration.oversight"),
    ("rights/", "rights"),
    ("referrals/", "referrals"),
    ("meetings/", "meetings"),
    ("supervision/", "supervision"),
    ("rota/", "rota"),
    ("plans/", "plans"),
    ("assessments/", "assessments"),
    ("procedures/", "practice"),
    ("tasks/", "tasks"),
    ("notices/", "notices"),
    ("caseload/", "importing"),
    ("feeds/", "feeds"),
    ("api/", "api"),
    ("recognition/", "recognition"),
    ("reports/", "reports"),
    ("sharing/", "sharing"),
)
urlpatterns += [
    path(prefix, include(f"teamaround.{room}.urls"))
    for prefix, room in ROOMS
    if find_spec(f"teamaround.{room}") and find_spec(f"teamaround.{room}.urls")
]

if settings.DEMONSTRATION:
    from teamaround.ui.gallery import gallery

    urlpatterns.append(path("gallery/", gallery, name="gallery"))
