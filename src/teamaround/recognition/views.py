"""The review desk: pairs of records that may be one child, one after the other."""

from __future__ import annotations

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from teamaround.access.categories import Category
from teamaround.access.log import shown
from teamaround.access.me import Me
from teamaround.access.requests import StaffRequest, staff
from teamaround.agencies.refusals import Refused
from teamaround.agencies.roles import Permission

from . import loaders, presenters
from .actions import ask_again as put_again
from .actions import give_opinion, is_open
from .comparing import side_by_side
from .forms import AskAgainForm, OpinionForm
from .models import Answer, Pair, PairState


def managing_team(me: Me) -> int:
    """The team of mine in which I may join records. The views ask for the permission first."""
    return next(team for team in me.teams if me.may_for(Permission.MERGE_RECORDS, team))


def _order(request: StaffRequest) -> str:
    order = request.GET.get("order", "hardest")
    return order if order in loaders.ORDERS else "hardest"


def _after(request: StaffRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.GET["after"]) if "after" in request.GET else None
    except ValueError:
        return None


def _load(request: StaffRequest, key: uuid.UUID) -> Pair:
    """The pair, of which I may read both records. 404 for anybody else: that there is one is not told."""
    pair = loaders.pairs_for(request.me).select_related("merge").filter(uuid=key).first()
    if pair is None:
        raise Http404
    return pair


@require_safe
@staff(Permission.MERGE_RECORDS)
def desk(request: StaffRequest) -> HttpResponse:
    """The pairs that ask for my opinion, wait for another's, or were decided; 25 a page."""
    show = request.GET.get("show", "open")
    show = show if show in loaders.SHOWS else "open"
    order, after = _order(request), _after(request)
    listed = loaders.load_list(request.me, show=show, order=order, after=after)
    shown(request, listed.people, Category.INDEX, act="list")
    counts = loaders.counts(request.me)
    words = {
        "open": _("To decide"),
        "others": _("Waiting for another opinion"),
        "decided": _("Decided"),
    }
    here = {"show": show, "order": order}
    last = str(listed.pairs[-1].uuid) if listed.more else ""
    context = {
        "heading": _("Review desk"),
        "lines": presenters.lines_of(listed, order=order),
        "headings": presenters.headings(),
        "lists": [
            (words[each], f"?{urlencode({'show': each, 'order': order})}", counts[each], each == show)
            for each in loaders.SHOWS
        ],
        "orders": [
            (text, f"?{urlencode({'show': show, 'order': each})}", each == order)
            for each, text in (("hardest", _("Hardest first")), ("oldest", _("Oldest first")))
        ]
        if show != "decided"
        else [],
        "show": show,
        "begin": f"{reverse('recognition:next')}?{urlencode({'order': order})}" if counts["open"] else "",
        "next": f"?{urlencode({**here, 'after': last})}" if last else "",
        "previous": f"?{urlencode(here)}" if after else "",
        "run": loaders.last_run(),
    }
    return render(request, "recognition/desk.html", context)


@require_safe
@staff(Permission.MERGE_RECORDS)
def next_one(request: StaffRequest) -> HttpResponse:
    """On to the next pair that asks for my opinion; to the list where there is none."""
    order, after = _order(request), _after(request)
    pair = loaders.next_pair(request.me, order=order, after=after)
    if pair is None:
        messages.info(request, _("No further pair asks for your opinion."))
        return redirect("recognition:desk")
    query = {"order": order, **({"last": str(after)} if after and "said" in request.GET else {})}
    return redirect(f"{reverse('recognition:pair', args=[pair.uuid])}?{urlencode(query)}")


