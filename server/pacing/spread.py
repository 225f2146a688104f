"""Chance that keeps clients from doing the same thing at the same instant."""

import random

from protocol import limits
from server.settings import Settings


class Spread:
    """Spreads heartbeats and returns in time. Each result is in milliseconds."""

    def __init__(self, chance: random.Random, settings: Settings) -> None:
        self._chance = chance
        self._heartbeat_ms = settings.heartbeat_ms
        self._drain_ms = settings.drain_ms

    def first_beat_ms(self) -> int:
        """Spreads the heartbeats of clients that connected at the same instant."""
        return self._chance.randrange(self._heartbeat_ms)

    def return_after_ms(self) -> int:
        """Spreads the return of clients that are sent away at the same instant."""
        return limits.RECONNECT_BASE_MS + self._chance.randrange(max(1, self._drain_ms))

    def put_off_ms(self) -> int:
        """Spreads the next tries of newcomers who are put off."""
        return limits.RECONNECT_BASE_MS + self._chance.randrange(limits.RECONNECT_CAP_MS)
