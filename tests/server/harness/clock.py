"""A server's clock that a test controls."""

from server.clock import Clock


class MovableClock(Clock):
    """Runs like the real one, and can be moved on."""

    def advance(self, ms: int) -> None:
        """Moves the clock on. Running timers do not notice; `RunningServer.advance` makes them look again."""
        self._base_ms += ms
