"""Bringing in a team's caseload from a file: read, mapped, checked, decided, confirmed, withdrawn."""
