"""Gunicorn's log without what people typed: pages in place of addresses, no words of an exception met in a request."""

import sys
from typing import Any

from gunicorn.glogging import Logger

from teamaround.site.logs import QuietFormatter, page_of

WHILE_STARTING = "Exception in worker process"
NOT_UNDERSTOOD = "Invalid request from "


def page_alone(value: Any) -> Any:
    """The page that an address asks for; anything else as it is."""
    return page_of(value) if isinstance(value, str) and value.startswith("/") else value


class QuietLogger(Logger):
    """Keeps an exception's type and place. One met while starting is told in full: nobody typed anything."""

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        if msg == WHILE_STARTING:
            super().exception(msg, *args, **kwargs)
            return
        told = QuietFormatter().formatException(sys.exc_info())
        message = str(msg) % tuple(page_alone(arg) for arg in args) if args else type(msg).__name__
        if isinstance(msg, str) and not args:
            message = msg
        self.error_log.error("%s\n%s", message, told)

    def warning(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """As it is, but for a request that cannot be understood: gunicorn quotes its first line."""
        if isinstance(msg, str) and msg.startswith(NOT_UNDERSTOOD):
            msg, args = "a request was refused before it was read", ()
        super().warning(msg, *args, **kwargs)

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """What a line of the access log is made of; `U` is the page, without ids and without words."""
        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        found["U"] = page_of(str(environ.get("PATH_INFO") or "/"))
        return found
