"""How gunicorn serves: threads, a clean end, logs without query strings, addresses or what people typed."""

import os
from pathlib import Path

worker_class = "gthread"
workers = int(os.environ.get("TEAMAROUND_WORKERS", "1"))
threads = int(os.environ.get("TEAMAROUND_THREADS", "4"))
timeout = 120
graceful_timeout = 15
keepalive = 5
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - only its heartbeat file, made private
control_socket_disable = True
logger_class = "teamaround.site.weblog.QuietLogger"
accesslog = "-"
errorlog = "-"
# `U` is the page asked for: a query string, or a path that is no page, may hold a name. Who saw what stands in the access log.
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"
proc_name = "teamaround"
limit_request_line = 8190
