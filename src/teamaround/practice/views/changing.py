"""Changing: the text with its picture and problems, one clock by a form, and throwing a draft away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from teamaround.access import drafts as typing
from teamaround.access.edits import StaleEdit
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.roles import Permission
from teamaround.procedures import drafts
from teamaround.procedures.clock_text import change_clock
from teamaround.procedures.marks import ProcedureError
from teamaround.procedures.models import ProcedureDraft, ProcedureVersion
from teamaround.procedures.versions import procedure_of
from teamaround.ui.forms import StaleForm

from ..forms import ClockForm, TextForm
from ..picture import draw
from ..words import before_rule, clock_words, differences, procedure_words

CHANGE = Permission.CHANGE_PROCEDURES
TYPED = "procedure"
"""Under this name the text that somebody is typing is kept for them, until they save."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong on a line: its number, what is written there, and what to write instead."""

    line: int
    written: str
    what: str
    instead: str


@staff(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: StaffRequest, slug: str) -> HttpResponse:
    """The text of the draft, its picture and what is wrong with it. Saving keeps it, right or wrong."""
    latest, draft = base_of(slug)
    text = text_of(latest, draft)
    version = draft.version if draft else 0
    status, saved = 200, text
    if request.method == "POST":
        form = TextForm(request.POST, version=version)
        text = drafts.as_kept(request.POST.get("text", ""))
        if form.is_valid():
            try:
                drafts.save_draft(by=request.me, slug=slug, version=form.cleaned_data["version"], text=text)
            except StaleEdit:
                form.refuse_stale(_stale(slug))
                status = 409
            except drafts.ChangeRefused as refused:
                form.add_error("text", str(refused))
            else:
                typing.drop_draft(by=request.me, form=TYPED, about=slug)
                messages.success(request, _("Saved as the draft. Nothing follows it before it is published."))
                return redirect("practice:change", slug)
    else:
        typed = typing.draft_of(by=request.me, form=TYPED, about=slug)
        if typed is not None and isinstance(typed.typed.get("text"), str):
            text = drafts.as_kept(typed.typed["text"])
            began = str(typed.typed.get("began", ""))
            version = int(began) if began.isascii() and began.isdigit() else version
        form = TextForm(initial={"text": text}, version=version)
    context = {
        **preview(slug, text, latest),
        "form": form,
        "text": text,
        "began": form["version"].value(),
        "heading": _("Change %(name)s") % {"name": name_of(slug, latest, text)},
        "slug": slug,
        "draft": draft if drafts.is_open(draft) else None,
        "theirs": saved if status == 409 else "",
        "draft_url": reverse("drafts:save", args=[TYPED, slug]),
        "new": latest is None,
        "out_url": reverse("practice:procedure", args=[slug]) if latest else reverse("practice:list"),
        "back_url": reverse("practice:procedure", args=[slug]) if latest else reverse("practice:list"),
        "back_text": _("The procedure") if latest else _("Procedures"),
    }
    return render(request, "practice/change.html", context, status=status)


@staff(CHANGE)
@require_POST
def check(request: StaffRequest, slug: str) -> HttpResponse:
    """The picture and the problems of a text, while it is being typed. Keeps nothing."""
    latest, _draft = base_of(slug)
    text = drafts.as_kept(request.POST.get("text", ""))
    return render(
        request, "practice/preview.html", {**preview(slug, text, latest), "slug": slug, "live": True}
    )


@staff(CHANGE)
@require_POST
def discard(request: StaffRequest, slug: str) -> HttpResponse:
    """Throw the draft away, and what I was typing."""
    latest, draft = base_of(slug)
    version = request.POST.get("version", "")
    if draft is None or not (version.isascii() and version.isdigit()):
        raise Http404
    try:
        drafts.discard_draft(by=request.me, draft=draft, version=int(version))
    except StaleEdit:
        messages.warning(request, _("Somebody else changed the draft meanwhile. Look at it first."))
        return redirect("practice:change", slug)
    typing.drop_draft(by=request.me, form=TYPED, about=slug)
    messages.success(request, _("The draft was thrown away."))
    return redirect("practice:procedure", slug) if latest else redirect("practice:list")


