"""Counts of the whole area, for those who plan for it: never a row about anybody."""
