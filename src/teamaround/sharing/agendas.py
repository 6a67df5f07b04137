"""A panel's agenda: what is put before a panel it sees, until the item is closed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from teamaround.access.categories import Category
from teamaround.access.edits import update_checked
from teamaround.access.me import Me
from teamaround.events.actions import record

from .actions import BasisRefused, Cell, recorded_before, write_lines
from .models import AgendaItem, Answer, Basis, Kind

DAYS_AFTER = 7
"""How long after the day of the agenda the panel still sees a case that nobody closed."""
LONGEST = 184


@transaction.atomic
def put_on_agenda(
    *,
    by: Me,
    team: int,
    panel: int,
    subject: int,
    agenda_on: dt.date,
    question: str,
    categories: Sequence[str],
    episode: int | None = None,
    token: uuid.UUID | None = None,
) -> AgendaItem:
    """Put a case before a panel: it sees these categories from now until the item is closed, and no longer
    than seven days after `agenda_on`.

    The same `token` again gives the item put on first. Raises BasisRefused for a day that is past or more
    than six months away, without a question, or with no category.
    """
    recorded = recorded_before(token, Kind.PANEL)
    if recorded is not None:
        return AgendaItem.objects.get(basis=recorded)
    today = timezone.localdate()
    if not today <= agenda_on <= today + dt.timedelta(days=LONGEST):
        raise BasisRefused("agenda_on", _("Choose the day on which the panel meets, within six months."))
    if not question.strip():
        raise BasisRefused("question", _("Say what the panel is asked to decide."))
    wanted = [category for category in Category if category in categories and category != Category.INDEX]
    if not wanted:
        raise BasisRefused("categories", _("Choose what the panel needs to see."))
    ends = dt.datetime.combine(agenda_on + dt.timedelta(days=DAYS_AFTER), dt.time.min)
    basis = Basis.objects.create(
        uuid=token or uuid.uuid4(),
        subject_id=subject,
        author_team_id=team,
        kind=Kind.PANEL,
        reason=question.strip(),
        valid_from=timezone.now(),
        valid_until=timezone.make_aware(ends),
    )
    write_lines(basis, team, [Cell(subject, panel, category, Answer.SHARE) for category in wanted])
    item = AgendaItem.objects.create(
        basis=basis,
        subject_id=subject,
        author_team_id=team,
        panel_id=panel,
        agenda_on=agenda_on,
        question=question.strip(),
    )
    record(by=by, team=team, kind="panel.listed", subjects=[subject], episode=episode)
    return item


def agenda_of(panel: int) -> QuerySet[AgendaItem]:
    """The open items of a panel that I may see, the next agenda first."""
    rows = AgendaItem.objects.filter(panel_id=panel, closed_at=None)
    return rows.select_related("author_team__agency", "basis").order_by("agenda_on", "id")


@transaction.atomic
def close_item(*, by: Me, item: AgendaItem, version: int, outcome: str) -> AgendaItem:
    """Close an item with what came of it: what the panel saw of the case is hidden from it at once.

    The panel's members close it, or the team that put it on takes it off. Raises BasisRefused without an
    outcome or where it is closed; StaleEdit where somebody changed it.
    """
    if item.closed_at is not None:
        raise BasisRefused("", _("This item is closed already."))
    if not outcome.strip():
        raise BasisRefused("outcome", _("Say what came of it, or why it is taken off."))
    # Before the item is closed: a member of the panel writes for their own team, and reads nothing afterwards.
    team = item.author_team_id if item.author_team_id in by.teams else by.team.team
    record(by=by, team=team, kind="panel.closed", subjects=[item.subject_id])
    update_checked(item, version=version, outcome=outcome.strip(), closed_at=timezone.now())
    return item
