"""Gunicorn's log without what people typed: no query strings, no words of an exception met in a request."""

import sys
from typing import Any

from gunicorn.glogging import Logger

from teamaround.site.logs import QuietFormatter

WHILE_STARTING = "Exception in worker process"


def path_alone(value: Any) -> Any:
    """An address without its query string; anything else as it is."""
    return value.partition("?")[0] if isinstance(value, str) else value


class QuietLogger(Logger):
    """Keeps an exception's type and place. One met while starting is told in full: nobody typed anything."""

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        if msg == WHILE_STARTING:
            super().exception(msg, *args, **kwargs)
            return
        told = QuietFormatter().formatException(sys.exc_info())
        message = str(msg) % tuple(path_alone(arg) for arg in args) if args else type(msg).__name__
        if isinstance(msg, str) and not args:
            message = msg
        self.error_log.error("%s\n%s", message, told)
