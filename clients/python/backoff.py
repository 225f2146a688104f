"""How long to wait before the next try: full jitter, so that a room that lost its server does not return as one.

Pure: the random source is passed in.
"""

from collections.abc import Callable
from typing import Final

from protocol import limits

_MAX_DOUBLINGS: Final = 32
"""The cap is reached long before; it only keeps the power from growing without end."""


class Backoff:
    """Waits that double from `base_ms` to `cap_ms`, each drawn evenly between nothing and that bound."""

    def __init__(
        self,
        random: Callable[[], float],
        base_ms: int = limits.RECONNECT_BASE_MS,
        cap_ms: int = limits.RECONNECT_CAP_MS,
    ) -> None:
        self._random = random
        self.base_ms = base_ms
        self.cap_ms = cap_ms
        self._tries = 0

    def next_ms(self) -> int:
        """The wait before the next try. `random` gives a number from 0 up to but not including 1."""
        bound = min(self.cap_ms, self.base_ms << min(self._tries, _MAX_DOUBLINGS))
        self._tries += 1
        return int(self._random() * bound)

    def reset(self) -> None:
        """A try has succeeded: the next failure starts from the base again."""
        self._tries = 0
