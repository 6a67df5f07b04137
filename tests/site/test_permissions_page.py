"""The page that tells who may do what is made from the code, and kept up to date."""

from teamaround.site.permissions_page import PAGE, page


def test_the_permissions_page_says_what_the_code_does() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m teamaround.site.permissions_page"
