"""What was begun and not finished: every form that keeps a draft is named and led back to."""

from __future__ import annotations

import ast
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import teamaround
from teamaround.access.drafts import keep_draft
from teamaround.desk.day import load_day
from teamaround.desk.drafts import PAGES
from teamaround.plans.closing_page import PARTS

SOURCE = Path(teamaround.__file__).parent
IN_TEMPLATE = re.compile(r"""{%\s*url\s+["']drafts:save["']\s+(\S+)""")
PLACES = {"with_draft": 2, "forget_draft": 1}
"""Where the name of a draft stands among the arguments of those who ask for one."""


def name_given(call: ast.Call) -> list[ast.expr]:
    """The expressions in a call that name a draft; none for a call about something else."""
    called = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if called in ("draft_of", "drop_draft", "keep_draft"):
        return [word.value for word in call.keywords if word.arg == "form"]
    if called in PLACES:
        return [call.args[PLACES[called]]]
    if called == "plan_form":
        return [word.value for word in call.keywords if word.arg == "draft"]
    if called == "with_drafts":
        forms = call.args[1]
        if isinstance(forms, ast.Dict):
            return [key for key in forms.keys if key is not None]
        return [forms.key] if isinstance(forms, ast.DictComp) else [forms]
    return [
        after
        for first, after in zip(call.args, call.args[1:], strict=False)
        if isinstance(first, ast.Constant) and first.value == "drafts:save"
    ]


def names_of(given: ast.expr, constants: dict[str, str], parameters: set[str]) -> list[str]:
    """The names that an expression can be; none for one that is handed on from elsewhere."""
    match given:
        case ast.Constant(value=str(name)):
            return [name]
        case ast.Name(id=name) if name in constants:
            return [constants[name]]
        case ast.Name(id=name) if name in parameters:
            return []
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), ast.FormattedValue()]):
            assert start == "close-", f"say here what can follow {start!r}"
            return [f"{start}{part}" for part in PARTS]
    raise AssertionError(f"this test cannot tell which draft is meant by {ast.unparse(given)}")


def names_in(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    parameters = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} | {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.comprehension)
        for target in ast.walk(node.target)
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for given in name_given(node):
                yield from names_of(given, constants, parameters)


def every_draft() -> set[str]:
    found = {name for path in sorted(SOURCE.rglob("*.py")) for name in names_in(path)}
    for path in SOURCE.rglob("*.html"):
        for given in IN_TEMPLATE.findall(path.read_text()):
            assert given[0] in "\"'", f"{path.name} takes the name of its draft from a variable"
            found.add(given.strip("\"'"))
    return found


def test_every_draft_that_the_code_keeps_is_named_in_the_list_and_no_other() -> None:
    assert every_draft() == set(PAGES)


@pytest.mark.parametrize("form", sorted(PAGES))
def test_every_draft_leads_back_to_the_page_that_puts_it_back(cast: Any, form: str) -> None:
    key = str(uuid.uuid4())
    about = f"{key}-home" if form == "assessment" else key
    with cast.as_(cast.yasmin) as me:
        keep_draft(by=me, form=form, about=about, typed={"words": "begun"})
        line = load_day(me).drafts[0]
    assert line.text == PAGES[form][0]
    assert key in line.url


def test_drafts_of_the_three_parts_of_closing_are_told_apart(cast: Any) -> None:
    key = str(uuid.uuid4())
    with cast.as_(cast.yasmin) as me:
        for part in PARTS:
            keep_draft(by=me, form=f"close-{part}", about=key, typed={"words": "begun"})
        lines = load_day(me).drafts
    assert {line.url for line in lines} == {f"/plans/close/{key}/#{part}" for part in PARTS}
    assert len({line.text for line in lines}) == len(PARTS)


def test_a_draft_of_a_risk_assessment_leads_to_its_own_page(cast: Any) -> None:
    key = str(uuid.uuid4())
    with cast.as_(cast.yasmin) as me:
        keep_draft(by=me, form="assessment", about=f"{key}-risk", typed={"words": "begun"})
        assert load_day(me).drafts[0].url == f"/assessments/risk/{key}/"
