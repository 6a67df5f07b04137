"""Tables of the library for agencies' own sign-on: read by it, and kept empty.

Issuers and their secrets stand in a private file; who may come in is decided by invitations and memberships.
"""

from django.db import migrations

from teamaround.database.operations import Open

EMPTY = (
    "belongs to the sign-in library, which asks it before anybody is known; the application cannot write it"
)


class Migration(migrations.Migration):
    dependencies = [
        ("teamaround_site", "0001_libraries"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]
    operations = [
        Open("socialaccount_socialapp", reason=EMPTY, rights="select"),
        Open("socialaccount_socialaccount", reason=EMPTY, rights="select"),
        Open("socialaccount_socialtoken", reason=EMPTY, rights="select"),
    ]
