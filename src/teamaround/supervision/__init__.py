"""Supervision of workers, management oversight of cases, and audits of files drawn by chance."""
