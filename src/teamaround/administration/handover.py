"""What happens to the work of somebody who leaves a team."""

from __future__ import annotations

from django.db import connection

from teamaround.agencies.models import Practitioner


def release_cases(practitioner: Practitioner) -> None:
    """Make unallocated the cases of teams to which the practitioner no longer belongs.

    Acts with the rights of an administrator, who learns neither which cases these are nor how many: the
    team's manager finds them unallocated, and allocates them again.
    """
    with connection.cursor() as cursor:
        cursor.execute("select app.release_allocations(%s)", [practitioner.pk])
