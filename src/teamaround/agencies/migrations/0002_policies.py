"""Who works here is known to everybody who works here: these tables hold no subject."""

from django.db import migrations

from teamaround.database.operations import Open

DIRECTORY = (
    "names organisations and the people who work there, never a subject; practitioners must find each other"
)


class Migration(migrations.Migration):
    dependencies = [("agencies", "0001_initial"), ("database", "0001_stamp")]
    operations = [
        Open("principal", reason="a number and a kind; holds nothing about anybody", rights="select, insert"),
        Open(
            "account",
            reason="sign-in must read it before anybody is known; holds an address and a password digest",
        ),
        Open("agency", reason=DIRECTORY),
        Open("site", reason=DIRECTORY),
        Open("team", reason=DIRECTORY),
        Open("panel", reason=DIRECTORY),
        Open("practitioner", reason=DIRECTORY),
        Open("membership", reason="rights are computed from it before anybody is stamped; names no subject"),
        Open("panel_seat", reason="rights are computed from it before anybody is stamped; names no subject"),
        Open(
            "invitation",
            reason="is read by a visitor who is not signed in yet; holds a digest of the link alone",
        ),
        Open(
            "administration_log",
            reason="what administrators did to colleagues' access; names no subject",
            rights="select, insert",
        ),
        migrations.RunSQL(
            "create trigger a_append_only before update or delete on administration_log "
            "for each row execute function app.refuse_change()",
            "drop trigger a_append_only on administration_log",
        ),
    ]
