"""An independent check of who sees what: random worlds, an oracle in plain Python, planted faults."""
