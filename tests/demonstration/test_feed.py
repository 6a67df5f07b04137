"""The demonstration's feed: set up, its key handed to nobody, one caseload received with one row refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from harness.live import live_database
from harness.sweep import client_of
from teamaround.demonstration.feed import NAME, a_feed
from teamaround.feeds.models import FeedCall
from teamaround.procedures.versions import install_shipped, reset_cache


@pytest.fixture
def area(server_report: dict[str, Any], django_db_blocker: Any) -> Iterator[Any]:
    """Northmoor with its feed, in a database of its own."""
    from teamaround.demonstration.area import make_area
    from teamaround.demonstration.past import Past

    with django_db_blocker.unblock(), live_database(server_report, "live_demonstration_feed"):
        reset_cache()
        install_shipped()
        made = make_area()
        past = Past(server_report["postgres"].replace("DATABASE", "live_demonstration_feed"))
        try:
            a_feed(made, past)
        finally:
            past.close()
        yield made


def test_the_demonstrations_feed_brought_in_three_children_and_refused_a_row(area: Any, capsys: Any) -> None:
    with area.as_("tom"):
        (call,) = FeedCall.objects.select_related("run")
    assert (call.rows, call.run.refused, call.run.state) == (4, 1, "done")
    page = client_of(area.accounts["tom"]).get("/feeds/").content.decode()
    assert NAME in page
    administrator = client_of(area.accounts["ada"])
    listed = administrator.get("/administration/feeds/").content.decode()
    key = administrator.get(re.findall(r"/administration/feeds/[0-9a-f-]{36}/", listed)[0]).content.decode()
    assert "Works" in key
    assert "Late" not in listed
    said = capsys.readouterr()
    assert "ta_" not in said.out + said.err
    assert re.search(r"ta_[a-z0-9]{8}_[A-Za-z0-9]", key) is None
