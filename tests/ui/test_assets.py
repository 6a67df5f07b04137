"""The checked-in styles and script belong to their sources."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from teamaround.ui import assets_check


@pytest.fixture
def copies(tmp_path: Path) -> tuple[Path, Path]:
    sources, built = tmp_path / "assets", tmp_path / "built"
    shutil.copytree(assets_check.SOURCES, sources, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(assets_check.BUILT, built)
    return sources, built


def test_the_checked_in_assets_match_their_sources() -> None:
    assert assets_check.problems() == []


def test_a_changed_source_is_noticed(copies: tuple[Path, Path]) -> None:
    (copies[0] / "js" / "app.js").write_text("changed")
    assert any("js/app.js has changed" in problem for problem in assets_check.problems(*copies))


def test_an_added_source_is_noticed(copies: tuple[Path, Path]) -> None:
    (copies[0] / "scss" / "_more.scss").write_text("")
    assert any("was not part of the last build" in problem for problem in assets_check.problems(*copies))


def test_a_style_written_by_hand_into_the_output_is_noticed(copies: tuple[Path, Path]) -> None:
    with (copies[1] / "app.css").open("a") as css:
        css.write(".govuk-header{}")
    found = assets_check.problems(*copies)
    assert any("app.css has changed" in problem for problem in found)
    assert any("government’s own sites" in problem for problem in found)


def test_every_template_is_free_of_inline_script_and_style() -> None:
    templates = list((assets_check.HERE / "templates").rglob("*.html"))
    assert templates
    for path in templates:
        text = path.read_text()
        assert " style=" not in text.replace('style="primary"', "").replace('style="warning"', "").replace(
            'style="link"', ""
        ), path
        assert "<script>" not in text, path
        assert "onclick" not in text, path
