"""Notices: short e-mails that something happened, the outbox they wait in, and the jobs that send them."""
