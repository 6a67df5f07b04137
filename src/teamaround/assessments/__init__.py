"""Assessments of need and of risk: what is going well, what is worrying, what would have to change."""
