"""Meetings: called across agencies, answered, held, with the family's views first, and what was decided."""
