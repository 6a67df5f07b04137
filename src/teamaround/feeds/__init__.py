"""Feeds: an agency's own system keeps its caseload current, by calls with a key or by files in a folder."""
