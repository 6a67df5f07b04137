"""A new procedure: from nothing but its frame, or from one that the area has."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils.text import slugify

from teamaround.access.me import Me

from .drafts import ChangeRefused, latest_or_none, must_keep_procedures
from .models import ProcedureDraft, ProcedureVersion

TAKEN_IN_ADDRESSES = frozenset({"new", "cases", "teams"})
LONGEST_NAME = 80

BLANK = """\
# What must happen for a family, by when and by whom. Lines after # are remarks.
# Replace each line below, then add stages and clocks. docs/procedures.md explains every line.
name: {name}
slug: {slug}
summary: >-
  Say in a sentence or two for whom this is and what it does.
source: Say where these rules come from.

calendar:
  opening:
    monday to friday: 09:00-17:00
  working_days: [Monday, Tuesday, Wednesday, Thursday, Friday]
  bank_holidays: england

stages:
  - key: referral
    title: Referral
    must_happen: The referral is answered, and a worker is named.
    opens_on: referral.received
    who: [manager]
    requires: [referral.accepted, allocation.made]
  - key: support
    title: Support
    must_happen: The family receives the support agreed in the plan.
    opens_on: plan.agreed
    requires: [episode.closed]

clocks:
  - key: answer
    title: Answer the referral
    start: referral.received
    stop: [referral.accepted, referral.declined]
    limit: 5 working days
    reason: A referral arrived {{started}}; it is answered within {{limit}}.
    who: manager
    link: decide

closure:
  - event: outcome.recorded
    label: Outcomes are recorded, achieved or not, and why

capacity:
  families: 30
  per_worker: 10
"""


@transaction.atomic
def begin_procedure(*, by: Me, name: str, like: str = "") -> ProcedureDraft:
    """A draft of a new procedure, which nothing follows before it is published; a copy of the latest version of `like`
    where one is named, with remarks and all.

    Raises ChangeRefused for anybody but a partnership officer, for a name that gives no address or one that is
    taken, and where there is no procedure `like`.
    """
    must_keep_procedures(by)
    name = " ".join(name.split())[:LONGEST_NAME]
    slug = slugify(name)[:60].strip("-")
    if not slug or not slug[0].isalpha():
        raise ChangeRefused("Write a name that begins with a letter.", "name")
    if slug in TAKEN_IN_ADDRESSES or ProcedureVersion.objects.filter(slug=slug, withdrawn_at=None).exists():
        raise ChangeRefused("The area has a procedure of this name already. Choose another.", "name")
    text = BLANK.format(name=_quoted(name), slug=slug)
    if like:
        pattern = latest_or_none(like)
        if pattern is None:
            raise ChangeRefused("Choose one of the area’s procedures, or begin from a blank.", "like")
        text = _renamed(pattern.text, name, slug)
    draft = ProcedureDraft.objects.select_for_update().filter(slug=slug).first()
    if draft is None:
        draft, made = ProcedureDraft.objects.get_or_create(
            slug=slug, defaults={"based_on": None, "text": text}
        )
        if made:
            return draft
    if draft.text:
        raise ChangeRefused("A draft of this name is waiting already. Go on with that one.", "name")
    draft.text, draft.version = text, draft.version + 1
    draft.save(update_fields=["text", "version"])
    return draft


def _renamed(text: str, name: str, slug: str) -> str:
    text = re.sub(r"(?m)^name:.*$", lambda _found: f"name: {_quoted(name)}", text, count=1)
    return re.sub(r"(?m)^slug:.*$", lambda _found: f"slug: {slug}", text, count=1)


def _quoted(name: str) -> str:
    """A name as YAML reads it back, whatever signs are in it."""
    if re.fullmatch(r"[A-Za-z][\w ,’.()/-]*", name) and name.lower() not in (
        "yes",
        "no",
        "true",
        "false",
        "null",
    ):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
