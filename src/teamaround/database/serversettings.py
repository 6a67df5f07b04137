"""What the embedded PostgreSQL is told at its start, and how much memory it takes of the machine."""

import contextlib
import os
from pathlib import Path

LEAST_BUFFERS = 128  # MB
MOST_BUFFERS = 8_192
CONTAINER_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "jit": "off",
    "random_page_cost": "1.1",
    "cluster_name": "teamaround",
    "timezone": "UTC",
    # A statement, its values or a violated key may name a person; the log holds none of them.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_statement": "none",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
UNSAFE_BUT_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def machine_memory() -> int:
    """The machine's memory in MB, or its container's where that is less; a small machine's where neither tells."""
    found = []
    with contextlib.suppress(ValueError, OSError, AttributeError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024**2)
    for limit in CONTAINER_LIMITS:
        with contextlib.suppress(ValueError, OSError):  # "max" where there is none
            found.append(int(limit.read_text()) // 1024**2)
    return min(found, default=8 * LEAST_BUFFERS)


def buffers_of(memory: int, *, share: int = 8) -> int:
    """MB of pages that PostgreSQL holds itself on a machine of so many MB: an eighth, since the application and its
    worker live there too. The manual's quarter is for a machine that serves nothing else."""
    return max(LEAST_BUFFERS, min(memory // share, MOST_BUFFERS))
