"""A person as every page's identity bar tells of them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from teamaround.ui.presentation import age, uk_date

from .models import Person


def life_line(person: Person) -> str:
    """When somebody was born, how old they are, and when they died: as far as it is known."""
    line = _("Date of birth not known")
    if person.date_of_birth is not None:
        born = uk_date(person.date_of_birth, person.born_precision)
        years = age(person.date_of_birth, precision=person.born_precision)
        line = _("Born %(born)s, aged %(age)s") % {"born": born, "age": years}
    if person.died_on is not None:
        line = f"{line}. {_('Died %(day)s') % {'day': uk_date(person.died_on)}}"
    return line
