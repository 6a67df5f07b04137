"""Consent forms on paper, scanned or photographed: kept with the consent, told apart by what they contain."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from teamaround.access.me import Me

from .actions import BasisRefused
from .models import Basis, Paper

MOST_BYTES = 20_000_000
ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
_STARTS = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)


def media_type_of(content: bytes) -> str:
    """What a file is by its first bytes, never by its name; empty for anything but PDF, JPEG and PNG."""
    return next((kind for start, kind in _STARTS if content.startswith(start)), "")


def check_paper(content: bytes) -> str:
    """The media type of a scan. Raises BasisRefused where it is empty, over 20 MB, or another kind of file."""
    if not content:
        raise BasisRefused("paper", _("The file is empty. Scan or photograph the form again."))
    if len(content) > MOST_BYTES:
        raise BasisRefused("paper", _("The file is larger than 20 MB. Scan it in fewer colours."))
    found = media_type_of(content)
    if not found:
        raise BasisRefused("paper", _("Choose a PDF, or a photograph as JPEG or PNG."))
    return found


@transaction.atomic
def keep_paper(*, by: Me, basis: Basis, content: bytes) -> Paper:
    """Keep the scan of a consent that my team recorded. Raises BasisRefused as `check_paper` does."""
    return Paper.objects.create(
        basis=basis,
        subject_id=basis.subject_id,
        author_team_id=basis.author_team_id,
        media_type=check_paper(content),
        size=len(content),
        content=content,
    )
