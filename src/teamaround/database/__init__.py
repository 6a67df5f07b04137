"""The database room: server, roles, signed stamp, policy operations. Knows no domain."""
