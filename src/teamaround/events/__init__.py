"""What happened: append-only events, one row a subject, and the chronology made of them."""