SAVED = {
    PairState.SAME: gettext_lazy("Saved: the same child. The records are joined; joining can be undone."),
    PairState.DIFFERENT: gettext_lazy("Saved: different children. The pair is not put again."),
    PairState.SECOND: gettext_lazy("Saved. Another person is asked too."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Permission.MERGE_RECORDS)
def pair(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """One pair: both records, what speaks for and against one child, and my opinion. Then the next."""
    found = _load(request, key)
    answered = bool(getattr(found, "answered", False))
    both = loaders.both_of(found)
    asks = is_open(found) and not answered
    comparison = side_by_side(both)
    for category in comparison.categories:
        shown(request, both.subjects, category, act="change" if request.method == "POST" else "")
    people = sorted((both.first[0], both.second[0]), key=lambda row: (row.recorded_at, row.pk))
    late = request.method == "POST" and not asks
    posted = request.POST if request.method == "POST" and asks else None
    form = OpinionForm(posted, people=people, initial={"into": str(people[0].uuid)})
    order = _order(request)
    if posted is not None and form.is_valid():
        into = next(row.pk for row in people if str(row.uuid) == form.cleaned_data["into"])
        try:
            said = give_opinion(
                by=request.me,
                team=managing_team(request.me),
                pair=found,
                answer=form.cleaned_data["answer"],
                reason=form.cleaned_data["reason"],
                into=into,
            )
        except Refused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, str(SAVED[PairState(said.pair.state)]))
            query = urlencode({"order": order, "after": str(found.uuid), "said": "1"})
            return redirect(f"{reverse('recognition:next')}?{query}")
    last = request.GET.get("last", "")
    context = {
        "heading": _("Is this one child?"),
        "pair": found,
        "state": presenters.STATE_TAGS[PairState(found.state)],
        "standing": presenters.standing(found, found.merge, answered=answered),
        "first": both.first[0],
        "second": both.second[0],
        "page": comparison,
        "weighed": presenters.weighed(found),
        "voices": presenters.voices(loaders.opinions_of(found), loaders.asked_again_of(found)),
        "late": late,
        "written": request.POST.get("reason", "").strip()[:300],
        "form": form if asks else None,
        "answers": Answer,
        "again": AskAgainForm() if found.state == PairState.DIFFERENT else None,
        "merge": found.merge if found.merge is not None and found.merge.undone_at is None else None,
        "skip": f"{reverse('recognition:next')}?{urlencode({'order': order, 'after': str(found.uuid)})}",
        "last": reverse("recognition:pair", args=[last]) if _is_key(last) else "",
        "back_url": f"{reverse('recognition:desk')}?{urlencode({'order': order})}",
        "back_text": _("Review desk"),
    }
    return render(request, "recognition/pair.html", context, status=409 if late else 200)


def _is_key(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Permission.MERGE_RECORDS)
def ask_again(request: StaffRequest, key: uuid.UUID) -> HttpResponse:
    """Put a pair that was decided as different children before people once more, with the reason."""
    found = _load(request, key)
    both = loaders.both_of(found)
    shown(request, both.subjects, Category.INDEX, act="change" if request.method == "POST" else "")
    back = reverse("recognition:pair", args=[found.uuid])
    if found.state != PairState.DIFFERENT:
        if request.method == "POST":
            messages.warning(request, _("This pair is open already. Nothing was changed."))
        return redirect(back)
    form = AskAgainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            put_again(
                by=request.me,
                team=managing_team(request.me),
                pair=found,
                reason=form.cleaned_data["reason"],
            )
        except Refused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, _("The pair is put before people again."))
            return redirect(back)
    names = {"one": both.first[0].name, "other": both.second[0].name}
    context = {
        "heading": _("Ask again: is this one child?"),
        "caption": _("%(one)s and %(other)s") % names,
        "form": form,
        "submit": _("Ask again"),
        "cancel_url": back,
        "back_url": back,
    }
    return render(request, "ui/form_page.html", context)


@require_safe
@staff(Permission.MERGE_RECORDS)
def agreement(request: StaffRequest) -> HttpResponse:
    """How far people agree, over the whole area. Numbers alone."""
    overall, bands = presenters.figures(loaders.agreement_counts())
    context = {
        "heading": _("How far people agree"),
        "overall": overall,
        "share": presenters.percent(overall.share),
        "kappa": f"{overall.kappa:.2f}" if overall.kappa is not None else "–",
        "bands": bands,
        "headings": presenters.figure_headings(),
        "run": loaders.last_run(),
        "back_url": reverse("recognition:desk"),
        "back_text": _("Review desk"),
    }
    return render(request, "recognition/agreement.html", context)
