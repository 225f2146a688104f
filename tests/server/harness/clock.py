"""The server's clock in the hands of a test."""

from server.clock import Clock


class MovableClock(Clock):
    """Runs like the real one, and can be moved on."""

    def advance(self, ms: int) -> None:
        """It is later now. Timers that run already don't know: `RunningServer.advance` has them look again."""
        self._base_ms += ms
