"""A procedure while it is being changed: one draft for the area, shared by its partnership officers."""

from __future__ import annotations

from django.db import transaction

from teamaround.access.edits import StaleEdit, update_checked
from teamaround.access.me import Me
from teamaround.agencies.refusals import Refused
from teamaround.agencies.roles import Permission

from .format import Procedure, load
from .marks import MOST_CHARACTERS, Problem, ProcedureError
from .models import ProcedureDraft, ProcedureVersion


class ChangeRefused(Refused):
    """The change cannot stand; `field` names the form field, the message says what to do."""


def must_keep_procedures(by: Me) -> None:
    """Raises ChangeRefused for anybody but a partnership officer."""
    if not by.may(Permission.CHANGE_PROCEDURES):
        raise ChangeRefused("Only a partnership officer changes a procedure.")


def latest_version(slug: str) -> ProcedureVersion:
    """The version with the highest number, in force or to come. Raises ProcedureVersion.DoesNotExist."""
    return ProcedureVersion.objects.filter(slug=slug, withdrawn_at=None).latest("number")


def latest_or_none(slug: str) -> ProcedureVersion | None:
    """The same; None for a procedure that was never published."""
    return ProcedureVersion.objects.filter(slug=slug, withdrawn_at=None).order_by("number").last()


def draft_of(slug: str) -> ProcedureDraft | None:
    """The draft of a procedure, with the version that it is based on; None where nobody changed it yet."""
    return ProcedureDraft.objects.select_related("based_on", "by").filter(slug=slug).first()


def is_open(draft: ProcedureDraft | None) -> bool:
    """Whether the draft says anything else than the version it is based on; of a new procedure, anything at all."""
    return draft is not None and draft.text != (draft.based_on.text if draft.based_on else "")


@transaction.atomic
def save_draft(*, by: Me, slug: str, version: int, text: str) -> ProcedureDraft:
    """Keep the text as it is, right or wrong, so that nothing typed is lost.

    `version` is that of the draft which was changed; 0 where there was none. Raises StaleEdit where somebody
    else saved meanwhile, ChangeRefused for a text that is too long to be a procedure.
    """
    must_keep_procedures(by)
    text = as_kept(text)
    if len(text) > MOST_CHARACTERS:
        raise ChangeRefused(f"Write at most {MOST_CHARACTERS} characters.", "text")
    latest = latest_or_none(slug)
    if version == 0:
        if latest is None:
            raise ChangeRefused("The area has no procedure of this name.")
        draft, made = ProcedureDraft.objects.get_or_create(
            slug=slug, defaults={"based_on": latest, "text": text}
        )
        if not made:
            raise StaleEdit
        return draft
    draft = ProcedureDraft.objects.select_related("based_on").get(slug=slug)
    based_on = latest if not is_open(draft) else draft.based_on
    update_checked(draft, version=version, text=text, based_on_id=based_on.pk if based_on else None)
    return draft


@transaction.atomic
def discard_draft(*, by: Me, draft: ProcedureDraft, version: int) -> None:
    """Go back to the latest version; of a procedure that was never published nothing stays. Raises StaleEdit where
    somebody else saved meanwhile."""
    must_keep_procedures(by)
    latest = latest_or_none(draft.slug)
    update_checked(
        draft,
        version=version,
        text=latest.text if latest else "",
        based_on_id=latest.pk if latest else None,
    )


def as_kept(text: str) -> str:
    """A text as browsers send it, as it is kept: lines end in one character, the last one too."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return lines.rstrip("\n") + "\n"


def read_draft(slug: str, text: str) -> tuple[Procedure | None, tuple[Problem, ...]]:
    """What a text means, or what is wrong with it. Another name than its own is wrong: teams follow the name."""
    try:
        procedure = load(text)
    except ProcedureError as refused:
        return None, refused.problems
    if procedure.slug != slug:
        line = next((n for n, each in enumerate(text.split("\n"), 1) if each.startswith("slug:")), 1)
        wrong = Problem(
            line, f"The slug is '{procedure.slug}'; teams follow '{slug}'.", f"Write 'slug: {slug}'."
        )
        return None, (wrong,)
    return procedure, ()
