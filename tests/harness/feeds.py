"""A feed with a key, and a machine that calls with it."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.utils import timezone

from teamaround.agencies.models import Agency
from teamaround.feeds import jobs, setting_up
from teamaround.feeds.models import Feed, FeedKey, Scope

CHILD = {
    "reference": "YC1",
    "given": "Kofi",
    "family": "Osei",
    "date_of_birth": "2014-03-02",
    "postcode": "SK3 2DU",
    "cares_for": "Mum",
    "reason_for_care": "mental health",
}


@dataclass
class Made:
    """A feed, its key, and the key's words."""

    feed: Feed
    key: FeedKey
    written: str


def make_feed(
    cast: Any,
    slug: str = "young-carers",
    *,
    name: str = "Case system",
    scopes: tuple[str, ...] = (Scope.WRITE, Scope.READ),
    days: int = 30,
) -> Made:
    """A feed of a team with one key, made by the administrator."""
    with cast.as_(cast.admin) as me:
        feed = setting_up.add_feed(
            by=me.principal, team=cast.teams[slug], name=name, way="push", silent_hours=26
        )
        key, written = make_key(me.principal, feed, scopes=scopes, days=days)
    return Made(feed, key, written)


def make_key(
    by: int,
    *feeds: Feed,
    scopes: tuple[str, ...] = (Scope.WRITE, Scope.READ),
    days: int = 30,
    agency: Agency | None = None,
) -> tuple[FeedKey, str]:
    """A key that opens these feeds, or every feed of an agency."""
    return setting_up.make_key(
        by=by,
        agency=agency or feeds[0].team.agency,
        name="Case system",
        scopes=list(scopes),
        expires_on=timezone.localdate() + dt.timedelta(days=days),
        feeds=feeds or None,
    )


class Machine:
    """An agency's own system: calls over https with its key."""

    def __init__(self, made: Made) -> None:
        self.made = made
        self.client = Client(raise_request_exception=False)
        self.of = timezone.now() - dt.timedelta(days=1)

    def get(self, path: str, *, feed: Any = None, **headers: str) -> Any:
        """A GET with the key, about a feed where one is named."""
        return self.client.get(
            path,
            {} if feed is None else {"feed": feed},
            secure=True,
            headers={"Authorization": f"Bearer {self.made.written}", **headers},
        )

    def send(
        self,
        rows: list[Any] | bytes,
        *,
        key: str = "",
        whole: bool = False,
        as_of: dt.datetime | None = None,
        sequence: int | None = None,
        declared: int | None = None,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
        query: dict[str, Any] | None = None,
    ) -> Any:
        """Send a caseload; of the next moment where none is named."""
        if as_of is None:
            self.of += dt.timedelta(seconds=1)
            as_of = self.of
        body = rows if isinstance(rows, bytes) else json.dumps({"rows": rows}).encode()
        said: dict[str, Any] = {
            "caseload": "whole" if whole else "part",
            "as_of": as_of.isoformat(),
            "rows": declared if declared is not None else len(rows),
            **({} if sequence is None else {"sequence": sequence}),
            **(query or {}),
        }
        return self.client.post(
            "/api/v1/caseloads",
            data=body,
            content_type=kind,
            secure=True,
            query_params=said,
            headers={
                "Authorization": f"Bearer {self.made.written}",
                "Idempotency-Key": key or str(uuid.uuid4()),
                **(headers or {}),
            },
        )

    def work(self) -> None:
        """Let the background job do what waits."""
        jobs.take_in(feed=self.made.feed.pk)

    def bring(self, rows: list[Any], **more: Any) -> dict[str, Any]:
        """Send, work, and ask how it stands."""
        sent = self.send(rows, **more)
        assert sent.status_code == 202, sent.content
        self.work()
        told: dict[str, Any] = self.get(sent.json()["status_url"]).json()
        return told


def problem(answer: Any, kind: str) -> dict[str, Any]:
    """The body of an answer that is a problem of this kind."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content
    told: dict[str, Any] = answer.json()
    assert told["type"] == f"urn:problem-type:teamaround:{kind}"
    assert told["status"] == answer.status_code
    return told
