"""Logs an outage of the database: once when it begins, now and then while it lasts, and once when it ends. Without
this, ten loops and every request would each log the same outage."""

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
        """Users of the database whose last try has failed."""
        self._since_s = self._told_s = 0.0
        self._tries = 0

    @property
    def over(self) -> bool:
        return not self._away

    def failed(self, who: str, why: object) -> None:
        """A try of `who` (a name for the log) has failed."""
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
        """A try of `who` has succeeded. The outage is over when the last try of each user has succeeded."""
        if who in self._away:
            self._away.discard(who)
            if not self._away:
                log.warning("The database is back after %.0f s", self._now_s() - self._since_s)
