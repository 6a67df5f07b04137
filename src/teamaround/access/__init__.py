"""Subjects, grants, policies, the access log, and loading a row together with the right to it."""
