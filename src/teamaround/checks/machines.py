"""What machines bring into a world: an agency's own system that sends caseloads, and pairs that the nightly search found."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from teamaround.checks.telling import DAY, Telling


class Machines(Telling):
    """The part of a world's story about feeds, and about pairs with what people said of them."""

    def _feeds(self) -> None:
        """Feeds of some teams, a few of which ended; the lines that they leave behind are filled in."""
        rng = self.rng
        for team in rng.sample(self.teams, rng.choice((1, 2))):
            principal = self._principal("service")
            feed = self._add(
                "feed",
                team_id=team,
                principal_id=principal,
                name=f"feed-{principal}",
                way="push",
                added_by_id=None,
                ended_by_id=None,
                ended_at=self.maybe(0.2, self.past()),
            )
            self.world.feeds.append((principal, feed["id"]))
            key = self._add(
                "feed_key",
                agency_id=next(row["agency_id"] for row in self.fill.rows["team"] if row["id"] == team),
                name=feed["name"],
                every_feed=rng.random() < 0.3,
                replaces_id=None,
                prefix=f"{feed['id']:x}"[-8:],
                scopes=["caseload:write"],
                made_at=self.now - DAY,
                expires_at=self.now + DAY * 90,
                revoked_at=None,
                revoked_by_id=None,
                made_by_id=None,
            )
            if not key["every_feed"]:
                self._add("feed_key_feed", key_id=key["id"], feed_id=feed["id"])
            run = self.fill.add("import_run", author_team_id=team)
            if run is not None:
                state = rng.choice(("waiting", "begun", "stopped"))
                self._add(
                    "feed_call",
                    feed_id=feed["id"],
                    key_id=key["id"],
                    run_id=run["id"],
                    author_team_id=team,
                    state=state,
                )
            self._add("feed_heard", feed_id=feed["id"], author_team_id=team)
            self._add("feed_key_use", key_id=key["id"], feed_id=feed["id"], author_team_id=team)

    def _pairs(self) -> None:
        """Pairs in every state, most of persons whom somebody who manages a team may read."""
        rng = self.rng
        people = sorted((*self.children, *self.adults))
        pairs = list(combinations(people, 2))
        for one, other in rng.sample(pairs, min(len(pairs), rng.choice((1, 2, 3)))):
            self._read_by_a_manager(one, other)
            state = rng.choice(("waiting", "waiting", "second", "different", "different", "same", "joined"))
            asked = rng.choice((1, 1, 1, 2))
            pair = self._add(
                "recognition_pair",
                subject_id=one,
                other_id=other,
                state=state,
                asked=asked,
                merge_id=None,
                settled_at=None,
            )
            for worker in rng.sample(self.workers, rng.choice((0, 1, 2, 3))):
                self._add(
                    "recognition_opinion",
                    pair_id=pair["id"],
                    subject_id=one,
                    other_id=other,
                    asked=rng.randint(1, asked),
                    answer=rng.choice(("same", "different", "unsure")),
                    team_id=rng.choice(self.teams),
                    recorded_by=worker,
                )
            if state == "different" and rng.random() < 0.5:
                # The database puts the pair again, and says which question that is.
                self._add(
                    "recognition_asked_again",
                    pair_id=pair["id"],
                    subject_id=one,
                    other_id=other,
                    asked=asked + 1,
                    team_id=rng.choice(self.teams),
                )

    def _read_by_a_manager(self, *people: int) -> None:
        places = [row for row in self.fill.rows["membership"] if row["role"] == "manager"]
        if not places or self.rng.random() < 0.25:
            return
        place: dict[str, Any] = self.rng.choice(places)
        for person in people:
            self.fill.add(
                "involvement",
                subject_id=person,
                author_team_id=place["team_id"],
                category="index",
                role="worker",
                since=(self.now - DAY * 30).date(),
                until=None,
            )
