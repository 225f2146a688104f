"""What an operator is told while the database is away: once that it is, now and then that it still is, once that it is
back. Ten loops and every request meet the same outage."""

import logging
from collections.abc import Callable
from typing import Final

log = logging.getLogger(__name__)

_TELL_EVERY_S: Final = 60.0


class Outage:
    """One for each node. `now_s`: a clock that only goes forward."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._away: set[str] = set()
        """Who has met it, and has not found the database well since."""
        self._since_s = self._told_s = 0.0
        self._tries = 0

    @property
    def over(self) -> bool:
        return not self._away

    def failed(self, who: str, why: object) -> None:
        """Somebody could not do their work: `who` is a name for people."""
        now_s = self._now_s()
        if not self._away:
            self._since_s = self._told_s = now_s
            self._tries = 0
            log.warning("The database is away (%s: %s). Nothing is acknowledged until it is back", who, why)
        elif now_s - self._told_s >= _TELL_EVERY_S:
            self._told_s = now_s
            log.warning(
                "The database has been away for %.0f s; %d more tries have failed (%s: %s)",
                *(now_s - self._since_s, self._tries, who, why),
            )
        self._tries += 1
        self._away.add(who)

    def succeeded(self, who: str) -> None:
        """Somebody's work was done. The outage is over once that is so for all who met it."""
        if who in self._away:
            self._away.discard(who)
            if not self._away:
                log.warning("The database is back after %.0f s", self._now_s() - self._since_s)
