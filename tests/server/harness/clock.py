"""A server's clock that a test controls."""

from collections.abc import Awaitable, Callable

from server.clock import Clock


class MovableClock(Clock):
    """Runs like the real one, and can be moved on."""

    def advance(self, ms: int) -> None:
        """Moves the clock on. Running timers do not notice; `RunningServer.advance` makes them look again."""
        self._base_ms += ms


class StillClock(MovableClock):
    """Stands but for `advance`, so that instants can be told to the millisecond. It begins six hours before the host's:
    what a test writes down as a node's last sign of life is long ago for a database, which has the host's time."""

    def __init__(self) -> None:
        super().__init__()
        self._still_ms = super().now_ms() - 6 * 3_600_000

    def now_ms(self) -> int:
        return self._still_ms

    def advance(self, ms: int) -> None:
        self._still_ms += ms

    async def follow(self, other_now_ms: Callable[[], Awaitable[int]], *, first: bool) -> float:
        """Follows nobody."""
        return 0.0
