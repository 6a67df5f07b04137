"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from teamaround.site.logs import install

install()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "teamaround.site.settings")
application = get_wsgi_application()
