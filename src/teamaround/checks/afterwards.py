"""What changes in a world after it was written: withdrawals, corrections, ends, moves."""

from __future__ import annotations

from typing import Any

from teamaround.checks.telling import DAY, Change, Telling

SENSITIVE = ("mental_health", "substance", "sexual_health", "justice", "domestic_abuse")


class Afterwards(Telling):
    """The part of a world's story that is told as changes of rows."""

    def _changes(self) -> None:
        rng = self.rng
        for basis in self.fill.rows["sharing_basis"]:
            if basis["kind"] != "break_glass" and rng.random() < 0.2:
                self._change("sharing_basis", basis, withdrawn_at=self.moment(0.2))
        for row in self.fill.rows["person"]:
            if rng.random() < (0.6 if row["subject_id"] in self.silent else 0.15):
                born, precision = self._born(row["subject_id"] in self.children)
                self._change("person", row, date_of_birth=born, born_precision=precision)
        for row in self.fill.rows["family_member"]:
            if rng.random() < 0.2:
                self._change("family_member", row, until=self.day())
            elif rng.random() < 0.08:
                self._change("family_member", row, voided_at=self.past())
        for row in self.fill.rows["involvement"]:
            if rng.random() < 0.25:
                self._change("involvement", row, until=row["since"] + DAY * rng.choice((0, 0, 1, 30, 400)))
        for row in self.fill.rows["episode"]:
            if rng.random() < 0.3 and row["subject_id"] is not None:
                self._change("episode", row, status="closed", closed_at=self.past())
            elif row["subject_id"] is None:
                self._change("episode", row, subject_id=rng.choice(self.children))
        for row in self.fill.rows["sharing_shield"]:
            if rng.random() < 0.15:
                self._change("sharing_shield", row, lifted_at=self.past())
        for row in self.fill.rows["sharing_settlement"]:
            if rng.random() < 0.1:
                self._change("sharing_settlement", row, valid_until=max(row["valid_from"], self.past()))
        for row in self.fill.rows["person_merge"]:
            if row["undone_at"] is None and rng.random() < 0.15:
                undone = row["merged_at"] + (self.now - row["merged_at"]) * rng.random()
                self._change("person_merge", row, undone_at=undone, undo_reason="Two persons after all")
        self._places_of_work()

    def _places_of_work(self) -> None:
        rng = self.rng
        for row in self.fill.rows["membership"]:
            if row["until"] is None and rng.random() < 0.08:
                self._change("membership", row, until=max(row["since"], self.past()))
        for row in self.fill.rows["practitioner"]:
            if rng.random() < 0.04:
                self._change("practitioner", row, left_at=self.past())
        for row in self.fill.rows["team"]:
            if not row["sensitivity"] and rng.random() < 0.1:
                self._change("team", row, sensitivity=rng.choice(SENSITIVE))

    def _change(self, table: str, row: dict[str, Any], **columns: Any) -> None:
        key = self.tables[table].key
        self.world.changes.append(Change(table, key, row[key], columns))
