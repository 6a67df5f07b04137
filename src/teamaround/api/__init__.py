"""The face for machines: what an agency's own system may send and ask, with a key, under /api/."""
