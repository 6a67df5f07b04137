"""Procedures, the episodes that follow them, their clocks, and allocation."""