@staff(CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def clock(request: StaffRequest, slug: str, key: str) -> HttpResponse:
    """One clock by a form: the text is edited in place, comments and all else stay."""
    latest, draft = base_of(slug)
    text = text_of(latest, draft)
    procedure, problems = drafts.read_draft(slug, text)
    if procedure is None:
        messages.warning(request, _("The draft has a mistake: %(what)s") % {"what": problems[0]})
        return redirect("practice:change", slug)
    rule = before_rule(procedure, key)
    if rule is None:
        raise Http404
    form = ClockForm(
        request.POST or None, procedure=procedure, rule=rule, version=draft.version if draft else 0
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            after = change_clock(text, key, form.changes())
            refused = drafts.read_draft(slug, after)[1]
            if refused:
                raise ProcedureError(refused)
            drafts.save_draft(by=request.me, slug=slug, version=form.cleaned_data["version"], text=after)
        except ProcedureError as wrong:
            form.add_error(None, " ".join(f"{each.what} {each.instead}" for each in wrong.problems))
        except StaleEdit:
            form.refuse_stale(_stale(slug))
            status = 409
        else:
            messages.success(request, _("Changed in the draft. Nothing follows it before it is published."))
            return redirect("practice:change", slug)
    context = {
        "form": form,
        "heading": rule.title,
        "caption": procedure.name,
        "lead": clock_words(procedure, rule).sentence,
        "submit": _("Change in the draft"),
        "cancel_url": reverse("practice:change", args=[slug]),
        "back_url": reverse("practice:change", args=[slug]),
    }
    return render(request, "ui/form_page.html", context, status=status)


def base_of(slug: str) -> tuple[ProcedureVersion | None, ProcedureDraft | None]:
    """The latest version of a procedure, None where it is new and never published, and its draft. 404 where the area
    has neither."""
    latest, draft = drafts.latest_or_none(slug), drafts.draft_of(slug)
    if latest is None and (draft is None or not drafts.is_open(draft)):
        raise Http404
    return latest, draft


def text_of(latest: ProcedureVersion | None, draft: ProcedureDraft | None) -> str:
    """What is being changed: the draft while it is open, else the latest version."""
    if draft is not None and (latest is None or drafts.is_open(draft)):
        return draft.text
    return latest.text if latest is not None else ""


def name_of(slug: str, latest: ProcedureVersion | None, text: str) -> str:
    """What a procedure is called; of a new one as far as its text can be read."""
    if latest is not None:
        return procedure_of(latest.pk).name
    procedure, _problems = drafts.read_draft(slug, text)
    return procedure.name if procedure is not None else slug


def preview(slug: str, text: str, latest: ProcedureVersion | None) -> dict[str, Any]:
    """What the part beside the text shows."""
    procedure, problems = drafts.read_draft(slug, text)
    if procedure is None:
        lines = text.split("\n")
        told = [
            Wrong(
                each.line,
                lines[each.line - 1].strip()[:80] if each.line <= len(lines) else "",
                each.what,
                each.instead,
            )
            for each in problems
        ]
        said = ngettext("%(number)s thing to put right", "%(number)s things to put right", len(told))
        return {"problems": told, "words": None, "said": said % {"number": len(told)}}
    words = procedure_words(procedure)
    return {
        "problems": (),
        "said": _("Nothing to put right"),
        "words": words,
        "picture": draw(words, columns=2),
        "differences": differences(procedure_of(latest.pk), procedure) if latest is not None else (),
        "latest": latest,
    }


def _stale(slug: str) -> StaleForm:
    now = drafts.draft_of(slug)
    return StaleForm(now.version if now else 0, now.by.name if now and now.by else "")
