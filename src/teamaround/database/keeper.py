"""Keeps the embedded server running: when it was killed, it is started again and recovers."""

from __future__ import annotations

import time
from collections.abc import Callable

from .server import EmbeddedServer, ServerError

LONGEST_PAUSE = 30.0


class Keeper:
    """Call `tend` often, from the thread that started the server: on Linux the server ends with that thread."""

    def __init__(self, server: EmbeddedServer, say: Callable[[str], None] = lambda text: None) -> None:
        self.server = server
        self.say = say
        self.restarts = 0
        self.restarted_at = 0.0
        self._down = False
        self._not_before = 0.0
        self._pause = 0.5

    def tend(self) -> None:
        """Start the server again if it ended by itself; wait longer after each start that fails."""
        if not (self.server.ended or self._down) or time.monotonic() < self._not_before:
            return
        if not self._down:
            self.say("The database ended by itself; it is started again")
        self._down = True
        self.server.stop()
        try:
            self.server.start(say=self.say)
        except ServerError as error:
            self.say(str(error))
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            self._not_before = time.monotonic() + self._pause
            return
        self._down = False
        self.restarts += 1
        self.restarted_at = time.monotonic()
        self._pause = 0.5

    def restarted(self, before: int) -> bool:
        """Whether the server was started again since there were `before` restarts."""
        return self.restarts > before
